"""The Models tab: every button from the keyboard, what it does to the library, and what it asks before."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button, Input, Static

from core.errors import UserError
from core.events import Finished
from core.library.archive import export_model
from core.library.client import Forgotten, Librarian
from core.library.learning import learning_of, note_saved
from core.library.library import Library, ModelEntry
from tests.tui.fakes import FakeTrainer
from tests.tui.seat import Seat, seat
from tui.screens.picker import Picker
from tui.widgets.models_view import ModelList, ModelsView, Shown
from tui.widgets.models_view import details as told

HOSTILE = "[bold]x"


def add(name: str, **card: Any) -> Path:
    library = Library()
    folder = library.next_version(name)
    folder.mkdir()
    for file in ("tokenizer.json", "model.safetensors"):
        (folder / file).write_text("{}")
    (folder / "model.json").write_text(json.dumps({"format": 1, "name": name, **card}))
    library.make_current(name, int(folder.name))
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> str:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text("kept")
    sources = [{"path": "/old/diary.md", "characters": 1234, "sha256": "", "modified": ""}]
    held_out = {
        "bits_per_character_before": 1.83,
        "bits_per_character": 1.71,
        "keys_saved": 0.312,
        "keys_saved_before": 0.25,
        "keys_difference": [0.04, 0.08],
        "typed": 3000,
    }
    add("mine", parent="base")
    add(
        "mine",
        parent="base",
        held_out=held_out,
        trained_on=sources,
        paths=[str(notes)],
        created="2026-01-02T00",
    )
    add(HOSTILE)
    return "mine"


class FakeLibrarian(Librarian):
    """Answers without a process."""

    def __init__(self, weights: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.weights = weights
        self.asked: list[tuple[str, ...]] = []

    async def forget(self, name: str, file: str) -> Forgotten:
        self.asked.append(("forget", name, file))
        return Forgotten(file, 2, self.weights)

    async def import_model(self, file: Path, name: str | None = None) -> ModelEntry:
        self.asked.append(("import", str(file)))
        if file.name == "evil.foretype":
            raise UserError("evil.foretype holds a link or something locked: not imported")
        add("gift")
        return Library().find("gift")


@asynccontextmanager
async def tab(
    trainer: FakeTrainer | None = None,
    *,
    librarian: FakeLibrarian | None = None,
    size: tuple[int, int] = (100, 44),
) -> AsyncIterator[tuple[Seat, ModelsView]]:
    """The app with the Models tab open and the focus on the model `mine`."""
    async with seat(trainer=trainer, size=size) as at:
        at.app.models.shelving.make_librarian = lambda: librarian or FakeLibrarian()
        view = at.app.writing.panel.models
        at.app.action_tab("models")
        await at.until(lambda: view.pointed_at is not None)
        await at.until(lambda: isinstance(at.app.screen.focused, ModelList))
        while view.name_pointed_at != "mine":
            await at.press("down")
        yield at, view


async def press(at: Seat, view: ModelsView, deed: str) -> None:
    """Go to a button with the arrows, as a person does, and press it."""
    button = view.query_one(f"#models-{deed}", Button)
    await at.until(lambda: at.app.screen is at.app.writing)
    for _ in range(30):
        if at.app.screen.focused is button:
            break
        await at.press("down")
    assert at.app.screen.focused is button
    await at.press("enter")


async def settled(at: Seat) -> None:
    await at.until(lambda: not at.app.models.shelving._busy)
    await at.pilot.pause()


def details(view: ModelsView) -> str:
    return str(view.query_one("#models-details", Static).content)


async def test_models_are_listed_with_what_they_are_worth(mine: str) -> None:
    async with tab() as (at, view):
        rows = [str(view.query_one(ModelList).get_option_at_index(index).prompt) for index in range(3)]
        assert any(row.startswith(mine) and "v2 of 2 · 1.83 → 1.71 bits · 31% keys" in row for row in rows)
        assert any(row.startswith(HOSTILE) for row in rows)
        assert "Keys saved: 25.0% before, 31.2% after (+4.0 to +8.0 points, 95%), on 3,000" in details(view)
        assert "/old/diary.md: 1,234 characters" in details(view)
        while view.name_pointed_at != "base":
            await at.press("up")
        await at.pilot.pause()
        disabled = {button.id for button in view.query(Button) if button.disabled}
        assert disabled == {
            f"models-{deed}" for deed in ("rollback", "versions", "rename", "forget", "learn", "delete")
        }


async def test_use_writes_with_the_model(mine: str) -> None:
    async with tab() as (at, view):
        await press(at, view, "use")
        await at.until(lambda: at.app.settings.model == mine)
        assert at.engines.engine.model == mine


async def test_rolling_back_and_choosing_a_version(mine: str) -> None:
    async with tab() as (at, view):
        at.app.use_model(mine)
        await at.until(lambda: at.app.settings.model == mine)
        await press(at, view, "rollback")
        await settled(at)
        assert Library().find(mine).version == 1
        assert view.query_one("#models-rollback", Button).disabled
        await press(at, view, "versions")
        await at.until(lambda: isinstance(at.app.screen, Picker))
        await at.press(*"version 2", "enter")
        await settled(at)
        assert Library().find(mine).version == 2


async def test_renaming_takes_the_model_in_use_along_and_refuses_what_is_no_name(mine: str) -> None:
    async with tab() as (at, view):
        at.app.use_model(mine)
        await at.until(lambda: at.app.settings.model == mine)
        await press(at, view, "rename")
        await at.until(lambda: at.app.screen.query(Input))
        at.app.screen.query_one(Input).value = "a/b"
        await at.press("enter")
        assert "leave out slashes" in str(at.app.screen.query_one(".dialog-hint", Static).content)
        at.app.screen.query_one(Input).value = "yours"
        await at.press("enter")
        await at.until(lambda: at.app.settings.model == "yours")
        assert "yours" in Library().names() and mine not in Library().names()
        assert view.name_pointed_at == "yours"


async def test_deleting_asks_first_and_goes_back_to_the_base_model(mine: str) -> None:
    async with tab() as (at, view):
        at.app.use_model(mine)
        await at.until(lambda: at.app.settings.model == mine)
        await press(at, view, "delete")
        await at.answer("cancel")
        await settled(at)
        assert mine in Library().names()
        await press(at, view, "delete")
        await at.answer("delete")
        await at.until(lambda: at.app.settings.model == "base")
        assert mine not in Library().names()


async def test_forgetting_says_what_it_does_and_can_train_again(mine: str, tmp_path: Path) -> None:
    weights = (1, 2)
    again = add(mine, parent="base")
    Library().rollback(mine)
    finished = Finished(mine, str(again), 1.8, 2.0, 2.0, stopped=False, became_current=False)
    trainer, librarian = FakeTrainer([finished]), FakeLibrarian(weights)
    async with tab(trainer, librarian=librarian) as (at, view):
        await press(at, view, "forget")
        await at.until(lambda: isinstance(at.app.screen, Picker))
        await at.press("enter")
        await at.answer("cancel")
        await settled(at)
        assert not librarian.asked
        await press(at, view, "forget")
        await at.until(lambda: isinstance(at.app.screen, Picker))
        await at.press("enter")
        await at.answer("retrain")
        await at.until(lambda: Library().find(mine).version == 3)
        assert librarian.asked == [("forget", mine, "/old/diary.md")]
        (job,) = trainer.jobs
        assert (job.parent, job.exclude, job.paths) == (
            "base",
            ("/old/diary.md",),
            (str(tmp_path / "notes"),),
        )
        await settled(at)
        assert Library().find(mine).versions == (1, 3)  # the second had learnt it


async def test_what_was_learnt_by_saving_can_be_chosen_to_be_forgotten(mine: str) -> None:
    note_saved(mine, "/drafts/saved.md", 100)
    librarian = FakeLibrarian()
    async with tab(librarian=librarian) as (at, view):
        await press(at, view, "forget")
        await at.until(lambda: isinstance(at.app.screen, Picker))
        await at.press("enter")
        await at.answer("forget")
        await at.until(lambda: librarian.asked)
        await settled(at)
    assert librarian.asked == [("forget", mine, "/drafts/saved.md")]


async def test_learning_is_explained_before_it_is_turned_on(mine: str) -> None:
    async with tab() as (at, view):
        await press(at, view, "learn")
        await at.answer("cancel")
        await settled(at)
        assert not learning_of(Library().find(mine)).on
        await press(at, view, "learn")
        await at.answer("on")
        await settled(at)
        assert learning_of(Library().find(mine)).on
        assert str(view.query_one("#models-learn", Button).label) == "Stop learning"
        await press(at, view, "learn")
        await settled(at)
        assert not learning_of(Library().find(mine)).on


async def test_export_and_import(mine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    librarian = FakeLibrarian()
    async with tab(librarian=librarian) as (at, view):
        await press(at, view, "export")
        await at.until(lambda: at.app.screen.query(Input))
        await at.press("enter")
        await settled(at)
        assert (tmp_path / "mine.foretype").stat().st_size > 100
        await press(at, view, "export")
        await at.until(lambda: at.app.screen.query(Input))
        await at.press("enter")
        await settled(at)
        assert any("is there already" in line for line in at.notices)
        export_model(Library().find(mine).folder, tmp_path / "evil.foretype")
        for name in ("evil.foretype", "mine.foretype"):
            await press(at, view, "import")
            await at.until(lambda: at.app.screen.query(Input))
            at.app.screen.query_one(Input).value = name
            await at.press("enter")
            await settled(at)
        assert any("something locked" in line for line in at.notices)
        assert view.name_pointed_at == "gift"


async def test_what_is_being_trained_is_not_taken_away(mine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with tab() as (at, view):
        with monkeypatch.context() as patched:
            patched.setattr("tui.flows.training.TrainingRun.running", True)
            for deed in ("rename", "forget", "delete"):
                await press(at, view, deed)
                await settled(at)
                assert any("A training is under way" in line for line in at.notices)
                assert at.app.screen is at.app.writing
        assert mine in Library().names()


async def test_the_tab_is_of_use_where_there_is_little_room(mine: str) -> None:
    async with tab(size=(40, 10)) as (at, view):
        await press(at, view, "delete")
        await at.answer("cancel")
        assert mine in Library().names()


def test_the_folder_of_what_was_learnt_is_told_once() -> None:
    def lines(*sources: dict[str, object]) -> list[str]:
        add("many", minutes=1.5, trained_on=[dict(source, sha256="", modified="") for source in sources])
        return told(Shown(Library().find("many"), 40.2, learns=False, waiting=0))

    notes = {"path": "/n/notes/a.md", "characters": 1200}, {"path": "/n/notes/old/b.xz", "bytes": 7_400_000}
    assert lines(*notes)[0].endswith("from nothing in 1:30 min")
    assert lines(*notes)[1:] == [
        "40 MB on disk",
        "",
        "Trained on 2 files in /n/notes:",
        "a.md: 1,200 characters",
        "old/b.xz: 7.4 MB",
    ]
    assert lines(notes[0])[3:] == ["Trained on 1 file:", "/n/notes/a.md: 1,200 characters"]
    assert lines(notes[0], {"path": "b.md", "bytes": 1})[3] == "Trained on 2 files:"
