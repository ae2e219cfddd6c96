"""A path that is held: refused to others in one line, or waited for, and let go whatever happens."""

import os
import threading
from pathlib import Path

import pytest

from core import paths
from core.errors import UserError
from core.locks import alone


def test_what_is_held_is_refused_in_one_line_and_let_go_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    with pytest.raises(ZeroDivisionError), alone(path):
        with (
            pytest.raises(UserError, match=rf"^training is under way in process {os.getpid()}: wait"),
            alone(path, "training is under way"),
        ):
            pass
        with alone(tmp_path / "yours", "training is under way"):
            raise ZeroDivisionError
    with alone(path, "training is under way"):
        assert not path.exists()
    assert not list(paths.open_folder().iterdir())


def test_what_is_held_is_waited_for(tmp_path: Path) -> None:
    order: list[str] = []
    began = threading.Event()

    def second() -> None:
        began.set()
        with alone(tmp_path):
            order.append("second")

    other = threading.Thread(target=second)
    with alone(tmp_path):
        other.start()
        began.wait()
        order.append("first")
    other.join()
    assert order == ["first", "second"]
