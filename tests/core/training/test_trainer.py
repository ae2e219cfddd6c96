"""The trainer over its real pipes: a tiny run, what it is told, what it survives; faults cost a line and no torch."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from core import protocol
from core.client import ChildFailure, ChildGone, TrainerClient
from core.events import (
    CorpusRead,
    Finished,
    HeldOut,
    Paused,
    Reading,
    Resumed,
    Sample,
    Saved,
    Step,
    TrainingEvent,
)
from core.jobs import TrainingJob
from core.library.library import Library
from core.paths import training_folder

SENTENCES = (
    "The light falls on the harbour. ",
    "Anna went to the sea and the sea was calm. ",
    "Nobody saw it.\n\n",
)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "book [1].txt"
    path.write_text("".join(SENTENCES[index % 3] for index in range(300)))
    return path


Process = asyncio.subprocess.Process
Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start() -> AsyncGenerator[Start]:
    """Start a trainer on real pipes; whatever is left of it after the test is ended."""
    started: list[Process] = []

    async def run(*arguments: str) -> Process:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-P", "-m", "core.training.trainer", *arguments)
        started.append(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))
        return started[-1]

    yield run
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        if process.returncode is None:
            process.kill()
        await process.communicate()


def job(text: Path, **changes: Any) -> TrainingJob:
    values: dict[str, Any] = {
        "paths": (str(text),),
        "name": "tiny",
        "parent": None,
        "level": "char",
        "layers": 1,
        "hidden": 16,
        "streams": 4,
        "window": 16,
        "epochs": 1,
        "threads": 1,
    }
    return TrainingJob(**{**values, **changes})


ENDLESS: dict[str, Any] = {"epochs": None, "minutes": 600}


async def collect(run: AsyncGenerator[TrainingEvent]) -> list[TrainingEvent]:
    return [event async for event in run]


async def test_a_run_from_its_job_to_the_library(text: Path) -> None:
    found = await collect(TrainerClient().start(job(text)))
    kinds = [type(event) for event in found]
    assert kinds[-1] is Finished
    assert {Reading, CorpusRead, HeldOut, Sample, Saved} <= set(kinds)
    assert kinds.index(Reading) < kinds.index(CorpusRead) < kinds.index(HeldOut) < kinds.index(Saved)
    finished = found[-1]
    assert isinstance(finished, Finished)
    assert (finished.name, finished.stopped, finished.became_current) == ("tiny", False, True)
    entry = Library().find("tiny")
    assert str(entry.folder) == finished.folder
    assert entry.card["trained_on"][0]["path"] == str(text)
    assert list(training_folder().iterdir()) == []


async def test_pause_go_on_and_stop_keep_the_best(text: Path) -> None:
    client = TrainerClient()
    seen: list[type[TrainingEvent]] = []
    async for event in client.start(job(text, **ENDLESS)):
        seen.append(type(event))
        match event:
            case CorpusRead():
                client.pause()
            case Paused():
                client.go_on()
            case HeldOut() | Step() if Resumed in seen:
                client.stop()  # not sooner: before its first update there is nothing to keep
            case Finished():
                assert event.stopped
            case _:
                pass
    assert seen.index(CorpusRead) < seen.index(Paused) < seen.index(Resumed) < seen.index(Finished)
    assert Library().names()[-1] == "tiny"
    assert not client.running


async def test_a_run_whose_app_is_gone_saves_itself_and_is_resumed(start: Start, text: Path) -> None:
    process = await start()
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(request(job=job(text, **ENDLESS).as_json()))
    await event_of(process, "corpus_read")
    await event_of(process, "step")
    process.stdin.close()
    await process.stdout.read()
    assert await process.wait() == 0
    assert (training_folder() / "tiny" / "state.safetensors").is_file()
    assert "tiny" not in Library().names()

    client = TrainerClient()
    found: list[TrainingEvent] = []
    async for event in client.resume(str(training_folder() / "tiny")):
        found.append(event)
        client.stop()
        client.pause()  # who stops does not wait
        client.stop()
        client.go_on()
    assert isinstance(found[-1], Finished)
    assert "tiny" in Library().names()


async def test_a_run_that_is_told_to_stop_while_it_is_resumed_keeps_what_it_has(
    start: Start, text: Path
) -> None:
    process = await start()
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(request(job=job(text, **ENDLESS).as_json()))
    await event_of(process, "step")
    process.terminate()
    await process.stdout.read()
    assert await process.wait() == 0

    process = await start()
    assert process.stdin is not None
    process.stdin.write(request(resume=str(training_folder() / "tiny")))
    process.stdin.write(protocol.encode(protocol.Notification("stop", {})))
    answer = await answer_of(process)
    assert answer["result"]["event"]["event"] == "finished"
    assert answer["result"]["event"]["stopped"] is True
    await process.wait()


async def test_a_text_that_is_too_short_is_one_line(tmp_path: Path) -> None:
    short = tmp_path / "short.txt"
    short.write_text("Too short.")
    with pytest.raises(ChildFailure, match=r"2,000 are needed"):
        await collect(TrainerClient().start(job(short)))


def request(**params: Any) -> bytes:
    return protocol.encode(protocol.Request(1, "train", params))


async def next_message(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert line, "the trainer ended"
    return json.loads(line)


async def event_of(process: Process, kind: str) -> dict[str, Any]:
    while True:
        message = await next_message(process)
        assert message.get("method") == "training/event", message
        if message["params"]["event"]["event"] == kind:
            return message["params"]["event"]


async def answer_of(process: Process) -> dict[str, Any]:
    while "id" not in (message := await next_message(process)):
        pass
    return message


BAD_REQUESTS: list[tuple[dict[str, Any], int, str]] = [
    ({"job": {"paths": ["a"], "name": "n"}}, protocol.FAILED, "minutes or epochs"),
    (
        {"job": {"paths": ["a\x1b[31m\n"], "name": "n", "parent": None, "minutes": 1}},
        protocol.FAILED,
        "not there",
    ),
    (
        {"job": {"paths": ["."], "name": "n", "parent": "qqq", "minutes": 1}},
        protocol.FAILED,
        "no model called qqq",
    ),
    ({"job": {"paths": ["."], "name": "n", "parent": None, "minutes": -1}}, protocol.FAILED, "minutes is -1"),
    ({"job": [], "resume": "x"}, protocol.FAILED, "JSON object"),
    ({}, protocol.INVALID_PARAMS, "resume"),
    ({"resume": 3}, protocol.INVALID_PARAMS, "resume"),
    ({"resume": "base"}, protocol.FAILED, "reserved"),
]


@pytest.mark.parametrize(("params", "code", "says"), BAD_REQUESTS, ids=lambda value: str(value)[:40])
async def test_a_request_that_makes_no_sense_is_one_line(
    start: Start, params: dict[str, Any], code: int, says: str
) -> None:
    process = await start()
    assert process.stdin is not None
    process.stdin.write(request(**params))
    error = (await answer_of(process))["error"]
    assert error["code"] == code
    assert says in error["message"]
    assert "\n" not in error["message"] and "\x1b" not in error["message"]
    assert await process.wait() == 1


async def test_a_wrong_job_is_refused_without_torch() -> None:
    code = (
        "import sys, os\n"
        "from core.training import trainer\n"
        "trainer.os._exit = lambda status: None\n"
        "trainer.main([])\n"
        "print('torch' in sys.modules, file=sys.stderr)\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-c",
        code,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate(request(job={"paths": ["/missing"], "name": "n", "minutes": 1}))
    assert b"-32000" in out
    assert err.strip() == b"False"


async def test_what_is_no_message_is_answered_and_survived(start: Start) -> None:
    process = await start()
    assert process.stdin is not None
    for line, code in (
        (b"{\n", protocol.PARSE_ERROR),
        (b"[]\n", protocol.INVALID_REQUEST),
        (protocol.encode(protocol.Request(7, "dance", {})), protocol.METHOD_NOT_FOUND),
        (protocol.encode(protocol.Response(7, {})), protocol.INVALID_REQUEST),
    ):
        process.stdin.write(line)
        assert (await answer_of(process))["error"]["code"] == code
    process.stdin.write(protocol.encode(protocol.Notification("dance", {})))
    process.stdin.write(request(job={}))
    assert (await answer_of(process))["error"]["code"] == protocol.FAILED
    await process.wait()


async def test_without_a_request_it_ends_with_its_input(start: Start) -> None:
    process = await start()
    assert process.stdin is not None
    process.stdin.close()
    assert await process.wait() == 0


async def test_it_takes_no_arguments(start: Start) -> None:
    process = await start("--help")
    assert await process.wait() == 2


async def test_stopping_before_the_text_is_read_makes_nothing(start: Start, tmp_path: Path) -> None:
    text = tmp_path / "t.txt"
    text.write_text("".join(SENTENCES) * 100)
    process = await start()
    assert process.stdin is not None
    process.stdin.write(request(job=job(text).as_json()))
    process.stdin.write(protocol.encode(protocol.Notification("stop", {})))
    assert (await answer_of(process))["error"]["code"] == protocol.CANCELLED
    await process.wait()
    assert "tiny" not in Library().names()


async def test_stopping_before_the_first_update_makes_nothing_and_is_no_failure(
    start: Start, text: Path
) -> None:
    process = await start()
    assert process.stdin is not None
    process.stdin.write(request(job=job(text, **ENDLESS).as_json()))
    process.stdin.write(protocol.encode(protocol.Notification("pause", {})))
    await event_of(process, "paused")
    process.stdin.write(protocol.encode(protocol.Notification("stop", {})))
    error = (await answer_of(process))["error"]
    assert (error["code"], error["message"]) == (protocol.CANCELLED, "stopped before the training began")
    await process.wait()
    assert "tiny" not in Library().names()
    assert list(training_folder().iterdir()) == []


async def test_a_killed_trainer_is_told(text: Path) -> None:
    client = TrainerClient()
    with pytest.raises(ChildGone):
        async for event in client.start(job(text, **ENDLESS)):
            if isinstance(event, CorpusRead):
                assert client.pid is not None
                subprocess.run(["kill", "-9", str(client.pid)], check=True)


async def test_a_step_that_does_not_end_dies_with_its_parent(text: Path) -> None:
    code = (
        "import threading\n"
        "from core.training import trainer\n"
        "import core.training.run as run\n"
        "trainer.LEAVE_SECONDS = 0.1\n"
        "run.TrainingRun.step = lambda self, fraction: threading.Event().wait()\n"
        "trainer.main([])\n"
    )
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", code, stdin=pipe, stdout=pipe)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(request(job=job(text, **ENDLESS).as_json()))
    await event_of(process, "corpus_read")
    process.stdin.close()
    await process.stdout.read()
    assert await process.wait() == 1
