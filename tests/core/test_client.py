"""The clients against small stand-ins for the engine and the trainer, over real pipes."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from core import child as child_module
from core import paths
from core.child import append_log
from core.client import (
    ChildError,
    ChildFailure,
    ChildGone,
    EngineClient,
    EngineState,
    Superseded,
    TrainerClient,
)
from core.events import Paused, Step
from core.jobs import TrainingJob

PRELUDE = """
import json, os, sys
def say(**fields):
    print(json.dumps({"jsonrpc": "2.0", **fields}), flush=True)
def heard():
    for line in sys.stdin:
        yield json.loads(line)
"""

ENGINE = """
texts, log = {}, []
for call in heard():
    method, params, id = call["method"], call["params"], call.get("id")
    log.append(method)
    if method == "open":
        texts[params["draft"]] = params["text"]
    if method == "load" and params["model"] == "missing":
        say(id=id, error={"code": -32000, "message": "there is no model missing"})
    elif method == "load":
        say(id=id, result={"name": params["model"]})
    elif method == "state":
        say(id=id, result={"texts": texts, "log": log, "arguments": sys.argv[1:], "pid": os.getpid()})
    elif method == "ghost" and params["generation"] == 0:
        pass  # the stand-in never answers generation 0
    elif method == "ghost":
        for text in ("a", "ab"):
            say(method="ghost/partial", params={"id": id, "draft": params["draft"], "ghost": text})
        say(id=id, result={"ghost": "abc", "generation": params["generation"]})
    elif method == "generate":
        say(method="generate/text", params={"id": id, "text": "once"})
        say(id=id, result={"text": "once", "words": 1, "milliseconds": 1.0})
    elif method == "size":
        say(id=id, result=len(params["text"]))
    elif method == "echo":
        say(id=id, result=params["text"])
    elif method == "die":
        print("these are its last words", file=sys.stderr, flush=True)
        os._exit(3)
    elif method == "babble":
        print("this is no message", flush=True)
        say(id=id, result=None)
    elif method == "deaf":
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say(id=id, result=None)
        while True:
            time.sleep(60)
    elif method == "exit":
        break
    elif id is not None:
        say(id=id, result={})
"""

TRAINER = """
for call in heard():
    method, params, id = call["method"], call["params"], call.get("id")
    if method == "train" and "resume" in params:
        say(id=id, error={"code": -32000, "message": "there is no run in " + params["resume"]})
    elif method == "train":
        train = id
        step = {"event": "step", "step": 1, "fraction": 0.1, "loss": 2.0, "bits_per_character": 1.0,
                "learning_rate": 0.001,
                "tokens_per_second": 9.0, "seconds_left": 3.0}
        say(method="training/event", params={"event": step})
        if params["job"]["name"] == "fatal":
            os._exit(4)
    elif method == "pause":
        say(method="training/event", params={"event": {"event": "paused"}})
    elif method == "stop":
        end = {"event": "finished", "name": "mine", "folder": "f", "bits_per_character": 1.5,
               "bits_per_character_before": None, "minutes": 1.0, "stopped": True, "became_current": True,
               "keys_saved": None, "keys_saved_before": None, "keys_low": None, "keys_high": None,
               "typed_characters": 0, "better_version": None}
        say(method="training/event", params={"event": end})
        say(id=train, result={"event": end})
"""


class Watched:
    """An app as the engine's client sees it: its drafts, and what it was told."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.told: list[tuple[EngineState, str]] = []
        self._changed = asyncio.Condition()

    def on_state(self, state: EngineState, line: str) -> None:
        self.told.append((state, line))
        self._waiting = asyncio.ensure_future(self._wake())

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, state: EngineState, times: int = 1) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: [told for told, _ in self.told].count(state) >= times)


@pytest.fixture
def command(tmp_path: Path) -> Any:
    def write(body: str) -> list[str]:
        file = tmp_path / "child.py"
        file.write_text(PRELUDE + body)
        return [sys.executable, "-I", "-S", str(file)]

    return write


