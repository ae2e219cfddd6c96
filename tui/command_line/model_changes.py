"""What `foretype models` changes: use, rename, rollback, prune, forget, learn, export, import, delete.

Each returns an exit status; with --json it prints the model as it is afterwards, or what was done.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tui.command_line.arguments import Misuse

if TYPE_CHECKING:
    from core.library.library import ModelEntry

T = TypeVar("T")


def use(options: argparse.Namespace) -> int:
    """Take a model, or one of its versions, into use; the app writes with it from then on."""
    from core.errors import UserError
    from core.library.library import Library
    from core.settings import change_setting

    library = Library()
    if options.version is not None:
        library.make_current(options.name, options.version)
    entry = library.find(options.name)
    names = library.names()
    name, _, number = options.name.rpartition("@")
    if options.name not in names and name in names:
        raise UserError(
            f"{options.name} is a version: foretype models use {_quoted(name)} --version {number} takes it into use"
        )
    # The app may be started elsewhere: a folder is kept whole.
    change_setting("model", options.name if options.name in names else str(entry.folder))
    return _tell(options, entry, f"{entry.name} is in use, at version {entry.version}")


def rename(options: argparse.Namespace) -> int:
    """Give a model another name."""
    from core.library.library import Library

    library = Library()
    library.rename(options.name, options.new)
    _change_in_settings(options.name, options.new)
    return _tell(options, library.find(options.new), f"{options.name} is now {options.new}")


def rollback(options: argparse.Namespace) -> int:
    """Take the version before into use."""
    from core.library.library import Library

    entry = Library().rollback(options.name)
    return _tell(options, entry, f"{options.name} is at version {entry.version}")


def prune(options: argparse.Namespace) -> int:
    """Delete the versions that are not in use."""
    from core.library.library import Library, size_of
    from tui.console import number

    library = Library()
    entry = library.find(options.name)
    library.folder_of(options.name)
    old = [version for version in library.history(options.name) if version.version != entry.version]
    freed = sum(size_of(version.folder) for version in old)
    what = f"{len(old)} of {len(entry.versions)} versions of {entry.name}"
    if old and not options.yes and not _agreed(f"Delete {what}, all but version {entry.version}?"):
        return _say("nothing was deleted")
    library.prune(options.name, [version.version for version in old])
    line = f"{what} are deleted: {number(freed / 1e6, 1)} MB"
    return _tell(options, library.find(options.name), line if old else f"{entry.name} has no other version")


def delete(options: argparse.Namespace) -> int:
    """Delete a model, after asking."""
    from core.library.library import Library
    from tui.console import print_json

    library = Library()
    entry = library.find(options.name)
    library.folder_of(options.name)
    many = len(entry.versions)
    what = f"{entry.name} and its {many} versions" if many > 1 else entry.name
    if not options.yes and not _agreed(f"Delete {what}?"):
        return _say("nothing was deleted")
    library.delete(options.name)
    _change_in_settings(options.name, "base")
    if options.json:
        print_json({"deleted": options.name})
        return 0
    return _say(f"{options.name} is deleted")


def export(options: argparse.Namespace) -> int:
    """Write a model to one file."""
    from core.library.archive import export_model
    from core.library.library import Library
    from tui.console import note, number, print_json

    entry = Library().find(options.name)
    file = Path(options.file).expanduser().absolute()
    size = export_model(entry.folder, file)
    if options.json:
        print_json({"name": entry.name, "version": entry.version, "file": str(file), "bytes": size})
        return 0
    if (entry.folder / "personal.safetensors").exists():
        note("this file holds the texts that the model remembers: give it only to who may read them")
    return _say(f"{entry.name} is in {file}: {number(size / 1e6, 1)} MB")


def import_(options: argparse.Namespace) -> int:
    """Take a model from one file."""
    from core.library.client import Librarian
    from tui.console import waiting

    with waiting(f"checking {options.file}"):
        entry = _wait(Librarian().import_model(Path(options.file), options.name))
    return _tell(options, entry, f"{entry.name} is imported: foretype models use {_quoted(entry.name)}")


def learn(options: argparse.Namespace) -> int:
    """Turn learning while writing on or off, or say what it is."""
    from core.library.learning import learning_of, turn
    from core.library.library import Library
    from tui.console import print_json

    library = Library()
    if options.switch is not None:
        turn(options.name, on=options.switch == "on")
    else:
        library.folder_of(options.name)
    learning = learning_of(library.find(options.name))
    if options.json:
        print_json(
            {
                "name": options.name,
                "on": learning.on,
                "waiting": dict(learning.waiting),
                "forgotten": list(learning.forgotten),
            }
        )
        return 0
    if learning.on:
        return _say(f"{options.name} learns from what you save in Foretype; nothing leaves this machine")
    return _say(f"{options.name} learns only when you train it")


def forget(options: argparse.Namespace) -> int:
    """Take a file out of a model."""
    from core.library.client import Librarian
    from core.library.library import Library
    from core.library.lineage import without
    from tui.console import print_json, waiting

    with waiting(f"forgetting {options.file}"):
        done = _wait(Librarian().forget(options.name, options.file))
    if options.json and not options.retrain:
        print_json({"path": done.path, "versions": done.versions, "weights": list(done.weights)})
        return 0
    if not options.json:
        _say(
            f"{options.name} remembers nothing of {done.path} any more, "
            f"and no training brings it back unless you name it"
        )
    if not done.weights:
        return 0 if options.json else _say("its weights never learnt it: it is gone")
    if not options.retrain:
        versions = ", ".join(map(str, done.weights))
        return _say(
            f"the weights of version {versions} learnt it and may still lean on it: to train again without it, "
            f"and delete what learnt it: foretype models forget {_quoted(options.name)} "
            f"{_quoted(options.file)} --retrain"
        )
    again = without(options.name, done.path)
    return _train_again(options, again.job, again.stained, Library())


def _train_again(options: argparse.Namespace, job: Any, stained: tuple[int, ...], library: Any) -> int:
    """Train without the file; then the versions that learnt it go."""
    from tui.command_line.train import train_now

    status, finished = train_now(job, as_json=options.json)
    if finished is None:
        return status or 1
    version = int(Path(finished.folder).name)
    library.make_current(options.name, version)
    library.prune(options.name, stained)
    if options.json:
        return status
    gone = ", ".join(map(str, stained))
    return (
        _say(
            f"{options.name} is at version {version}, which never saw the file; "
            f"version {gone}, which learnt it, is deleted"
        )
        or status
    )


def _wait(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def _agreed(question: str) -> bool:
    """Ask on a terminal; where nobody can answer, --yes has to have said it."""
    from tui.console import visible

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misuse(f"{question} There is no terminal to ask on: say so with --yes")
    return input(f"{visible(question)} [y/N] ").strip().lower() in ("y", "yes")


def _change_in_settings(old: str, new: str) -> None:
    """Let the app use `new` the next time, where it uses `old`, which has gone."""
    from core.settings import change_setting, load_settings

    if load_settings().settings.model == old:
        change_setting("model", new)


def _tell(options: argparse.Namespace, entry: ModelEntry, line: str) -> int:
    from tui.command_line.models import as_json
    from tui.console import print_json

    if options.json:
        print_json(as_json(entry))
        return 0
    return _say(line)


def _say(line: str) -> int:
    from tui.console import visible

    print(visible(line))
    return 0


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
