"""Small dialogs: a question with buttons, a file to open, a name to save under, drafts to recover, help."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.text import Text, TextType
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, DirectoryTree, Input, OptionList, Static
from textual.widgets.option_list import Option

from core.recovery import Found
from core.text import count_words, one_line

ROOM_FOR_ANSWERS = 56
"""Cells within a dialog."""

Look = Literal["default", "primary", "success", "warning", "error"]


@dataclass(frozen=True)
class Answer:
    """A button of a question."""

    name: str
    label: str
    look: Look = "default"


class Question(ModalScreen[str | None]):
    """A title, a line or two, and answers; Escape is no answer. The first answer has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, text: str, answers: Sequence[Answer]) -> None:
        super().__init__()
        self._title, self._text, self._answers = title, text, answers

    def compose(self) -> ComposeResult:
        """Stack title, text and buttons."""
        with Vertical(classes="dialog"):
            yield Static(one_line(self._title), classes="dialog-title", markup=False)
            yield Static(Content(self._text), classes="dialog-text", markup=False)
            with Horizontal(classes="dialog-buttons -stacked" if self._wide else "dialog-buttons"):
                for answer in self._answers:
                    yield Button(Content(answer.label), variant=answer.look, id=answer.name, compact=True)

    @property
    def _wide(self) -> bool:
        """Whether the answers have no room side by side, which would hide the last of them."""
        return sum(cell_len(answer.label) + 5 for answer in self._answers) > ROOM_FOR_ANSWERS

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id)


class Files(DirectoryTree):
    """A tree of folders and files; hidden ones are left out, and names are shown as they are."""

    ICON_NODE, ICON_NODE_EXPANDED, ICON_FILE = "▸ ", "▾ ", "  "

    def process_label(self, label: TextType) -> Text:
        """A name as text, never as markup."""
        return Text(one_line(label if isinstance(label, str) else label.plain))

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Leave out what is hidden."""
        return [path for path in paths if not path.name.startswith(".")]


class FileDialog(ModalScreen[Path | None]):
    """Asks for a path: typed, or, to open a file, picked from a tree."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, folder: Path, *, name: str = "", pick: bool) -> None:
        super().__init__()
        self._title, self._folder, self._name, self._pick = title, folder, name, pick

    def compose(self) -> ComposeResult:
        """Stack a line to type in and, where one picks, the tree."""
        with Vertical(classes="dialog file-dialog -pick" if self._pick else "dialog file-dialog"):
            yield Static(one_line(self._title), classes="dialog-title", markup=False)
            # What is shown may differ from what is typed only in characters that nobody can type.
            yield Input(self._name, placeholder="a name or a path", select_on_focus=False, compact=True)
            if self._pick:
                files = Files(self._folder)
                files.show_guides = False
                yield files
            yield Static(Content(f"in {one_line(str(self._folder))}"), classes="dialog-hint", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Open" if self._pick else "Save", variant="primary", id="ok", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    @on(DirectoryTree.FileSelected)
    def _picked(self, event: DirectoryTree.FileSelected) -> None:
        event.stop()
        self.dismiss(event.path)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#ok")
    @on(Input.Submitted)
    def _typed(self) -> None:
        typed = self.query_one(Input).value
        if not typed.strip() or "\0" in typed:
            return
        self.dismiss(self._folder / Path(typed).expanduser())


class RecoverDialog(ModalScreen[tuple[str, Found] | None]):
    """What a crash left: each draft can be recovered or discarded; Escape leaves all for later."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Later")]

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__()
        self._found = found

    def compose(self) -> ComposeResult:
        """Stack the list and the buttons."""
        one = len(self._found) == 1
        with Vertical(classes="dialog"):
            yield Static("Unsaved text was found", classes="dialog-title", markup=False)
            what = "a draft that was" if one else f"{len(self._found)} drafts that were"
            yield Static(f"Foretype ended with {what} not saved.", classes="dialog-text", markup=False)
            yield OptionList(*(Option(_described(item)) for item in self._found), compact=True, markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Recover", variant="primary", id="recover", compact=True)
                yield Button("Later", id="later", compact=True)
                yield Button("Discard", variant="error", id="discard", compact=True)

    def on_mount(self) -> None:
        """Point at the newest; Enter recovers it."""
        choices = self.query_one(OptionList)
        choices.highlighted = 0
        choices.focus()

    @on(OptionList.OptionSelected)
    def _recover(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(("recover", self._found[event.option_index]))

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        at = self.query_one(OptionList).highlighted
        if event.button.id == "later" or at is None:
            self.dismiss(None)
        else:
            self.dismiss((str(event.button.id), self._found[at]))


def _described(found: Found) -> Content:
    copy = found.copy
    name = one_line(Path(copy.path).name) if copy.path else "unnamed"
    when = time.strftime("%d %b %H:%M", time.localtime(copy.saved))
    start = one_line(" ".join(copy.text[:200].split())[:60])
    return Content.assemble(
        (name, "bold"),
        (f"  {when}  {count_words(copy.text):,} words\n", "$foreground 65%"),
        (f"  {start}", "$foreground 65%"),
    )


class HelpScreen(ModalScreen[None]):
    """The keys and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q,enter", "dismiss(None)", "Close")]

    def __init__(self, sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        super().__init__()
        self._sections = sections

    def compose(self) -> ComposeResult:
        """Stack the sections in something that scrolls."""
        with Vertical(classes="dialog help"):
            yield Static("Foretype", classes="dialog-title", markup=False)
            with VerticalScroll():
                yield Static(self._text(), markup=False)
            yield Static("Esc closes", classes="dialog-hint", markup=False)

    def _text(self) -> Content:
        wide = max(len(keys) for _, rows in self._sections for keys, _ in rows) + 3
        lines: list[Content] = []
        for title, rows in self._sections:
            lines.append(Content.styled(title, "bold $text-accent"))
            lines += [
                Content.assemble((keys.ljust(wide), ""), (what, "$foreground 65%")) for keys, what in rows
            ]
            lines.append(Content(""))
        return Content("\n").join(lines[:-1])
