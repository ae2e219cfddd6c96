"""One form for the path of a file, however it was named or kept."""

from pathlib import Path

import pytest

from core.sources import kept_as, known_as


def test_a_path_has_one_form(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert known_as("~/a/../b.md") == known_as("/home/me/./b.md") == "/home/me/b.md"
    assert known_as("b.md") == str(tmp_path / "b.md")
    assert kept_as("/x/../b.md") == "/b.md"
    assert kept_as("a text of the base model") == "a text of the base model"
