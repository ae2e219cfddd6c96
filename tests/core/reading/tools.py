"""What the tests of reading share: short ways to write files, read them, and see what came of it."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.reading.corpus import Corpus, read_paths

PROSE = "The light falls on the harbour, and nobody saw it."
BINARY = bytes(range(256)) * 20


def read(*paths: Path, **options: Any) -> Corpus:
    return read_paths(paths, **{"least": 0, **options})


def texts(corpus: Corpus) -> list[str]:
    return [document.text for document in corpus.documents]


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reasons(corpus: Corpus) -> dict[str, str]:
    return {left.path.name: left.reason for left in corpus.left_out}


def fault(*paths: Path | str, **options: Any) -> str:
    """Return the line that says why these paths cannot be read."""
    with pytest.raises(UserError) as caught:
        read_paths(paths, **{"least": 0, **options})
    line = str(caught.value)
    assert "\n" not in line and "\x1b" not in line
    return line


def essay(number: int, sentences: int = 30) -> str:
    """Return prose that is like no other essay: each of its words has the number in it, as letters."""
    mark = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    words = [
        "harbour",
        "window",
        "letter",
        "morning",
        "silence",
        "garden",
        "brother",
        "weather",
        "station",
        "kitchen",
    ]
    lines: list[str] = []
    for index in range(sentences):
        picked = [(index * 7 + step * step + number) % 10 for step in range(9)]
        lines.append(" ".join(f"{words[pick]}{mark}{'xyzuvw'[(index + pick) % 6]}" for pick in picked))
    return " ".join(f"{line.capitalize()}." for line in lines)
