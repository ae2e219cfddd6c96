"""An engine as a child of the tests, spoken to over its real pipes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TEXT = "The light falls on the harbour. The boats are in the harbour, and the light is on the boats.\n"


class Server:
    """An engine as a child; messages go in and come out one by one."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "core.engine", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"FORETYPE_HOME": str(home), "OMP_NUM_THREADS": "1"},
            cwd=home,
        )
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.input, self.output = self.process.stdin, self.process.stdout
        self.errors = self.process.stderr
        self.id = 0
        self.heard: list[dict[str, Any]] = []

    def write(self, line: bytes) -> None:
        self.input.write(line + b"\n")
        self.input.flush()

    def send(self, method: str, /, **params: Any) -> int:
        self.id += 1
        body = {"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}
        self.write(json.dumps(body).encode())
        return self.id

    def notify(self, method: str, /, **params: Any) -> None:
        self.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def read(self) -> dict[str, Any]:
        line = self.output.readline()
        assert line, "the engine has ended"
        return json.loads(line)

    def answer(self, identity: int | None) -> dict[str, Any]:
        """The answer to a request; what else comes before it is kept in `heard`."""
        for index, message in enumerate(self.heard):
            if "method" not in message and message.get("id") == identity:
                return self.heard.pop(index)
        while True:
            message = self.read()
            if "method" not in message and message.get("id") == identity:
                return message
            self.heard.append(message)

    def ask(self, method: str, /, **params: Any) -> Any:
        answer = self.answer(self.send(method, **params))
        assert "result" in answer, answer
        return answer["result"]

    def fail(self, method: str, /, **params: Any) -> tuple[int, str]:
        error = self.answer(self.send(method, **params))["error"]
        assert "\n" not in error["message"]
        return error["code"], error["message"]

    def end(self) -> int:
        """Close its input and wait for its end; returns the exit status."""
        self.input.close()
        status = self.process.wait()
        self.output.close()
        self.errors.close()
        return status


def opened(server: Server, draft: str, text: str) -> tuple[int, int]:
    server.ask("open", draft=draft, text=text)
    return text.count("\n"), len(text) - text.rfind("\n") - 1
