"""The settings file: TOML, checked with the line and the key named where something is wrong.

Needs no screen and no torch. What the file does not say has a default; what is wrong in it is reported and has its
default too; changing a setting keeps the person's comments and order.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, cast

from core import eagerness, paths, profiles
from core.errors import UserError
from core.reading.ignore import is_pattern

HEADER: Final = """\
# Settings of Foretype. Each line may be left out; Foretype writes here what is changed in the app.
# docs/settings.md tells of each of them.
"""


@dataclass(frozen=True)
class Settings:
    """All that can be set. Values are checked where they are read from the file."""

    model: str = "base"
    """Name of the model in use."""
    temperature: float = 0.0
    """Temperature of ghosts, 0 (always the likeliest) to 2."""
    eagerness: float = eagerness.THRESHOLDS[eagerness.DEFAULT]
    """Threshold on a ghost's probability, 0 to 1; the file may say low, medium, high or always."""
    words: int = 6
    """Words that a ghost may have, 1 to 12."""
    look: float = 0.8
    """Seconds without a key after which a ghost that is typed past was seen, and is not offered again for that word;
    0 offers every word again."""
    ghosts: bool = True
    """Whether ghosts come by themselves; if not, only when they are asked for."""
    theme: str = "foretype-dark"
    """Name of a Textual theme."""
    width: int = 76
    """Cells of a row of prose; 0 uses the whole width."""
    markdown: bool = True
    """Whether headings, emphasis, links, code and quotes are told apart in drafts that are Markdown or plain text."""
    focus: bool = False
    """Whether only the paragraph of the cursor is in the light."""
    typewriter: bool = False
    """Whether the row of the cursor stays in the middle."""
    panel: bool = False
    """Whether the side panel is open."""
    tour: bool = True
    """Whether the tour begins when the app is opened without a file; it is false when it was seen."""
    exclude: tuple[str, ...] = ()
    """What is never learnt from: paths that begin with / or ~, or patterns as in .gitignore."""
    addresses: tuple[str, ...] = ()
    """Your mail addresses: of mail, what is from one of these is yours. Without any, it is told from each mailbox."""
    profile: str = profiles.DEFAULT
    """Name of the profile: keys, and whether ghosts come by themselves, where nothing else is said."""
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    """Key of an action by the action's name (the table [keys])."""


@dataclass(frozen=True)
class Loaded:
    """Settings and what was wrong with their file, one line each."""

    settings: Settings
    problems: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict[str, int])
    """On which line of the file each action of the table [keys] stands."""


def load_settings(file: Path | None = None) -> Loaded:
    """Read the settings file; never raises: what is wrong is among the problems."""
    try:
        file = file or paths.settings_file()
    except UserError as error:
        return Loaded(Settings(), (str(error),))
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Loaded(Settings())
    except OSError as error:
        return Loaded(Settings(), (f"the settings cannot be read ({error.strerror}): defaults are used",))
    except UnicodeDecodeError:
        return Loaded(Settings(), (f"{file.name} is not UTF-8: defaults are used until it is",))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Loaded(Settings(), (f"{file.name} is not TOML: {error}; defaults are used until it is",))
    return _checked(file.name, text, table)


def settings_for_learning() -> Settings:
    """Read the settings file for what it says of learning; raises UserError where what it excludes cannot be told.

    Then nothing may be learnt: it could be what must not be.
    """
    loaded = load_settings()
    for problem in loaded.problems:
        if "defaults are used" in problem or ": exclude must be" in problem:
            raise UserError(f"{problem}; correct it first, because it says what is never learnt from")
    return loaded.settings


def change_setting(name: str, value: object, file: Path | None = None) -> None:
    """Write one setting to the file, keeping all else in it; raises UserError where that cannot be done."""
    import tomlkit  # 20 ms, and only needed for writing
    from tomlkit.exceptions import TOMLKitError

    file = file or paths.settings_file()
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else HEADER
        document = tomlkit.parse(text)
        document[name] = eagerness.named(value) if name == "eagerness" and isinstance(value, float) else value
        _replace(file, tomlkit.dumps(document))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise UserError(f"{file.name} is not changed because it is not TOML: correct it first") from error
    except OSError as error:
        raise UserError(
            f"the setting is not kept ({error.strerror}): it holds until Foretype ends"
        ) from error