@pytest.fixture
async def engine(command: Any) -> Any:
    app = Watched()
    client = EngineClient(
        text_of=lambda draft: app.texts[draft],
        on_state=app.on_state,
        model="base",
        backoff=(0.0,),
        command=command(ENGINE),
    )
    await client.start()
    yield client, app
    await client.close()


async def test_it_loads_the_model_it_was_made_with(engine: Any) -> None:
    client, app = engine
    # Whatever is asked at once is behind the loading.
    assert (await client.request("state", {}))["log"] == ["initialize", "load", "state"]
    await app.until("ready")
    assert [state for state, _ in app.told] == ["starting", "loading", "ready"]
    state = await client.request("state", {})
    assert state["arguments"] == ["--threads", "1"]


async def test_a_ghost_streams_and_then_comes(engine: Any) -> None:
    client, _ = engine
    partials: list[str] = []
    ghost = await client.ghost("d", (0, 0), 7, partial=lambda part: partials.append(part["ghost"]))
    assert partials == ["a", "ab"]
    assert ghost == {"ghost": "abc", "generation": 7}


async def test_a_newer_ghost_supersedes_one_that_was_never_answered(engine: Any) -> None:
    client, _ = engine
    old = asyncio.ensure_future(client.ghost("d", (0, 0), 0))
    other = asyncio.ensure_future(client.ghost("another draft", (0, 0), 0))
    await asyncio.sleep(0)
    assert (await client.ghost("d", (0, 1), 1))["generation"] == 1
    with pytest.raises(Superseded):
        await old
    assert not other.done()
    assert "$/cancel" in (await client.request("state", {}))["log"]
    other.cancel()


async def test_cancelling_the_wait_cancels_the_request(engine: Any) -> None:
    client, _ = engine
    waiting = asyncio.ensure_future(client.ghost("d", (0, 0), 0))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await client.request("state", {}))["log"][-2:] == ["$/cancel", "state"]


async def test_a_dead_engine_comes_back_with_model_and_drafts(engine: Any) -> None:
    client, app = engine
    await app.until("ready")
    app.texts = {"kept": "as it was", "closed": "x"}
    client.open("kept", "as it was")
    client.open("closed", "x")
    client.close_draft("closed")
    await client.load("mine")
    first = (await client.request("state", {}))["pid"]
    pending = asyncio.ensure_future(client.ghost("kept", (0, 0), 0))
    await asyncio.sleep(0)
    app.texts["kept"] = "as it is"
    os.kill(first, signal.SIGKILL)
    with pytest.raises(ChildGone):
        await pending
    await app.until("ready", 3)
    state = await client.request("state", {})
    assert state["pid"] != first
    assert state["texts"] == {"kept": "as it is"}
    assert state["log"] == ["initialize", "open", "load", "state"]
    assert client.model == "mine"
    assert ("gone", "the engine ended (signal 9): starting it again") in app.told


async def test_while_it_is_gone_requests_fail_and_edits_are_dropped(command: Any) -> None:
    app = Watched()
    client = EngineClient(
        text_of=lambda draft: app.texts[draft],
        on_state=app.on_state,
        backoff=(60.0,),
        command=command(ENGINE),
    )
    await client.start()
    with pytest.raises(ChildGone):
        await client.request("die", {})
    await app.until("gone")
    with pytest.raises(ChildGone):
        await client.ghost("d", (0, 0), 1)
    client.open("d", "text")
    client.edit("d", (0, 0), (0, 0), "more ")
    await client.close()
    assert app.told[-1] == ("closed", "")


async def test_a_program_that_is_not_there_is_said_and_tried_again() -> None:
    app = Watched()
    client = EngineClient(text_of=str, on_state=app.on_state, backoff=(0.0,), command=["/nonexistent/engine"])
    await client.start()
    await app.until("gone", 2)
    assert "cannot be started" in app.told[1][1]
    await client.close()


