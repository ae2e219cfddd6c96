"""What an engine does when nobody asks: once before the first request, and again after each time of work."""

import pytest

from core.engine import process as engine
from core.engine.process import Call, Inbox, Worker
from core.protocol import Notification
from core.wire import Wire


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
