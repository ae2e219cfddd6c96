"""The engine's process: it starts without torch, ends with whoever started it, comes back, keeps its streams clean."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from core import protocol
from core.client import EngineClient
from tests.core.engine.server import Server


def test_initialize_is_answered_without_torch(bare: Server) -> None:
    result = bare.ask("initialize")
    assert set(result) == {"version", "models"}
    maps = Path(f"/proc/{bare.process.pid}/maps")
    if maps.exists():
        assert "libtorch" not in maps.read_text()


def test_it_ends_when_its_input_ends(bare: Server) -> None:
    bare.ask("initialize")
    assert bare.end() == 0


def test_what_was_asked_before_the_end_is_answered(tmp_path: Path, checkpoint: Path) -> None:
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "suggest",
        "params": {"before": "The light falls on the har"},
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "core.engine", "--model", str(checkpoint)],
        input=json.dumps(request).encode(),
        capture_output=True,
        env=os.environ | {"FORETYPE_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        check=True,
    )
    assert json.loads(done.stdout)["result"]["ghost"].startswith("bour")
    assert done.stderr == b""


def test_shutdown_answers_and_ends(bare: Server) -> None:
    assert bare.ask("shutdown") == {}
    assert bare.process.wait() == 0


def test_exit_ends_without_a_word(bare: Server) -> None:
    bare.ask("initialize")
    bare.notify("exit")
    assert bare.process.wait() == 0


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    # The engine inherits this pipe's other end and does not know of it: it is closed when the engine has ended.
    ended, held = os.pipe()
    parent = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, '-P', '-m', 'core.engine', '--model', 'x'],"
            " stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,"
            f" pass_fds=({held},))\n"
            'child.stdin.write(b\'{"jsonrpc":"2.0","id":1,"method":"initialize"}\\n\'); child.stdin.flush()\n'
            "assert child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        env=os.environ | {"FORETYPE_HOME": str(tmp_path)},
        pass_fds=(held,),
    )
    os.close(held)
    assert parent.stdout is not None
    assert int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert os.read(ended, 1) == b""
    os.close(ended)


async def test_a_killed_engine_comes_back_with_its_drafts(checkpoint: Path) -> None:
    text = "The light falls on the har"
    ready: asyncio.Queue[str] = asyncio.Queue()
    client = EngineClient(
        text_of=lambda draft: text,
        on_state=lambda state, line: ready.put_nowait(state) if state == "ready" else None,
        model=str(checkpoint),
        backoff=(0.0,),
    )
    await client.start()
    client.open("d", text)
    before = await client.ghost("d", (0, len(text)), 1)
    assert client.pid is not None and await ready.get() == "ready"
    os.kill(client.pid, signal.SIGKILL)
    assert await ready.get() == "ready"
    after = await client.ghost("d", (0, len(text)), 2)
    await client.close()
    assert after["ghost"] == before["ghost"] != ""


def test_stray_prints_do_not_reach_the_protocol(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from core.engine import methods, process\n"
        "def loud(self, call):\n"
        "    print('a stray print'); import os; os.write(1, b'and a lower one\\n'); return {}\n"
        "methods.Methods.figures = loud\n"
        "process.main([])\n"
    )
    request = b'{"jsonrpc": "2.0", "id": 1, "method": "figures"}\n'
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        input=request,
        capture_output=True,
        env=os.environ | {"FORETYPE_HOME": str(tmp_path)},
        check=True,
    )
    assert json.loads(done.stdout) == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert b"stray" in done.stderr and b"lower" in done.stderr


def test_a_fault_inside_is_an_answer_without_the_persons_text(tmp_path: Path) -> None:
    program = (
        "from core.engine import methods, process\n"
        "def broken(self, call):\n"
        "    raise KeyError('my secret')\n"
        "methods.Methods.figures = broken\n"
        "process.main([])\n"
    )
    request = b'{"jsonrpc": "2.0", "id": 1, "method": "figures"}\n' * 2
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        input=request,
        capture_output=True,
        env=os.environ | {"FORETYPE_HOME": str(tmp_path)},
        check=True,
    )
    errors = [json.loads(line)["error"] for line in done.stdout.splitlines()]
    assert [error["code"] for error in errors] == [protocol.INTERNAL_ERROR] * 2
    assert "KeyError" in errors[0]["message"]
    assert b"secret" not in done.stdout + done.stderr
