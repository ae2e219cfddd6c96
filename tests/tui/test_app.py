"""The app around the ghost: files, saving, leaving, recovering, settings, training; small and colourless terminals."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import Button, Input, OptionList, Static

from core import paths
from core.drafts.files import Encoding
from core.drafts.recovery import Copy, Recovery, left_over
from core.events import Finished, Step
from core.jobs import TrainingJob
from core.settings import load_settings
from tests.tui.fakes import Engines, FakeTrainer
from tests.tui.seat import seat
from tui.screens.dialogs import FileDialog, HelpScreen, Question, RecoverDialog, beginning
from tui.widgets.probabilities import Probabilities
from tui.widgets.suggest_view import SuggestView
from tui.widgets.training_view import TrainingView

HOSTILE = [
    "notes [/draft].txt",
    "[@click=app.quit]x.md",
    "two\nlines.md",
    "esc\x1b[2J.md",
    " spaced .md",
    "שלום.md",
]


# Opening and saving


@pytest.mark.parametrize("name", HOSTILE)
async def test_any_file_name_is_shown_as_it_is_and_saved(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("Dear ")
    async with seat(path) as at:
        shown = str(at.app.writing.title_line.content)
        assert "\x1b" not in shown
        assert "\n" not in shown
        assert name.replace("\n", "\u240a").replace("\x1b", "\u241b") in shown
        at.app.writing.editor.insert("x")
        await at.press("ctrl+s")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_text() == "xDear "


async def test_a_file_need_not_exist_and_is_made_on_saving(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    async with seat(path) as at:
        await at.press("h", "i")
        assert at.app.writing.status.status.unsaved
        assert not path.exists()
        await at.press("ctrl+s")
        await at.until(path.exists)
        await at.until(lambda: not at.app.writing.status.status.unsaved)
    assert path.read_bytes() == b"hi"


async def test_undoing_to_what_is_saved_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old\r\n")
    async with seat(path) as at:
        keeper = at.app.writing.keeper
        await at.press("x")
        await keeper.keep_copy()
        assert keeper.unsaved and list(paths.recovery_folder().glob("*.draft"))
        await at.press("ctrl+z")
        assert not keeper.unsaved
        assert not at.app.writing.status.status.unsaved
        await keeper.keep_copy()
        assert not list(paths.recovery_folder().glob("*.draft"))
        await at.press("ctrl+y")
        assert keeper.unsaved
        await at.press("ctrl+s")
        await at.until(lambda: not keeper.unsaved)
        await at.press("ctrl+z")
        assert keeper.unsaved
        await at.press("ctrl+y")
        assert not keeper.unsaved
        await at.press("ctrl+z", "ctrl+q")
        await at.answer("discard")


async def test_what_was_not_edited_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    path.write_bytes(b"one\r\ntwo\n\x0cthree\x85\xff")
    before = path.stat()
    async with seat(path) as at:
        await at.press("ctrl+s")
        await at.pilot.pause()
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


async def test_an_edit_changes_only_its_own_bytes(tmp_path: Path) -> None:
    data = b"one\r\ntwo\n\x0cthr\xe2\x80\xa8ee\x00\r\nfo\x1cur"
    path = tmp_path / "odd.md"
    path.write_bytes(data)
    async with seat(path) as at:
        await at.press("down", "x", "ctrl+s")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_bytes() == data.replace(b"two", b"xtwo")


async def test_what_is_typed_and_taken_right_before_is_saved_and_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    async with seat(path) as at:

        def send(*keys: str) -> None:
            for key in keys:  # as a slow line delivers them: all at once
                at.app.post_message(Key(key, key if len(key) == 1 else None))

        await at.press(*"forgot")
        assert at.app.writing.editor.ghost
        send("tab", "ctrl+s")
        await at.until(path.exists)
        assert path.read_text() == "forgotten how the light falls"
        send("x", "ctrl+q")
        await at.until(lambda: isinstance(at.app.screen, Question))
        await at.answer("save")
    assert path.read_text() == "forgotten how the light fallsx"


async def test_an_unnamed_draft_asks_for_its_name_and_asks_before_it_replaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.md").write_text("precious")
    async with seat() as at:
        await at.press("h", "i", "ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        at.app.screen.query_one(Input).value = "there.md"
        await at.press("enter")
        await at.until(lambda: isinstance(at.app.screen, Question))
        await at.answer("cancel")
        assert (tmp_path / "there.md").read_text() == "precious"
        await at.press("ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        at.app.screen.query_one(Input).value = "new.md"
        await at.press("enter")
        await at.until(lambda: (tmp_path / "new.md").exists() and not at.app.writing.keeper.unsaved)
        assert at.app.writing.editor.has_focus


async def test_a_file_changed_on_disk_is_not_overwritten_without_a_question(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    async with seat(path) as at:
        await at.press("x")
        path.write_text("theirs")
        await at.press("ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, Question))
        await at.press("escape")
        assert path.read_text() == "theirs"
        assert at.app.writing.keeper.unsaved
        await at.press("ctrl+s")
        await at.answer("overwrite")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_text() == "xold"


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_every_answer_to_a_file_changed_on_disk_is_seen(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    async with seat(path, size=size) as at:
        await at.press("x")
        path.write_text("theirs")
        await at.press("ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, Question) and at.app.screen.focused)
        assert at.app.screen.focused is at.app.screen.query_one("#other")
        for button in at.app.screen.query(Button):
            assert at.app.screen.query_one(".dialog").content_region.contains_region(button.region)
            assert button.size.width >= len(str(button.label))
        await at.press("down", "down", "enter")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
        assert path.read_text() == "xold"
        await at.press("y", "ctrl+s")
        await at.until(lambda: path.read_text() == "xyold")  # what is on disk is known again: no question


async def test_a_failed_save_says_one_line_and_keeps_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with seat(path) as at:
        await at.press("x")
        monkeypatch.setattr(os, "replace", full)
        await at.press("ctrl+s")
        await at.until(lambda: at.notices)
        assert at.notices == [
            "draft.md is not saved (No space left on device): make room, or save it elsewhere"
        ]
        assert at.text == "xold"
        assert at.app.writing.status.status.unsaved
    assert path.read_text() == "old"


async def test_a_file_that_can_only_be_read_says_so_and_is_saved_under_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    access = os.access

    def as_for_others_than_root(file: Path, mode: int) -> bool:
        return Path(file) != path and access(file, mode)

    monkeypatch.setattr(os, "access", as_for_others_than_root)
    async with seat(path) as at:
        assert at.notices == ["draft.md can only be read: saving asks for another name"]
        await at.press("x", "ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        assert at.app.screen.query_one(Input).value == "draft.md"
        at.app.screen.query_one(Input).value = "mine.md"
        await at.press("enter")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert (path.read_text(), (tmp_path / "mine.md").read_text()) == ("old", "xold")


async def test_a_character_the_encoding_lacks_can_be_saved_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_bytes("Zwölf große Äpfel kosten fünf Groschen, sagte er.\n".encode("latin-1"))
    async with seat(path) as at:
        at.app.writing.editor.insert("→ 漢")
        await at.press("ctrl+s")
        await at.answer("utf8")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_text(encoding="utf-8").startswith("→ 漢Zwölf")


async def test_a_binary_file_is_refused_and_the_app_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe\xfa\x00\x01\x80")
    async with seat(path) as at:
        assert at.notices == ["cat.png is a binary file: open a text instead"]
        await at.press("a")
        assert at.text == "a"


async def test_opening_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.md").write_text("other")
    async with seat() as at:
        await at.press("ctrl+o")
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        at.app.screen.query_one(Input).value = "other.md"
        await at.press("enter")
        await at.until(lambda: at.text == "other")
        draft = at.app.writing.ghosting.draft
        assert at.engines.engine.documents == {draft: at.engines.engine.documents[draft]}
        assert at.engines.engine.documents[draft].text == "other"


# Leaving and coming back


async def test_quitting_asks_when_something_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    async with seat(path) as at:
        await at.press("x", "ctrl+q")
        await at.answer("cancel")
        assert at.app.is_running
        await at.press("ctrl+q")
        await at.answer("save")
        await at.until(path.exists)
    assert path.read_text() == "x"
    assert not list(paths.recovery_folder().glob("*.draft"))
    assert at.engines.engine.closed


async def test_unsaved_text_is_copied_and_the_copy_goes_when_it_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    async with seat(path) as at:
        await at.press("x")
        await at.app.writing.keeper.keep_copy()
        (copy,) = paths.recovery_folder().glob("*.draft")
        assert left_over() == []
        await at.press("ctrl+s")
        await at.until(lambda: not copy.exists())


async def test_the_copy_is_made_by_itself() -> None:
    async with seat() as at:
        await at.press("x")
        async with asyncio.timeout(60):
            while not list(paths.recovery_folder().glob("*.draft")):
                await asyncio.sleep(0.05)


async def test_a_closed_terminal_leaves_a_copy_at_once() -> None:
    async with seat() as at:
        await at.press("h", "i")
        at.app._end_at_once()
    (copy,) = paths.recovery_folder().glob("*.draft")
    assert copy.read_text().endswith("\nhi")
    assert at.engines.engine.closed


@pytest.mark.parametrize(
    ("begun", "line"), [(False, "started anew"), (True, "is kept: Resume, in the Train tab")]
)
async def test_leaving_while_a_model_is_trained_says_what_is_kept(begun: bool, line: str) -> None:
    async with seat() as at:
        at.app.training._trainer = FakeTrainer([])
        at.app.training.begun = begun
        await at.press("ctrl+q")
        await at.until(lambda: isinstance(at.app.screen, Question))
        assert line in str(at.app.screen.query_one(".dialog-text", Static).content)
        await at.answer("stay")
        assert at.app.is_running
        at.app.training._trainer = None


def crashed(path: str | None, text: str) -> None:
    place = Recovery()
    place.write(Copy(text, path, Encoding(), None, 0, 3))
    place.release()


async def test_after_a_crash_the_text_is_offered_and_recovered(tmp_path: Path) -> None:
    path = tmp_path / "anna [" / "x].md"
    path.parent.mkdir()
    path.write_text("Dear ")
    crashed(str(path), "Dear Anna")
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        await at.answer("recover")
        await at.until(lambda: at.text == "Dear Anna")
        assert at.app.writing.keeper.unsaved
        assert at.app.writing.keeper.path == path
        assert at.app.writing.editor.cursor_location == (0, 3)
        await at.press("ctrl+s")
        await at.answer("overwrite")  # nobody knows what the file was like when the draft was begun
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_text() == "Dear Anna"
    assert left_over() == []


async def test_what_is_left_for_later_is_offered_again_and_what_is_discarded_is_not() -> None:
    crashed(None, "first")
    crashed(None, "second")
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        choices = at.app.screen.query_one(OptionList)
        assert choices.option_count == 2
        await at.press("down")
        assert choices.highlighted == 1
        await at.press("up")
        await at.answer("discard")
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog) and len(left_over()) == 1)
        await at.press("escape")
        await at.until(lambda: at.app.writing.editor.has_focus)
    assert len(left_over()) == 1


async def test_all_that_was_left_is_offered_in_turn_and_the_title_counts_what_is_open(tmp_path: Path) -> None:
    path = tmp_path / "named.md"
    path.write_text("Dear ")
    crashed(None, "of no file")
    crashed(str(path), "Dear Anna")
    async with seat(path) as at:
        await at.answer("recover")
        await at.until(lambda: at.text == "Dear Anna" and isinstance(at.app.screen, RecoverDialog))
        assert at.app.screen.query_one(OptionList).option_count == 1
        title = at.app.writing.title_line
        assert str(title.content).rstrip().endswith("named.md ●")
        await at.answer("recover")
        await at.until(lambda: at.text == "of no file")
        assert str(title.content).endswith("2/2")
        await at.until(lambda: at.app.writing.editor.has_focus)


async def test_what_is_left_of_another_file_is_not_put_over_the_named_one_by_default(tmp_path: Path) -> None:
    path = tmp_path / "named.md"
    path.write_text("mine")
    crashed(str(tmp_path / "other.md"), "something else entirely")
    async with seat(path) as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog) and at.app.screen.focused)
        dialog = at.app.screen
        assert dialog.focused is dialog.query_one("#later")
        await at.press("right")
        assert dialog.focused is dialog.query_one("#discard")
        await at.press("right", "left", "left", "left")
        assert dialog.focused is dialog.query_one("#recover")
        await at.press("right", "enter")
        await at.until(lambda: at.app.writing.editor.has_focus)
        assert at.text == "mine"
    assert len(left_over()) == 1


async def test_what_is_left_of_the_named_file_is_recovered_by_default(tmp_path: Path) -> None:
    path = tmp_path / "named.md"
    crashed(str(path), "of this file")
    crashed(None, "newer, of no file")
    async with seat(path) as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog) and at.app.screen.focused)
        assert at.app.screen.focused is at.app.screen.query_one("#recover")
        assert at.app.screen.query_one(OptionList).highlighted == 1


async def test_who_types_on_answers_no_dialog_and_loses_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.flows.drafts.UNSEEN", 1e6)
    crashed(None, "left")
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        assert at.app.screen.focused is None
        await at.press("enter", "space", "h", "i")
        await at.until(lambda: at.app.writing.editor.has_focus)
        assert at.text == "\n hi"
        await at.until(lambda: any("is kept" in notice for notice in at.notices))
    assert len(left_over()) == 1


async def test_what_was_typed_before_the_file_was_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("text")
    crashed(None, "left")
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        await at.press("escape")
        await at.press("h", "i")
        at.app.writing.open_file(path)
        assert at.text == "hitext"
        await at.app.writing.flow.recover(path, at_start=True)
        assert not isinstance(at.app.screen, RecoverDialog)
        await at.until(lambda: any("is kept" in notice for notice in at.notices))


def test_a_preview_ends_with_a_whole_word() -> None:
    assert beginning("one two three", 9) == "one two…"
    assert beginning("one two", 7) == "one two"
    assert beginning("onetwothree", 5) == "onet…"


# Settings, models, training


async def test_what_is_changed_in_the_panel_is_kept() -> None:
    async with seat() as at:
        at.app.post_message(SuggestView.Changed(0.7, 0.1, 4))
        await at.pilot.pause()
    settings = load_settings().settings
    assert (settings.temperature, settings.eagerness, settings.words) == (0.7, 0.1, 4)


async def test_wrong_settings_are_told_and_do_no_harm() -> None:
    paths.settings_file().write_text('words = 99\ntheme = "[none]"\n[keys]\nfly = "f"\n')
    async with seat() as at:
        said = "\n".join(at.notices)
        assert "settings.toml, line 1: words must be a whole number from 1 to 12" in said
        assert "fly is not an action" in said
        assert "there is no theme [none]" in said
        await at.press("a")
        assert at.text == "a"


async def test_keys_can_be_remapped() -> None:
    paths.settings_file().write_text('[keys]\naccept = "ctrl+l"\npanel = "f9"\n')
    async with seat() as at:
        await at.press(*"forgot")
        await at.press("ctrl+l")
        assert at.text == "forgotten how the light falls"
        assert at.app.writing.keys.hints[0].key == "^L"
        await at.press("f9")
        assert at.app.writing.panel_open


async def test_the_panel_shows_the_next_words_as_temperature_moves() -> None:
    async with seat() as at:
        await at.press("f2")
        await at.until(lambda: any("distribution" in item for item in at.engines.engine.asked))
        at.app.post_message(SuggestView.Changed(1.3, 0.1, 4))
        await at.until(
            lambda: (
                [item for item in at.engines.engine.asked if "distribution" in item][-1]["temperature"] == 1.3
            )
        )
        await at.press("escape")
        assert at.app.writing.editor.has_focus
        await at.press("f2", "f2")
        assert not at.app.writing.panel_open


async def test_another_model_is_loaded_and_kept() -> None:
    async with seat() as at:
        at.app.post_message(SuggestView.ModelChosen("mine"))
        await at.until(lambda: at.app.writing.status.status.model == "mine")
    assert load_settings().settings.model == "mine"


async def test_a_model_that_cannot_be_loaded_is_told_and_the_old_one_stays() -> None:
    async with seat() as at:
        at.app.post_message(SuggestView.ModelChosen("broken"))
        await at.until(lambda: at.notices)
        assert at.notices == ["broken is not a model: choose another"]
        assert at.app.settings.model == "base"
        assert at.app.writing.panel.suggest.model == "base"


async def test_an_engine_that_died_is_told_in_one_line_and_its_return_brings_ghosts_back() -> None:
    async with seat() as at:
        engine = at.engines.engine
        engine.tell("gone", "the engine ended (signal 9): starting it again")
        await at.pilot.pause()
        assert at.notices == ["the engine ended (signal 9): starting it again"]
        await at.press(*"forgot")
        assert at.text == "forgot"
        assert not at.app.writing.editor.ghost
        await engine.load("base")
        await at.until(lambda: at.app.writing.editor.ghost)


async def test_training_ends_in_a_model_that_is_then_used() -> None:
    job = TrainingJob(paths=("alice.txt",), name="mine", minutes=1)
    trainer = FakeTrainer(
        [
            Step(1, 0.5, 2.0, 1e-3, 5000.0, 30.0),
            Finished("mine", "/somewhere", 1.55, 1.72, 1.0, stopped=False, became_current=True),
        ]
    )
    async with seat(trainer=trainer) as at:
        at.app.post_message(TrainingView.Start(job))
        await at.until(lambda: at.notices)
        assert at.notices[0].startswith("mine is trained: 1.72 → 1.55 bits per character on held-out text")
        assert trainer.jobs == [job]
        assert at.app.writing.status.status.training is None
        at.app.post_message(TrainingView.UseModel("mine"))
        await at.until(lambda: at.app.settings.model == "mine")
        await at.press(*"forgot")
        assert at.app.writing.editor.ghost
        assert at.notices[-1] == "mine suggests from here on."
        await at.until(lambda: str(at.app.screen.query_one("#use", Button).label) == "In use")


def interrupted(name: str) -> Path:
    """What a training run leaves that was ended before it was done."""
    folder = paths.training_folder() / name
    folder.mkdir()
    (folder / "job.json").write_text(
        json.dumps(TrainingJob(paths=("a.txt",), name=name, minutes=9).as_json())
    )
    return folder


async def test_an_interrupted_training_is_resumed_from_the_train_tab() -> None:
    folder = interrupted("mine [x]")
    (paths.training_folder() / "damaged").mkdir()
    (paths.training_folder() / "damaged" / "job.json").write_text("{")
    finished = Finished("mine [x]", "/somewhere", 1.55, 1.72, 1.0, stopped=False, became_current=True)
    trainer = FakeTrainer([Step(9, 0.5, 2.0, 1e-3, 5000.0, 30.0), finished])
    async with seat(trainer=trainer) as at:
        at.app.action_tab("train")
        button = at.app.screen.query_one("#resume-run", Button)
        await at.until(lambda: button.region.area)
        assert str(button.label) == "Resume mine [x]"
        shutil.rmtree(folder)  # as the trainer does at the end
        button.press()
        await at.until(lambda: at.notices)
        assert at.notices[0].startswith("mine [x] is trained")
        assert (trainer.resumed, trainer.jobs) == ([str(folder)], [])
        at.app.screen.query_one("#again", Button).press()
        await at.until(lambda: at.app.screen.query_one("#training-start").region.area)
        assert not button.region.area


async def test_a_training_that_was_left_is_offered_and_can_be_discarded() -> None:
    async with seat(trainer=FakeTrainer([])) as at:
        at.app.action_tab("train")
        await at.pilot.pause()
        button = at.app.screen.query_one("#resume-run", Button)
        assert not button.region.area
        folder = interrupted("mine")  # by another Foretype, say
        at.app.action_tab("suggest")
        await at.pilot.pause()
        at.app.action_tab("train")
        await at.until(lambda: button.region.area)
        at.app.screen.query_one("#discard-run", Button).press()
        await at.answer("cancel")
        assert folder.exists()
        at.app.screen.query_one("#discard-run", Button).press()
        await at.answer("discard")
        await at.until(lambda: not folder.exists())
        await at.until(lambda: not button.region.area)
        assert at.app.screen.focused is not None


async def test_next_words_are_asked_for_when_their_tab_comes_back() -> None:
    async with seat() as at:
        at.app.action_tab("train")
        await at.until(lambda: at.app.writing.panel.has_focus_within)
        at.app.writing.editor.focus()
        await at.press(*"forgot")
        asked = at.engines.engine.asked
        assert not any("distribution" in item for item in asked)
        at.app.action_tab("suggest")
        await at.until(lambda: any(item.get("distribution") == (0, 6) for item in asked))


async def test_the_panel_says_why_there_are_no_next_words() -> None:
    async with seat(engines=Engines(ready_at_once=False)) as at:
        await at.press("f2")
        shown = at.app.screen.query_one(Probabilities)
        engine = at.engines.engine
        engine.tell("loading", "")
        assert shown.why == "The model is loading."
        engine.tell("failed", "there is no model called mine")
        assert shown.why == "No model could be loaded: choose another one above."
        await engine.load("base")
        await at.until(lambda: shown.words)
        engine.loaded = None
        engine.tell("gone", "the engine ended (signal 9): starting it again")
        assert shown.why == "The engine ended and is being started again."
        assert not shown.words


# Everywhere


async def test_every_command_of_the_palette_has_a_name_and_help() -> None:
    async with seat() as at:
        commands = list(at.app.get_system_commands(at.app.screen))
        assert len({command.title for command in commands}) == len(commands)
        assert {"Save", "Open", "Quit", "Side panel", "Train a model", "Theme"} <= {
            item.title for item in commands
        }
        await at.press("ctrl+p")
        await at.press("escape")


async def test_help_shows_the_keys_and_closes() -> None:
    async with seat() as at:
        await at.press("f1")
        assert isinstance(at.app.screen, HelpScreen)
        await at.press("escape")
        assert at.app.writing.editor.has_focus


async def test_where_the_panel_hides_the_draft_nobody_writes_into_it_unseen() -> None:
    async with seat() as at:
        writing = at.app.writing
        await at.press("f2", "escape", "a")
        assert writing.panel_open and writing.editor.has_focus
        await at.pilot.resize_terminal(60, 20)
        await at.until(lambda: not writing.panel_open)
        await at.press("b")
        assert at.text == "ab" and writing.editor.size.width > 40
        await at.press("f2")
        assert writing.panel.has_focus_within and not writing.editor.size.width
        await at.press("escape", "c")
        assert at.text == "abc" and writing.editor.size.width > 40


async def test_forty_by_ten_is_enough_and_less_says_so(tmp_path: Path) -> None:
    async with seat(tmp_path / "a.md", size=(40, 10)) as at:
        assert not at.app.writing.status.note
        await at.press(*"forgot", "tab")
        assert at.text.startswith("forgotten how")
        assert at.app.writing.editor.size.height >= 6
        await at.press("f2")
        assert at.app.writing.panel.size.width >= 38
        await at.press("f2")
        await at.press("f1", "escape")
        await at.press("ctrl+o")
        assert at.app.screen.query_one("#ok").region.bottom <= 10
        await at.press("escape")
        await at.pilot.resize_terminal(30, 8)
        await at.pilot.pause()
        status = at.app.writing.status
        for width in (39, 30, 22):
            await at.pilot.resize_terminal(width, 8)
            await at.pilot.pause()
            assert "make it 40 × 10" in status.note
            assert len(status.note) <= status.content_size.width
        await at.press("x")
        assert at.text.endswith("x")


async def test_without_colour_a_ghost_is_told_by_its_slant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with seat() as at:
        await at.press(*"forgot")
        editor = at.app.writing.editor
        strip = editor.render_line(0)
        slanted = "".join(segment.text for segment in strip if segment.style and segment.style.italic)
        assert slanted == "en how the light falls"  # the cursor is on its first letter
