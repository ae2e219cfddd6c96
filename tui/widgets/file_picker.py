"""Choosing files and folders to learn from: a tree to mark them in, a line that filters or takes a path."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from rich.style import Style
from rich.text import Text, TextType
from textual import on, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import DirectoryTree, Input, Static
from textual.widgets.directory_tree import DirEntry
from textual.widgets.tree import TreeNode

from core.text import one_line

MOST: Final = 1000
"""Entries of one folder that are shown: a tree of more is slow, and the folder can be chosen as a whole."""
FILTER_DELAY: Final = 0.15
"""Seconds without a key before the tree is filtered."""


def visible(path: Path) -> bool:
    """Say whether a file or folder may be shown: hidden ones, sockets and devices are not."""
    try:
        return not path.name.startswith(".") and (path.is_file() or path.is_dir())
    except OSError:
        return True


def readable(path: Path) -> bool:
    """Say whether this user may read a file, or list a folder."""
    try:
        return os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK)
    except OSError:
        return False


def short(path: Path) -> str:
    """Return a folder's path as it fits at the top of the tree, the home folder as ~."""
    text, home = str(path), os.path.expanduser("~")
    if text == home or text.startswith(home + os.sep):
        text = "~" + text[len(home) :]
    return text if len(text) <= 24 or not path.name else f"…/{path.name}"


class Selection:
    """The files and folders that are chosen. A folder stands for all that is in it, later files included."""

    def __init__(self) -> None:
        self.paths: set[Path] = set()

    def state(self, path: Path) -> str:
        """Return "all", "some" or "none" for a path; what lies in a chosen folder is chosen with it."""
        if path in self.paths or any(parent in self.paths for parent in path.parents):
            return "all"
        return "some" if any(path in chosen.parents for chosen in self.paths) else "none"

    def toggle(self, path: Path) -> None:
        """Choose a path, or no longer; what is taken out of a chosen folder leaves the rest of it chosen."""
        if self.state(path) != "all":
            self.add(path)
            return
        above = next((parent for parent in path.parents if parent in self.paths), None)
        if above is None:
            self.paths.discard(path)
            return
        self.paths.discard(above)
        step = path
        while step != above:
            self.paths.update(other for other in _beside(step) if other != step)
            step = step.parent

    def add(self, path: Path) -> None:
        """Choose a path; what it holds is chosen through it."""
        self.paths = {chosen for chosen in self.paths if path not in chosen.parents} | {path}


def _beside(path: Path) -> list[Path]:
    """Return what is in the same folder and can be read."""
    try:
        return [other for other in path.parent.iterdir() if visible(other) and readable(other)]
    except OSError:
        return []


