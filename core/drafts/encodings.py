"""From a file's bytes to text and back, byte for byte. Needs no screen and no torch.

Every reading is checked by writing it back: what does not come out as it went in is not opened at all.
"""

from __future__ import annotations

import codecs
import contextlib
import re
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
READINGS: Final = {
    "UTF-8": "utf-8",
    "Western (Windows-1252)": "cp1252",
    "Central European (Windows-1250)": "cp1250",
    "Cyrillic (Windows-1251)": "cp1251",
    "Cyrillic (KOI8-R)": "koi8_r",
    "Greek (Windows-1253)": "cp1253",
    "Turkish (Windows-1254)": "cp1254",
    "Hebrew (Windows-1255)": "cp1255",
    "Arabic (Windows-1256)": "cp1256",
    "Baltic (Windows-1257)": "cp1257",
    "Western DOS (CP850)": "cp850",
    "Japanese (Shift JIS)": "cp932",
    "Chinese (GB18030)": "gb18030",
    "Chinese (Big5)": "big5",
    "Korean (CP949)": "cp949",
}
"""Encodings that a person may have a file read in, where the guess was wrong: a name for them, and Python's."""
_ALPHABETS: Final = tuple(
    map(
        frozenset,
        (
            "àâæçéèêëîïôœùûüÿ",  # French
            "äöüßéèàç",  # German
            "áéíñóúüç",  # Spanish
            "àáâãçéêíóôõúü",  # Portuguese
            "àèéìíîòóùú",  # Italian
            "åäöæøéèüàóôò",  # Danish, Norwegian, Swedish
            "äëïöüéèêáíóúàç",  # Dutch
            "àçèéíïòóúü",  # Catalan
            "áðéíóúýþæö",  # Icelandic
            "äöåšž",  # Finnish, Estonian
            "éèêïîçñöüäâàáíóôåøã",  # English, with words and names from everywhere
        ),
    )
)
"""Letters beyond ASCII of the languages that Windows-1252 was made for."""
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

    @property
    def guessed(self) -> bool:
        """Whether nothing in the file says that it is in this encoding."""
        return not self.mark and not self.codec.startswith("utf")


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


def decode_as(data: bytes, name: str, codec: str) -> tuple[str, Encoding]:
    """The same in the encoding that a person says; raises UserError where the bytes are no such text."""
    encoding = Encoding(codec)
    with contextlib.suppress(ValueError):
        text = data.decode(codec)
        if encode(text, encoding) == data:
            return text, encoding
    raise UserError(f"{name} cannot be read as {encoding.name}: it holds bytes that mean nothing in that")


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
    if _is_western(data[:_SAMPLE]):
        return "cp1252"
    # Costs 30 ms to import, and nearly every file is UTF-8.
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE], cp_exclusion=list(_UNLIKELY)).best()
    codec = best.encoding if best is not None else "cp1252"
    try:
        data.decode(codec)
    except (ValueError, LookupError):
        return "latin-1"
    return codec


def _is_western(sample: bytes) -> bool:
    """Whether bytes read as Windows-1252 spell a Western language: statistics mix its letters up with those of others.

    Its letters beyond ASCII must all be of one language's alphabet and fewer than the others, and nothing but letters
    may stand within a word.
    """
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    letters = Counter(
        character.lower() for character in text if character.isalpha() and character not in "ªº"
    )
    beyond = {letter for letter in letters if letter > "\x7f"}
    if 2 * sum(letters[letter] for letter in beyond) > letters.total():
        return False
    return any(beyond <= alphabet for alphabet in _ALPHABETS) and not _ODD_WITHIN_WORDS.search(text)


_ODD_WITHIN_WORDS: Final = re.compile(r"[^\W\d_](?=[^\x00-\x7f’‘´·\xad–—…])[\W\d_ªº][^\W\d_]")
"""A sign beyond ASCII between two letters, but those that join or part words."""
