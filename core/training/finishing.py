"""The end of a training: the weights settled, the memory joined, the result proved, and the model in the library.

Needs no screen. The model is written beside the library's versions first and loaded from there, so that what is
proved is exactly what will be used; only then does it become a version, and only if it is better the current one.
"""

from __future__ import annotations

import contextlib
import copy
import shutil
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from core.disk import refusal
from core.errors import UserError
from core.events import Finished, Proving, Saved
from core.jobs import BASE, TrainingJob
from core.library.learning import learning_of, unwanted
from core.library.library import CANDIDATE, Library, changing_memory
from core.library.lineage import remembered_by
from core.library.saved import remember_saved
from core.prediction.predictor import Predictor
from core.prediction.scoring import texts_bits
from core.reading.corpus import Corpus, read_paths
from core.training.anchor import GeneralText, settle
from core.training.card import make_card
from core.training.devices import describe_hardware
from core.training.holding_out import knows, version_in_use
from core.training.outcome import assess
from core.training.proof import Proof, prove
from core.training.remembering import fair
from core.training.run import TrainingRun
from core.training.store import Prepared
from core.training.streams import texts_of
from core.training.talk import Control, Report
from core.training.trusting import beginnings, fit_gate
from models.checkpoint import derive_checkpoint, load_checkpoint, read_card, replace_personal, save_checkpoint
from models.errors import ModelError
from models.folder import CARD, MAX_CARD_BYTES, write_json
from models.gate import Mixture
from models.recurrent import RecurrentLanguageModel

TYPED_CHARACTERS = 3_000
"""Held-out characters that are typed with each of the two models, if there is time."""
LEAST_SECONDS, MOST_SECONDS, SHARE = 2.0, 30.0, 0.25
"""How long the held-out text is typed: this share of the time that was trained, within these bounds."""
HURRIED_SECONDS = 8.0
"""How long at most where somebody waits: after a stop, and where only a memory was made."""
FITTED, HURRIED_FITTED = 12_000, 6_000
"""Held-out characters by which the network's weights and the gate are chosen, and the same where somebody waits."""


@dataclass(frozen=True)
class Ended:
    """A run whose weights are trained."""

    job: TrainingJob
    prepared: Prepared
    run: TrainingRun
    """With the model at whatever weights; the best are `run.best`."""


class Left(Exception):
    """The proof was interrupted because the run is to be resumed later."""


def finish(ended: Ended, report: Report, control: Control) -> Finished:
    """Put the best weights of a run into the library, as a new version of the job's name, and tell what they brought.

    Raises:
        Left: when `control` abandoned the run meanwhile; nothing is left in the library.
        UserError, ModelError: when it cannot be written; then nothing is left of it either.
    """
    job, run = ended.job, ended.run
    settled = _settle(ended, hurried=_is_hurried(ended, control))
    outcome = assess(job, ended.prepared, run)
    card = make_card(job, ended.prepared.facts, run, outcome, hardware=describe_hardware(run.device))
    card["held_out"] |= settled
    with _candidate(job.name) as (candidate, place):
        _save(ended, candidate, card, outcome.mixture)
        _fit_gate(ended, candidate, hurried=_is_hurried(ended, control))
        proof = _prove(ended, candidate, report, control)
        if control.abandoned:
            raise Left
        is_first = version_in_use(job.name) is None
        rival = _rival(ended.prepared, job, place, proof)
        _write_proof(candidate, proof)
        finished = _finished(ended, place, proof, rival, stopped=control.stopped)
        with changing_memory(job.name):
            _catch_up(ended.prepared, job.name, candidate)
            candidate.rename(place)
            if finished.became_current or is_first:  # a name must stand for something
                Library().make_current(job.name, int(place.name))
    report(Saved(str(place), run.progress.best_step))
    return finished


def _settle(ended: Ended, *, hurried: bool) -> dict[str, Any]:
    """Set the network's weights to what is best beside the memories; returns what the card says of how that went."""
    run, folder = ended.run, ended.prepared.facts.parent_folder
    if folder is None or run.progress.best_step == 0:
        run.model.load_state_dict(run.best, strict=False)
        return {}
    parent = load_checkpoint(Path(folder))
    texts = beginnings(
        texts_of(ended.prepared.held_out, ended.prepared.tokenizer), HURRIED_FITTED if hurried else FITTED
    )

    def bits() -> float:
        network = copy.deepcopy(run.model).to("cpu")
        return texts_bits(Predictor(replace(parent, model=network, personal=ended.prepared.personal)), texts)

    general = GeneralText(_language(parent.folder, parent.model, ended.prepared), ended.prepared.tokenizer)
    share, forgotten = settle(run.model, parent.model.state_dict(), run.best, bits, general)
    return {"share_of_tuning": share, "forgotten": round(forgotten, 4)}


def _language(folder: Path, parent: RecurrentLanguageModel, prepared: Prepared) -> RecurrentLanguageModel:
    """The network that knows the language at large: the base model's where the parent descends from it."""
    with contextlib.suppress(UserError, ModelError):
        base = Library().find(BASE).folder
        if base != folder:
            checkpoint = load_checkpoint(base)
            if checkpoint.tokenizer.as_json() == prepared.tokenizer.as_json():
                return checkpoint.model
    return parent


