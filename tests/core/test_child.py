"""A child process: how its end is told, and that closing it waits for nobody."""

import asyncio
import sys

import pytest

import core.child as child_module


async def _child_that(does: str, patience: float, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The exit status of a child that does this, and how often it was killed."""
    kills: list[int] = []
    kill = asyncio.subprocess.Process.kill

    def counted(process: asyncio.subprocess.Process) -> None:
        kills.append(process.pid)
        kill(process)

    monkeypatch.setattr(asyncio.subprocess.Process, "kill", counted)
    monkeypatch.setattr(child_module, "CLOSE_SECONDS", patience)
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    command = [sys.executable, "-c", f"import os, signal\n{does}"]
    child = child_module.Child("it", "none", [], lambda _: None, ended.set_result, command)
    await child.start()
    status = await ended
    await child.close()
    return status, len(kills)


async def test_a_child_that_ended_is_not_signalled(monkeypatch: pytest.MonkeyPatch) -> None:
    # Signalling it would reap it, and whoever waits for it would be told a status of 255.
    assert await _child_that("os.kill(os.getpid(), signal.SIGKILL)", 60, monkeypatch) == (-9, 0)


async def test_a_child_that_only_closed_its_output_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _child_that("os.close(1); signal.pause()", 0.1, monkeypatch) == (-9, 1)


async def test_closing_does_not_wait_for_a_child_that_cannot_be_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    child = child_module.Child("it", "none", [], lambda _: None, lambda _: None, command)
    await child.start()
    kill = asyncio.subprocess.Process.kill
    monkeypatch.setattr(child_module, "CLOSE_SECONDS", 0.02)
    monkeypatch.setattr(child_module, "KILL_SECONDS", 0.01)
    monkeypatch.setattr(asyncio.subprocess.Process, "kill", lambda _: None)
    await child.close()
    process = child._process
    assert process is not None and process.returncode is None
    kill(process)
    await process.wait()
