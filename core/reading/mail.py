"""Messages to the words of who wrote them: no quotes, no signature, nothing that was passed on. No screen, no torch.

What is a quote and what a signature is a matter of habit, not of a standard; the habits of the common programs are
known here, in the common languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses
from typing import Final, cast

from core.drafts.encodings import decode
from core.errors import UserError
from core.reading.limits import MAX_DEPTH, Unusable

_POLICY: Final = policy.compat32.clone(linesep="\n")
_FAULTS: Final = (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
"""What Python's parser raises for messages that are none."""
_SIGNATURE: Final = re.compile(r"^--[ \t]*$")
_FORWARDED: Final = re.compile(
    r"^\W{0,3}(?:-{2,}|_{2,}|\*{2,}|={2,})?\s*(?:original message|original appointment|forwarded message|"
    r"begin forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|"
    r"message d.origine|message transféré|début du message|mensaje original|mensaje reenviado|inicio del mensaje|"
    r"messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|mensagem original|"
    r"mensagem encaminhada|ursprungligt meddelande|vidarebefordrat|oprindelig meddelelse|opprinnelig melding|"
    r"pesan asli|исходное сообщение|пересылаемое сообщение|原始邮件|転送).{0,60}$",
    re.IGNORECASE,
)
_FROM: Final = re.compile(
    r"^\W{0,3}(?:from|von|de|da|van|od|от|fra|från|dari|发件人|差出人)\W{0,3}[:：]\s*\S", re.IGNORECASE
)
_FIELD: Final = re.compile(
    r"^\W{0,3}(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|fecha|para|asunto|inviato|data|"
    r"oggetto|verzonden|aan|onderwerp|assunto|skickat|till|ämne|sendt|til|emne|dikirim|kepada|perihal|дата|кому|тема|"
    r"发送时间|收件人|主题|日時|宛先|件名)\W{0,3}[:：]",
    re.IGNORECASE,
)
_ATTRIBUTION: Final = re.compile(
    r"^\W{0,3}(?:on|am|le|el|il|op|em|den|på|dnia|w dniu|pada|em|\d).{0,200}(?:wrote|writes|schrieb|a\s+écrit|"
    r"escribió|ha\s+scritto|schreef|escreveu|skrev|napisał\(?a?\)?|menulis|kirjoitti|написала?|写道)\W{0,4}$",
    re.IGNORECASE | re.DOTALL,
)
_WRITES: Final = re.compile(
    r"(?:wrote|writes|said|schrieb|écrit|escribió|scritto|schreef|escreveu|skrev|\d|@).*[:：]\s*$", re.DOTALL
)
_QUOTED: Final = re.compile(r"^\s?(?:>|\|\s)")
_DEVICE: Final = re.compile(
    r"^(?:sent from (?:my|mail for)|get outlook for|von meinem .{1,40} gesendet|gesendet (?:von|mit) .{1,40}|"
    r"envoyé (?:de|depuis) (?:mon|ma)|enviado desde mi|inviato da|verzonden vanaf mijn|skickat från min)\b.{0,60}$",
    re.IGNORECASE,
)
_ANSWERS_IN_LINES: Final = 3
"""Lines that an attribution may take."""


@dataclass(frozen=True)
class Letter:
    """Who wrote a message, and their words in it."""

    sender: str
    """The address that it is from, in lower case."""
    text: str
    """The words; empty where there are none."""


def parse(data: bytes, html_to_text: Callable[[bytes], str]) -> Letter:
    """Return what a message holds.

    Args:
        data: the message.
        html_to_text: takes UTF-8; used where there is no plain text.

    Raises:
        Unusable: when it cannot be taken apart.
    """
    try:
        message = BytesParser(policy=_POLICY).parsebytes(data)
        return Letter(_sender(message), _words(message, html_to_text))
    except _FAULTS as error:
        raise Unusable("damaged: it is no sound message") from error


def addresses_of(data: bytes) -> tuple[str, frozenset[str]]:
    """Return whom a message is from, empty where that cannot be told, and to whom; addresses in lower case."""
    try:
        message = BytesHeaderParser(policy=_POLICY).parsebytes(data[: _header_end(data)])
        return _sender(message), frozenset(_addresses(message, "to", "cc", "delivered-to"))
    except _FAULTS:
        return "", frozenset()


