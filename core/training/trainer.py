"""The trainer process: one training run, told over JSON-RPC on its standard input, telling its events on its output.

Needs no screen. Run as `python -P -m core.training.trainer` by the app and the command line. It takes one request,
`train` with a `job` or the folder to `resume`, and the notifications `pause`, `resume` and `stop`. When its input
ends, the parent is gone: the run is saved so that it can be resumed, and the process ends. torch is imported only
once the job has been found to make sense.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, cast

from core import events, protocol
from core.errors import UserError
from core.events import CorpusRead, Finished, TrainingEvent
from core.jobs import TrainingJob
from core.launch import rank
from core.library.library import Library
from core.machine import threads_for_training
from core.params import Params
from core.protocol import Json, Message, Notification, ProtocolError, Request, Response
from core.reading.files import named
from core.wire import BACKGROUND, Wire, take_streams
from models.errors import ModelError

if TYPE_CHECKING:
    from core.training.talk import Control

LEAVE_SECONDS: Final = 5.0
"""How long a run whose parent is gone may take to end its step; then what it saved last has to do."""
SAVE_SECONDS: Final = 20.0
"""How long it may take from there to save itself."""

NOT_BEGUN: Final = "stopped before the training began"

Wish = Literal["pause", "resume", "stop", "leave"]


class Steering:
    """What was asked of the run, kept until there is a run to ask it of; used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: Control | None = None
        self._kept: list[Wish] = []
        self.begun = False
        """Whether there is anything to lose: before that, stopping and leaving end the process at once."""

    @property
    def leaving(self) -> bool:
        """Whether the run has heard that it is to leave, and is saving itself."""
        return self._control is not None and self._control.leaving

    def ask(self, wish: Wish) -> None:
        """Pass a wish on, now or when the run is there."""
        with self._lock:
            if self._control is None:
                self._kept.append(wish)
            else:
                _grant(self._control, wish)

    def attach(self, control: Control) -> None:
        """Take the run's control, and pass on what was asked before."""
        with self._lock:
            self._control = control
            for wish in self._kept:
                _grant(control, wish)


def _grant(control: Control, wish: Wish) -> None:
    match wish:
        case "pause":
            control.pause()
        case "resume":
            control.resume()
        case "stop":
            control.stop()
        case "leave":
            control.stop(abandon=True)


