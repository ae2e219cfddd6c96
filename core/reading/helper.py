"""A child process that takes documents apart, so that no document can harm the process that asked.

Needs no screen and no torch. A helper answers one request at a time: a line "KIND BYTES" and so many bytes in, a line
"ok BYTES" or "no BYTES" and so many bytes out. One that takes too long or says too much is killed, and the next
request gets a fresh one. Its processor time is limited by the system, too: should this process be killed, no helper
stays behind to work forever.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Final

from core.reading.limits import MAX_TEXT_BYTES, Unusable

PROCESSOR_SECONDS: Final = 1800
"""What a helper may compute in all; one that has is replaced."""
MOST_WAITING: Final = 10
"""How many times as long as it may compute a request may take on a busy machine."""
_LEAST_SLEEP: Final = 0.05
_START: Final = f'ulimit -t {PROCESSOR_SECONDS}; ulimit -v "$0" 2>/dev/null; exec "$@"'
"""Not every system can limit a process's memory."""


class Refused(Exception):
    """The helper cannot read the document; the message is its own and not for people."""


class Helper:
    """A command that is started when it is first needed."""

    def __init__(self, command: Sequence[str], replaced_after: int, memory: int = 600 << 20) -> None:
        """Take a command and its limits.

        Args:
            command: a program and its arguments.
            replaced_after: bytes that it takes in before it is replaced, as its memory only grows.
            memory: bytes of address space that it may have.
        """
        self._command = list(command)
        self._memory = memory
        self._replaced_after = replaced_after
        self._process: subprocess.Popen[bytes] | None = None
        self._taken = 0

    def ask(self, kind: str, data: bytes, seconds: float) -> bytes:
        """Return the helper's answer.

        Raises:
            Refused: when the helper says no.
            Unusable: when it takes too long, or ends without an answer, also when asked anew.
        """
        fresh = self._process is None
        try:
            return self._ask(kind, data, seconds)
        except _Gone:
            # What earlier documents left in its memory may be to blame.
            if not fresh:
                with contextlib.suppress(_Gone):
                    return self._ask(kind, data, seconds)
        raise Unusable("damaged, or takes more memory to read than it may")

    def _ask(self, kind: str, data: bytes, seconds: float) -> bytes:
        process = self._process or self._start()
        self._taken += len(data)
        watch = _Watch(process, seconds)
        try:
            done, answer = self._exchange(process, kind, data)
        except (OSError, ValueError) as error:
            self.close()
            if watch.expired:
                raise Unusable("takes too long to read") from error
            raise _Gone from error
        except BaseException:
            self.close()
            raise
        finally:
            watch.end()
        if self._taken > self._replaced_after:
            self.close()
        if not done:
            raise Refused(answer[:200].decode("utf-8", "replace"))
        return answer

    def _exchange(self, process: subprocess.Popen[bytes], kind: str, data: bytes) -> tuple[bool, bytes]:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{kind} {len(data)}\n".encode() + data)
        process.stdin.flush()
        verdict, size = process.stdout.readline(64).split()  # ValueError where it is none
        if not 0 <= int(size) <= MAX_TEXT_BYTES:
            self.close()
            raise Unusable("more text comes out of it than can be learnt from")
        answer = process.stdout.read(int(size))
        if len(answer) != int(size):
            raise OSError("cut off")
        return verdict == b"ok", answer

    def _start(self) -> subprocess.Popen[bytes]:
        self._taken = 0
        environment = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _START, str(self._memory >> 10), *self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it would quote what is in the documents
            cwd="/",
            env={**environment, "LC_ALL": "C.UTF-8"},
            start_new_session=True,  # Ctrl+C is for the process that asked
        )
        return self._process

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what it did not take
                    stream.close()
        process.wait()


class _Gone(Exception):
    """The process ended without an answer."""


class _Watch:
    """Kills a process that works on one request for too long.

    What it computes counts, not how long it waits for a busy machine, up to MOST_WAITING times as long.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.expired = False
        self._process = process
        self._seconds = seconds
        self._computed = _computed(process.pid)
        self._latest = time.monotonic() + MOST_WAITING * seconds
        self._lock = threading.Lock()
        self._ended = False
        self._timer: threading.Timer | None = None
        self._look_after(seconds)

    def end(self) -> None:
        """Watch no more."""
        with self._lock:
            self._ended = True
            if self._timer is not None:
                self._timer.cancel()

    def _look_after(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        with self._lock:
            if self._ended:
                return
            now = _computed(self._process.pid)
            if self._computed is not None and now is not None and time.monotonic() < self._latest:
                left = self._seconds - (now - self._computed)
                if left > 0:
                    self._look_after(max(left, _LEAST_SLEEP))
                    return
            self.expired = True
            self._process.kill()


def _computed(process: int) -> float | None:
    """Return how many seconds a process has computed; None where the system does not say."""
    try:
        with open(f"/proc/{process}/stat", "rb") as stream:
            fields = stream.read().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