async def test_a_model_that_cannot_be_loaded_leaves_the_one_before(engine: Any) -> None:
    client, app = engine
    await app.until("ready")
    with pytest.raises(ChildFailure, match="no model missing"):
        await client.load("missing")
    assert client.model == "base"
    assert app.told[-1] == ("ready", "there is no model missing")


async def test_large_texts_go_both_ways(engine: Any) -> None:
    client, _ = engine
    text = "žluťoučký kůň\n" * 300_000
    assert await client.request("size", {"text": text}) == len(text)
    assert await client.request("echo", {"text": text}) == text


async def test_a_line_that_is_no_message_is_ignored(engine: Any) -> None:
    client, _ = engine
    assert await client.request("babble", {}) is None
    assert await client.request("size", {"text": "abc"}) == 3


async def test_generated_text_is_heard(engine: Any) -> None:
    client, _ = engine
    heard: list[str] = []
    assert (await client.generate("", on_text=heard.append))["text"] == "once"
    assert heard == ["once"]


async def test_closing_fails_what_waits_and_needs_no_cooperation(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = engine
    monkeypatch.setattr(child_module, "CLOSE_SECONDS", 0.05)
    await client.request("deaf", {})
    pid = client.pid
    waiting = asyncio.ensure_future(client.request("size", {"text": ""}))
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(ChildGone):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ChildGone):
        await client.request("size", {"text": ""})


async def test_standard_error_goes_to_the_log(engine: Any) -> None:
    client, app = engine
    with pytest.raises(ChildGone):
        await client.request("die", {})
    await app.until("ready")
    assert "the engine: these are its last words" in paths.log_file().read_text().splitlines()


def test_the_log_is_private_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "LOG_BYTES", 1000)
    file = tmp_path / "logs" / "log"
    for number in range(200):
        append_log(file, [f"line {number}"])
    assert file.stat().st_size <= 1000
    assert file.read_text().endswith("line 199\n")
    assert file.stat().st_mode & 0o077 == 0


def job(name: str = "mine") -> TrainingJob:
    return TrainingJob(paths=("a.txt",), name=name, minutes=1)


async def test_training_is_a_stream_of_events_that_ends(command: Any) -> None:
    trainer = TrainerClient(command=command(TRAINER))
    kinds: list[str] = []
    async for event in trainer.start(job()):
        kinds.append(type(event).__name__)
        if isinstance(event, Step):
            assert trainer.running
            trainer.pause()
        if isinstance(event, Paused):
            trainer.stop()
    assert kinds == ["Step", "Paused", "Finished"]
    assert not trainer.running
    await trainer.close()


async def test_a_run_that_fails_says_why(command: Any) -> None:
    with pytest.raises(ChildFailure, match="there is no run in there"):
        async for _ in TrainerClient(command=command(TRAINER)).resume("there"):
            pass


async def test_a_trainer_that_dies_is_said_to_be_gone(command: Any) -> None:
    trainer = TrainerClient(command=command(TRAINER))
    with pytest.raises(ChildGone):
        async for _ in trainer.start(job("fatal")):
            pass
    assert not trainer.running


async def test_one_run_at_a_time(command: Any) -> None:
    trainer = TrainerClient(command=command(TRAINER))
    run = trainer.start(job())
    await anext(run)
    with pytest.raises(ChildError, match="under way"):
        await anext(trainer.start(job()))
    await trainer.close()
    with pytest.raises(ChildGone):
        await anext(run)


async def test_a_listener_that_fails_does_not_cost_the_answer(engine: Any) -> None:
    client, _ = engine
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))

    def listen(_: Any) -> None:
        raise RuntimeError("the widget is gone")

    assert (await client.ghost("d", (0, 0), 3, partial=listen))["generation"] == 3
    assert [str(failure) for failure in failures] == ["the widget is gone"] * 2
