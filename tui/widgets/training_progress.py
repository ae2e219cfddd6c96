"""A training run as it is watched: how far it is, how well it does, what it writes, and what it brought."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, ProgressBar, Static

from core import events
from core.jobs import TrainingJob
from core.text import one_line, strip_controls
from tui.widgets.loss_plot import LossPlot
from tui.widgets.probabilities import bar

SAMPLE_CHARACTERS = 240
"""Characters of a sample that are shown."""
LEFT_OUT_EACH = 20
"""Files left out of which more are also told by reason."""
LEFT_OUT_LINES = 200
"""Files left out that are listed; the rest is counted."""


def duration(seconds: float) -> str:
    """Return a time span in the largest two units that matter."""
    if not math.isfinite(seconds) or seconds < 0:
        return "?"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def bits(value: float | None) -> str:
    """Return bits per character as they are shown."""
    return f"{value:.2f}" if value is not None and math.isfinite(value) else "?"


class TrainingProgress(Vertical):
    """Follows one run by its events. The buttons are told apart by their ids: pause, stop, use and again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "progress--heading",
        "progress--good",
        "progress--before",
        "progress--after",
    }

    DEFAULT_CSS = """
    TrainingProgress {
        height: auto;
        & > .progress--heading { color: $text-muted; }
        & > .progress--before { color: $foreground 40%; }
        & > .progress--after { color: $primary; }
        & > .progress--good { color: $text-success; text-style: bold; }
        & > Static { height: auto; padding: 0 2; }
        & > #run-title { text-style: bold; }
        & > ProgressBar { width: 1fr; padding: 0 1 0 2; height: 1; }
        & > ProgressBar Bar { width: 1fr; }
        & > #run-result { margin: 1 0 0 0; }
        & > #run-samples, & > #run-left-out { margin: 1 0 0 0; }
        & > Horizontal { height: 1; margin: 1 1 1 2; }
        & > Horizontal > Button { width: 1fr; }
        & #pause, & #stop, & #again { background: $foreground 10%; }
        & > Horizontal > #pause, & > Horizontal > #use { margin: 0 1 0 0; }
        & #use, & #again, & > #run-result { display: none; }
        &.-finished #use, &.-finished #again, &.-finished > #run-result { display: block; }
        &.-finished #pause, &.-finished #stop, &.-finished > ProgressBar { display: none; }
        &.-finished > #run-state { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="training-progress")
        self._title = Static("", id="run-title")
        self._bar = ProgressBar(total=1.0, show_eta=False, id="run-bar")
        self._state = Static("", id="run-state")
        self._result = Static("", id="run-result")
        self._pause = Button("Pause", compact=True, id="pause")
        self._stop = Button("Stop and keep", compact=True, id="stop")
        self._use = Button("Use this model", variant="primary", compact=True, id="use")
        self._again = Button("Train again", compact=True, id="again")
        self._plot = LossPlot(id="run-plot")
        self._best = Static("", id="run-best")
        self._samples = Static("", id="run-samples")
        self._left_out = Static("", id="run-left-out")
        self.paused = False
        self.is_stopping = False
        self.begun = False
        """Whether there is anything learnt that could be kept; before, the texts are being read."""
        self._step: events.Step | None = None
        self._latest: dict[float, events.Sample] = {}
        self._finished: str | None = None
        self._held_out_how = ""

    def compose(self) -> ComposeResult:
        """Stack what there is to watch; what is of no use at the time hides itself."""
        yield self._title
        yield self._bar
        yield self._state
        yield self._result
        with Horizontal():
            yield self._pause
            yield self._stop
            yield self._use
            yield self._again
        yield self._plot
        yield self._best
        yield self._samples
        yield self._left_out

    def begin(self, job: TrainingJob | None, *, resumed: bool = False) -> None:
        """Forget the run before, and show that one of `job` begins; None if it was begun elsewhere."""
        self.remove_class("-finished")
        self.paused = self.is_stopping = False
        self.begun = resumed
        self._step = self._finished = None
        self._held_out_how = ""
        self._latest.clear()
        self._plot.clear()
        for part in (self._result, self._best, self._samples, self._left_out):
            part.update("")
        self._plot.display = False
        self._bar.update(total=None)
        start = "" if job is None else f" · from {one_line(job.parent or 'nothing')}"
        self._title.update(Content(("training" if job is None else one_line(job.name)) + start))
        self._say_step()
        self._show_buttons()

    def stopping(self) -> None:
        """Show that the run was told to stop."""
        self.is_stopping = True
        self._say_step()
        self._show_buttons()

    def _show_buttons(self) -> None:
        self._pause.label = Content("Resume" if self.paused else "Pause")
        # The stop button is what has just been pressed: disabled, it would lose the focus to nothing.
        self._pause.disabled = self.is_stopping
        stop = "Stop and keep" if self.begun else "Stop"
        self._stop.label = Content("Stopping…" if self.is_stopping else stop)

    def show_in_use(self, name: str) -> None:
        """Show which model is written with: it may be the one that was trained."""
        if self._finished is not None:
            self._use.label = Content("In use" if name == self._finished else "Use this model")

    def _say(self, line: str) -> None:
        self._state.update(Content(line))

    def show(self, event: events.TrainingEvent) -> None:
        """Show what the event tells."""
        if not self.begun and not isinstance(event, events.Reading):
            self.begun = True
            self._show_buttons()
        match event:
            case events.Reading(files, characters):
                self._say(f"reading · {files:,} files · {characters:,} characters")
            case events.CorpusRead():
                self._show_corpus(event)
            case events.Step():
                self._show_step(event)
            case events.HeldOut():
                self._show_held_out(event)
            case events.Sample():
                self._show_sample(event)
            case events.Proving(fraction):
                self._bar.update(total=1.0, progress=min(max(fraction, 0.0), 1.0))
                self._say("typing the held-out text, to see what it brought")
            case events.Paused() | events.Resumed():
                self.paused = isinstance(event, events.Paused)
                if self._step is None:
                    # A bar that does not know how far it is sweeps, and looks as if something went on.
                    self._bar.update(total=1.0 if self.paused else None, progress=0.0)
                self._show_buttons()
                self._say_step()
            case events.Finished():
                self._show_finished(event)
            case events.Saved():
                pass

    def _show_corpus(self, event: events.CorpusRead) -> None:
        self._held_out_how = event.held_out_how
        files = "1 file" if event.files == 1 else f"{event.files:,} files"
        self._say(f"{files} · {event.characters:,} characters · {event.tokens:,} tokens")
        lines = [Content(f"{one_line(kind)}: {count}") for kind, count in event.kinds]
        lines += [Content(f"{one_line(path)}: {one_line(what)}") for path, what in event.remarks]
        lines += self._left_out_lines(event)
        if event.secrets:
            lines.append(Content(f"Lines with a password, a key or the like: {event.secrets:,}"))
        if event.repeated:
            lines.append(Content(f"Characters that stood in another file before: {event.repeated:,}"))
        self._left_out.update(Content("\n").join(lines))

    def _left_out_lines(self, event: events.CorpusRead) -> list[Content]:
        count = max(event.left_out_count, len(event.left_out))
        if not count:
            return []
        lines = [self._styled("heading", f"Left out: {count:,} file{'s' if count != 1 else ''}")]
        if count > LEFT_OUT_EACH:
            lines += [Content(f"{one_line(reason)}: {one_line(files)}") for reason, files in event.reasons]
        shown = event.left_out[:LEFT_OUT_LINES]
        lines += [Content(f"{one_line(path)}: {one_line(reason)}") for path, reason in shown]
        if count > len(shown):
            lines.append(self._styled("heading", f"and {count - len(shown):,} more"))
        return lines

    def _show_step(self, event: events.Step) -> None:
        self._step = event
        fraction = event.fraction if math.isfinite(event.fraction) else 0.0
        self._bar.update(total=1.0, progress=min(max(fraction, 0.0), 1.0))
        self._plot.display = True
        self._plot.add_training(event.step, event.bits_per_character)
        self._say_step()

    def _say_step(self) -> None:
        if self.is_stopping:
            self._say("stopping, and keeping the best so far" if self.begun else "stopping")
            return
        if self._step is None:
            self._say("paused" if self.paused else "starting")
            return
        left = "paused" if self.paused else f"{duration(self._step.seconds_left)} left"
        speed = self._step.tokens_per_second
        pace = f" · {speed:,.0f} tokens/s" if math.isfinite(speed) else ""
        self._say(f"{left}{pace}")

    def _show_held_out(self, event: events.HeldOut) -> None:
        self._plot.display = True
        self._plot.add_held_out(event.step, event.bits_per_character)
        note = "the best so far" if event.best else "not the best so far"
        note = "before training" if event.step == 0 else note
        measured = f"{bits(event.bits_per_character)} bits per character"
        self._best.update(Content(f"network alone: {measured}, {note}"))

    def _show_sample(self, event: events.Sample) -> None:
        self._latest[event.temperature] = event
        blocks: list[Content] = []
        for temperature, sample in sorted(self._latest.items()):
            text = " ".join(strip_controls(sample.text).split())
            if len(text) > SAMPLE_CHARACTERS:
                text = text[:SAMPLE_CHARACTERS] + "…"
            heading = self._styled("heading", f"At temperature {temperature:g}, step {sample.step:,}")
            blocks.append(Content("\n").join([heading, Content(text)]))
        self._samples.update(Content("\n\n").join(blocks))

    def _show_finished(self, event: events.Finished) -> None:
        self.add_class("-finished")
        self._finished = event.name
        self._use.label = Content("Use this model")
        how = "stopped and kept" if event.stopped else "trained"
        self._title.update(Content(f"{one_line(event.name)} is {how} · {duration(event.minutes * 60)}"))
        before, after = event.bits_per_character_before, event.bits_per_character
        lines = [self._styled("heading", "Bits per character on held-out text")]
        top = max(
            (value for value in (before, after) if value is not None and math.isfinite(value)), default=0.0
        )
        for name, value in (("before", before), ("after", after)):
            if value is not None:
                lines.append(self._measure(name, value, top))
        lines.append(self._verdict(event))
        lines += self._keys(event)
        if self._held_out_how:
            lines.append(self._styled("heading", f"Held out: {one_line(self._held_out_how)}"))
        self._result.update(Content("\n").join(lines))

    def _keys(self, event: events.Finished) -> list[Content]:
        """What the typist saved with it on the held-out text, and before, with the interval of the difference."""
        after, before = event.keys_saved, event.keys_saved_before
        if after is None:
            return []
        compared = f"{before:.1%} before, {after:.1%} after" if before is not None else f"{after:.1%}"
        lines = [self._styled("heading", "Keys saved on held-out text"), Content(compared)]
        if event.keys_low is not None and event.keys_high is not None:
            low, high = 100 * event.keys_low, 100 * event.keys_high
            lines.append(
                self._styled("heading", f"The change is {low:+.1f} to {high:+.1f} points (95% interval)")
            )
        return lines

    def _measure(self, name: str, value: float, top: float) -> Content:
        share = value / top if top > 0 and math.isfinite(value) else 0.0
        return Content.assemble(
            self._styled("heading", f"{name:7}"),
            Content(f"{bits(value)} "),
            self._styled(name, bar(share, 16)),
        )

    def _verdict(self, event: events.Finished) -> Content:
        if not event.became_current:
            return Content("Not seen to be better: what was in use stays in use.")
        before, after = event.bits_per_character_before, event.bits_per_character
        if before is None or not math.isfinite(before) or not math.isfinite(after) or before <= 0:
            return Content("Fewer bits mean fewer surprises.")
        change = (after - before) / before
        if change < 0:
            return self._styled("good", f"{-change:.0%} fewer: it knows this writing better.")
        return Content("No fewer: it knew this writing as well before.")

    def _styled(self, name: str, text: str) -> Content:
        return Content.styled(text, self.get_visual_style(f"progress--{name}", partial=True))
