"""Learn from your files: teach the base model your voice, or train a new model from nothing.

PATH is a file or a folder, however deep: plain text, Markdown, reStructuredText, Org, LaTeX, HTML, DOCX, ODT, RTF,
EPUB, FictionBook, Jupyter notebooks, PDF, mail (.eml, mbox, Maildir); .xz, .gz and .bz2 are expanded. The prose in it
is learnt; what cannot be used, what .gitignore or `foretype models exclude` keep out, copies and lines with passwords
are left out, and it is said why; --dry-run says that alone. Nothing leaves this machine. A part of the text is held
out and only measured on, so that the result is a measured number.

Without --from, training starts from the base model; --level char or word, --cell and sizes start from
nothing, because a model that exists has its own. Training again under the same name adds a version.

It ends with what the training brought, measured on the held-out text: keys saved and bits per character, before and
after. A model that is not better is kept, and not used. With --memory-only the network stays as it is, and only
remembers your texts: that is ready in seconds.

Ctrl+C stops and keeps the best so far; twice ends at once, and --resume goes on where the run was saved last.

Several processes train together under PyTorch's own launcher, on several GPUs or machines too:
torchrun --nproc-per-node 2 --no-python foretype train PATH...
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

from tui.command_line.arguments import Misuse, add_json, name, path, real, whole
from tui.command_line.reading import read_only

if TYPE_CHECKING:
    from core.client import TrainerClient
    from core.events import Finished, TrainingEvent
    from core.jobs import TrainingJob
    from tui.command_line.training_output import Output

MINUTES = 10.0
"""Budget where none is given."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `foretype train`."""
    parser.add_argument("paths", type=path, metavar="PATH", nargs="*", help="a file or folder to learn from")
    parser.add_argument(
        "--name",
        type=name,
        metavar="NAME",
        help="name of the model (default: that of the first PATH, without its ending)",
    )
    parser.add_argument(
        "--from",
        dest="parent",
        type=name,
        metavar="MODEL",
        help="the model to start from, or nothing (default: base, see above)",
    )
    parser.add_argument(
        "--level",
        choices=("subword", "char", "word"),
        help="what a token is, from nothing (default: subword)",
    )
    parser.add_argument(
        "--cell", choices=("lstm", "gru", "rnn"), help="recurrent cell, from nothing (default: lstm)"
    )
    parser.add_argument(
        "--layers", type=whole(1, 16), metavar="N", help="recurrent layers, from nothing (default: 2)"
    )
    parser.add_argument(
        "--residual",
        type=whole(0, 15),
        metavar="N",
        help="how many of the layers, from the top, add to what they read, from nothing (default: 0)",
    )
    parser.add_argument(
        "--hidden",
        type=whole(1, 8192),
        metavar="N",
        help="units in a layer, from nothing (default: by the amount of text)",
    )
    parser.add_argument(
        "--vocabulary",
        type=whole(257, 200_000),
        metavar="N",
        help="the most tokens, from nothing (default: 8192, the 257 of every tokenizer included)",
    )
    parser.add_argument(
        "--dropout",
        type=real(0, 1, below=True),
        metavar="P",
        help="share of units dropped between layers in training, from nothing (default: by the amount of text)",
    )
    parser.add_argument(
        "--memory",
        type=whole(0, 50_000_000),
        metavar="N",
        help="n-grams of the text to keep beside the network, from nothing (default: none)",
    )
    _add_learning(parser)
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument(
        "--minutes",
        type=real(0, 10_080),
        metavar="M",
        help=f"how long at most (default: {MINUTES:g}; going on from a model ends by itself after a few passes "
        "over the text); 0 makes a memory alone, as --memory-only does",
    )
    budget.add_argument(
        "--memory-only",
        dest="minutes",
        action="store_const",
        const=0.0,
        help="leave the network as it is: the model remembers your texts, ready in seconds",
    )
    budget.add_argument(
        "--epochs",
        type=real(0, 10_000, above=True),
        metavar="N",
        help="passes over the text, instead of minutes",
    )
    parser.add_argument(
        "--seed", type=whole(0, 2**63 - 1), metavar="N", help="seed of all chance (default: 0)"
    )
    parser.add_argument(
        "--held-out",
        type=path,
        metavar="FILE",
        help="measure on this file (default: on a part held out of the text)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the run that was interrupted last (of --name, if given)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only read: say what would be learnt from, what not, and why"
    )
    add_json(parser, "print each event as one line of JSON")


def _add_learning(parser: argparse.ArgumentParser) -> None:
    """Add how fast it learns, for who wants to try."""
    parser.add_argument(
        "--learning-rate",
        type=real(0, 1, above=True),
        metavar="R",
        help="peak of the learning rate (default: by the amount of text)",
    )
    parser.add_argument(
        "--cycles",
        type=whole(1, 100),
        metavar="N",
        help="times that the learning rate rises and decays, each time to a lower peak (default: 1)",
    )
    parser.add_argument(
        "--streams",
        type=whole(1, 4096),
        metavar="N",
        help="places of the text that are read side by side, the batch (default: by the amount of text)",
    )
    parser.add_argument(
        "--window",
        type=whole(1, 4096),
        metavar="N",
        help="tokens read between two updates (default: by the amount of text)",
    )
    parser.add_argument(
        "--threads",
        type=whole(1, 1024),
        metavar="N",
        help="threads that train (default: half of the cores)",
    )


def run(options: argparse.Namespace) -> int:
    """Run `foretype train`."""
    from core.jobs import TrainingJob
    from core.launch import rank
    from core.library.learning import take_back

    if rank() > 0:
        return _follow(options.threads)
    if options.dry_run:
        return read_only(options)
    work = _resumed(options) if options.resume else job(options)
    if isinstance(work, TrainingJob):
        take_back(work.name, work.paths)
    return train_now(work, as_json=options.json)[0]


