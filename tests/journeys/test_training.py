"""Training in a real terminal: from nothing on a file, left with the app, resumed, stopped, and written with."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.conftest import SENTENCE
from tests.journeys.terminal import Terminal
from tui.flows.touring import SAMPLE

GOOD = re.compile(r"network alone: [01]\.\d\d")
MINE = re.compile(r"^ *mine · ", re.MULTILINE)


def open_train_tab(at: Terminal) -> None:
    """Open the side panel and go to its second tab."""
    at.press("f2")
    at.until(lambda: at.bold("Model"), "the focus in the panel")
    at.press("ctrl+pagedown")
    at.sees("Start training")


def choose(at: Terminal, label: str, value: str, key: str) -> None:
    """Choose something in the list under the focus, and go on to the next control."""
    at.until(lambda: at.bold(label), f"the focus on {label}")
    at.press("enter")
    at.sees(value)
    at.press(key, "enter")
    at.until(lambda: re.search(rf"{label} +{value}", at.screen) and at.bold(label), f"{value} as {label}")
    at.press("down")


@pytest.mark.timeout(300)  # two apps, two trainers and as many engines start in it
def test_train_leave_resume_stop_and_write_with_it(
    open_app: Callable[..., Terminal], home: Path, tmp_path: Path
) -> None:
    (tmp_path / "book.txt").write_text((SENTENCE * 3 + "\n\n") * 20)
    at = open_app("draft.md")
    at.sees("draft.md")
    open_train_tab(at)
    at.until(lambda: at.bold("test_train_"), "the focus in the tree")
    at.press("tab")
    at.type("book.txt")
    at.press("enter")
    at.sees("1 chosen: book.txt")
    at.press("tab", "tab")  # over the name, which is mine
    choose(at, "Start from", "nothing", "end")
    choose(at, "Level", "characters", "down")
    at.until(lambda: at.bold("Cell"), "the focus on the cell")
    at.press("down")
    at.sees("▸ Time")
    at.press("down")
    at.until(lambda: at.pressable("Start training"), "the focus on the button")
    at.press("enter")
    at.sees("tokens/s")
    at.press("ctrl+q")
    at.sees("goes on from there")
    at.press("tab")
    at.until(lambda: at.bold("Leave"), "the focus on the answer")
    at.press("enter")
    assert at.ends() == 0
    assert (home / "state" / "training" / "mine" / "job.json").exists()

    at = open_app("draft.md")
    at.sees("Temperature")  # the panel is open as it was
    open_train_tab(at)
    at.until(lambda: at.pressable("Resume mine"), "the focus on the button")
    at.press("enter")
    at.until(lambda: GOOD.search(at.screen), "a model that knows the sentence")
    at.press("down")
    at.until(lambda: at.pressable("Stop and keep"), "the focus on the button")
    at.press("enter")
    at.sees("mine is stopped and kept")
    at.until(lambda: at.pressable("Use this model"), "the focus on the button")
    at.press("enter")
    at.until(lambda: MINE.search(at.screen), "the new model in the status line")
    at.sees("In use")
    at.press("escape")
    at.sees("⇥ accept")  # the keys of the draft: what follows an escape at once is one key with it
    at.type("I had almost forgo")
    at.sees("I had almost forgo")
    at.until(at.ghost, "a ghost from the new model")
    at.press("tab", "ctrl+s")
    at.until(lambda: (tmp_path / "draft.md").exists(), "the file")
    at.until(lambda: "unsaved" not in at.screen, "the word saved")
    at.press("ctrl+q")
    assert at.ends() == 0
    assert len((tmp_path / "draft.md").read_text()) > len("I had almost forgo")
    assert not (home / "state" / "training" / "mine").exists()


@pytest.mark.timeout(300)  # the base model reads a text and types another
def test_train_on_a_folder_in_seconds_and_see_the_gain(
    open_app: Callable[..., Terminal], home: Path, tmp_path: Path
) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "all.txt").write_text(SAMPLE.read_text("utf-8"))
    at = open_app("draft.md", width=80, height=24)
    at.sees("draft.md")
    at.press("f2")
    at.until(lambda: at.bold("Model"), "the focus in the panel")
    at.press("ctrl+pagedown")
    at.until(lambda: at.bold("test_train_"), "the focus in the tree")
    at.press("tab")
    at.type("letters")
    at.press("enter")
    at.sees("1 chosen")
    at.press("tab", "tab", "down")  # over the name and what it starts from, which is base
    at.sees("▸ Time")
    at.type("0")
    at.press("enter")
    at.sees(" memory")
    at.press("down")
    at.until(lambda: at.pressable("Start training"), "the focus on the button")
    at.press("enter")
    at.until(lambda: re.search(r"\d% before, \d+\.\d% after", at.screen), "the keys saved before and after")
    at.until(lambda: at.pressable("Use this model"), "the focus on the button")
    at.press("enter")
    at.until(lambda: MINE.search(at.screen), "the new model in the status line")
    at.press("escape")
    at.sees("⇥ accept")
    at.type("Dear Annelise, I wipe the")
    at.until(lambda: at.ghost().startswith("salt from the"), "a ghost out of the letters")
