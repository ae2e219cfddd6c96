"""From a file's bytes to text and back, byte for byte. Needs no screen and no torch.

Every reading is checked by writing it back: what does not come out as it went in is not opened at all.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Final

from core.errors import UserError

_SAMPLE: Final = 256 * 1024
"""Bytes that an encoding is guessed from, and in which signs of a binary file are looked for."""
_UNLIKELY: Final = ("mac_cyrillic", "mac_greek", "mac_iceland", "mac_latin2", "mac_roman", "mac_turkish")
"""Encodings of the last century's Macintosh, which differ from Windows's in so few letters that guesses mix them up."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE: Final = (
    ("utf-32-le", "utf-32-be", 4),
    ("utf-32-be", "utf-32-le", 4),
    ("utf-16-le", "utf-16-be", 2),
    ("utf-16-be", "utf-16-le", 2),
)
"""Encodings of several bytes a character that may come without a mark: name, the one of swapped bytes, bytes."""
_CONTROLS: Final = bytes(code for code in (*range(32), 127) if code not in b"\t\n\v\f\r\x1b")
_MOST_CONTROLS: Final = 0.02
"""Share of control characters in a text."""


@dataclass(frozen=True)
class Encoding:
    """How a file's text is written as bytes."""

    codec: str = "utf-8"
    """Python's name of it."""
    mark: bytes = b""
    """The byte order mark that the file begins with."""
    errors: str = "strict"
    """Python's error handler: how bytes that are no text are kept."""

    @property
    def name(self) -> str:
        """Its name for a person."""
        return self.codec.upper() + (" with BOM" if self.mark else "")


class Unencodable(UserError):
    """The text holds a character that the file's encoding does not have."""


def decode(data: bytes, name: str) -> tuple[str, Encoding]:
    """The text in `data`, the bytes of the file called `name`, and its encoding.

    Raises UserError where the bytes are no text. Lone surrogates stand for bytes that are no UTF-8 (PEP 383).
    """
    for encoding in _candidates(data, name):
        try:
            text = data[len(encoding.mark) :].decode(encoding.codec, encoding.errors)
            if encode(text, encoding) == data:
                return text, encoding
        except (ValueError, UserError):
            continue
    raise UserError(f"{name} is not text that can be kept as it is: convert it to UTF-8 and open it again")


def encode(text: str, encoding: Encoding) -> bytes:
    """`text` as bytes; raises Unencodable naming the first character that the encoding lacks."""
    try:
        return encoding.mark + text.encode(encoding.codec, encoding.errors)
    except UnicodeEncodeError as error:
        character = text[error.start]
        what = f"U+{ord(character):04X}" if not character.isprintable() else f"“{character}”"
        raise Unencodable(f"{encoding.name} has no {what}: save it as UTF-8") from error


def _candidates(data: bytes, name: str) -> list[Encoding]:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            errors = "surrogateescape" if codec == "utf-8" else "surrogatepass"
            return [Encoding(codec, mark, errors)]
    plain = _is_utf8(data)
    sample = data[:_SAMPLE]
    if b"\0" in sample and not (plain and _controls(sample) <= _MOST_CONTROLS * len(sample)):
        wide = _wide_without_mark(sample, len(data))
        if wide is not None:
            return [wide, Encoding()] if plain else [wide]
        if not plain:
            raise UserError(f"{name} is a binary file: open a text instead")
    if plain:
        return [Encoding()]
    if _is_mostly_utf8(data):
        return [Encoding("utf-8", b"", "surrogateescape")]
    return [Encoding(_guess(data)), Encoding("latin-1")]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _controls(sample: bytes) -> int:
    """How many bytes are control characters that no text needs; in text of two bytes a character, many."""
    return len(sample) - len(sample.translate(None, _CONTROLS))


def _wide_without_mark(sample: bytes, size: int) -> Encoding | None:
    """UTF-16 or UTF-32 where the sample, of a file of `size` bytes, reads as text in it, and better than swapped."""
    for codec, swapped, width in _WIDE:
        if size % width:
            continue
        whole = sample[: len(sample) // width * width]
        plain, other = _plain_characters(whole, codec), _plain_characters(whole, swapped)
        if plain > 2 * other and _reads_as_text(whole.decode(codec, "replace")):
            return Encoding(codec, b"", "surrogatepass")
    return None


def _plain_characters(sample: bytes, codec: str) -> int:
    """How many characters are ASCII's: every script has its spaces and line ends from there."""
    text = sample.decode(codec, "replace")
    return sum(1 for character in text if " " <= character <= "~" or character in "\t\n\r")


def _reads_as_text(text: str) -> bool:
    """Whether nearly all characters are ones that texts have, and most of them letters or spaces."""
    kinds = Counter(
        "Z" if character in "\t\n\r" else "C" if character == "\ufffd" else unicodedata.category(character)[0]
        for character in text
    )
    # Format characters (joiners, marks of direction) count as controls here; a hundredth is more than texts have.
    return kinds["C"] <= _MOST_CONTROLS * len(text) and kinds["L"] + kinds["M"] + kinds["Z"] >= len(text) / 2


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether more of what is not ASCII is UTF-8 than is not: a UTF-8 file with some damage."""
    text = data[:_SAMPLE].decode("utf-8", "surrogateescape")
    broken = sum(1 for character in text if "\udc80" <= character <= "\udcff")
    whole = sum(1 for character in text if character > "\x7f") - broken
    return whole > broken


def _guess(data: bytes) -> str:
    """The most likely 8-bit encoding; cp1252 or latin-1 where nothing better is found."""
    # Costs 30 ms to import, and nearly every file is UTF-8.
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE], cp_exclusion=list(_UNLIKELY)).best()
    codec = best.encoding if best is not None else "cp1252"
    try:
        data.decode(codec)
    except (ValueError, LookupError):
        return "latin-1"
    return codec
