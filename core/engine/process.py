"""The engine process: one model, a session for each draft, JSON-RPC 2.0 on standard input and output.

Needs no screen. Run as `python -P -m core.engine` by the app and by `foretype serve`. One thread reads, so that
a newer request or a cancellation is seen between two steps of the network; the main thread works. torch is
imported only after the first message was read.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from core import protocol
from core.errors import UserError
from core.params import Params
from core.protocol import Failure, Json, Notification, ProtocolError, Request, RequestId, Response
from core.wire import Wire, take_streams

QUIET_SECONDS = 0.25
"""With nothing to do for this long, a model is loaded before it is asked for, and memory given back."""
PARENT_SECONDS = 0.5
"""How often an engine whose input ended looks whether its parent is still there."""

Work = Generator[None, None, Any]
"""A long job, cut into pieces: other requests are answered between two of them. It returns the result."""
Handler = Callable[["Call"], "Any | Work"]


@dataclass(eq=False)
class Call:
    """A message that is to be worked on, from its arrival to its answer."""

    message: Request | Notification
    arrived: float = field(default_factory=time.perf_counter)
    """time.perf_counter() at its arrival."""
    stopped: str = ""
    """Why it is not to be worked on any further: "superseded" or "cancelled"; empty while it is."""
    place: int = 0
    """Its number in the inbox."""

    @property
    def params(self) -> Params:
        """The parameters, to be read with their checks."""
        return Params(self.message.params)

    @property
    def id(self) -> RequestId | None:
        """The request's id; None for a notification."""
        return self.message.id if isinstance(self.message, Request) else None

    def answer(self, wire: Wire, result: Any) -> None:
        """Answer that it went well; a notification gets no answer."""
        if self.id is not None:
            wire.send(Response(self.id, result))

    def fail(self, wire: Wire, code: int, message: str) -> None:
        """Answer that it did not."""
        if self.id is not None:
            wire.fail(self.id, code, message)

    @property
    def key(self) -> tuple[str, str] | None:
        """What a newer call must share to supersede this one."""
        if self.message.method not in protocol.SUPERSEDING:
            return None
        return self.message.method, str(self.message.params.get("draft", ""))

    def is_stopped(self) -> bool:
        """Whether work on it should end; asked between steps."""
        return bool(self.stopped)

    def milliseconds(self) -> float:
        """Time since its arrival."""
        return round((time.perf_counter() - self.arrived) * 1000, 3)


class Inbox:
    """The calls that wait, in the order of their arrival; superseded ones leave it at once."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._changed = threading.Condition()
        self._waiting: dict[int, Call] = {}
        self._newest: dict[tuple[str, str], Call] = {}
        self._under_way: dict[RequestId, Call] = {}
        self._count = 0
        self._ended = False

    def put(self, call: Call) -> None:
        """Add a call, and stop the one that it supersedes."""
        with self._changed:
            if call.key is not None:
                if older := self._newest.get(call.key):
                    self._stop(older, "superseded")
                self._newest[call.key] = call
            if call.id is not None:
                self._under_way[call.id] = call
            self._count += 1
            call.place = self._count
            self._waiting[call.place] = call
            self._changed.notify()

    def cancel(self, identity: object) -> None:
        """Stop the call with that id, where there is one."""
        with self._changed:
            if isinstance(identity, int | str) and (call := self._under_way.get(identity)):
                self._stop(call, "cancelled")

    def _stop(self, call: Call, why: str) -> None:
        """Stop `call`; one that nobody works on yet is answered here. The lock is held."""
        if call.stopped:
            return
        call.stopped = why
        if self._waiting.pop(call.place, None) is not None:
            self._forget(call)
            call.fail(self._wire, protocol.CANCELLED, why)

    def take(self, seconds: float | None) -> Call | None:
        """The next call; None when none came in `seconds` (None waits), or none will come any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended, seconds)
            if not self._waiting:
                return None
            return self._waiting.pop(next(iter(self._waiting)))

    def done(self, call: Call) -> None:
        """Forget a call that was answered."""
        with self._changed:
            self._forget(call)

    def _forget(self, call: Call) -> None:
        if call.id is not None and self._under_way.get(call.id) is call:
            del self._under_way[call.id]
        if call.key is not None and self._newest.get(call.key) is call:
            del self._newest[call.key]

    def end(self) -> None:
        """Say that no more calls will come."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    @property
    def ended(self) -> bool:
        """Whether no more calls will come and none waits."""
        return self._ended and not self._waiting


class Worker:
    """The main thread: takes calls, answers them, and goes on with long jobs in between."""

    def __init__(
        self, wire: Wire, inbox: Inbox, handlers: dict[str, Handler], idle: Callable[[], None]
    ) -> None:
        self._wire = wire
        self._inbox = inbox
        self._handlers = handlers
        self._idle = idle
        self._jobs: list[tuple[Call, Work]] = []

    def run(self) -> None:
        """Work until there is nothing left and nothing more will come, or a shutdown was asked for."""
        quiet: float | None = QUIET_SECONDS
        while True:
            call = self._inbox.take(0 if self._jobs else quiet)
            if call is not None:
                quiet = QUIET_SECONDS
                if call.message.method == "shutdown":
                    call.answer(self._wire, {})
                    return
                self._start(call)
            elif self._jobs:
                self._go_on()
            elif self._inbox.ended:
                return
            else:
                self._idle()
                quiet = None

    def _start(self, call: Call) -> None:
        handler = self._handlers.get(call.message.method)
        if handler is None:
            call.fail(self._wire, protocol.METHOD_NOT_FOUND, f"there is no method {call.message.method!r}")
            self._inbox.done(call)
            return
        with self._answering(call):
            if isinstance(call.message, Request):
                protocol.check_parameters(call.message)
            result = handler(call)
            if isinstance(result, Generator):
                self._jobs.append((call, cast(Work, result)))
            else:
                self._finish(call, result)

    def _go_on(self) -> None:
        """One piece of the job whose turn it is."""
        call, work = self._jobs.pop(0)
        with self._answering(call):
            if call.stopped:
                work.close()
                self._finish(call, None)
                return
            try:
                next(work)
            except StopIteration as end:
                self._finish(call, end.value)
            else:
                self._jobs.append((call, work))

    def _finish(self, call: Call, result: Any) -> None:
        self._inbox.done(call)
        if call.stopped:
            call.fail(self._wire, protocol.CANCELLED, call.stopped)
        else:
            call.answer(self._wire, result)

    @contextlib.contextmanager
    def _answering(self, call: Call) -> Generator[None]:
        """Turn what a handler raises into an answer; the engine goes on whatever it was."""
        try:
            yield
        except ProtocolError as error:
            code, line = error.code, str(error)
        except MemoryError:
            code, line = protocol.FAILED, f"not enough memory for {call.message.method}"
        except Exception as error:
            if call.stopped:
                code, line = protocol.CANCELLED, call.stopped
            elif is_for_people(error):
                code, line = protocol.FAILED, str(error)
            else:
                log(error)
                code = protocol.INTERNAL_ERROR
                line = f"{call.message.method} failed inside the engine: {where(error)}"
        else:
            return
        self._inbox.done(call)
        call.fail(self._wire, code, line)


def is_for_people(error: Exception) -> bool:
    """Whether an error's message is one line written for a person."""
    # models' error is known by its name, because importing models would import torch.
    return isinstance(error, UserError) or type(error).__name__ == "ModelError"


