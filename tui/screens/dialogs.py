"""Small dialogs: a question with buttons, a file to open, a name to save under, drafts to recover, help."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.text import Text, TextType
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, DirectoryTree, Input, OptionList, Static
from textual.widgets.option_list import Option

from core.drafts.recovery import Found
from core.text import count_words, one_line
from tui.screens.dialog import Dialog

UNSEEN = 0.5
"""Seconds in which nobody has read a dialog that came by itself."""
PREVIEW = 52
"""Characters of a draft that a list shows."""
ROOM_FOR_ANSWERS = 56
"""Cells within a dialog."""

Look = Literal["default", "primary", "success", "warning", "error"]


@dataclass(frozen=True)
class Answer:
    """A button of a question."""

    name: str
    label: str
    look: Look = "default"


class Question(Dialog[str | None]):
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


class FileDialog(Dialog[Path | None]):
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


@dataclass(frozen=True)
class TypedOn:
    """The person was typing when the dialog came: these keys are for the draft."""

    text: str


class RecoverDialog(Dialog["tuple[str, Found] | TypedOn | None"]):
    """What a crash left: each draft can be recovered, looked at or discarded; Escape leaves all for later.

    Somebody who types on has not seen the dialog: it goes, and gives what was typed to the draft.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Later"),
        Binding("left", "button(-1)", show=False),
        Binding("right", "button(1)", show=False),
        Binding("up", "choose(-1)", show=False),
        Binding("down", "choose(1)", show=False),
    ]
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide")]  # noqa: RUF012 (the parent's is no ClassVar)

    def __init__(self, found: Sequence[Found], named: Path | None = None, *, unseen: float = UNSEEN) -> None:
        """`named` is the file that the person asked for: what is of another is not recovered by default.

        For `unseen` seconds no button has the focus, because a key may be one that was meant for the draft.
        """
        super().__init__()
        self._found = found
        paths = [Path(item.copy.path) if item.copy.path else None for item in found]
        self._at = paths.index(named) if named in paths else 0
        self._default = "later" if named is not None and named not in paths else "recover"
        self._unseen = unseen
        self._held = ""

    def compose(self) -> ComposeResult:
        """Stack the list and the buttons."""
        one = len(self._found) == 1
        with Vertical(classes="dialog"):
            yield Static("Unsaved text was found", classes="dialog-title", markup=False)
            what = "a draft that was" if one else f"{len(self._found)} drafts that were"
            how = "" if one else " ↑ ↓ choose one."
            yield Static(f"Foretype ended with {what} not saved.{how}", classes="dialog-text", markup=False)
            drafts = OptionList(
                *(Option(_described(item)) for item in self._found), compact=True, markup=False
            )
            drafts.can_focus = False  # the arrows reach it from the buttons, which say what will be done
            yield drafts
            with Horizontal(classes="dialog-buttons"):
                yield Button("Recover", variant="primary", id="recover", compact=True)
                if not one:
                    yield Button("Recover all", id="all", compact=True)
                yield Button("Look", id="look", compact=True)
                yield Button("Later", id="later", compact=True)
                yield Button("Discard", variant="error", id="discard", compact=True)

    def on_mount(self) -> None:
        """Point at the draft of the named file, else at the newest."""
        self.query_one(OptionList).highlighted = self._at
        if self._unseen:
            self.set_timer(self._unseen, self._focus_default)
        else:
            self._focus_default()

    def _focus_default(self) -> None:
        if self.focused is None:
            self.query_one(f"#{self._default}", Button).focus()

    def action_button(self, by: int) -> None:
        """Go to the button beside; there is none beyond the last."""
        buttons = list(self.query(Button))
        focused = self.focused
        at = buttons.index(focused) + by if isinstance(focused, Button) else 0
        buttons[max(0, min(at, len(buttons) - 1))].focus()

    def action_choose(self, by: int) -> None:
        """Point at the draft above or below."""
        drafts = self.query_one(OptionList)
        drafts.highlighted = max(0, min((drafts.highlighted or 0) + by, len(self._found) - 1))

    def on_key(self, event: events.Key) -> None:
        """Let the person type on; what answers nothing yet is kept in case that more follows it."""
        if not self.is_active:
            self.app.post_message(events.Key(event.key, event.character))  # it came too late for this dialog
        elif event.key in ("enter", "space"):
            self._held += {"enter": "\n", "space": " "}[event.key]
        elif event.character and event.is_printable:
            self.dismiss(TypedOn(self._held + event.character))

    @on(OptionList.OptionSelected)
    def _point(self, event: OptionList.OptionSelected) -> None:
        event.stop()  # a click only points

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
    words = count_words(copy.text)
    start = one_line(beginning(" ".join(copy.text[:400].split()), PREVIEW))
    return Content.assemble(
        (name, "bold"),
        (f"  {when}  {words:,} {'word' if words == 1 else 'words'}\n", "$foreground 65%"),
        (f"  {start}", "$foreground 65%"),
    )


def beginning(text: str, most: int) -> str:
    """The whole words at the start of `text` that have room in `most` characters, with a mark where more follows."""
    if len(text) <= most:
        return text
    end = text.rfind(" ", 0, most)
    return text[: end if end > 0 else most - 1] + "…"


class HelpScreen(Dialog[None]):
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
                for title, rows in self._sections:
                    yield Static(title, classes="help-title", markup=False)
                    for keys, what in rows:
                        with Horizontal(classes="help-row"):
                            yield Static(keys, classes="help-keys", markup=False)
                            yield Static(what, classes="help-what", markup=False)
            yield Static("Esc closes", classes="dialog-hint", markup=False)
