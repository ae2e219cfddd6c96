"""Texts to train on."""

import random
from pathlib import Path

import pytest

WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "a",
    "mat",
    "and",
    "saw",
    "the",
    "dog",
    "who",
    "ran",
    "to",
    "the",
    "old",
    "house",
    "by",
    "the",
    "sea",
]


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
