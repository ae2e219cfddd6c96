"""What happens around drafts: opening, saving, leaving, recovering, with the questions that have to be asked."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App

from core.drafts.files import ChangedOnDisk, Unencodable, open_draft
from core.drafts.recent import place_in, remember_file
from core.drafts.recovery import Found, left_over
from core.errors import UserError
from core.text import one_line
from tui.flows.open_drafts import EMPTY, OpenDraft, OpenDrafts
from tui.screens.comparing import CompareScreen
from tui.screens.dialogs import UNSEEN, Answer, FileDialog, Question, RecoverDialog, TypedOn
from tui.widgets.editor import Editor

LATER = "Unsaved text of an earlier session is kept: Ctrl+P, Recover."
SAVE, DISCARD = Answer("save", "Save", "primary"), Answer("discard", "Discard", "error")
CANCEL = Answer("cancel", "Cancel")
ELSEWHERE = Answer("other", "Save under another name", "primary")


class DraftFlow:
    """Asks what must be asked and does it. Its methods run in a worker, because they wait for answers."""

    def __init__(
        self,
        app: App[Any],
        editor: Editor,
        drafts: OpenDrafts,
        *,
        changed: Callable[[], None],
        saved: Callable[[Path], object],
    ) -> None:
        """`changed` is called when the state of the draft that is shown is another, `saved` when a file was written."""
        self._app, self._editor, self._drafts = app, editor, drafts
        self._changed, self._saved = changed, saved
        self.folder = Path.cwd()

    def load(self, path: Path) -> bool:
        """Show the draft at `path`, opening it where it is not; says in one line why where that cannot be."""
        if draft := self._drafts.find(path):
            self._drafts.show(draft)
            return True
        try:
            opened = open_draft(path)
        except UserError as error:
            self.say(str(error), wrong=True)
            return False
        keeper = self._drafts.add(path, opened, place_in(path)).keeper
        if opened.fingerprint is not None:
            remember_file(path)
        if keeper.held_elsewhere:
            self.say(f"{keeper.held_elsewhere}: write in one of them only", wrong=True)
        elif not path.parent.is_dir():
            self.say(f"{one_line(str(path.parent))} does not exist yet: saving asks whether to make it")
        elif opened.encoding.guessed:
            self.say(
                f"{one_line(path.name)} does not say its encoding: read as {opened.encoding.name}. "
                "Where letters look wrong: Ctrl+P, Read as"
            )
        elif opened.read_only:
            self.say(f"{one_line(path.name)} can only be read: saving asks for another name")
        return True

    def say(self, line: str, *, wrong: bool = False) -> None:
        """Tell the person one line."""
        self._app.notify(one_line(line), severity="error" if wrong else "information", markup=False)

    # Saving

    async def save(self, draft: OpenDraft) -> bool:
        """Save a draft, asking for a name where it has none; whether it is saved now.

        The draft is given, here and below: while a file is written or a question stands, another may be shown.
        """
        await self._typed()
        keeper = draft.keeper
        if keeper.path is None:
            return await self.save_as(draft)
        if not keeper.unsaved and keeper.fingerprint is not None:
            return True  # a file that was not touched is not written
        if keeper.read_only and not os.access(keeper.path, os.W_OK):
            return await self.save_as(draft)
        keeper.take_hold()
        if keeper.held_elsewhere:
            answer = await self._ask(
                "Open elsewhere",
                f"{keeper.held_elsewhere}. What is written there may overwrite this, and this that.",
                ELSEWHERE,
                Answer("here", "Save it all the same", "error"),
                CANCEL,
            )
            if answer != "here":
                return answer == "other" and await self.save_as(draft)
        return await self._save_to(draft, keeper.path)

    async def save_as(self, draft: OpenDraft) -> bool:
        """Ask for a name and save under it; whether that was done."""
        before = draft.keeper.path
        name = before.name if before else ""
        path = await self._app.push_screen_wait(FileDialog("Save as", self.folder, name=name, pick=False))
        if path is None:
            return False
        if path.is_dir():
            self.say(f"{one_line(path.name)} is a folder: add a name", wrong=True)
            return False
        if self._drafts.find(path) not in (None, draft):
            self.say(f"{one_line(path.name)} is open here too: close it first", wrong=True)
            return False
        if path != before and path.exists():
            answer = await self._ask(
                "Replace it?",
                f"{one_line(path.name)} is there already.",
                CANCEL,
                Answer("replace", "Replace", "error"),
            )
            if answer != "replace":
                return False
            return await self._save_to(draft, path, force=True)
        return await self._save_to(draft, path)

    async def _save_to(
        self, draft: OpenDraft, path: Path, *, force: bool = False, utf8: bool = False
    ) -> bool:
        if not path.parent.exists() and not await self._make_folder(path.parent):
            return False
        try:
            await draft.keeper.save(path, force=force, utf8=utf8)
        except ChangedOnDisk as error:
            return await self._overwrite_or_not(draft, path, str(error), utf8)
        except Unencodable as error:
            guessed = " The encoding was guessed: see first whether all letters look right."
            line = f"{error}.{guessed if draft.keeper.encoding.guessed else ''}"
            answer = await self._ask(
                "Save as UTF-8?", line, Answer("utf8", "Save as UTF-8", "primary"), CANCEL
            )
            return answer == "utf8" and await self._save_to(draft, path, force=force, utf8=True)
        except UserError as error:
            self.say(str(error), wrong=True)
            return False
        finally:
            self._changed()
        remember_file(path)
        self._saved(path)
        return True

    async def _make_folder(self, folder: Path) -> bool:
        answer = await self._ask(
            "Make the folder?",
            f"{one_line(str(folder))} does not exist.",
            Answer("make", "Make it", "primary"),
            CANCEL,
        )
        if answer != "make":
            return False
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.say(f"{one_line(str(folder))} cannot be made ({error.strerror})", wrong=True)
            return False
        return True

    async def _overwrite_or_not(self, draft: OpenDraft, path: Path, line: str, utf8: bool) -> bool:
        answer = await self._ask(
            "Changed on disk",
            f"{line}. Overwriting loses that change.",
            ELSEWHERE,
            Answer("reload", "Open what is on disk"),
            Answer("overwrite", "Overwrite what is on disk", "error"),
        )
        if answer == "other":
            return await self.save_as(draft)
        if answer == "reload":
            await self.reload(draft)
            return False
        return answer == "overwrite" and await self._save_to(draft, path, force=True, utf8=utf8)

    async def reload(self, draft: OpenDraft, codec: str | None = None) -> None:
        """Show a draft as its file is now, read in an encoding if given, in place of what was written since."""
        path = draft.keeper.path
        if path is None:
            return
        if draft.keeper.unsaved:
            answer = await self._ask(
                "Give up your changes?", "What you wrote since is not saved.", CANCEL, DISCARD
            )
            if answer != "discard":
                return
        try:
            opened = open_draft(path, codec)
        except UserError as error:
            self.say(str(error), wrong=True)
            return
        if draft in self._drafts.all:
            self._drafts.reload(draft, opened)

    # Other drafts

    async def open(self) -> None:
        """Ask for a file and open it."""
        path = await self._app.push_screen_wait(FileDialog("Open", self.folder, pick=True))
        if path is not None:
            self.load(path)

    def new(self) -> None:
        """Begin a draft without a name."""
        if not self._drafts.current.keeper.blank:
            self._drafts.add(None, EMPTY)

    async def close(self, draft: OpenDraft) -> None:
        """Close a draft, once it may go."""
        if await self._may_close(draft) and draft in self._drafts.all:
            self._drafts.close(draft)

    async def may_leave(self) -> bool:
        """Whether all drafts may go: each is saved, is saved on being asked, or is not wanted."""
        await self._typed()
        given_up: set[OpenDraft] = set()
        while waiting := [draft for draft in self._drafts.all if draft.to_lose and draft not in given_up]:
            draft = waiting[0]
            self._drafts.show(draft)
            if not await self._may_close(draft):
                return False
            if draft.to_lose:
                given_up.add(draft)
        return True

    async def _typed(self) -> None:
        """Wait until the text has what was typed before: a key of the app's overtakes those that go to the editor
        and, where the editor has bound them, come back from there.
        """
        for node in self._editor.ancestors_with_self:
            arrived = asyncio.Event()
            if node.call_later(arrived.set):
                await arrived.wait()

    async def _may_close(self, draft: OpenDraft) -> bool:
        while draft.to_lose:  # who types on while it is saved is asked again
            answer = await self._ask(
                f"Save {draft.keeper.name}?", "It holds text that is not saved.", SAVE, DISCARD, CANCEL
            )
            if answer != "save":
                return answer == "discard"
            if not await self.save(draft):
                return False
        return True

    async def may_end_training(self, begun: bool) -> bool:
        """Whether a training run may end with the app; `begun` says that it has learnt something."""
        answer = await self._ask(
            "A model is being trained",
            "Leaving interrupts it. What it has learnt so far is kept: Resume, in the Train tab, goes on from there."
            if begun
            else "It is still reading the texts: leaving ends it, and it has to be started anew.",
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
            if at_start and self._drafts.current.keeper.unsaved:
                self.say(LATER)  # who types already is not to be interrupted
                return
            answer = await self._app.push_screen_wait(RecoverDialog(found, named, unseen=unseen))
            if isinstance(answer, TypedOn):
                self._editor.insert(answer.text)
                self.say(LATER)
                return
            if answer is None:
                return
            at_start, unseen = False, 0.0
            what, item = answer
            if what == "look":
                await self._app.push_screen_wait(_looked_at(item))
                continue
            if what == "discard":
                await self._discard_left(item)
                continue
            for wanted in found if what == "all" else [item]:
                if not await self._bring_back(wanted):
                    return

    async def _discard_left(self, item: Found) -> None:
        name = one_line(Path(item.copy.path).name) if item.copy.path else "the unnamed draft"
        answer = await self._ask("Discard it?", f"What {name} held unsaved is gone then.", CANCEL, DISCARD)
        if answer == "discard":
            with contextlib.suppress(UserError):  # another Foretype took it meanwhile
                item.claim().forget()

    async def _bring_back(self, item: Found) -> bool:
        """Show what a crash left; False where the person keeps the draft that is open of the same file."""
        try:
            place = item.claim()
        except UserError:
            return True  # another Foretype took it meanwhile
        path = Path(item.copy.path) if item.copy.path else None
        draft = self._drafts.find(path) if path is not None else None
        if draft is not None:
            self._drafts.show(draft)
            if not await self._may_close(draft):
                place.release()
                return False
        self._drafts.add_recovered(item.copy, place)
        if draft is not None:
            self._drafts.discard(draft)
        return True

    async def _ask(self, title: str, text: str, *answers: Answer) -> str | None:
        return await self._app.push_screen_wait(Question(title, text, answers))


def _looked_at(item: Found) -> CompareScreen:
    """The unsaved text beside what is in its file."""
    copy = item.copy
    name = one_line(Path(copy.path).name) if copy.path else "unnamed"
    older = ""
    if copy.path:
        with contextlib.suppress(UserError):
            older = open_draft(Path(copy.path)).text
    saved, found = "in the file" if older else "", "not saved"
    return CompareScreen(name, older.replace("\r\n", "\n"), copy.text.replace("\r\n", "\n"), saved, found)