def where(error: BaseException) -> str:
    """The kind of an error and the place that raised it; not its message, which may hold a person's text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def log(error: BaseException) -> None:
    """Write where an error came from to standard error, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    way = " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames))
    print(f"{type(error).__name__}: {way}", file=sys.stderr, flush=True)


def read(source: BinaryIO, wire: Wire, inbox: Inbox, initialize: Callable[[], Json]) -> None:
    """Read lines until the input ends; answer what needs no model here, and put the rest into the inbox."""
    while line := source.readline(protocol.MAXIMUM_LINE):
        if not line.endswith(b"\n") and len(line) >= protocol.MAXIMUM_LINE:
            while line and not line.endswith(b"\n"):
                line = source.readline(protocol.MAXIMUM_LINE)
            wire.fail(None, protocol.PARSE_ERROR, "the line is too long")
            continue
        if not line.strip():
            continue
        try:
            _take(line, wire, inbox, initialize)
        except ProtocolError as error:
            wire.fail(error.id, error.code, str(error))
        except Exception as error:
            log(error)
            wire.fail(None, protocol.INTERNAL_ERROR, where(error))


def _take(line: bytes, wire: Wire, inbox: Inbox, initialize: Callable[[], Json]) -> None:
    message = protocol.decode(line)
    if isinstance(message, Response | Failure):
        raise ProtocolError(protocol.INVALID_REQUEST, "the engine asks nothing, so it takes no answers")
    if message.method == "$/cancel":
        inbox.cancel(message.params.get("id"))
    elif message.method == "exit":
        os._exit(0)
    elif message.method == "initialize":
        Call(message).answer(wire, initialize())
    else:
        inbox.put(Call(message))


def watch_parent(wire: Wire, parent: int) -> None:
    """After the input ended: end the process as soon as nobody is left to read its answers."""
    poll = select.poll()
    poll.register(wire.descriptor, select.POLLERR)
    while os.getppid() == parent:
        if any(event & select.POLLERR for _, event in poll.poll(PARENT_SECONDS * 1000)):
            break
    os._exit(0)


def serve(model: str | None, threads: int) -> int:
    """Serve until the input ends, the parent is gone or `shutdown` is asked for; returns the exit status."""
    parent = os.getppid()
    source, wire = take_streams(gone=lambda: os._exit(0))
    from core.engine.answers import initialize  # torch-free, as is the next
    from core.engine.methods import Methods  # torch-free until a model is loaded

    inbox = Inbox(wire)
    methods = Methods(wire, model, threads)

    def reading() -> None:
        read(source, wire, inbox, initialize)
        inbox.end()
        watch_parent(wire, parent)

    threading.Thread(target=reading, name="reader", daemon=True).start()
    Worker(wire, inbox, methods.handlers(), methods.rest).run()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the engine as a program."""
    parser = argparse.ArgumentParser(
        prog="foretype serve", description="Suggestions as JSON-RPC 2.0, a line each."
    )
    parser.add_argument(
        "--model", help="a model of the library, or a checkpoint's folder (default: the one in use)"
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="threads of the network's arithmetic (default: 1)"
    )
    options = parser.parse_args(arguments)
    if options.threads < 1:
        parser.error("--threads must be at least 1")
    try:
        status = serve(options.model, options.threads)
    except KeyboardInterrupt:
        status = 130
    # The reader may be blocked in a read, and an orderly end would wait for it.
    sys.stderr.flush()
    os._exit(status)
