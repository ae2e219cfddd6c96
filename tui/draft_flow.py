"""What happens around a draft: opening, saving, leaving, recovering, with the questions that have to be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App

from core.drafts import ChangedOnDisk, Opened, Unencodable, open_draft
from core.encodings import Encoding
from core.errors import UserError
from core.recovery import Found, left_over
from core.text import one_line
from tui.keeping import Keeper
from tui.screens.dialogs import UNSEEN, Answer, FileDialog, Question, RecoverDialog, TypedOn
from tui.widgets.editor import Editor

LATER = "Unsaved text of an earlier session is kept: Ctrl+P, Recover."
EMPTY = Opened("", Encoding(), None, False)
SAVE, DISCARD = Answer("save", "Save", "primary"), Answer("discard", "Discard", "error")
CANCEL = Answer("cancel", "Cancel")


class DraftFlow:
    """Asks what must be asked and does it. Its methods run in a worker, because they wait for answers."""

    def __init__(
        self,
        app: App[Any],
        editor: Editor,
        keeper: Keeper,
        *,
        loaded: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        """`loaded` is called when the editor holds another draft, `changed` when the draft's state is another."""
        self._app, self._editor, self._keeper = app, editor, keeper
        self._loaded, self._changed = loaded, changed
        self.folder = Path.cwd()

    def load(self, path: Path) -> bool:
        """Put the draft at `path` into the editor; says in one line why where that cannot be."""
        try:
            opened = open_draft(path)
        except UserError as error:
            self.say(str(error), wrong=True)
            return False
        self._put(path, opened)
        if opened.read_only:
            self.say(f"{one_line(path.name)} can only be read: save it under another name")
        return True

    def _put(self, path: Path | None, opened: Opened) -> None:
        self._keeper.close()
        self._editor.load_text(opened.text)
        self._keeper.take(path, opened)
        self._loaded()

    def say(self, line: str, *, wrong: bool = False) -> None:
        """Tell the person one line."""
        self._app.notify(one_line(line), severity="error" if wrong else "information", markup=False)

    # Saving

    async def save(self) -> bool:
        """Save the draft, asking for a name where it has none; whether it is saved now."""
        if self._keeper.path is None:
            return await self.save_as()
        if not self._keeper.unsaved and self._keeper.fingerprint is not None:
            return True  # a file that was not touched is not written
        return await self._save_to(self._keeper.path)

    async def save_as(self) -> bool:
        """Ask for a name and save under it; whether that was done."""
        name = self._keeper.path.name if self._keeper.path else ""
        path = await self._app.push_screen_wait(FileDialog("Save as", self.folder, name=name, pick=False))
        if path is None:
            return False
        if path.is_dir():
            self.say(f"{one_line(path.name)} is a folder: add a name", wrong=True)
            return False
        if path != self._keeper.path and path.exists():
            answer = await self._ask(
                "Replace it?",
                f"{one_line(path.name)} is there already.",
                CANCEL,
                Answer("replace", "Replace", "error"),
            )
            if answer != "replace":
                return False
            return await self._save_to(path, force=True)
        return await self._save_to(path)

    async def _save_to(self, path: Path, *, force: bool = False, utf8: bool = False) -> bool:
        try:
            await self._keeper.save(path, force=force, utf8=utf8)
        except ChangedOnDisk as error:
            return await self._overwrite_or_not(path, str(error), utf8)
        except Unencodable as error:
            answer = await self._ask(
                "Save as UTF-8?", f"{error}.", Answer("utf8", "Save as UTF-8", "primary"), CANCEL
            )
            return answer == "utf8" and await self._save_to(path, force=force, utf8=True)
        except UserError as error:
            self.say(str(error), wrong=True)
            return False
        finally:
            self._changed()
        return True

    async def _overwrite_or_not(self, path: Path, line: str, utf8: bool) -> bool:
        answer = await self._ask(
            "Changed on disk",
            f"{line}. Overwriting loses that change.",
            Answer("other", "Save under another name", "primary"),
            Answer("reload", "Open what is on disk"),
            Answer("overwrite", "Overwrite what is on disk", "error"),
        )
        if answer == "other":
            return await self.save_as()
        if answer == "reload":
            await self._reload(path)
            return False
        return answer == "overwrite" and await self._save_to(path, force=True, utf8=utf8)

    async def _reload(self, path: Path) -> None:
        answer = await self._ask(
            "Give up your changes?", "What you wrote since is not saved.", CANCEL, DISCARD
        )
        if answer == "discard":
            self.load(path)

    # Other drafts

    async def open(self) -> None:
        """Ask for a file and open it."""
        path = await self._app.push_screen_wait(FileDialog("Open", self.folder, pick=True))
        if path is not None and await self.may_leave():
            self.load(path)

    async def new(self) -> None:
        """Begin a draft without a name."""
        if await self.may_leave():
            self._put(None, EMPTY)

    async def may_leave(self) -> bool:
        """Whether the draft may go: it is saved, is saved on being asked, or is not wanted."""
        if not self._keeper.unsaved or (self._keeper.path is None and not self._editor.document.words):
            return True
        answer = await self._ask(
            f"Save {self._keeper.name}?", "It holds text that is not saved.", SAVE, DISCARD, CANCEL
        )
        if answer == "save":
            return await self.save()
        return answer == "discard"

    async def may_end_training(self) -> bool:
        """Whether a training run may end with the app."""
        answer = await self._ask(
            "A model is being trained",
            "Leaving interrupts that; the Train tab can resume it later.",
            Answer("stay", "Stay", "primary"),
            Answer("leave", "Leave"),
        )
        return answer == "leave"

    async def may_discard_training(self, name: str) -> bool:
        """Whether an interrupted training run may be deleted."""
        answer = await self._ask(
            "Discard the training?",
            f"What {one_line(name)} learnt in it is lost; models in the library stay.",
            CANCEL,
            DISCARD,
        )
        return answer == "discard"

    async def recover(self, named: Path | None = None, *, at_start: bool = False) -> None:
        """Offer what a crash left, until nothing is left or the person wants no more now.

        `named` is the file that the person asked for; `at_start` says that nobody asked for the dialog.
        """
        unseen = UNSEEN if at_start else 0.0
        while found := await asyncio.to_thread(left_over):
            if at_start and self._keeper.unsaved:
                self.say(LATER)  # who types already is not to be interrupted
                return
            answer = await self._app.push_screen_wait(RecoverDialog(found, named, unseen=unseen))
            if isinstance(answer, TypedOn):
                self._editor.insert(answer.text)
                self.say(LATER)
                return
            if answer is None:
                return
            unseen = 0.0
            what, item = answer
            try:
                place = item.claim()
            except UserError:
                continue  # another Foretype took it meanwhile
            if what == "discard":
                place.forget()
            else:
                if not await self.may_leave():
                    place.release()
                    return
                self._recover(item)
                self._keeper.take_recovered(item.copy, place)
                self._changed()
                return

    def _recover(self, item: Found) -> None:
        self._editor.load_text(item.copy.text)
        self._loaded()
        self._editor.move_cursor((item.copy.row, item.copy.column), center=True)

    async def _ask(self, title: str, text: str, *answers: Answer) -> str | None:
        return await self._app.push_screen_wait(Question(title, text, answers))
