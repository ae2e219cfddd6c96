"""What the command line prints: Rich on a terminal, plain text in a pipe, and no control character of others.

Names, paths and texts come from files and models: they are shown as they are, never read as markup, and what
would move the cursor or change a colour is written out as an escape.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import unicodedata
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # scripts and emoji need them, and they move nothing


def visible(text: str) -> str:
    """Return `text` on one line, with control, format and surrogate characters written as escapes."""
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _HIDDEN and character not in _JOINERS
        else character
        for character in text
    )


def fail(line: str) -> None:
    """Say on standard error, in one line, what went wrong."""
    print(f"foretype: {visible(line)}", file=sys.stderr)


def note(line: str) -> None:
    """Say something on standard error that is no failure."""
    print(visible(line), file=sys.stderr)


def is_terminal(stream: TextIO) -> bool:
    """Say whether a person looks at `stream`."""
    return not stream.closed and stream.isatty()


def console(stream: TextIO | None = None) -> Console:
    """Return a Rich console for `stream` (standard output) that reads no markup in what it is given."""
    from rich.console import Console

    return Console(file=stream or sys.stdout, markup=False, highlight=False, emoji=False, soft_wrap=False)


@contextlib.contextmanager
def waiting(what: str) -> Generator[None]:
    """Show that something is going on, on a terminal's standard error; nothing is left of it afterwards."""
    if not is_terminal(sys.stderr):
        yield
        return
    with console(sys.stderr).status(visible(what)):
        yield


def print_json(value: object) -> None:
    """Print `value` as indented JSON; numbers that are not finite become null."""
    print(json.dumps(finite(value), indent=2, ensure_ascii=not _speaks_unicode()))


def print_json_line(value: object) -> None:
    """Print `value` as JSON on one line, at once."""
    print(json.dumps(finite(value)), flush=True)


def finite(value: object) -> object:
    """Return JSON values with None for each number that JSON cannot say."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in cast("Sequence[object]", value)]
    return value


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print rows under headers; columns in `right` are set to the right. In a pipe: tabs, no decoration."""
    clean = [[visible(cell) for cell in row] for row in rows]
    if not is_terminal(sys.stdout):
        for row in [list(headers), *clean]:
            print("\t".join(row))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, header in enumerate(headers):
        table.add_column(Text(header), justify="right" if index in right else "left", overflow="fold")
    for row in clean:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def print_facts(title: str, facts: Sequence[tuple[str, str]]) -> None:
    """Print a title and, under it, what is known: a name and a value a line."""
    wide = max((len(name) for name, _ in facts), default=0)
    if is_terminal(sys.stdout):
        from rich.text import Text

        out = console()
        out.print(Text(visible(title), style="bold"))
        for name, value in facts:
            out.print(Text.assemble("  ", (name.ljust(wide), "dim"), "  ", visible(value)), soft_wrap=True)
        return
    print(visible(title))
    for name, value in facts:
        print(f"  {name.ljust(wide)}  {visible(value)}")


def clock(seconds: float) -> str:
    """Return a duration as 1:05 or 2:03:04."""
    if not math.isfinite(seconds):
        return "-"
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def number(value: object, digits: int = 2, unit: str = "") -> str:
    """Return a number for a person, and a dash where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "-"
    return (f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}f}") + unit


def percent(value: object, digits: int = 1) -> str:
    """Return a share of 0 to 1 as a percentage, and a dash where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "-"
    return f"{100 * value:.{digits}f} %"