def _header_end(data: bytes) -> int:
    ends = [end for end in (data.find(b"\n\n"), data.find(b"\r\n\r\n")) if end >= 0]
    return min(ends, default=len(data)) + 2


def _sender(message: Message) -> str:
    return next(iter(_addresses(message, "from")), "")


def _addresses(message: Message, *names: str) -> list[str]:
    headers = [str(value)[:10_000] for name in names for value in message.get_all(name, [])]
    return [address.lower() for _, address in getaddresses(headers) if "@" in address]


def _words(message: Message, html_to_text: Callable[[bytes], str]) -> str:
    if str(message.get("auto-submitted", "no")).strip().lower() not in ("no", ""):
        return ""
    plain: list[str] = []
    pages: list[str] = []
    for part in _parts(message, 0):
        text = _decoded(part)
        if part.get_content_type() == "text/html":
            pages.append(text)
        else:
            flowed = str(part.get_param("format", "")).lower() == "flowed"
            plain.append(own_words(_unflowed(text) if flowed else text))
    written = "\n\n".join(text for text in plain if text)
    if written or not pages:
        return written
    return own_words("\n\n".join(html_to_text(page.encode("utf-8", "replace")) for page in pages))


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """Yield the parts that are shown as text; what is attached, forwarded or a signature is passed over."""
    if depth > MAX_DEPTH or message.get_content_disposition() == "attachment":
        return
    if message.get_content_maintype() == "multipart":
        payload = message.get_payload()
        for part in cast("list[Message]", payload) if isinstance(payload, list) else []:
            yield from _parts(part, depth + 1)
    elif message.get_content_type() in ("text/plain", "text/html"):
        yield message


def _decoded(part: Message) -> str:
    data = cast("object", part.get_payload(decode=True))
    if not isinstance(data, bytes):
        return ""
    try:
        text = data.decode(str(part.get_content_charset() or "utf-8"))
    except (LookupError, ValueError):
        try:
            text, _ = decode(data, "")
        except UserError:
            return ""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unflowed(text: str) -> str:
    """Return text of format=flowed (RFC 3676) with its lines joined; those with different quotes stay apart."""
    out: list[str] = []
    flowing, depth = False, 0
    for line in text.split("\n"):
        quotes = len(line) - len(line.lstrip(">"))
        body = line[quotes:].removeprefix(" ")
        if flowing and quotes == depth and body != "-- ":
            out[-1] += body
        else:
            out.append(">" * quotes + (" " if quotes else "") + body)
        flowing, depth = body.endswith(" ") and body != "-- ", quotes
    return "\n".join(out)


def own_words(text: str) -> str:
    """Return a message's text without what others wrote in it, and without the signature.

    Args:
        text: lines end in a line feed.
    """
    lines = text.split("\n")
    end = next((index for index in range(len(lines)) if _ends(lines, index)), len(lines))
    kept: list[str] = []
    for line in lines[:end]:
        if _QUOTED.match(line):
            _drop_attribution(kept)
        elif not _DEVICE.match(line.strip()):
            kept.append(line)
    return "\n".join(kept).strip()


def _ends(lines: list[str], index: int) -> bool:
    """Say whether what was written ends before a line: with a signature, or with a message below."""
    line = lines[index]
    if _SIGNATURE.match(line) or _FORWARDED.match(line.strip()):
        return True
    if _FROM.match(line):
        below = [field for field in lines[index + 1 : index + 6] if field.strip()]
        return sum(1 for field in below if _FIELD.match(field)) >= 2
    for count in range(1, _ANSWERS_IN_LINES + 1):
        block = lines[index : index + count]
        if not all(part.strip() for part in block):
            return False
        if _ATTRIBUTION.match("\n".join(block).strip()):
            following = next((part for part in lines[index + count :] if part.strip()), "")
            return not _QUOTED.match(following)  # above a quote, only the quote goes
    return False


def _drop_attribution(kept: list[str]) -> None:
    """Take the lines off the end that say whom the quote below is of."""
    while kept and not kept[-1].strip():
        kept.pop()
    block: list[str] = []
    for line in reversed(kept[-_ANSWERS_IN_LINES:]):
        if not line.strip():
            break
        block.insert(0, line)
    for start in range(len(block)):
        text = "\n".join(block[start:])
        if _ATTRIBUTION.match(text.strip()) or (start == len(block) - 1 and _WRITES.search(text)):
            del kept[len(kept) - (len(block) - start) :]
            break
    kept.append("")
