"""How `foretype train` shows a run: a live bar on a terminal, lines in a pipe, or JSON, a line an event."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from core import events
from core.text import strip_controls
from tui.command_line.reading import details
from tui.console import clock, console, is_terminal, note, number, percent, print_json_line, visible

LINE_SECONDS = 10.0
"""Seconds between two lines of progress in a pipe."""


class Output:
    """Shows events; this one as JSON."""

    @staticmethod
    def choose(*, as_json: bool) -> Output:
        """Return the output that suits standard output."""
        if as_json:
            return Output()
        return LiveOutput() if is_terminal(sys.stdout) else LineOutput()

    def __enter__(self) -> Self:
        """Begin to show."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End showing."""

    def show(self, event: events.TrainingEvent) -> None:
        """Show one event."""
        print_json_line(events.as_json(event))

    def say(self, line: str) -> None:
        """Say something that is no event."""
        note(line)


class Silent(Output):
    """Shows nothing."""

    def show(self, event: events.TrainingEvent) -> None:
        """Leave the event to others."""

    def say(self, line: str) -> None:
        """Leave the line to others."""


class LineOutput(Output):
    """Plain lines: all that matters, and progress every few seconds."""

    def __init__(self) -> None:
        self._last_line = 0.0

    def show(self, event: events.TrainingEvent) -> None:
        """Print the event's lines."""
        if isinstance(event, events.Step):
            if time.monotonic() - self._last_line < LINE_SECONDS:
                return
            self._last_line = time.monotonic()
        for line in describe(event):
            print(line, flush=True)


class LiveOutput(Output):
    """A bar that moves at the bottom of a terminal, and above it what stays."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._console = console()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[facts]}", markup=False),
            console=self._console,
            transient=True,
            expand=True,
        )
        self._task = self._progress.add_task("reading", total=None, facts="")
        self._bits = ""

    def __enter__(self) -> Self:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._progress.stop()

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._print(line)

    def show(self, event: events.TrainingEvent) -> None:
        """Move the bar, or print above it."""
        match event:
            case events.Reading():
                self._update("reading", f"{event.files:,} files, {event.characters:,} characters")
            case events.Step():
                facts = f"{clock(event.seconds_left)} left · {_bits(event)}{self._bits}"
                self._update("training", facts, event.fraction)
            case events.HeldOut():
                self._bits = f", held out {number(event.bits_per_character)}"
            case events.Proving():
                self._update("measuring", "typing the held-out text", event.fraction)
            case events.Paused():
                self._update("paused", "")
            case events.Resumed():
                self._update("training", "")
            case events.Saved():
                pass  # the end says where the result is
            case _:
                for line in describe(event):
                    self._print(line)

    def _update(self, what: str, facts: str, fraction: float | None = None) -> None:
        if fraction is None:
            self._progress.update(self._task, description=what, facts=facts)
        else:
            self._progress.update(self._task, description=what, facts=facts, total=1.0, completed=fraction)

    def _print(self, line: str) -> None:
        from rich.text import Text

        self._console.print(Text(line, overflow="fold"))


def describe(event: events.TrainingEvent) -> list[str]:
    """Return an event as lines for a person, without control characters."""
    match event:
        case events.Reading():
            return []
        case events.CorpusRead():
            return _corpus(event)
        case events.Step():
            return [
                f"{100 * event.fraction:3.0f} %  step {event.step:,}  {_bits(event)}  "
                f"{number(event.tokens_per_second, 0)} tokens/s  {clock(event.seconds_left)} left"
            ]
        case events.HeldOut():
            best = " (the best so far)" if event.best else ""
            return [f"held out: {_bits(event, 3)}{' before training' if event.step == 0 else best}"]
        case events.Sample():
            return [f"at temperature {event.temperature:g}: {_flat(event.text)}"]
        case events.Saved():
            return [f"saved: {visible(event.folder)}"]
        case events.Proving():
            return ["measuring what it brought: typing the held-out text"] if event.fraction == 0 else []
        case events.Paused():
            return ["paused"]
        case events.Resumed():
            return ["going on"]
        case events.Finished():
            return _finished(event)


def _bits(event: events.Step | events.HeldOut, digits: int = 2) -> str:
    return f"{number(event.bits_per_character, digits)} bits per character"


def _flat(text: str) -> str:
    return " ".join(strip_controls(text).split())


def _corpus(event: events.CorpusRead) -> list[str]:
    how = f": {visible(event.held_out_how)}" if event.held_out_how else ""
    lines = [
        f"learning from {event.files:,} {'file' if event.files == 1 else 'files'}: "
        f"{event.characters:,} characters ({event.tokens:,} tokens); "
        f"{event.held_out_characters:,} held out to measure on{how}"
    ]
    return [*lines, *details(event)]


def _finished(event: events.Finished) -> list[str]:
    before = event.bits_per_character_before
    compared = f" ({number(before, 3)} before)" if before is not None else ""
    name = visible(event.name)
    lines = [
        f"{name}: {number(event.bits_per_character, 3)} bits per character on held-out text{compared}, "
        f"after {event.minutes:.1f} minutes"
    ]
    if event.keys_saved is not None:
        lines.append(_keys_saved(event))
    if event.became_current:
        lines.append(f"use it: foretype models use {_quoted(name)}, or choose it in the app (F2)")
    elif event.better_version is not None:
        lines.append(
            f"version {event.better_version} does better on the same text and stays in use; "
            f"this one is kept as {visible(event.folder)}"
        )
    else:
        lines.append(
            f"it is not seen to be better than what it started from, so what is in use stays in use; "
            f"it is kept as {visible(event.folder)}"
        )
    return lines


def _keys_saved(event: events.Finished) -> str:
    typed = f"typing {event.typed_characters:,} held-out characters"
    if event.keys_saved_before is None:
        return f"keys saved: {percent(event.keys_saved)}, {typed}"
    low, high = (f"{100 * end:+.1f}" if end is not None else "-" for end in (event.keys_low, event.keys_high))
    return (
        f"keys saved: {percent(event.keys_saved_before)} before, {percent(event.keys_saved)} after "
        f"(95 % interval of the difference: {low} to {high} points), {typed}"
    )


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
