"""The settings file as a person first meets it: every setting with what it means, none of them set. Needs no screen."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from core import paths, profiles
from core.settings import HEADER, Settings

MEANINGS: Final[dict[str, str]] = {
    "model": "The model that suggests: base, the name of one of yours, or a folder.",
    "temperature": "How adventurous ghosts are, 0 (always the likeliest) to 2.",
    "eagerness": 'How readily a ghost shows: "low", "medium", "high" or "always"; or how likely it must be, 0 to 1.',
    "words": "The most words of a ghost, 1 to 12.",
    "look": "Seconds that you look at a ghost before you type past it, for its word not to be offered again; 0: it is.",
    "ghosts": "Whether ghosts come by themselves; if not, only when you ask for one.",
    "theme": "Colours: foretype-dark, foretype-light, or any theme of Textual (Ctrl+P, Theme).",
    "width": "Cells of a row of prose, 20 to 400; 0 uses the whole width.",
    "markdown": "Whether headings, emphasis, links, code and quotes are told apart.",
    "focus": "Focus mode: only the paragraph you are in is in the light.",
    "typewriter": "Typewriter scrolling: the row you write on stays in the middle.",
    "panel": "Whether the side panel is open.",
    "tour": "Whether the tour begins when Foretype is opened without a file; false once it was seen.",
    "profile": "How ghosts are worked with: "
    + "; ".join(f'"{name}": {profile.help}' for name, profile in profiles.PROFILES.items())
    + ".",
    "exclude": "What is never learnt from: paths that begin with / or ~, or patterns as in .gitignore.",
    "addresses": "Your mail addresses: of mail, what is from one of these is yours.",
}
"""What each setting means, the table of keys left out."""
KEYS: Final = """\
# Keys, by the name of the action: one or more, with commas between. Taking one here takes it from its action.
# Names of keys: letters, "tab", "right", "f5", "ctrl+l", "alt+down", "shift+tab", "escape", "space"; many
# terminals cannot tell ctrl+shift+letter or ctrl+digit from others.
[keys]
"""


def commented_settings(actions: Iterable[tuple[str, str]] = ()) -> str:
    """A settings file in which each line is a comment; `actions` are those that may have other keys, and theirs."""
    default = Settings()
    lines = [HEADER]
    for name, meaning in MEANINGS.items():
        value = getattr(default, name)
        written = json.dumps(value, ensure_ascii=False)
        lines.append(f"# {meaning}\n# {name} = {written}\n")
    keys = "".join(f"# {name} = {json.dumps(keys)}\n" for name, keys in actions)
    return "\n".join([*lines, KEYS + keys])


def make_settings_file(actions: Iterable[tuple[str, str]] = ()) -> Path:
    """Return the settings file, made of comments where there is none yet. Raises OSError, UserError."""
    file = paths.settings_file()
    if not file.exists():
        with open(file, "x", encoding="utf-8") as out:
            out.write(commented_settings(actions))
    return file
