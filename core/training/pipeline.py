"""Training, whole: read texts, split, tokenize, train within a budget, keep the best, put it in the library.

Needs no screen. The trainer process, and through it the app and the command line, call `train`.
"""

import math
import time
from dataclasses import dataclass, replace

import torch
from safetensors import SafetensorError

from core.errors import UserError
from core.events import Finished, HeldOut, Paused, Resumed, Sample, Step
from core.jobs import TrainingJob
from core.library.unfinished import no_training
from core.training.devices import choose_device, choose_precision, free_memory
from core.training.finishing import Ended, Left, finish
from core.training.followers import begin, end, follow
from core.training.footprint import LEAST_VOCABULARY, check_fits
from core.training.ranks import Ranks, together
from core.training.recipe import TUNING_PASSES, recipe_for, settled
from core.training.run import Hyperparameters
from core.training.samples import sample_texts
from core.training.store import Prepared, RunFolder, prepare
from core.training.talk import Control, Report
from models.errors import ModelError

MEASURES = 20
"""Held-out measures in a budget."""
PATIENCE = 4
"""Measures in a row without a better one after which a run ends; those of a whole cycle more where there are several,
as a cycle begins by making the network worse."""
CYCLE_END = 0.002
"""Share of the budget before the end of a cycle at which it is measured."""
SAVE_SECONDS = 120.0
REPORT_SECONDS = 1.0
SAMPLE_TEMPERATURES = (0.3, 0.7, 1.0)


@dataclass
class _Clock:
    """Wall-clock seconds spent in training, pauses and measures of earlier sessions included rightly."""

    before: float
    started: float

    def seconds(self) -> float:
        return self.before + time.monotonic() - self.started


class Abandoned(Exception):
    """A run was left as it is, to be resumed later; its folder is named in the message."""


class NothingLearnt(Exception):
    """A network from nothing was stopped before its first update: there is nothing to keep."""


def train(
    job: TrainingJob, report: Report, control: Control | None = None, *, resume: bool = False
) -> Finished:
    """Train a model as a job says and put it into the library.

    Under `torchrun` every rank calls this: the first one does as it is told, the others follow it.

    Args:
        job: what to train; with `resume`, only its name counts and the rest comes from the run that is resumed.
        report: called with each event, from this thread.
        control: pauses and stops the run from another thread.
        resume: go on with the unfinished run of this name instead of beginning one.

    Raises:
        UserError: when a text cannot be used, the network does not fit, there is no run to resume, or another training
            of this name is under way.
        Abandoned: when `control` stopped the run to be resumed later.
        NothingLearnt: when it was stopped before it had learnt anything, and has no parent.
    """
    with together() as ranks:
        if not ranks.leads:
            return follow(ranks)
        try:
            with no_training([job.name]):  # two would keep what they need in the same folder
                finished = _lead(job, report, control or Control(), ranks, resume=resume)
        except (UserError, ModelError, Abandoned, NothingLearnt) as error:
            end(ranks, error)
            raise
        end(ranks, finished)
        return finished


def _lead(job: TrainingJob, report: Report, control: Control, ranks: Ranks, *, resume: bool) -> Finished:
    """Train, alone or on all ranks."""
    folder = RunFolder.of(job.name)
    if resume:
        job, prepared = folder.load(job)
        check_fits(job, prepared.tokenizer.size, free_memory(choose_device()))
    else:
        check_fits(job, LEAST_VOCABULARY, free_memory(choose_device()))
        prepared = prepare(job, report)
        job = settled(job, len(prepared.tokens))
        check_fits(job, prepared.tokenizer.size, free_memory(choose_device()))
        job = replace(job, streams=recipe_for(job).streams * ranks.size)
        folder.create(job, prepared)
    if job.threads:
        torch.set_num_threads(job.threads)
    try:
        return _Training(job, folder, prepared, report, control, ranks).run(resume)
    except (UserError, ModelError):
        if not folder.state.exists():
            folder.remove()  # nothing that a resume could save
        raise


