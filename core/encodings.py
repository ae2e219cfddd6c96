"""From a file's bytes to text and back, byte for byte. Needs no screen and no torch.

Every reading is checked by writing it back: what does not come out as it went in is not opened at all.
"""

from __future__ import annotations

import codecs
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
    try:
        data.decode("utf-8")
        return [Encoding()]
    except UnicodeDecodeError:
        pass
    if b"\0" in data[:_SAMPLE]:
        wide = _utf16_without_mark(data)
        if wide is None:
            raise UserError(f"{name} is a binary file: open a text instead")
        return [wide]
    if _is_mostly_utf8(data):
        return [Encoding("utf-8", b"", "surrogateescape")]
    return [Encoding(_guess(data)), Encoding("latin-1")]


def _utf16_without_mark(data: bytes) -> Encoding | None:
    """UTF-16 where nearly every second byte is zero, as in text of Latin letters."""
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if len(data) % 2 == 0 and half:
        if odd > 0.7 * half and even < 0.1 * half:
            return Encoding("utf-16-le", b"", "surrogatepass")
        if even > 0.7 * half and odd < 0.1 * half:
            return Encoding("utf-16-be", b"", "surrogatepass")
    return None


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
