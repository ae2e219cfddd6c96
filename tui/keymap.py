"""The app's keys: which action has which, what a person may remap, and how keys are written for a person."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from textual.binding import Binding

from core.eagerness import THRESHOLDS
from tui.exploring_keys import SCREENS
from tui.rebinding import effective_keys, is_key, split_keys
from tui.widgets.editor import Editor
from tui.widgets.status_line import KeyHint

APP_BINDINGS: Sequence[Binding] = (
    Binding("ctrl+s", "save", "Save", id="save", priority=True),
    Binding("ctrl+o", "open", "Open", id="open", priority=True),
    Binding("ctrl+q", "quit", "Quit", id="quit", priority=True),
    Binding("f1", "help", "Help", id="help", priority=True),
    Binding("f2", "panel", "Panel", id="panel", priority=True),
    Binding("f3", "explore('explorer')", "Explore", id="explore", priority=True),
    Binding("f4", "explore('surprise')", "Surprise", id="surprise", priority=True),
    Binding("f5", "explore('models')", "Compare models", id="compare-models", priority=True),
    Binding("f6", "tour(True)", "The tour's next step", id="tour-next", priority=True),
    Binding("shift+f6", "tour(False)", "End the tour", id="tour-end", priority=True),
)
WRITING_BINDINGS: Sequence[Binding] = (
    Binding("ctrl+f", "find", "Find", id="find", priority=True),
    Binding("ctrl+r", "replace", "Find and replace", id="replace", priority=True),
    Binding("ctrl+g", "headings", "Go to heading", id="headings", priority=True),
    Binding("ctrl+t", "drafts", "Open drafts and recent files", id="drafts", priority=True),
    Binding("ctrl+pagedown", "step_draft(1)", "Next draft", id="next-draft", priority=True),
    Binding("ctrl+pageup", "step_draft(-1)", "Draft before", id="previous-draft", priority=True),
    Binding("alt+n", "new_draft", "New draft", id="new-draft", priority=True),
    Binding("alt+w", "close_draft", "Close the draft", id="close-draft", priority=True),
    Binding("f8", "versions", "Earlier versions", id="versions", priority=True),
    Binding("f9", "set('focus')", "Focus mode", id="focus-mode", priority=True),
    Binding("shift+f9", "set('typewriter')", "Typewriter scrolling", id="typewriter", priority=True),
)
"""Keys of the screen on which one writes. They have priority, so that what is typed fast after one of them goes where
it leads.
"""
_NAMES = {
    "tab": "⇥",
    "shift+tab": "⇧⇥",
    "right": "→",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "escape": "Esc",
    "space": "␣",
    "at": "@",
    "enter": "⏎",
    "plus": "+",
    "equals_sign": "=",
    "minus": "−",
    "comma": ",",
    "full_stop": ".",
    "backspace": "⌫",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "right_square_bracket": "]",
}
_HINTS = (
    ("accept", "accept", True),
    ("accept-word", "word", True),
    ("accept-sentence", "sentence", True),
    ("next-alternative", "other", True),
    ("help", "help", False),
    ("save", "save", False),
    ("quit", "quit", False),
    ("panel", "panel", False),
    ("ask", "ask", False),
    ("explore", "explore", False),
    ("surprise", "surprise", False),
    ("open", "open", False),
)
"""(id, label, needs a ghost) of the key line, the most useful first."""
_HELP = (
    (
        "The ghost",
        (
            (("accept", "accept-right"), "take all that is shown"),
            (("accept-word", "accept-word-alt"), "take a word"),
            (("accept-sentence",), "take up to the end of the sentence"),
            (("next-alternative",), "show another way to go on"),
            (("previous-alternative",), "show the one before"),
            (("dismiss",), "show none before the next word"),
            (("alternatives",), "list the ways on: arrows and ⏎, or a digit"),
            (("ask",), "ask now; again: ask for another"),
        ),
    ),
    (
        "The draft",
        (
            (("save",), "save"),
            (("open",), "open another file"),
            (("drafts",), "open drafts and recent files"),
            (("next-draft", "previous-draft"), "the next open draft, the one before"),
            (("new-draft",), "begin a draft without a name"),
            (("close-draft",), "close the draft"),
            (("versions",), "earlier versions: compare, bring back"),
            (("quit",), "quit; asks when something is not saved"),
        ),
    ),
    (
        "Finding and seeing",
        (
            (("find",), "find; ↑ and ↓ move, Esc goes back to the draft"),
            (("replace",), "find and replace"),
            (("headings",), "go to a heading"),
            (("focus-mode",), "focus mode: the paragraph in the light"),
            (("typewriter",), "typewriter scrolling"),
        ),
    ),
    (
        "What the model thinks",
        (
            (("explore",), "a tree of ways to go on, to walk and to grow"),
            (("surprise",), "how little each word was expected"),
            (("compare-models",), "two models at the same place"),
        ),
    ),
    (
        "Around",
        (
            (("panel",), "go to the side panel; from there, close it"),
            (("help",), "this help"),
            (("tour-next",), "the tour's next step; ^P, Tour begins it"),
        ),
    ),
)
_EDITING = (
    ("^Z  ^Y", "undo, redo"),
    ("^X  ^C  ^V", "cut, copy, paste"),
    ("⇧ + arrows", "select; F7 selects all"),
    ("^←  ^→", "by word"),
    ("Home  End", "to the line's start, its end; with ^ the draft's"),
    ("⇥  ⇧⇥", "in a list: nest the item, lift it"),
    ("^W  ^K  ^U", "delete a word, to the line's end, to its start"),
    ("^P", "all commands, by name"),
)
_PANEL = (
    ("^PgDn  ^PgUp", "the next tab, the one before"),
    ("↑  ↓", "to the next control; above all are the tabs"),
    ("←  →", "on the tabs: the one before, the next"),
    ("⏎", "press a button; open a list and choose"),
    ("Esc", "back to the draft; the panel stays"),
)
_TABS: Mapping[str, tuple[str, Sequence[tuple[str, str]]]] = {
    "suggest": (
        "Tab Suggest",
        (
            ("←  →", "on a slider: less, more; with ⇧ a lot"),
            ("Home  End", "the least, the most"),
            ("0 … 9  ⏎", "type a number and take it; Esc drops it"),
            ("Eagerness", "a ghost shows when it is at least so likely:"),
            ("", ", ".join(f"{name} {least:.0%}" for name, least in THRESHOLDS.items())),
        ),
    ),
    "train": (
        "Tab Train",
        (
            ("␣", "choose a file or folder, or leave it out"),
            ("⏎  →  ←", "open, close a folder; ⏎ also chooses a file"),
            ("⌫", "go to the folder above the one at the top"),
            ("x", "choose nothing"),
            ("⇥  ⇧⇥", "leave the tree"),
            ("in the line", "letters filter; a path and ⏎ chooses it"),
        ),
    ),
}
"""What is particular to a tab of the side panel, by its name."""


def bindings_by_id() -> dict[str, Binding]:
    """Every binding that can be remapped."""
    found = {binding.id: binding for binding in (*APP_BINDINGS, *WRITING_BINDINGS) if binding.id}
    for binding in (*Editor.BINDINGS, *(binding for _, keys in SCREENS for binding in keys)):
        if isinstance(binding, Binding) and binding.id:
            found[binding.id] = binding
    return found


def action_names() -> list[tuple[str, str]]:
    """The name of each action that can be remapped, and its keys."""
    return [(name, binding.key) for name, binding in bindings_by_id().items()]


def check_keymap(
    keys: Mapping[str, str], lines: Mapping[str, int] | None = None
) -> tuple[dict[str, str], list[str]]:
    """The part of a person's key map that names actions and keys there are, and a line for each other one.

    `lines` tells on which line of the settings file each stands.
    """
    known = bindings_by_id()
    good: dict[str, str] = {}
    problems: list[str] = []
    for name, value in keys.items():
        where = f"settings.toml{f', line {lines[name]}' if lines and name in lines else ''}, [keys]: "
        if name not in known:
            problems.append(f"{where}{name} is not an action: {_meant(name, known)}")
            continue
        wrong = [key for key in split_keys(value) if not is_key(key)]
        problems += [f"{where}{key} is not a key: say it as ctrl+s, alt+right or f5" for key in wrong]
        if left := [key for key in split_keys(value) if key not in wrong]:
            good[name] = ",".join(left)
        elif not wrong:
            good[name] = ""
    return good, problems


def _meant(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, 1, 0.75)
    return f"did you mean {near[0]}?" if near else "docs/settings.md has a table of them"


def keys_of(name: str, keymap: Mapping[str, str]) -> list[str]:
    """The keys of an action, as they are."""
    return effective_keys(bindings_by_id().values(), keymap)[name] or [""]


def written(key: str) -> str:
    """A key as it is written for a person: ^S, Alt+→, F2."""
    if not key or key in _NAMES:
        return _NAMES.get(key, "")
    *modifiers, last = key.split("+")
    marks = "".join(
        {"ctrl": "^", "alt": "Alt+", "shift": "⇧", "super": "⌘"}.get(item, item + "+") for item in modifiers
    )
    last = _NAMES.get(last, last)
    return marks + (last.upper() if len(last) == 1 or (last[0] == "f" and last[1:].isdigit()) else last)


def hints(keymap: Mapping[str, str]) -> list[KeyHint]:
    """What the key line shows."""
    return [
        KeyHint(written(keys_of(name, keymap)[0]), label, f"app.run_named({name!r})", needs_ghost)
        for name, label, needs_ghost in _HINTS
        if keys_of(name, keymap)[0]
    ]


def panel_hints(keymap: Mapping[str, str], *, tree: bool) -> list[KeyHint]:
    """What the key line shows while the focus is in the side panel; `tree` says that it is in a tree of files."""
    moves = (
        (("␣", "choose"), ("⏎", "open"), ("⌫", "folder above"), ("⇥", "next"))
        if tree
        else (("↑↓", "next"), ("←→", "change"), ("⏎", "choose"))
    )
    return [
        KeyHint("Esc", "draft", ""),
        *(KeyHint(key, label, "") for key, label in moves),
        KeyHint("^PgDn", "tab", "app.next_tab"),
        *(
            KeyHint(written(keys_of(name, keymap)[0]), label, f"app.run_named({name!r})")
            for name, label in (("help", "help"), ("panel", "close"))
        ),
    ]


def help_sections(
    keymap: Mapping[str, str], tab: str | None = None
) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """What the help shows: titles, each with keys and what they do.

    `tab` is the tab of the side panel that the person is in, whose keys come first; None for the draft.
    """
    draft: list[tuple[str, Sequence[tuple[str, str]]]] = []
    for title, rows in _HELP:
        lines = [
            ("  ".join(dict.fromkeys(written(key) for name in names for key in keys_of(name, keymap))), what)
            for names, what in rows
        ]
        draft.append((title, lines))
    draft.append(("Editing", _EDITING))
    panel = [("The side panel", _PANEL)]
    if tab is None:
        return [*draft, *panel, *_TABS.values()]
    here = [_TABS[tab]] if tab in _TABS else []
    others = [section for name, section in _TABS.items() if name != tab]
    return [*here, *panel, *others, *draft]