class _Training:
    """A run under its budget, with its measures, samples and saves."""

    def __init__(
        self,
        job: TrainingJob,
        folder: RunFolder,
        prepared: Prepared,
        report: Report,
        control: Control,
        ranks: Ranks,
    ) -> None:
        self.job = job
        self.folder = folder
        self.prepared = prepared
        self.report = report
        self.control = control
        torch.manual_seed(job.seed)
        device = choose_device()
        self.model = prepared.make_model(job).to(device)
        precision = choose_precision(device, self.model.config.hidden)
        how = recipe_for(job)
        chosen = Hyperparameters(
            how.learning_rate, how.streams, how.window, job.seed, precision=precision, cycles=job.cycles
        )
        self.run_ = begin(self.model, prepared.tokens, chosen, ranks)
        passes = job.epochs or (TUNING_PASSES if job.parent is not None else None)
        self.total_steps = math.ceil(passes * self.run_.streams.windows) if passes else None
        self.clock = _Clock(0.0, time.monotonic())
        self.saved_at = time.monotonic()

    def run(self, resume: bool) -> Finished:
        self._start(resume)
        if not self.job.memory_only:
            self._loop()
        progress = self.run_.progress
        progress.seconds = self.clock.seconds()
        if self.control.abandoned:
            raise self._leave()
        if not progress.step and self.prepared.facts.parent is None:
            self.folder.remove()
            raise NothingLearnt
        if progress.step and (progress.measured_at != progress.step or not progress.history):
            self._measure()
        if progress.step:
            self.folder.save_state(
                self.run_
            )  # the end takes a while, and who is ended meanwhile goes on there
        try:
            finished = finish(Ended(self.job, self.prepared, self.run_), self.report, self.control)
        except Left:
            raise self._leave() from None
        self.folder.remove()
        return finished

    def _leave(self) -> Abandoned:
        """Save the run to be resumed."""
        self.control.leaving = True
        self.folder.save_state(self.run_)
        return Abandoned(str(self.folder.path))

    def _start(self, resume: bool) -> None:
        """Go on where the run was saved, or measure the parent, whose weights are the first to beat."""
        if resume and self.folder.state.exists():
            self._load()
            self.clock = _Clock(self.run_.progress.seconds, time.monotonic())
        elif self.prepared.facts.parent is not None and not self.job.memory_only:
            loss = self.run_.measure(self.prepared.measured)
            bits = self.prepared.bits_per_character(loss)
            self.run_.note_measure(loss, bits)
            self.run_.progress.next_measure = self._next_measure()  # a few updates would tell nothing else
            self.report(HeldOut(0, loss, bits, best=True))

    def _load(self) -> None:
        """Go on where the run was saved."""
        try:
            self.run_.load(self.folder.state)
        except (OSError, SafetensorError, LookupError, TypeError, ValueError) as error:
            name = self.job.name
            raise UserError(
                f"the unfinished training of {name!r} is damaged: train anew ({error})"
            ) from error

    def _loop(self) -> None:
        losses: list[float] = []
        reported, tokens = time.monotonic(), self.run_.progress.tokens
        while not self.control.stopped and self._fraction() < 1 and not self._is_over_fitted():
            if self.control.paused:
                self._stand_still()
                reported, tokens = time.monotonic(), self.run_.progress.tokens
                continue
            losses.append(self.run_.step(self._fraction()))
            now = time.monotonic()
            if now - reported >= REPORT_SECONDS:
                self._report_step(losses, (self.run_.progress.tokens - tokens) / (now - reported))
                losses, reported, tokens = [], now, self.run_.progress.tokens
            if self._is_measure_due():
                self._measure()
                reported, tokens = time.monotonic(), self.run_.progress.tokens
            if time.monotonic() - self.saved_at >= SAVE_SECONDS:
                self._save()

    def _fraction(self) -> float:
        """Return the share of the budget that is spent; with two budgets, of the one that ends first."""
        shares = [0.0]
        if self.job.minutes:
            shares.append(self.clock.seconds() / (60 * self.job.minutes))
        if self.total_steps:
            shares.append(self.run_.progress.step / self.total_steps)
        return min(1.0, max(shares))

    def _is_over_fitted(self) -> bool:
        cycles = self.job.cycles
        patience = PATIENCE + (math.ceil(MEASURES / cycles) if cycles > 1 else 0)
        return self.run_.progress.measures_since_best >= patience

    def _stand_still(self) -> None:
        self._save()
        self.report(Paused())
        stood = time.monotonic()
        self.control.wait()
        self.clock.started += time.monotonic() - stood
        if not self.control.stopped:
            self.report(Resumed())

    def _report_step(self, losses: list[float], speed: float) -> None:
        fraction = self._fraction()
        spent = self.clock.seconds()
        left = spent / fraction - spent if fraction > 0 else 0.0
        rate = self.run_.current_learning_rate
        step = self.run_.progress.step
        loss = sum(losses) / len(losses)
        per_token = self.prepared.facts.characters / len(self.prepared.tokens)
        bits = loss / math.log(2) / per_token
        self.report(Step(step, fraction, loss, bits, rate, speed, max(0.0, left)))

    def _is_measure_due(self) -> bool:
        """Measure at even shares of the budget, but never so often that it takes over a tenth of the time."""
        progress = self.run_.progress
        per_step = progress.tokens / progress.step
        spent_on_steps = (progress.step - progress.measured_at) * per_step
        enough = spent_on_steps >= 3 * len(self.prepared.measured)
        return enough and self._fraction() >= progress.next_measure

    def _next_measure(self) -> float:
        """Return the share of the budget at which to measure next: also where a cycle ends, at its best."""
        fraction, cycles = self._fraction(), self.job.cycles
        due = fraction + 1 / MEASURES
        end = (int(fraction * cycles) + 1) / cycles - CYCLE_END
        return min(due, end) if cycles > 1 and fraction < end else due

    def _measure(self) -> None:
        run = self.run_
        loss = run.measure(self.prepared.measured)
        bits = self.prepared.bits_per_character(loss)
        run.progress.next_measure = self._next_measure()
        best = run.note_measure(loss, bits)
        self.report(HeldOut(run.progress.step, loss, bits, best))
        texts = sample_texts(
            self.model,
            self.prepared.tokenizer,
            self.prepared.facts.prompt,
            SAMPLE_TEMPERATURES,
            seed=run.progress.step,
        )
        for temperature, text in zip(SAMPLE_TEMPERATURES, texts, strict=True):
            self.report(Sample(run.progress.step, temperature, text))

    def _save(self) -> None:
        self.run_.progress.seconds = self.clock.seconds()
        self.folder.save_state(self.run_)
        self.saved_at = time.monotonic()
