"""What was explored from the places of a draft, kept beside it in the state folder and found again with it.

Needs no screen and no torch. A file holds a person's words, so it is for its owner alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from core import paths
from core.disk import refusal
from core.errors import UserError
from core.exploring import branching
from core.exploring.branching import Node

MOST_TREES = 20
"""Trees that are kept of a draft: those that were looked at last."""
MOST_BYTES = 16 << 20
BEFORE = 80
"""Characters before a place by which it is known again."""

Position = tuple[int, int]


@dataclass
class Explored:
    """A tree and the place of the draft that it goes on from."""

    place: Position
    """Row and column when it was looked at last."""
    before: str
    """The text before it: its last BEFORE characters."""
    tree: Node


def place_of(explored: Explored, lines: Sequence[str]) -> Position | None:
    """The place in a draft as it is now; None where the text before it is there no more.

    Where it is there several times, that nearest to where it was.
    """
    row, column = explored.place
    for near in sorted(range(len(lines)), key=lambda index: abs(index - row)):
        line, wanted = lines[near], explored.before.rsplit("\n", 1)[-1]
        at = [found + len(wanted) for found in _all(line, wanted)]
        at = [place for place in at if text_before(lines, (near, place)) == explored.before]
        if at:
            return near, min(at, key=lambda place: abs(place - column))
    return None


def _all(line: str, wanted: str) -> list[int]:
    if not wanted:
        return [0]
    found: list[int] = []
    at = line.find(wanted)
    while at >= 0:
        found.append(at)
        at = line.find(wanted, at + 1)
    return found


def text_before(lines: Sequence[str], place: Position) -> str:
    """The last BEFORE characters before a place."""
    row, column = place
    text = lines[row][max(0, column - BEFORE) : column]
    while row and len(text) < BEFORE:
        row -= 1
        text = f"{lines[row]}\n{text}"
    return text[-BEFORE:]


def load(draft: Path) -> list[Explored]:
    """What was kept of a draft, the newest first; nothing where it cannot be read."""
    try:
        file = _file(draft)
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        body = cast("dict[str, list[dict[str, Any]]]", json.loads(data) if len(data) <= MOST_BYTES else {})
        return [_explored(item) for item in body["trees"][:MOST_TREES]]
    except (OSError, UserError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _explored(item: dict[str, Any]) -> Explored:
    row, column = item["place"]
    return Explored((int(row), int(column)), str(item["before"]), branching.from_json(item["tree"]))


def save(draft: Path, trees: Sequence[Explored]) -> None:
    """Keep what was explored of a draft, the newest first, in place of what was kept; none removes the file.

    Raises UserError in one line where that cannot be.
    """
    file = _file(draft)
    kept = [
        {"place": list(item.place), "before": item.before, "tree": branching.as_json(item.tree)}
        for item in trees[:MOST_TREES]
        if item.tree.children
    ]
    try:
        if not kept:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(mode=0o700, exist_ok=True)
        temporary = file.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as out:
            out.write(json.dumps({"format": 1, "trees": kept}, separators=(",", ":")).encode("ascii"))
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, file)
    except OSError as error:
        raise refusal(error, "what was explored is not kept", file.parent) from error


def _file(draft: Path) -> Path:
    name = hashlib.sha256(os.fsencode(draft.absolute())).hexdigest()[:32]
    return paths.state_folder() / "explored" / f"{name}.json"