def _replace(file: Path, text: str) -> None:
    target = Path(os.path.realpath(file))
    descriptor, temporary = tempfile.mkstemp(prefix=".settings.", dir=target.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _number(low: float, high: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"a number from {low:g} to {high:g}")
        if not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return float(value)

    return check


def _whole(low: int, high: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def _width(value: object) -> int:
    if value == 0 and isinstance(value, int) and not isinstance(value, bool):
        return 0
    try:
        return _whole(20, 400)(value)
    except ValueError:
        raise ValueError("0 (the whole width) or a whole number from 20 to 400") from None


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a name in quotes")
    return value


def _profile(value: object) -> str:
    if not isinstance(value, str) or value not in profiles.PROFILES:
        raise ValueError(f"one of {', '.join(profiles.PROFILES)}")
    return value


def _eagerness(value: object) -> float:
    if isinstance(value, str) and value in eagerness.NAMES:
        return eagerness.threshold(value)
    try:
        return _number(0, 1)(value)
    except ValueError:
        raise ValueError(f"{', '.join(eagerness.NAMES)} or a number from 0 to 1") from None


def _list(
    what: str, is_good: Callable[[str], bool], form: Callable[[str], str] = str.strip
) -> Callable[[object], tuple[str, ...]]:
    def check(value: object) -> tuple[str, ...]:
        items = cast("list[object]", value) if isinstance(value, list) else [None]
        if not all(isinstance(item, str) and item.strip() and is_good(item) for item in items):
            raise ValueError(f'a list of {what}, such as ["...", "..."]')
        return tuple(form(str(item)) for item in items)

    return check


def _keys(value: object) -> Mapping[str, str]:
    table = cast("dict[str, Any]", value) if isinstance(value, dict) else None
    if table is None or not all(isinstance(keys, str) and keys for keys in table.values()):
        raise ValueError('a table such as [keys] with lines such as accept = "tab,right"')
    return {str(name): str(keys) for name, keys in table.items()}


_CHECKS: Final[dict[str, Callable[[object], object]]] = {
    "model": _name,
    "temperature": _number(0, 2),
    "eagerness": _eagerness,
    "words": _whole(1, 12),
    "look": _number(0, 60),
    "ghosts": _flag,
    "theme": _name,
    "width": _width,
    "markdown": _flag,
    "focus": _flag,
    "typewriter": _flag,
    "tour": _flag,
    "panel": _flag,
    "exclude": _list("paths that begin with / or ~, or patterns as in .gitignore", is_pattern),
    "addresses": _list("mail addresses", lambda value: "@" in value, str.lower),
    "profile": _profile,
    "keys": _keys,
}
assert set(_CHECKS) == {item.name for item in fields(Settings)}


def _checked(name: str, text: str, table: Mapping[str, object]) -> Loaded:
    values: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in table.items():
        where = f"{name}, line {_line_of(text, key)}"
        check = _CHECKS.get(key)
        if check is None:
            near = difflib.get_close_matches(key, _CHECKS, 1, 0.75)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_CHECKS)}"
            problems.append(f"{where}: {key} is not a setting: {hint}")
            continue
        try:
            values[key] = check(value)
        except ValueError as error:
            problems.append(f"{where}: {key} must be {error}")
    if "profile" in values:
        values.setdefault("ghosts", profiles.PROFILES[values["profile"]].ghosts)
    keys = cast("Mapping[str, str]", values.get("keys", {}))
    lines = {key: _line_of(text, key, "keys") for key in keys}
    return Loaded(replace(Settings(), **values), tuple(problems), lines)


def _line_of(text: str, key: str, table: str = "") -> int:
    """The line, from 1, on which a key of a table stands; with no table a key of the top level, or a table."""
    name = re.escape(key)
    entry = re.compile(rf"""\s*["']?{name}["']?\s*[=.]""")
    header = re.compile(r"\s*\[+\s*([^\]]*?)\s*\]")
    here = ""
    for number, line in enumerate(text.split("\n"), 1):
        if match := header.match(line):
            here = match[1].strip("\"'")
            if not table and here.split(".")[0].strip("\"' ") == key:
                return number
        elif (here == table and entry.match(line)) or (
            not here
            and table
            and re.match(rf"""\s*{table}\s*(\.\s*["']?{name}["']?\s*=|=.*\b{name}\b)""", line)
        ):
            return number
    return 1
