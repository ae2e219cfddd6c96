"""What an engine does when nobody asks: once before the first request, and again after each time of work."""

import pytest

from core import engine
from core.engine import Call, Inbox, Wire, Worker
from core.protocol import Notification


def test_it_rests_before_and_after_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUIET_SECONDS", 0.001)
    wire = Wire(-1)
    inbox = Inbox(wire)
    done: list[str] = []

    def rest() -> None:
        done.append("rest")
        if len(done) == 1:
            inbox.put(Call(Notification("work", {})))
        else:
            inbox.end()

    Worker(wire, inbox, {"work": lambda _: done.append("work")}, rest).run()
    assert done == ["rest", "work", "rest"]