class Trainer:
    """One run, from its request to its answer."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._steering = Steering()
        self._request: Request | None = None
        self._asked = threading.Event()

    def read(self, source: BinaryIO) -> None:
        """Take messages until the input ends; runs in a thread of its own."""
        for line in iter(lambda: source.readline(protocol.MAXIMUM_LINE), b""):
            try:
                self._take(protocol.decode(line))
            except ProtocolError as error:
                self._wire.fail(error.id, error.code, str(error))
        self.leave()

    def leave(self) -> None:
        """End the process, after the run was saved if there is one."""
        if not self._steering.begun:
            os._exit(0)
        self._steering.ask("leave")
        threading.Thread(target=self._end_in_time, name="watchdog", daemon=True).start()

    def _end_in_time(self) -> None:
        """End the process if the run does not; a step of a large network can take minutes."""
        time.sleep(LEAVE_SECONDS)
        if self._steering.leaving:
            time.sleep(SAVE_SECONDS)
        os._exit(1)

    def on_signal(self, *_: object) -> None:
        """Leave as when the input ended; in a thread, as what was interrupted may hold a lock."""
        threading.Thread(target=self.leave, daemon=True).start()

    def _take(self, message: Message) -> None:
        match message:
            case Request(method="train") if self._request is None:
                self._request = message
                # What a rank that follows does is the leader's to decide.
                self._steering.begun = "job" not in message.params or rank() > 0
                self._asked.set()
            case Request(method="train"):
                busy = "a training is under way: a trainer takes one"
                raise ProtocolError(protocol.INVALID_REQUEST, busy, message.id)
            case Request():
                unknown = f"there is no method {message.method!r}: a trainer has train"
                raise ProtocolError(protocol.METHOD_NOT_FOUND, unknown, message.id)
            case Notification(method="pause" | "resume" as wish):
                self._steering.ask(wish)
            case Notification(method="stop"):
                self._stop()
            case Notification(method="exit" | "$/cancel"):
                self.leave()
            case Notification():
                pass  # what this version does not know is not for it
            case _:
                raise ProtocolError(
                    protocol.INVALID_REQUEST, "the trainer asks nothing, so it takes no answers"
                )

    def _stop(self) -> None:
        if self._request is not None and not self._steering.begun:
            self._wire.fail(self._request.id, protocol.CANCELLED, NOT_BEGUN)
            os._exit(0)
        self._steering.ask("stop")

    def run(self) -> int:
        """Wait for the request, do what it asks, answer it; return the exit status."""
        self._asked.wait()
        request = cast("Request", self._request)
        try:
            finished = self._train(request.params)
        except (UserError, ModelError) as error:
            self._wire.fail(request.id, protocol.FAILED, str(error))
        except ProtocolError as error:
            self._wire.fail(request.id, error.code, str(error))
        except MemoryError:
            self._wire.fail(
                request.id, protocol.FAILED, "out of memory: train a smaller model or on less text"
            )
        except Exception as error:
            traceback.print_exc()  # into the log
            what = f"the trainer failed ({type(error).__name__}: {error}); the log has more"
            self._wire.fail(request.id, protocol.INTERNAL_ERROR, what)
        else:
            if finished is None:
                self._wire.fail(request.id, protocol.CANCELLED, "the training was left, to be resumed later")
            else:
                self._wire.send(Response(request.id, {"event": events.as_json(finished)}))
            return 0
        return 1

    def _train(self, params: Json) -> Finished | None:
        """Train; None where the run was left to be resumed."""
        job, resumed = _job_of(params)
        if not resumed and rank() == 0:
            _check(job)
        # torch reads this once, when it is imported.
        os.environ["OMP_NUM_THREADS"] = str(job.threads or threads_for_training())
        from core.training.pipeline import Abandoned, NothingLearnt, train
        from core.training.talk import Control

        control = Control()
        self._steering.attach(control)
        try:
            return train(job, self._report, control, resume=resumed)
        except Abandoned:
            return None
        except NothingLearnt as stopped:
            raise ProtocolError(protocol.CANCELLED, NOT_BEGUN) from stopped

    def _report(self, event: TrainingEvent) -> None:
        if isinstance(event, CorpusRead):
            self._steering.begun = True
        self._wire.send(Notification("training/event", {"event": events.as_json(event)}))


def _job_of(params: Json) -> tuple[TrainingJob, bool]:
    """Return the job that a request describes, and whether it is one to resume, of which only the name counts."""
    if "job" in params:
        return TrainingJob.from_json(params["job"]), False
    folder = Path(Params(params).text("resume"))
    return TrainingJob(paths=(str(folder),), name=folder.name, minutes=1.0), True


def _check(job: TrainingJob) -> None:
    """Raise UserError for what can be seen to be wrong without reading a text."""
    if job.parent is not None:
        Library().find(job.parent)
    for path in (*job.paths, *([job.held_out] if job.held_out else [])):
        named(Path(path))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trainer as a program."""
    if arguments if arguments is not None else sys.argv[1:]:
        print("foretype's trainer takes no arguments: it is told its job on standard input", file=sys.stderr)
        return 2
    os.nice(BACKGROUND)
    source, wire = take_streams()
    trainer = Trainer(wire)
    signal.signal(signal.SIGTERM, trainer.on_signal)
    threading.Thread(target=trainer.read, args=(source,), name="reader", daemon=True).start()
    status = trainer.run()
    # The reader may be blocked in a read, and an orderly end would wait for it.
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