@contextlib.contextmanager
def _candidate(name: str) -> Generator[tuple[Path, Path]]:
    """Two folders: one to write a model to, and where it becomes a version; nothing is left of a failure."""
    place = Library().next_version(name)
    candidate = place.with_name(f"{CANDIDATE}{place.name}")
    shutil.rmtree(candidate, ignore_errors=True)  # of a process that was killed
    try:
        yield candidate, place
    except BaseException as error:
        shutil.rmtree(candidate, ignore_errors=True)
        with contextlib.suppress(OSError):  # of a model that has versions, they are not empty
            place.parent.rmdir()
            place.parent.parent.rmdir()
        cause = error.__cause__ if isinstance(error, ModelError) else error
        if isinstance(cause, OSError | SafetensorError):
            raise refusal(cause, "the model cannot be saved", place) from error
        raise


def _save(ended: Ended, candidate: Path, card: dict[str, Any], mixture: Mixture | None) -> None:
    """Write the model; where the network stayed as it was, the files of the parent's serve for both."""
    prepared, run = ended.prepared, ended.run
    folder = prepared.facts.parent_folder
    if folder is not None and not card["held_out"].get("share_of_tuning"):
        for source in card["trained_on"]:
            if not source.get("from_parent"):
                source["weights"] = False  # only the memory knows it
        derive_checkpoint(candidate, folder, card, prepared.personal)
    else:
        save_checkpoint(
            candidate,
            run.model,
            prepared.tokenizer,
            card,
            weights="float16",
            mixture=mixture,
            personal=prepared.personal,
        )


def _typing_seconds(ended: Ended, *, hurried: bool) -> float:
    if ended.job.memory_only:
        return HURRIED_SECONDS
    seconds = min(MOST_SECONDS, max(LEAST_SECONDS, SHARE * ended.run.progress.seconds))
    return min(seconds, HURRIED_SECONDS) if hurried else seconds


def _is_hurried(ended: Ended, control: Control) -> bool:
    """Whether somebody waits for the end."""
    return control.stopped or ended.job.memory_only


def _fit_gate(ended: Ended, candidate: Path, *, hurried: bool) -> None:
    """Fit how far the memory is trusted to the part of the held-out text by which things are chosen."""
    checkpoint = load_checkpoint(candidate)
    if checkpoint.personal is None:
        return
    texts = texts_of(ended.prepared.held_out, checkpoint.tokenizer)
    gate = fit_gate(checkpoint, texts, HURRIED_FITTED if hurried else FITTED)
    replace_personal(candidate, replace(checkpoint.personal, blend=gate))


def _parent(prepared: Prepared, folder: Path) -> Predictor:
    """The model that the training started from, as it is compared."""
    checkpoint = load_checkpoint(folder)
    known = fair(checkpoint.personal, prepared.personal, prepared.facts.held_out_paths)
    return Predictor(replace(checkpoint, personal=known))


def _prove(ended: Ended, candidate: Path, report: Report, control: Control) -> Proof:
    folder = ended.prepared.facts.parent_folder
    after = Predictor(load_checkpoint(candidate))
    before = _parent(ended.prepared, Path(folder)) if folder is not None else None
    hurried = _is_hurried(ended, control)
    report(Proving(0.0))
    return prove(
        ended.prepared.proof,
        after,
        before,
        seconds=_typing_seconds(ended, hurried=hurried),
        characters=TYPED_CHARACTERS,
        tell=lambda fraction: report(Proving(fraction)),
        stopped=lambda: control.abandoned or (control.stopped and not hurried),
    )


def _rival(prepared: Prepared, job: TrainingJob, place: Path, proof: Proof) -> int | None:
    """The version in use, if it predicts the held-out text better and has learnt none of it."""
    used = version_in_use(job.name)
    if used is None or str(used.folder) == prepared.facts.parent_folder or used.folder == place:
        return None
    if knows(used, prepared.facts.held_out_paths, prepared.facts.sources):
        return None
    better = prove(prepared.proof, _parent(prepared, used.folder), None, seconds=0, characters=0)
    stays = better.after.bits_per_character < proof.after.bits_per_character
    return used.version if stays else None


def _catch_up(prepared: Prepared, name: str, candidate: Path) -> None:
    """Have the new version remember what was saved since texts were read: the one in use was told, and it was not."""
    used, known = version_in_use(name), prepared.facts.remembered
    if used is None or known is None:
        return
    never = unwanted(learning_of(used))
    since = [path for path, sha256 in remembered_by(used).items() if known.get(path) != sha256]
    read = list[Corpus]()
    for path in since:
        if Path(path) not in never:
            with contextlib.suppress(UserError):  # gone, or nothing of it can be read any more
                read.append(read_paths([path], least=1))
    if read:
        remember_saved(candidate, read)


def _write_proof(candidate: Path, proof: Proof) -> None:
    card = read_card(candidate)
    before = proof.before
    card["held_out"] |= {
        "bits_per_character": proof.after.bits_per_character,
        "bits_per_character_before": before.bits_per_character if before else None,
        "keys_saved": proof.after.keys_saved,
        "keys_saved_before": before.keys_saved if before else None,
        "bits_gained": proof.gained,
        "keys_difference": proof.difference,
        "typed": proof.typed,
        "better": proof.better,
    }
    write_json(candidate / CARD, card, MAX_CARD_BYTES)


def _finished(ended: Ended, place: Path, proof: Proof, rival: int | None, *, stopped: bool) -> Finished:
    before, after = proof.before, proof.after
    low, high = proof.difference if proof.difference is not None else (None, None)
    return Finished(
        ended.job.name,
        str(place),
        after.bits_per_character,
        before.bits_per_character if before else None,
        ended.run.progress.seconds / 60,
        stopped,
        proof.better and rival is None,
        keys_saved=after.keys_saved,
        keys_saved_before=before.keys_saved if before else None,
        keys_low=low,
        keys_high=high,
        typed_characters=proof.typed,
        better_version=rival,
    )
