"""What the Models tab asks for: asks back where something would be lost, does it, and shows how things are then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from textual.app import App

from core.errors import UserError
from core.jobs import BASE, TrainingJob
from core.library.archive import ENDING, export_model
from core.library.client import Librarian
from core.library.learning import learning_of, turn
from core.library.library import Library, ModelEntry, size_of
from core.library.lineage import known_files, without
from core.text import one_line
from tui.screens.dialogs import Answer, FileDialog, Question
from tui.screens.naming import NameDialog
from tui.screens.picker import Choice, Picker
from tui.widgets.models_view import ModelsView, Shown, part


class Keeper(Protocol):
    """What is needed of the app."""

    @property
    def model_in_use(self) -> str:
        """The name of the model that the settings name."""
        ...

    @property
    def training_running(self) -> bool:
        """Whether a training is under way."""
        ...

    def use_model(self, name: str) -> None:
        """Write with another model, or with this one as it is by now."""
        ...

    def models_changed(self) -> None:
        """Others that offer models are to look again."""
        ...

    async def train(self, job: TrainingJob) -> str | None:
        """Train as a job says; the new version's folder, None where nothing came of it."""
        ...


class Shelving:
    """Does one thing at a time with the library, for the Models tab."""

    def __init__(self, app: App[Any], keeper: Keeper, view: Callable[[], ModelsView]) -> None:
        self._app, self._keeper, self._view = app, keeper, view
        self.make_librarian: Callable[[], Librarian] = Librarian
        self._busy = False

    async def do(self, wanted: ModelsView.Wanted) -> None:
        """Do what was asked for; what goes wrong is one line."""
        if wanted.deed == "refresh":
            self.refresh()
            return
        if self._busy:
            self._say("Something else is being done with the models: wait for it")
            return
        self._busy = True
        try:
            point_at = await self._do(wanted)
        except UserError as error:
            self._say(str(error), wrong=True)
            point_at = ""
        finally:
            self._busy = False
        self.refresh(point_at or "")

    async def _do(self, wanted: ModelsView.Wanted) -> str | None:
        """Do it; returns the model to point at."""
        name = wanted.name
        if wanted.deed in ("rename", "forget", "delete") and self._keeper.training_running:
            raise UserError(
                "A training is under way, and may be of this model: wait for it, or stop it first"
            )
        match wanted.deed:
            case "use":
                self._keeper.use_model(name)
            case "rollback":
                entry = Library().rollback(name)
                self._changed(name, f"{one_line(name)} is at version {entry.version}")
            case "versions":
                await self._choose_version(name)
            case "rename":
                return await self._rename(name)
            case "forget":
                await self._forget(name)
            case "learn":
                await self._learn(name)
            case "export":
                await self._export(name)
            case "import":
                return await self._import()
            case "delete":
                await self._delete(name)
            case "refresh":
                pass
        return name

    def refresh(self, point_at: str = "") -> None:
        """Show the library as it is on the disk."""
        try:
            entries = Library().entries()
        except UserError as error:
            self._say(str(error), wrong=True)
            return
        self._view().show([_shown(entry) for entry in entries], self._keeper.model_in_use, point_at)

    async def _choose_version(self, name: str) -> None:
        entry = Library().find(name)
        history = Library().history(name)
        choices = [
            Choice(version.version, _version(version, entry.version), "") for version in reversed(history)
        ]
        chosen = await self._app.push_screen_wait(Picker(f"Versions of {one_line(name)}", choices))
        if chosen is not None and chosen != entry.version:
            Library().make_current(name, chosen)
            self._changed(name, f"{one_line(name)} is at version {chosen}")

    async def _rename(self, name: str) -> str:
        new = await self._app.push_screen_wait(NameDialog(f"Rename {one_line(name)}", name))
        if new is None or new == name:
            return name
        Library().rename(name, new)
        self._keeper.models_changed()
        if self._keeper.model_in_use == name:
            self._keeper.use_model(new)
        self._say(f"{one_line(name)} is now {one_line(new)}")
        return new

    async def _forget(self, name: str) -> None:
        entry = Library().find(name)
        choices = [
            Choice(path, one_line(Path(path).name), one_line(str(Path(path).parent)))
            for path in known_files(entry)
        ]
        title = f"Which file shall {one_line(name)} forget?"
        path = await self._app.push_screen_wait(Picker(title, choices, empty="it has learnt from no file"))
        if path is None:
            return
        shown = one_line(Path(path).name)
        answer = await self._ask(
            f"Forget {shown}?",
            "It goes out of this model's memory at once and in all versions, and no training of a folder brings it "
            "back. The weights may still lean on it: only training again without it takes it out of them, and then "
            "the versions that learnt it are deleted.",
            Answer("forget", "Out of memory", "primary"),
            Answer("retrain", "And train again"),
            Answer("cancel", "Cancel"),
        )
        if answer not in ("forget", "retrain"):
            return
        done = await self.make_librarian().forget(name, path)
        self._changed(name, f"{one_line(entry.name)} remembers nothing of {shown} any more")
        if answer == "retrain" and done.weights:
            await self._train_without(name, done.path)

    async def _train_without(self, name: str, path: str) -> None:
        again = without(name, path)
        folder = await self._keeper.train(again.job)
        if folder is None:
            return
        Library().make_current(name, int(Path(folder).name))
        Library().prune(name, again.stained)
        self._changed(
            name, f"{one_line(name)} never saw {one_line(Path(path).name)}: the versions that did are deleted"
        )

    async def _learn(self, name: str) -> None:
        on = not learning_of(Library().find(name)).on
        if on:
            answer = await self._ask(
                f"Let {one_line(name)} learn as you write?",
                "What you save here while you write with it is remembered by it at once, and learnt by its weights "
                "when you have not typed for a while. Nothing leaves this machine, and you can turn it off and have "
                "files forgotten at any time.",
                Answer("on", "Learn", "primary"),
                Answer("cancel", "Cancel"),
            )
            if answer != "on":
                return
        turn(name, on=on)
        self._say(f"{one_line(name)} learns from what you save" if on else f"{one_line(name)} learns no more")

    async def _export(self, name: str) -> None:
        title = f"Export {one_line(name)}, with what it remembers of your texts"
        path = await self._app.push_screen_wait(
            FileDialog(title, Path.cwd(), name=f"{name}{ENDING}", pick=False)
        )
        if path is None:
            return
        folder = Library().find(name).folder
        size = await asyncio.to_thread(export_model, folder, path)
        self._say(f"{one_line(name)} is in {one_line(str(path))}: {size / 1e6:.0f} MB")

    async def _import(self) -> str | None:
        path = await self._app.push_screen_wait(FileDialog("Import a model", Path.cwd(), pick=True))
        if path is None:
            return None
        self._say(f"Checking {one_line(path.name)}")
        entry = await self.make_librarian().import_model(path)
        self._keeper.models_changed()
        self._say(f"{one_line(entry.name)} is imported")
        return entry.name

    async def _delete(self, name: str) -> None:
        many = len(Library().find(name).versions)
        what = f"all {many} versions of it, " if many > 1 else ""
        answer = await self._ask(
            f"Delete {one_line(name)}?",
            f"Nothing is left: {what}what it remembers of your texts, what an unfinished training of it kept.",
            Answer("cancel", "Keep it"),
            Answer("delete", "Delete", "error"),
        )
        if answer != "delete":
            return
        used = self._keeper.model_in_use == name
        await asyncio.to_thread(Library().delete, name)
        self._keeper.models_changed()
        if used:
            self._keeper.use_model(BASE)
        self._say(f"{one_line(name)} is deleted")

    def _changed(self, name: str, line: str) -> None:
        """The version in use, or its memory, is another: whoever writes with it is to have it anew."""
        if self._keeper.model_in_use == name:
            self._keeper.use_model(name)
        self._say(line)

    async def _ask(self, title: str, text: str, *answers: Answer) -> str | None:
        return await self._app.push_screen_wait(Question(title, text, answers))

    def _say(self, line: str, *, wrong: bool = False) -> None:
        self._app.notify(one_line(line), severity="error" if wrong else "information", markup=False)


def _shown(entry: ModelEntry) -> Shown:
    learning = learning_of(entry)
    return Shown(entry, size_of(entry.folder) / 1e6, learning.on, sum(learning.waiting.values()))


def _version(version: ModelEntry, used: int) -> str:
    held_out = part(version.card, "held_out")
    bits, keys = held_out.get("bits_per_character"), held_out.get("keys_saved")
    facts = [
        f"version {version.version}",
        str(version.card.get("created", ""))[:10],
        f"{bits:.2f} bits" if isinstance(bits, int | float) else "",
        f"{keys:.1%} of keys saved" if isinstance(keys, int | float) else "",
        f"{size_of(version.folder) / 1e6:.0f} MB",
        "in use" if version.version == used else "",
    ]
    return ", ".join(one_line(fact) for fact in facts if fact)
