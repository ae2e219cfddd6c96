"""For the tests of the Train tab: an app with nothing else in it, and a text to train on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.training_app import TrainingApp


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text("words")
    return path


@pytest.fixture
def app(book: Path) -> TrainingApp:
    return TrainingApp(book.parent)