def train_now(work: TrainingJob | str, *, as_json: bool) -> tuple[int, Finished | None]:
    """Train as a job says, or go on with the run in a folder; return the exit status and how it ended."""
    from core.client import ChildFailure, ChildGone, Superseded, TrainerClient
    from core.errors import UserError
    from tui.command_line.training_output import Output
    from tui.console import note

    try:
        return asyncio.run(_train(TrainerClient(), work, Output.choose(as_json=as_json)))
    except ChildFailure as failure:
        raise UserError(str(failure)) from failure
    except Superseded as stopped:  # Ctrl+C while the texts were still being read
        note(f"foretype: {stopped}")
        return 130, None
    except ChildGone as gone:
        from core.paths import log_file

        raise UserError(
            f"the trainer ended before it was done: {log_file()} says why, and --resume goes on"
        ) from gone


def _follow(threads: int | None) -> int:
    """Train as a rank that follows: what it does is the first one's to say, and to show."""
    from core.client import ChildError, TrainerClient
    from core.jobs import TrainingJob
    from tui.command_line.training_output import Silent

    stand_in = TrainingJob(paths=("followed",), name="followed", minutes=1, threads=threads)
    try:
        return asyncio.run(_train(TrainerClient(), stand_in, Silent()))[0]
    except ChildError:
        return 1


_SHAPE = ("level", "cell", "layers", "residual", "hidden", "vocabulary", "dropout", "memory")
"""What a model that exists has of its own."""
_LEARNING = ("streams", "window", "learning_rate", "cycles", "threads")
"""How it learns; what is not given is what suits the text and the machine."""


def job(options: argparse.Namespace) -> TrainingJob:
    """Return what the options ask for; raises UserError where they contradict each other or name nothing."""
    from core.errors import UserError
    from core.jobs import TrainingJob, check_name, name_after

    if not options.paths:
        raise Misuse("nothing to learn from: name at least one file or folder, or say --resume")
    for source in [*options.paths, *([options.held_out] if options.held_out else [])]:
        if not Path(source).exists():
            raise UserError(f"{source}: there is no such file or folder")
    called = options.name if options.name is not None else name_after(Path(options.paths[0]).resolve())
    check_name(called)
    parent = _parent(options)
    given = {key: getattr(options, key) for key in (*_SHAPE, *_LEARNING, "epochs", "seed")}
    minutes = options.minutes
    if minutes is None and options.epochs is None:
        minutes = MINUTES
    return TrainingJob(
        paths=tuple(map(os.path.abspath, options.paths)),
        name=called,
        parent=parent,
        minutes=minutes,
        held_out=os.path.abspath(options.held_out) if options.held_out else None,
        **{key: value for key, value in given.items() if value is not None},
    )


def _parent(options: argparse.Namespace) -> str | None:
    """Return the model to start from; None is nothing."""
    from core.errors import UserError
    from core.library.library import Library, base_folder

    chosen = [f"--{key}" for key in _SHAPE if getattr(options, key) is not None]
    if options.parent is None and (set(chosen) - {"--level"} or options.level in ("char", "word")):
        return None
    parent = options.parent if options.parent is not None else "base"
    if parent == "nothing":
        if options.minutes == 0:
            raise Misuse("a memory needs a network beside it: say how many minutes to train one from nothing")
        return None
    if options.parent is None and base_folder() is None:
        raise UserError("there is no base model here to start from: say --from nothing")
    level = Library().find(parent).card.get("level")
    if chosen and not (chosen == ["--level"] and options.level == level):
        raise Misuse(
            f"{chosen[0]} cannot be chosen with --from {parent}, which has its own: "
            f"leave {chosen[0]} out, or say --from nothing"
        )
    return parent


def _resumed(options: argparse.Namespace) -> str:
    """Return the folder of the run to go on with: that of --name, or the one that was saved last."""
    from core.errors import UserError
    from core.jobs import check_folder_name
    from core.library.unfinished import unfinished_runs
    from core.paths import training_folder

    given = [
        f"--{key.replace('_', '-')}"
        for key in (*_SHAPE, *_LEARNING, "minutes", "epochs", "seed")
        if getattr(options, key) is not None
    ]
    given += [
        *(["--from"] if options.parent is not None else []),
        *(["--held-out"] if options.held_out else []),
    ]
    if given or options.paths:
        raise Misuse(
            f"--resume goes on as the run was begun: leave out {given[0] if given else options.paths[0]}"
        )
    if options.name is not None:
        check_folder_name(options.name)
        folder = training_folder() / options.name
        if not (folder / "job.json").exists():
            raise UserError(f"there is no interrupted training of {options.name} to go on with")
        return str(folder)
    runs = unfinished_runs()
    if not runs:
        raise UserError("there is no interrupted training to go on with")
    return str(runs[0].folder)


async def _train(
    client: TrainerClient, work: TrainingJob | str, output: Output
) -> tuple[int, Finished | None]:
    """Train and show it; returns the exit status and how it ended."""
    from core.events import Finished

    finished: Finished | None = None
    interrupts = 0
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def interrupt() -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts == 1:
            output.say("stopping, the best so far is kept; Ctrl+C again ends at once")
            client.stop()
        elif task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        with output:
            events: AsyncGenerator[TrainingEvent] = (
                client.resume(work) if isinstance(work, str) else client.start(work)
            )
            async for event in events:
                output.show(event)
                if isinstance(event, Finished):
                    finished = event
    except asyncio.CancelledError:
        return 130, None
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        await client.close()
    return 130 if interrupts else 0, finished