class SourceTree(DirectoryTree):
    """A tree of folders whose rows can be marked with Space."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Choose or leave out", show=False),
        Binding("right", "open", "Open the folder", show=False),
        Binding("left", "close", "Close the folder", show=False),
        Binding("backspace", "up_root", "Go to the folder above", show=False),
        Binding("x", "clear_marks", "Choose nothing", show=False),
    ]

    DEFAULT_CSS = """
    SourceTree {
        height: 30vh; /* so that the button to start is in view below it */
        min-height: 9;
        max-height: 50vh;
        margin: 0 1 0 1;
        padding: 0 1;
        background: transparent;
        border: round $foreground 25%;
        scrollbar-size: 1 1;
        scrollbar-color: $foreground 20%;
        scrollbar-color-hover: $foreground 40%;
        scrollbar-color-active: $accent;
        scrollbar-background: $surface;
        scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface;
        &:focus { border: round $accent; background-tint: transparent; }
        & > .directory-tree--extension { text-style: none; }
        &:focus > .tree--cursor { text-style: bold; }
    }
    """

    @dataclass
    class Marked(Message):
        """What is chosen changed."""

        tree: SourceTree

        @property
        def control(self) -> SourceTree:
            """The tree that it was changed in."""
            return self.tree

    def __init__(self, root: Path, selection: Selection, id: str | None = None) -> None:
        # Filled by the threads that read folders, because asking the disk has no place in painting.
        self._unreadable: set[Path] = set()
        self._cut: dict[Path, int] = {}
        self.selection = selection
        self.wanted = ""
        super().__init__(root, id=id)
        self.guide_depth = 2
        self.show_guides = False
        self.auto_expand = False

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Leave out what is hidden or does not match the filter; runs in the thread that reads the folder."""
        kept: list[Path] = []
        for path in paths:
            if not visible(path) or not (self.wanted in path.name.casefold() or path.is_dir()):
                continue
            kept.append(path)
        kept.sort(key=lambda path: path.name.casefold())
        if kept:
            self._cut[kept[0].parent] = max(0, len(kept) - MOST)
        for path in kept[:MOST]:
            (self._unreadable.discard if readable(path) else self._unreadable.add)(path)
        return kept[:MOST]

    def process_label(self, label: TextType) -> Text:
        """Return a label of one line: names of files may hold anything."""
        return Text(one_line(str(label)) or "/", no_wrap=True)

    def render_label(self, node: TreeNode[DirEntry], base_style: Style, style: Style) -> Text:
        """Draw the mark and the name, with what is out of the ordinary after it."""
        if node.data is None:
            return Text()
        path = node.data.path
        unreadable = path in self._unreadable
        box = {"all": "[✓] ", "some": "[-] ", "none": "[ ] "}[self.selection.state(path)]
        text = Text(no_wrap=True)
        if node.allow_expand:
            text.append("▾ " if node.is_expanded else "▸ ", base_style)
        else:
            text.append("  ", base_style)
        text.append("[!] " if unreadable else box, base_style)
        name = self.process_label(short(path) if node is self.root else path.name).plain
        folder = node.allow_expand and not name.endswith("/")
        text.append(name + ("/" if folder else ""), Style(dim=True) if unreadable else style)
        if unreadable:
            text.append("  cannot be read", Style(dim=True, italic=True))
        elif cut := self._cut.get(path, 0):
            text.append(f"  {cut:,} more not shown", Style(dim=True, italic=True))
        return text

    def action_cursor_up(self) -> None:
        """Go a row up, from the first one to the control above."""
        if self.cursor_line <= 0:
            raise SkipAction
        super().action_cursor_up()

    def action_cursor_down(self) -> None:
        """Go a row down, from the last one to the control below."""
        if self.cursor_line >= self.last_line:
            raise SkipAction
        super().action_cursor_down()

    def action_mark(self) -> None:
        """Choose what the cursor is on, or no longer."""
        node = self.cursor_node
        if node is None or node.data is None:
            return
        path = node.data.path
        if path in self._unreadable:
            self.notify(
                f"{one_line(path.name)} cannot be read: change its permissions or choose something else",
                severity="warning",
                markup=False,
            )
            return
        self.selection.toggle(path)
        self.show_marks()

    def show_marks(self) -> None:
        """Repaint after the selection changed, and tell."""
        self._clear_line_cache()
        self.refresh()
        self.post_message(self.Marked(self))

    def action_clear_marks(self) -> None:
        """Choose nothing."""
        self.selection.paths.clear()
        self.show_marks()

    def action_open(self) -> None:
        """Open the folder under the cursor, or go to the row after it."""
        node = self.cursor_node
        if node is not None and node.allow_expand and not node.is_expanded:
            node.expand()
        else:
            self.action_cursor_down()

    def action_close(self) -> None:
        """Close the folder under the cursor, or go to the one it lies in."""
        node = self.cursor_node
        if node is not None and node.allow_expand and node.is_expanded and node is not self.root:
            node.collapse()
        else:
            self.action_cursor_parent()

    def action_up_root(self) -> None:
        """Show the folder above the one at the top."""
        root = Path(self.path)
        if root.parent != root:
            self.path = root.parent

    @on(DirectoryTree.FileSelected)
    def _mark_file(self, event: DirectoryTree.FileSelected) -> None:
        """Enter and a click choose a file, as Space does."""
        event.stop()
        self.action_mark()

    @on(DirectoryTree.DirectorySelected)
    def _open_folder(self, event: DirectoryTree.DirectorySelected) -> None:
        """Enter and a click open and close a folder."""
        event.stop()
        event.node.toggle()


