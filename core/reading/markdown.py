"""Markdown to prose: blocks by markdown-it, which is a CommonMark parser, what is within a line by rules of our own.

Needs no screen and no torch. Pandoc reads Markdown, too, at a twentieth of the speed; it is what most people have most
of.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from core.reading.prose import formula

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

PIECE: Final = 1 << 20
"""Characters that are parsed at a time: the parser's tokens are many times as large as the text."""
_MOST_FRONT_MATTER: Final = 500
"""Lines of a front matter; what goes on longer is none."""
_LONGEST_LINE: Final = 100_000
"""Characters of a paragraph whose marks are looked for; longer ones are no writing."""

_FENCE: Final = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}(?=[^`]*$)|~{3,})")
_FIELD: Final = re.compile(r"\s*(?:[\w.-]+\s*[:=]|\"[^\"]*\"\s*[:=]|[-#\[\]{},]|\s|$)")
_DISPLAY_MATH: Final = re.compile(r"^[ \t]*(\$\$|\\\[)\s*$", re.MULTILINE)
_PANDOC_TABLE: Final = re.compile(
    r"^[ \t]*\S.*\n[ \t]*-{2,}(?:[ \t]+-{2,})+[ \t]*\n(?:.*\S.*\n?)*|^\+(?:[-=:]+\+)+[ \t]*\n(?:[|+].*\n?)*",
    re.MULTILINE,
)
"""Its simple tables and those drawn with plus signs, which CommonMark does not know."""
_COMMENT: Final = re.compile(r"<!--(?:(?!-->)[\s\S]){0,20000}-->|%%(?:(?!%%)[\s\S]){0,2000}%%")

_MARKS: Final = re.compile(r"[\\`*_\[<&$~{=]")
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_CODE: Final = re.compile(r"(?<!`)(`{1,4})(?!`)([\s\S]{1,2000}?)(?<!`)\1(?!`)")
_TEMPLATE: Final = re.compile(r"\{\{[^{}]{0,500}\}\}|\{%[^{}%]{0,500}%\}|\{:?[#.][^{}\n]{0,200}\}")
_TARGET: Final = r"\((?:[^()\n\\]|\([^()\n]{0,500}\)){0,2000}\)"
_IMAGE: Final = re.compile(
    rf"!\[[^\[\]]{{0,1000}}\](?:{_TARGET}|\[[^\[\]]{{0,300}}\])|!\[\[[^\[\]]{{0,500}}\]\]"
)
_WIKI: Final = re.compile(r"\[\[(?:[^\[\]|\n]{0,300}\|)?([^\[\]|\n]{1,300})\]\]")
_NOTE: Final = re.compile(r"\[\^[^\[\]\s]{1,200}\](?::[ \t]*)?|\[-?@[^\[\]]{1,300}\](?![(\[])")
_LINK: Final = re.compile(rf"\[([^\[\]]{{0,1000}})\](?:{_TARGET}|\[[^\[\]\n]{{0,300}}\])")
_LINK_ALONE: Final = re.compile(rf"(?:\*\*|__)?\[[^\[\]]{{0,1000}}\]{_TARGET}(?:\*\*|__)?[.,;]?")
_SHORTCUT: Final = re.compile(r"\[([^\[\]\n]{1,300})\]")
_BREAK: Final = re.compile(r"<br[ \t]*/?>", re.IGNORECASE)
_AUTOLINK: Final = re.compile(r"<((?:https?|ftp|mailto):[^<>\s]{1,2000}|[^<>\s@]{1,200}@[^<>\s@]{1,200})>")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,2000}>")
_MATH: Final = re.compile(
    r"\$\$([^$]{1,1000})\$\$|(?<![\\$\w])\$(?=[^\s$])([^$\n]{0,500}[^\s$\\])\$(?![\w$])"
)
_STAR: Final = re.compile(r"(?<!\*)(\*{1,3})(?=[^\s*])([^*]{0,2000}[^\s*])\1(?!\*)")
_SCORE: Final = re.compile(r"(?<![\w_])(_{1,3})(?=[^\s_])([^_]{0,2000}?[^\s_])\1(?![\w_])")
_STRUCK: Final = re.compile(r"~~[^~\n]{1,500}~~")
_MARKED: Final = re.compile(r"==(?=\S)([^=\n]{1,500})==")
_LEAD: Final = re.compile(r"\[[ xX]\][ \t]+|\[!\w+\][+-]?[ \t]*|:::.*|!!![ \t]*\w*")
_HARD_BREAK: Final = re.compile(r" {2,}\n\s*")
_SOFT_BREAK: Final = re.compile(r"\s*\n\s*")
_PROTECTED: Final = 0xE000
"""Private characters stand in for those that were escaped or code, so that no rule takes them for marks."""
_PROTECT: Final = {code: _PROTECTED + code for code in range(33, 127) if not chr(code).isalnum()}
_RESTORE: Final = {protected: code for code, protected in _PROTECT.items()}


def prose_of(text: str) -> str:
    """Return the prose of a Markdown text, a blank line between paragraphs.

    Args:
        text: lines end in a line feed.
    """
    text = without_fenced_code(without_front_matter(text))
    if "<!--" in text or "%%" in text:
        text = _COMMENT.sub("", text)
    if "---" in text:
        text = _PANDOC_TABLE.sub("", text)
    if _DISPLAY_MATH.search(text):
        text = _without_display_math(text)
    return "\n\n".join(paragraph for piece in _pieces(text) for paragraph in _paragraphs(piece))


def without_front_matter(text: str) -> str:
    """Return Markdown without the fields (YAML or TOML) that it may begin with."""
    mark = text[:3]
    if mark not in ("---", "+++") or not text[3 : text.find("\n") + 1].isspace():
        return text
    lines = text.split("\n", _MOST_FRONT_MATTER)
    ends = {mark, "..."} if mark == "---" else {mark}
    indented = False
    for index, line in enumerate(lines[1:_MOST_FRONT_MATTER], 1):
        if line.rstrip() in ends:
            return "\n".join(lines[index + 1 :])
        # A text may begin with a rule, too: then prose follows, not fields.
        if not indented and _FIELD.match(line) is None:
            return text
        indented = mark == "+++" and ('"""' in line or "'''" in line) and not indented
    return text


def without_fenced_code(text: str) -> str:
    """Return Markdown without fenced code; a fence that is never closed opens none."""
    if "```" not in text and "~~~" not in text:
        return text
    kept: list[str] = []
    dropped: list[str] = []
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if not fence:
            if found is None:
                kept.append(line)
            else:
                fence, dropped = found.group(1), [line]
            continue
        dropped.append(line)
        if line.lstrip(" \t>").rstrip().startswith(fence) and not line.lstrip(" \t>").strip().strip(fence[0]):
            fence = ""
    return "\n".join([*kept, *dropped] if fence else kept)


def _without_display_math(text: str) -> str:
    """Return Markdown without formulas on lines of their own; one that is never closed is none."""
    parts: list[str] = []
    start, opened = 0, -1
    for found in _DISPLAY_MATH.finditer(text.replace("\\]", "\\[")):
        if opened < 0:
            opened = found.start()
        else:
            parts.append(text[start:opened])
            start, opened = found.end(), -1
    return "".join([*parts, text[start:]])


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in parts that end where a paragraph does."""
    start = 0
    while len(text) - start > PIECE:
        end = text.rfind("\n\n", start, start + PIECE)
        end = end + 2 if end > start else start + PIECE
        yield text[start:end]
        start = end
    yield text[start:]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # 40 ms, and many have no Markdown to read

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable("inline")
    return parser


def _paragraphs(text: str) -> Iterator[str]:
    environment: dict[str, Any] = {}
    in_table = in_item = False
    for token in _parser().parse(text, environment):
        match token.type:
            case "table_open" | "table_close":
                in_table = token.nesting > 0
            case "list_item_open":
                in_item = True
            case "paragraph_close" | "list_item_close":
                in_item = False
            case "inline" if not in_table:
                if in_item and _LINK_ALONE.fullmatch(token.content.strip()):
                    continue  # a table of contents
                if paragraph := plain(token.content, environment.get("references", {})).strip():
                    yield paragraph
            case _:
                pass


def plain(text: str, references: Mapping[str, object]) -> str:
    """Return the words of one paragraph's Markdown.

    Args:
        text: the paragraph; its line ends are wraps, unless two spaces or a backslash stand before.
        references: names of link targets that are defined, in upper case: [name] is a link only if it is among them.
    """
    if "\n" in text:
        text = text.replace("\\\n", "  \n")
        text = _SOFT_BREAK.sub(lambda found: "\n" if _HARD_BREAK.fullmatch(found[0]) else " ", text)
    if _MARKS.search(text) is None or len(text) > _LONGEST_LINE:
        return text
    if "\\" in text:
        text = _ESCAPE.sub(lambda found: chr(_PROTECTED + ord(found[1])), text)
    if "`" in text:
        text = _CODE.sub(lambda found: found[2].strip().translate(_PROTECT), text)
    text = _LEAD.sub("", text, count=1) if _LEAD.match(text) else text
    if "{" in text:
        text = _TEMPLATE.sub("", text)
    if "[" in text:
        text = _without_links(text, references)
    if "<" in text:
        text = _TAG.sub("", _AUTOLINK.sub(r"\1", _BREAK.sub("\n", text)))
    if "$" in text:
        text = _MATH.sub(lambda found: formula(found[1] or found[2]), text)
    text = _without_emphasis(text)
    if "&" in text:
        text = html.unescape(text)
    return text.translate(_RESTORE)


def _without_links(text: str, references: Mapping[str, object]) -> str:
    text = _NOTE.sub("", _WIKI.sub(r"\1", _IMAGE.sub("", text)))
    text = _LINK.sub(r"\1", text)
    if "[" in text and references:
        names = {" ".join(name.split()) for name in references}
        text = _SHORTCUT.sub(
            lambda found: found[1] if " ".join(found[1].split()).upper() in names else found[0], text
        )
    return text


def _without_emphasis(text: str) -> str:
    for mark, pattern, kept in (
        ("~", _STRUCK, ""),
        ("=", _MARKED, r"\1"),
        ("*", _STAR, r"\2"),
        ("_", _SCORE, r"\2"),
    ):
        if mark in text:
            text = pattern.sub(kept, text)
            if mark in "*_" and mark in text:
                text = pattern.sub(kept, text)  # strong within emphasis
    return text
