"""The pictures in docs/: one command makes all of them, each is shown, is small, and fetches nothing."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
IMAGE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")


def shown(page: Path) -> set[Path]:
    return {page.parent / name for name in IMAGE.findall(page.read_text("utf-8"))}


def test_every_picture_is_made_by_the_command_and_shown() -> None:
    made = {DOCS / f"{name}.svg" for name in runpy.run_path(str(DOCS / "picture.py"))["POSES"]}
    assert made == set(DOCS.glob("*.svg")) == shown(DOCS / "screens.md")
    assert shown(ROOT / "README.md") <= made


@pytest.mark.parametrize("picture", sorted(DOCS.glob("*.svg")), ids=lambda picture: picture.name)
def test_a_picture_is_small_and_fetches_nothing(picture: Path) -> None:
    text = picture.read_text("utf-8")
    assert len(text) < 100_000
    assert "font-face" not in text and "url(http" not in text and "href" not in text
    assert "Foretype" in text