class FilePicker(Vertical):
    """The tree, the line under it, and what is chosen."""

    DEFAULT_CSS = """
    FilePicker {
        height: auto;
        & > Input { margin: 0 2; width: 1fr; background: transparent; padding: 0; }
        & > Input:focus { background: $boost; background-tint: $foreground 8%; }
        & > #picked { height: auto; max-height: 3; padding: 0 2; color: $text-muted; }
    }
    """

    @dataclass
    class Changed(Message):
        """What is chosen changed."""

        picker: FilePicker

        @property
        def control(self) -> FilePicker:
            """The picker that it was changed in."""
            return self.picker

    def __init__(self, root: Path | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._selection = Selection()
        self._tree = SourceTree((root or Path.cwd()).absolute(), self._selection, id="source-tree")
        self._input = Input(placeholder="Filter, or path + Enter", compact=True, id="source-path")
        self._picked = Static("", id="picked")

    def compose(self) -> ComposeResult:
        """Stack tree, line and summary."""
        yield self._tree
        yield self._input
        yield self._picked

    def on_mount(self) -> None:
        """Say how to begin."""
        self._summarise()

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is chosen, sorted."""
        return tuple(sorted(self._selection.paths))

    def choose(self, paths: Iterable[Path]) -> None:
        """Choose these as well."""
        for path in paths:
            self._selection.add(path)
        self._tree.show_marks()

    def _summarise(self) -> None:
        paths = self.paths
        if not paths:
            self._picked.update(Content("Nothing chosen: Space marks a row"))
            return
        names = [one_line(path.name or str(path)) + ("/" if path.is_dir() else "") for path in paths[:3]]
        rest = f" and {len(paths) - 3:,} more" if len(paths) > 3 else ""
        self._picked.update(Content(f"{len(paths):,} chosen: {', '.join(names)}{rest}"))

    @on(SourceTree.Marked)
    def _marked(self, event: SourceTree.Marked) -> None:
        event.stop()
        self._summarise()
        self.post_message(self.Changed(self))

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        text = event.value.strip()
        is_path = "/" in text or text.startswith(("~", "."))
        wanted = "" if is_path else text.casefold()
        if wanted != self._tree.wanted:
            self._tree.wanted = wanted
            self._reload()

    @work(exclusive=True, group="filter", description="filter the tree")
    async def _reload(self) -> None:
        await asyncio.sleep(FILTER_DELAY)
        await self._tree.reload()

    @on(Input.Submitted)
    def _take_path(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if not text:
            return
        path = self._find(text)
        if path is None and self._tree.wanted:
            self._tree.focus()
        elif path is None:
            self._refuse(f"{one_line(text)} is not there: check the path")
        elif not readable(path):
            self._refuse(f"{one_line(text)} cannot be read: change its permissions or choose something else")
        else:
            self._input.value = ""
            self.choose([path])

    def _find(self, text: str) -> Path | None:
        """Return what a typed path means, from the working folder or else the tree's; None if nothing."""
        path = Path(os.path.expanduser(text))
        candidates = (Path(os.path.abspath(base / path)) for base in (Path.cwd(), Path(self._tree.path)))
        return next((path for path in candidates if os.path.exists(path)), None)

    def _refuse(self, line: str) -> None:
        self._picked.update(Content(line))
        self.notify(line, severity="warning", markup=False)
