"""The foretype command: the app, or one of the commands that do their work without it.

Exit status: 0 done, 1 failed, 2 called wrongly, 130 interrupted with Ctrl+C, 141 nobody reads the output any more
(what a shell shows for SIGPIPE). An error is one line on standard error that begins with "foretype:". No torch is
loaded in this process; core's clients start who needs it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import textwrap
from collections.abc import Generator, Sequence
from importlib import import_module
from typing import Any, NoReturn

DONE, FAILED, MISUSED, INTERRUPTED, UNREAD = 0, 1, 2, 130, 141

COMMANDS = {
    "train": "learn from your files: train a model, or teach the base model your voice",
    "generate": "write on from a prompt",
    "score": "measure a model on a text: bits per character, keys saved, latency",
    "serve": "answer suggestion requests of editors: JSON-RPC 2.0 on standard input and output",
    "models": "list, show, use, roll back, forget, export, import, delete: the models on this machine",
    "stats": "what ghosts saved you: keys, ghosts, latency, by day and by model",
    "doctor": "tell what Foretype runs on, what is fast and what is missing",
}
_EPILOG = "exit status: 0 done, 1 failed, 2 called wrongly, 130 interrupted with Ctrl+C"


class _Help(argparse.HelpFormatter):
    """Wraps each paragraph to the terminal, and leaves those with an indented line as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = [
            part if "\n  " in f"\n{part}" else textwrap.fill(" ".join(part.split()), width)
            for part in text.strip("\n").split("\n\n")
        ]
        return textwrap.indent("\n\n".join(paragraphs), indent)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", _Help)
        options.setdefault("epilog", _EPILOG)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read on; exit with 2."""
        from tui.console import fail

        fail(f"{message.removeprefix('argument ')} ({self.prog} --help tells more)")
        raise SystemExit(MISUSED)


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"foretype {version('foretype')}")
        parser.exit()


def entry() -> NoReturn:
    """Run the command and end the process with its exit status."""
    status = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = _no_reader()
    sys.exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (by default the process's) names and return its exit status."""
    from core.errors import UserError
    from tui.command_line.arguments import Misuse
    from tui.console import fail

    arguments = list(sys.argv[1:] if argv is None else argv)
    _never_fail_to_print()
    try:
        return _run(arguments)
    except SystemExit as end:  # argparse ends --help and mistakes this way
        return end.code if isinstance(end.code, int) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _no_reader()
    except Misuse as error:
        fail(str(error))
        return MISUSED
    except UserError as error:
        fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{error.strerror or error}")
    return FAILED


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        name = arguments[0]
        command = import_module(f"tui.command_line.{name}")
        parser = Parser(prog=f"foretype {name}", description=command.__doc__)
        command.add_arguments(parser)
        return int(command.run(parser.parse_args(arguments[1:])))
    files = _app_parser().parse_args(arguments).files
    if files:
        _no_slip_of_a_command(files[0])
    return _open_app(files)


def _no_slip_of_a_command(file: str) -> None:
    """Ask back where a new file would have a name that looks like a command with a slip in it."""
    import difflib

    from tui.command_line.arguments import Misuse

    near = difflib.get_close_matches(file, COMMANDS, n=1, cutoff=0.75)
    if near and not os.path.lexists(file):
        raise Misuse(
            f"there is no command {file}: did you mean foretype {near[0]}? "
            f"(To write in a new file of that name: foretype ./{file})"
        )


def _app_parser() -> Parser:
    from tui.command_line.arguments import path

    wide = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name.ljust(wide)}  {what}" for name, what in COMMANDS.items())
    parser = Parser(
        prog="foretype",
        usage="foretype [FILE ...]\n       foretype COMMAND ...",
        description="Write in the terminal, with a small language model that types ahead of you.",
        epilog=f"commands (foretype COMMAND --help tells more):\n{commands}\n\n"
        f"A file that is called like a command: foretype ./train\n\n{_EPILOG}",
    )
    parser.add_argument(
        "files", type=path, metavar="FILE", nargs="*", help="what to write in; it need not exist yet"
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    return parser


def _open_app(files: Sequence[str]) -> int:
    from core.errors import UserError

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            "the app needs a terminal: run it in one, or use a command (foretype --help lists them)"
        )
    import gc
    from pathlib import Path

    gc.disable()  # what is imported stays: the collector need look at it neither now nor between two keys
    from tui.app import ForetypeApp

    gc.freeze()
    gc.enable()
    app = ForetypeApp(*map(Path, files), tour=not files)
    with _painted_on_the_terminal():
        app.run()
    return app.return_code or DONE


@contextlib.contextmanager
def _painted_on_the_terminal() -> Generator[None]:
    """Textual paints on standard error, which a person may keep in a file: the terminal is where the output goes."""
    if sys.stderr.isatty():
        yield
        return
    before = sys.__stderr__
    with open(os.ttyname(sys.stdout.fileno()), "w", encoding=sys.stdout.encoding) as terminal:
        sys.__stderr__ = terminal  # pyright: ignore[reportAttributeAccessIssue]
        try:
            yield
        finally:
            sys.__stderr__ = before  # pyright: ignore[reportAttributeAccessIssue]


def _never_fail_to_print() -> None:
    """Let characters that the terminal's encoding lacks come out as escapes instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _no_reader() -> int:
    """Whoever read our output has gone: leave quietly, also at the interpreter's last flush."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return UNREAD


if __name__ == "__main__":
    entry()
