"""Folding: typographic variants become the plain forms that models are trained on, and ghosts get the writer's back.

Needs no screen and no torch. Quotes fold to ' and ", dashes to - (an em dash stands between spaces), the ellipsis
to three dots, odd spaces to a space. A ghost is restored in the style that prevails in the draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ONE_TO_ONE = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼ′", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–−", "-"),
        **dict.fromkeys(
            "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f", " "
        ),
        "\u2028": "\n",
        "\u2029": "\n",
    }
)
# An em dash with the spaces beside it, the ellipsis, and characters without width.
_OTHERS = re.compile("( ?)(?:[—―]|(?<!-)--(?!-))( ?)|…|[\u00ad\u200b\ufeff]")
_VARIANT = re.compile(f"[{''.join(map(chr, _ONE_TO_ONE))}—―…\u00ad\u200b\ufeff]|(?<!-)--(?!-)")
RARE = 1e-4
"""Typographic variants a character, up to which a text counts as plain: folded but for an oversight."""
_SPECIAL = re.compile("--|[^\x00-\x7f]")


def fold(text: str) -> str:
    """Return the text in the plain forms that models know."""
    if text.isascii():
        if "--" not in text:
            return text
    else:
        text = text.translate(_ONE_TO_ONE)
    return _OTHERS.sub(_plain, text)


def are_plain(texts: Iterable[str]) -> bool:
    """Whether texts are in the plain forms already, as good as everywhere."""
    characters, variants = 0, 0
    for text in texts:
        characters += len(text)
        if not text.isascii() or "--" in text:
            variants += sum(1 for _ in _VARIANT.finditer(text))
    return variants <= RARE * characters


def fold_with_positions(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters (and for its end) the offset in `text` it is from."""
    text = text.translate(_ONE_TO_ONE)
    parts: list[str] = []
    positions: list[int] = []
    at = 0
    for match in _OTHERS.finditer(text):
        parts.append(text[at : match.start()])
        positions.extend(range(at, match.start()))
        plain = _plain(match)
        parts.append(plain)
        last = match.end() - 1
        positions.extend(min(match.start() + offset, last) for offset in range(len(plain)))
        at = match.end()
    parts.append(text[at:])
    positions.extend(range(at, len(text) + 1))
    return "".join(parts), positions


def _plain(match: re.Match[str]) -> str:
    matched = match.group()
    if matched == "…":
        return "..."
    if matched in "\u00ad\u200b\ufeff":
        return ""
    text, start, end = match.string, match.start(), match.end()
    before = " " if match.group(1) or (start > 0 and not text[start - 1].isspace()) else ""
    if end == len(text):
        # After a tight dash the next word follows at once; after a spaced one a space is still to come.
        after = " " if match.group(2) or not match.group(1) else ""
    else:
        after = "" if text[end] == "\n" and not match.group(2) else " "
    return f"{before}-{after}"


@dataclass(frozen=True)
class Style:
    """How a writer types what folding makes plain."""

    apostrophe: bool = False
    """Curly apostrophes and single quotes."""
    quotes: bool = False
    """Curly double quotes."""
    ellipsis: bool = False
    """One character for three dots."""
    dash: str = " - "
    """What stands between words where the plain form has a hyphen between spaces."""


PLAIN = Style()
_DASHES = (" — ", "—", " – ", " -- ", "--")


def style_of(text: str) -> Style:
    """Return the style that prevails in a text."""
    if _SPECIAL.search(text) is None:
        return PLAIN
    counts = {dash: text.count(dash) for dash in _DASHES}
    counts["—"] -= counts[" — "]
    counts["--"] -= counts[" -- "]
    dash = max(_DASHES, key=lambda each: counts[each])
    return Style(
        apostrophe=text.count("’") > text.count("'"),
        quotes=text.count("“") + text.count("”") > text.count('"'),
        ellipsis=text.count("…") > text.count("..."),
        dash=dash if counts[dash] > text.count(" - ") else " - ",
    )


def restore(ghost: str, style: Style, before: str) -> str:
    """Return a ghost in a writer's style.

    Args:
        ghost: what a model proposes, in plain forms.
        style: the writer's style.
        before: the text before the ghost, at least its last character.
    """
    if style == PLAIN:
        return ghost
    if style.ellipsis:
        ghost = ghost.replace("...", "…")
    if style.dash != " - ":
        ghost = ghost.replace(" - ", style.dash)
    if style.quotes:
        ghost = _curl(ghost, before, '"', "“", "”")
    if style.apostrophe:
        ghost = _curl(ghost, before, "'", "‘", "’")
    return ghost


def _curl(ghost: str, before: str, plain: str, opening: str, closing: str) -> str:
    if plain not in ghost:
        return ghost
    result: list[str] = []
    previous = before[-1:]
    for character in ghost:
        if character == plain:
            opens = not previous or previous.isspace() or previous in "([{—–-“‘"
            character = opening if opens else closing
        result.append(character)
        previous = character
    return "".join(result)
