"""Next words and samples of the panel: what is asked for as the temperature is turned, and when nobody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.tui.fakes import FakeEngine
from tui.flows import next_words
from tui.flows.next_words import NextWords


class Shown:
    """A view that remembers what it was shown, and an engine behind it."""

    def __init__(self) -> None:
        self.words: Sequence[tuple[str, float]] = ()
        self.note = self.why = ""
        self.samples: list[list[str]] = []
        self.seen = True
        self.next = NextWords(
            lambda: ("draft", (0, 6)),
            self.show,
            self.nothing,
            lambda texts: self.samples.append([*texts]),
            lambda: self.seen,
        )
        self.engine = self.next.engine = FakeEngine(lambda _: "", lambda *_: None)
        self.engine.state = "ready"

    def show(self, words: Sequence[tuple[str, float]], note: str) -> None:
        self.words, self.note = words, note

    def nothing(self, why: str) -> None:
        self.why = why

    async def update(self, *, at_once: bool) -> None:
        self.next.update(at_once=at_once)
        if self.next._task is not None:
            await self.next._task


async def test_words_and_three_samples_follow_the_temperature() -> None:
    shown = Shown()
    shown.next.temperature = 0.7
    await shown.update(at_once=True)
    assert (shown.words[0], shown.note) == (("forgotten", 0.61), "")
    assert shown.samples == [[" a0 a1 a2 a3 a4", " b0 b1 b2 b3 b4", " c0 c1 c2 c3 c4"]]
    shown.next.temperature = 1.2
    await shown.update(at_once=True)
    asked = [item for item in shown.engine.asked if "branches" in item]
    assert [(item["temperature"], item["seed"], item["count"]) for item in asked] == [
        (0.7, 0, 3),
        (1.2, 0, 3),
    ]


async def test_at_the_surest_there_is_one_way_on_and_bars_at_temperature_one() -> None:
    shown = Shown()
    await shown.update(at_once=True)
    assert shown.note == "temperature 1"
    assert shown.samples == [[" a0 a1 a2 a3 a4"]]


async def test_a_sample_shows_the_word_that_was_begun(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    shown = Shown()

    async def branches(*_: object, **__: object) -> object:
        return {"branches": [{"text": "ten it", "probability": 0.5, "steps": []}]}

    monkeypatch.setattr(shown.engine, "branches", branches)
    await shown.update(at_once=True)
    assert shown.samples == [["forgotten it"]]


async def test_samples_wait_until_the_text_has_been_still(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(next_words, "QUIET_SECONDS", 0.0)
    still = asyncio.Event()
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if seconds:
            await still.wait()

    monkeypatch.setattr(next_words.asyncio, "sleep", sleep)
    shown = Shown()
    shown.next.update()
    task = shown.next._task
    assert task is not None
    while not shown.words:
        await asyncio.wait([task], timeout=0.01)
    assert shown.samples == [[]]  # those of the text before are gone
    still.set()
    await task
    assert waited == [0.0, next_words.SAMPLING_SECONDS]
    assert shown.samples[-1] == [" a0 a1 a2 a3 a4"]


async def test_nothing_is_asked_while_nobody_looks() -> None:
    shown = Shown()
    shown.seen = False
    await shown.update(at_once=True)
    assert shown.engine.asked == []
