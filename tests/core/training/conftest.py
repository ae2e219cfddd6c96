"""What tests of training share."""

import random
from pathlib import Path

import pytest

from tests.core.training.runs import WORDS


@pytest.fixture
def book(tmp_path: Path) -> Path:
    generator = random.Random(0)
    paragraphs = [" ".join(generator.choices(WORDS, k=40)) + "." for _ in range(60)]
    path = tmp_path / "book.txt"
    path.write_text("\n\n".join(paragraphs))
    return path


@pytest.fixture
def folder_of_notes(tmp_path: Path) -> Path:
    generator = random.Random(4)
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in "abcdefgh":
        paragraphs = [" ".join([f"Quagmire {name}", *generator.choices(WORDS, k=45)]) for _ in range(12)]
        (folder / f"{name}.md").write_text("\n\n".join(paragraphs))
    return folder
