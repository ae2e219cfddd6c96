"""The Train tab's form: what it asks the app for, what it refuses, and how it gives way to a run and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from core import events
from tests.tui.training_app import FINISHED, STEP, TrainingApp


async def test_start_posts_a_job_that_fine_tunes_the_base(app: TrainingApp, book: Path) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.choose([book])
        app.button("training-start").focus()
        await pilot.press("enter")
        await pilot.pause()
        (job,) = app.jobs
        assert job.paths == (str(book),)
        assert (job.name, job.parent, job.minutes) == ("mine", "base", 10)
        assert app.view.running
        assert app.shows("pause") and not app.shows("training-start")


async def test_level_and_cell_are_for_those_who_start_from_nothing(app: TrainingApp, book: Path) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.choose([book])
        app.view.set_models(["base", "mine", "[/b]"])
        await pilot.pause()
        assert app.choice("training-level").disabled and app.choice("training-cell").disabled
        assert "Keeps level and cell of base" in app.text("training-note")
        assert "new version of mine" in app.text("training-note")
        app.choice("training-parent").focus()
        await pilot.press("enter", "down", "down", "down", "enter")
        await pilot.pause()
        assert not app.choice("training-level").disabled
        await pilot.press("down", "enter", "down", "enter")
        await pilot.pause()
        await pilot.press("down", "enter", "down", "down", "enter")
        await pilot.pause()
        await pilot.press("down", "2", "enter", "down", "enter")
        await pilot.pause()
        (job,) = app.jobs
        assert (job.parent, job.level, job.cell, job.minutes) == (None, "char", "rnn", 2)


async def test_no_time_at_all_makes_a_memory_alone(app: TrainingApp, book: Path) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.choose([book])
        app.query_one("#training-minutes").focus()
        await pilot.press("0", "enter")
        await pilot.pause()
        assert "ready in seconds" in app.text("training-note")
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.jobs[0].memory_only
        app.view.running = False


async def test_a_personal_model_can_be_the_start_and_its_name_is_shown_as_it_is(
    app: TrainingApp, book: Path
) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.choose([book])
        app.view.set_models(["base", "[/b] odd\n"])
        app.choice("training-parent").focus()
        await pilot.press("enter", "down", "enter")
        await pilot.pause()
        assert "[/b] odd␊" in app.text("training-note")
        app.view.form.submit()
        await pilot.pause()
        assert app.jobs[0].parent == "[/b] odd\n"
        app.view.set_models(["base"])
        assert app.view.form.parent_model == "base"


@pytest.mark.parametrize(
    ("name", "line"),
    [("", "has no name"), ("base", "reserved"), ("a/b", "slashes")],
)
async def test_a_name_that_cannot_be_is_refused_in_one_line(
    app: TrainingApp, book: Path, name: str, line: str
) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.choose([book])
        app.query_one("#training-name", Input).value = name
        await pilot.pause()
        app.view.form.submit()
        await pilot.pause()
        assert line in app.text("training-error")
        assert app.shows("training-error")
        assert app.jobs == []
        app.query_one("#training-name", Input).value = "ours"
        await pilot.pause()
        assert not app.shows("training-error")


async def test_no_sources_or_sources_that_went_are_refused(app: TrainingApp, book: Path) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.form.submit()
        await pilot.pause()
        assert "nothing chosen" in app.text("training-error")
        app.view.choose([book])
        await pilot.pause()
        book.unlink()
        app.view.form.submit()
        await pilot.pause()
        assert "book.txt is gone" in app.text("training-error")
        assert not app.view.running


async def test_an_error_brings_the_form_back_as_it_was(app: TrainingApp, book: Path) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.choose([book])
        app.view.form.submit()
        await pilot.pause()
        app.view.show_error("the text is too short: [b] give it 2,000 characters\x1b[0m")
        await pilot.pause()
        assert not app.view.running
        assert app.shows("training-start")
        assert app.text("training-error") == "the text is too short: [b] give it 2,000 characters␛[0m"
        assert app.view.form.picker.paths == (book,)


async def test_an_error_during_a_run_leaves_the_focus_where_the_form_can_be_put_right(
    app: TrainingApp, book: Path
) -> None:
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.choose([book])
        app.button("training-start").focus()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        app.view.show_event(events.Reading(1, 10))
        await pilot.pause()
        app.view.show_error("there is no model called base")
        await pilot.pause()
        await pilot.pause()
        assert app.focused is app.button("training-start")
        error = app.query_one("#training-error")
        assert app.view.region.contains_region(error.region)


async def test_a_run_that_ends_without_a_result_brings_the_form_back(app: TrainingApp, book: Path) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.show_event(FINISHED)
        app.view.choose([book])
        app.view.form.submit()
        await pilot.pause()
        assert app.shows("pause")
        app.view.running = False
        await pilot.pause()
        assert app.shows("training-start")


async def test_the_focus_follows_from_the_form_to_the_run(app: TrainingApp, book: Path) -> None:
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.choose([book])
        app.button("training-start").focus()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert app.focused is app.button("pause")
        app.view.show_event(STEP)
        await pilot.pause()
        await pilot.press("down", "down", "down")
        await pilot.pause()
        assert app.view.scroll_y > 0
