"""A child process that speaks JSON-RPC over pipes: what the engine's and the trainer's clients share.

Needs no screen and no torch. The child never sees the terminal: its three standard streams are pipes, and what
it says on standard error goes to a bounded log file.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import paths, protocol
from core.errors import UserError
from core.protocol import Failure, Json, Notification, ProtocolError, Request, RequestId, Response

CLOSE_SECONDS = 1.0
"""The most that closing takes: the child is killed before, and one that even then is not gone is left alone."""
KILL_SECONDS = 0.2
"""Of these the last, for the end of a child that was killed."""
LOG_BYTES = 256 * 1024
"""The log is cut to half of this when it grows beyond it."""
LOG_LINE = 400
"""Characters of one line of standard error that are kept."""


class ChildError(Exception):
    """A request to a child that was not answered; the message is one line for a person."""


class ChildGone(ChildError):
    """The child ended, or was never there, before it answered."""


class Superseded(ChildError):
    """A newer request took this one's place, or it was cancelled."""


class ChildFailure(ChildError):
    """The child answered with an error; `code` is JSON-RPC's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


PartialHandler = Callable[[Json], None]
"""Takes the parameters of a notification that belongs to a request that is under way."""


@dataclass
class _Pending:
    future: asyncio.Future[Any]
    partial: PartialHandler | None


@dataclass
class Child:
    """One process, from its start to its end; a new start is a new Child.

    `on_notification` gets what no request's handler took; `on_end` is called once, with the exit status, when
    the process ended without having been asked to.
    """

    name: str
    """What it is called in lines for a person: "the engine"."""
    module: str
    arguments: Sequence[str]
    on_notification: Callable[[Notification], None]
    on_end: Callable[[int], None]
    command: Sequence[str] | None = None
    lines: deque[str] = field(default_factory=lambda: deque[str](maxlen=100))
    """The last lines that the child said on standard error."""
    _process: asyncio.subprocess.Process | None = None
    _pending: dict[RequestId, _Pending] = field(default_factory=dict[RequestId, _Pending])
    _tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])
    _next_id: int = 0
    _closing: bool = False

    @property
    def alive(self) -> bool:
        """Whether the child takes messages."""
        return self._process is not None and self._process.returncode is None and not self._closing

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process; raises OSError where the system refuses."""
        # -P keeps the folder a person happens to stand in off the child's sys.path.
        program = list(self.command or (sys.executable, "-P", "-m", self.module))
        self._process = await asyncio.create_subprocess_exec(
            *program,
            *self.arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=protocol.MAXIMUM_LINE,
            start_new_session=True,  # what the terminal sends to its group (Ctrl+C) is the app's to handle
        )
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._read_errors())]

    def send(self, method: str, params: Json, partial: PartialHandler | None = None) -> Sent:
        """Send a request and return its handle at once; raises ChildGone where the child is not there."""
        if not self.alive:
            raise ChildGone(f"{self.name} is not running")
        self._next_id += 1
        identity = self._next_id
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[identity] = _Pending(future, partial)
        self._write(Request(identity, method, params))
        return Sent(identity, future, self)

    def notify(self, method: str, params: Json) -> None:
        """Send a notification; a child that is not there does not hear it."""
        if self.alive:
            self._write(Notification(method, params))

    def forget(self, identity: RequestId, error: ChildError) -> None:
        """Fail a pending request here and tell the child to stop working on it."""
        pending = self._pending.pop(identity, None)
        if pending is None:
            return
        if not pending.future.done():
            pending.future.set_exception(error)
        self.notify("$/cancel", {"id": identity})

    async def close(self) -> None:
        """Close the child's input and wait for its end, kill it if need be; CLOSE_SECONDS at the most."""
        self._closing = True
        self._fail_all("was closed")
        process = self._process
        if process is not None and process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), CLOSE_SECONDS - KILL_SECONDS)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                # The system may take its time, for a disk that does not answer say.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), KILL_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _write(self, message: protocol.Message) -> None:
        assert self._process is not None and self._process.stdin is not None
        # A child that just died raises here or ends _read; the latter tells the owner.
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(protocol.encode(message))

    async def _read(self) -> None:
        process = self._process
        assert process is not None and process.stdout is not None
        with contextlib.suppress(ValueError, ConnectionError):  # ValueError: a line beyond the limit
            while line := await process.stdout.readline():
                self._take(line)
        status = await self._status(process)
        self._fail_all("ended unexpectedly")
        if not self._closing:
            self._closing = True
            self.on_end(status)

    async def _status(self, process: asyncio.subprocess.Process) -> int:
        """The exit status of a process that closed its output: nothing more can come of it."""
        # To signal a process that just ended would take its status away from who waits for it.
        try:
            return await asyncio.wait_for(process.wait(), CLOSE_SECONDS)
        except TimeoutError:
            if not self._closing:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            return await process.wait()

    def _take(self, line: bytes) -> None:
        try:
            message = protocol.decode(line)
        except ProtocolError:
            self.lines.append("(a line that is not JSON-RPC on standard output)")
            return
        match message:
            case Response():
                if (pending := self._pending.pop(message.id, None)) and not pending.future.done():
                    pending.future.set_result(message.result)
            case Failure():
                pending = self._pending.pop(message.id, None) if message.id is not None else None
                if pending and not pending.future.done():
                    pending.future.set_exception(_as_exception(message))
            case Notification():
                pending = self._pending.get(message.params.get("id", -1))
                self._hear(message, pending)
            case Request():
                pass  # children ask nothing

    def _hear(self, message: Notification, pending: _Pending | None) -> None:
        try:
            if pending is None:
                self.on_notification(message)
            elif pending.partial is not None and not pending.future.done():
                pending.partial(message.params)
        except Exception as error:
            # Who listens must not be able to end the reading: all answers still to come would be lost.
            context = {"message": f"{self.name}: a listener failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    def _fail_all(self, what: str) -> None:
        pending, self._pending = self._pending, {}
        for entry in pending.values():
            if not entry.future.done():
                entry.future.set_exception(ChildGone(f"{self.name} {what}"))

    async def _read_errors(self) -> None:
        process = self._process
        assert process is not None and process.stderr is not None
        # Read in blocks, so that no line is too long to be read.
        rest = b""
        while block := await process.stderr.read(65536):
            *whole, rest = (rest + block).split(b"\n")
            rest = rest[-LOG_LINE:]
            self._log([line.decode("utf-8", "replace")[:LOG_LINE] for line in whole])

    def _log(self, lines: list[str]) -> None:
        self.lines.extend(lines)
        with contextlib.suppress(OSError, UserError):  # a full disk must not end the child
            append_log(paths.log_file(), [f"{self.name}: {line}" for line in lines])


@dataclass(frozen=True)
class Sent:
    """A request under way. Awaiting it gives the result; cancelling the wait cancels the request."""

    id: RequestId
    future: asyncio.Future[Any]
    child: Child

    async def result(self) -> Any:
        """The answer; raises ChildGone, Superseded or ChildFailure."""
        try:
            return await self.future
        except asyncio.CancelledError:
            self.child.forget(self.id, Superseded("cancelled"))
            if self.future.done() and not self.future.cancelled():
                self.future.exception()  # seen: nobody else will ask
            raise

    def __await__(self) -> Any:
        """Wait for result()."""
        return self.result().__await__()


def _as_exception(failure: Failure) -> ChildError:
    if failure.code == protocol.CANCELLED:
        return Superseded(failure.message)
    return ChildFailure(failure.code, failure.message)


def append_log(file: Path, lines: Sequence[str]) -> None:
    """Append `lines` to `file` (mode 0600), which is cut when it grows beyond LOG_BYTES."""
    if not lines:
        return
    text = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and file.stat().st_size + len(text) > LOG_BYTES:
        file.write_bytes(file.read_bytes()[-LOG_BYTES // 2 :])
    with open(file, "ab", opener=_private) as out:
        out.write(text[-LOG_BYTES // 2 :])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def quiet(awaitable: Awaitable[Any]) -> asyncio.Task[None]:
    """A task that waits for `awaitable` and ignores a child's error: for answers that nobody needs."""

    async def wait() -> None:
        with contextlib.suppress(ChildError):
            await awaitable

    return asyncio.create_task(wait())
