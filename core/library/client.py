"""Changes of the library that a child process helps with: importing, forgetting, remembering what was saved.

Needs no screen and no torch. The librarian is started for one request and ends with it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.child import Child, ChildFailure, ChildGone
from core.errors import UserError
from core.jobs import check_name, name_after
from core.library.archive import unpacked
from core.library.library import Library, ModelEntry
from core.paths import data_folder, log_file
from core.protocol import Json, Notification
from core.text import one_line


@dataclass(frozen=True)
class Forgotten:
    """What forgetting a file did."""

    path: str
    """The file."""
    versions: int
    """Versions that remembered it, and do not any more."""
    weights: tuple[int, ...]
    """Versions whose weights learnt it: only training again without it takes it out of a network."""


@dataclass(frozen=True)
class Learnt:
    """What remembering a saved file did."""

    characters: int
    """Characters that are remembered of it; 0 where it is not to be learnt."""
    enough: bool
    """Whether so much waits for the weights that a training is worth it."""


class Librarian:
    """Asks the librarian process; every method raises UserError with one line for a person."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        """`command` is run in place of the librarian's own program."""
        self._command = command

    async def import_model(self, file: Path, name: str | None = None) -> ModelEntry:
        """Take an exported model into the library, under `name` or else one after its file's.

        It appears there whole, once it was found to be sound, or not at all.
        """
        file = file.expanduser()
        if not file.is_file():
            raise UserError(f"{one_line(str(file))}: there is no such file")
        called = name if name is not None else name_after(file)
        check_name(called)
        library = Library()
        if called in library.names():
            raise UserError(
                f"there is a model called {one_line(called)} already: import it under another name"
            )
        with unpacked(file, data_folder()) as folder:
            try:
                await self._ask("check", {"folder": str(folder)})
            except UserError as error:
                # The folder's name means nothing to anybody.
                why = str(error).replace(f"{folder} cannot be loaded: ", "")
                raise UserError(f"{one_line(str(file))} is not imported: {why}") from error
            return library.adopt(folder, called)

    async def forget(self, name: str, file: str) -> Forgotten:
        """Take a file out of a model's memory, in all of its versions."""
        Library().folder_of(name)
        answer = await self._ask("forget", {"model": name, "file": file})
        return Forgotten(str(answer["path"]), int(answer["versions"]), tuple(answer["weights"]))

    async def learn(self, name: str, file: Path) -> Learnt:
        """Have a model remember a file as it is on the disk."""
        answer = await self._ask("learn", {"model": name, "file": os.path.abspath(file)})
        return Learnt(int(answer["characters"]), bool(answer["enough"]))

    async def _ask(self, method: str, params: Json) -> Any:
        child = Child(
            "the librarian", "core.library.librarian", (), _ignore_notice, _ignore_end, self._command
        )
        try:
            await child.start()
            return await child.send(method, params)
        except OSError as error:
            raise UserError(f"the librarian cannot be started: {error.strerror}") from error
        except ChildFailure as failure:
            raise UserError(str(failure)) from failure
        except ChildGone as gone:
            raise UserError(f"the librarian ended before it answered: {log_file()} says why") from gone
        finally:
            await child.close()


def _ignore_notice(_: Notification) -> None:
    """The librarian only answers."""


def _ignore_end(_: int) -> None:
    """Who waits for an answer hears of the end by it."""
