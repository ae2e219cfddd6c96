"""The app's keys: which action has which, what a person may remap, and how keys are written for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.binding import Binding

from tui.widgets.editor import Editor
from tui.widgets.status_line import KeyHint

APP_BINDINGS: Sequence[Binding] = (
    Binding("ctrl+s", "save", "Save", id="save", priority=True),
    Binding("ctrl+o", "open", "Open", id="open", priority=True),
    Binding("ctrl+q", "quit", "Quit", id="quit", priority=True),
    Binding("f1", "help", "Help", id="help", priority=True),
    Binding("f2", "panel", "Panel", id="panel", priority=True),
)
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
    "right_square_bracket": "]",
}
_HINTS = (
    ("accept", "accept", True),
    ("accept-word", "word", True),
    ("accept-sentence", "sentence", True),
    ("next-alternative", "other", True),
    ("ask", "ask", False),
    ("panel", "panel", False),
    ("help", "help", False),
    ("quit", "quit", False),
    ("save", "save", False),
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
            (("ask",), "ask now; again: ask for another"),
        ),
    ),
    (
        "The draft",
        (
            (("save",), "save"),
            (("open",), "open another file"),
            (("quit",), "quit; asks when something is not saved"),
        ),
    ),
    ("Around", ((("panel",), "side panel: how it suggests, and training"), (("help",), "this help"))),
)
_EDITING = (
    ("^Z  ^Y", "undo, redo"),
    ("^X  ^C  ^V", "cut, copy, paste"),
    ("⇧ + arrows", "select; F7 selects all"),
    ("^←  ^→", "by word"),
    ("^W  ^K  ^U", "delete a word, to the line's end, to its start"),
    ("^P", "all commands, by name"),
)


def bindings_by_id() -> dict[str, Binding]:
    """Every binding that can be remapped."""
    found = {binding.id: binding for binding in APP_BINDINGS if binding.id}
    for binding in Editor.BINDINGS:
        if isinstance(binding, Binding) and binding.id:
            found[binding.id] = binding
    return found


def check_keymap(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The part of a person's key map that names actions there are, and a line for each other one."""
    known = bindings_by_id()
    known_names = ", ".join(known)
    problems = [
        f"settings, [keys]: {name} is not an action; known are {known_names}"
        for name in keys
        if name not in known
    ]
    return {name: key for name, key in keys.items() if name in known}, problems


def keys_of(name: str, keymap: Mapping[str, str]) -> list[str]:
    """The keys of an action, as they are."""
    return (keymap.get(name) or bindings_by_id()[name].key).split(",")


def written(key: str) -> str:
    """A key as it is written for a person: ^S, ⌥→, F2."""
    if key in _NAMES:
        return _NAMES[key]
    *modifiers, last = key.split("+")
    marks = "".join(
        {"ctrl": "^", "alt": "⌥", "shift": "⇧", "super": "⌘"}.get(item, item + "+") for item in modifiers
    )
    last = _NAMES.get(last, last)
    return marks + (last.upper() if len(last) == 1 or (last[0] == "f" and last[1:].isdigit()) else last)


def hints(keymap: Mapping[str, str]) -> list[KeyHint]:
    """What the key line shows."""
    return [
        KeyHint(written(keys_of(name, keymap)[0]), label, f"app.run_named({name!r})", needs_ghost)
        for name, label, needs_ghost in _HINTS
    ]


def help_sections(keymap: Mapping[str, str]) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """What the help shows: titles, each with keys and what they do."""
    sections: list[tuple[str, Sequence[tuple[str, str]]]] = []
    for title, rows in _HELP:
        lines = [
            ("  ".join(dict.fromkeys(written(key) for name in names for key in keys_of(name, keymap))), what)
            for names, what in rows
        ]
        sections.append((title, lines))
    return [*sections, ("Editing", _EDITING)]
