"""The tour: each step is done by doing it, it comes once, and it can be ended at any time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from core.events import Finished, TrainingEvent
from core.jobs import TrainingJob
from core.settings import load_settings
from tests.tui.fakes import Engines, FakeTrainer
from tests.tui.looking import Desk
from tests.tui.seat import Seat, seat
from tui.app import ForetypeApp
from tui.flows.touring import LEFT, SAMPLE, STEPS
from tui.widgets.tour_bar import TourBar


def shown(at: Seat) -> str:
    bar = at.app.writing.query_one(TourBar)
    return " ".join(bar.told) if bar.display else ""


def learnt(name: str) -> TrainingEvent:
    return Finished(
        name=name, folder="f", bits_per_character=1.5, bits_per_character_before=1.9, minutes=0.1, stopped=False,
        became_current=True,
    )  # fmt: skip


async def on(at: Seat, step: int) -> str:
    def there() -> bool:
        at.app.touring.look()
        return shown(at).startswith(f"{step}/{len(STEPS)}")

    await at.until(there)
    return shown(at)


async def test_each_step_is_done_by_doing_it() -> None:
    trainer = FakeTrainer([learnt("sample")])
    async with seat(trainer=trainer) as at:
        at.app.touring.begin()
        assert "dim words" in await on(at, 1)
        at.app.writing.editor.insert("I forgo")
        await at.press("t")
        assert "⇥ takes the ghost" in await on(at, 2)
        await at.press("tab")
        assert "Temperature" in await on(at, 3)
        await at.press("f2", "down", "right")
        at.app.touring.look()
        await at.press("home")
        await on(at, 3)
        await at.press("escape")
        assert "lighthouse" in await on(at, 4)
        await at.press("f6")
        assert "Annelise" in await on(at, 5)
        assert trainer.jobs[0].paths == (str(SAMPLE),) and trainer.jobs[0].memory_only
        await at.until(lambda: at.app.settings.model == "sample")
        at.app.writing.editor.insert(" and forgo")
        await at.press("t", "tab")
        assert "F3 shows many ways" in await on(at, 6)
        await at.press("f3")
        await on(at, 7)
        assert (
            at.notices == []
        )  # the steps say what there is to say, and what the sample taught is not the point
        await at.press("escape", "f6")
        assert shown(at) == ""
        assert LEFT in at.notices
        await at.until(lambda: not load_settings().settings.tour)
        await at.until(
            lambda: load_settings().settings.model == "base"
        )  # nobody asked to write with the sample's


async def test_one_who_leaves_in_the_middle_does_not_write_with_the_samples_model_the_next_time() -> None:
    async with seat(trainer=FakeTrainer([learnt("sample")])) as at:
        at.app.touring.begin()
        await at.press("f6", "f6", "f6", "f6")
        await at.until(lambda: at.app.settings.model == "sample")
        at.app.preferences.remember(words=3)
        await at.press("ctrl+q")
    assert (load_settings().settings.model, load_settings().settings.words) == ("base", 3)


async def test_it_can_be_ended_at_any_time_and_walked_without_doing() -> None:
    async with seat() as at:
        at.app.touring.begin()
        await at.press("f6")
        await on(at, 2)
        await at.press("shift+f6")
        assert shown(at) == ""
        assert not at.app.settings.tour


async def test_it_begins_by_itself_once() -> None:
    for expected in (True, False):
        app = ForetypeApp(make_engine=Engines(), tour=True)
        async with app.run_test() as pilot:
            while app.engine is None:
                await pilot.pause()
            assert app.touring.on == expected
            await pilot.press("shift+f6")
            await pilot.pause()


async def test_without_being_asked_for_there_is_none() -> None:
    async with seat() as at:
        assert not at.app.touring.on
        await at.press("a", "b", "f6", "shift+f6", "c")
        assert (
            at.text == "abc"
        )  # one F6 too many at its end selects nothing that the next letter would replace


def test_its_letters_are_there_and_name_who_it_says() -> None:
    text = SAMPLE.read_text("utf-8")
    assert text.count("Old Barn") >= 1 and text.count("Dear Annelise,") == 7
    assert text.count("Barnaby Quill") > 5


async def test_to_go_on_while_it_reads_waits_for_it() -> None:
    read = asyncio.Event()

    class Slow(FakeTrainer):
        async def start(self, job: TrainingJob) -> AsyncGenerator[TrainingEvent]:
            await read.wait()
            async for event in super().start(job):
                yield event

    async with seat(trainer=Slow([learnt("sample")])) as at:
        at.app.touring.begin()
        await at.press("f6", "f6", "f6", "f6")
        await at.until(lambda: "It reads the letters" in shown(at))
        await at.press("f6")
        assert "It reads the letters" in await on(at, 4)
        assert "F6 next" not in shown(at)
        read.set()
        assert "Annelise" in await on(at, 5)


async def test_a_sample_that_cannot_be_read_can_be_read_again() -> None:
    async with seat(trainer=FakeTrainer([])) as at:
        at.app.touring.begin()
        await at.press("f6", "f6", "f6", "f6")
        await at.until(lambda: "F6 has it read" in shown(at))
        assert shown(at).startswith("4/")


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_each_step_can_be_read_beside_the_text(size: tuple[int, int]) -> None:
    async with seat(size=size, trainer=FakeTrainer([learnt("sample")])) as at:
        bar, desk = at.app.writing.tour_bar, Desk(at.app, at.pilot, at.engines.engine)
        at.app.touring.begin()
        for step in range(1, len(STEPS) + 1):
            await on(at, step)
            await at.pilot.pause()
            assert " ".join(desk.painted(bar)).split() == shown(at).split()
            assert at.app.writing.editor.size.height >= 2
            await at.press("f6")
