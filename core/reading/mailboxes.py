"""Many messages in one file (mbox), and whose they are. Needs no screen and no torch.

A mailbox is read a message at a time, however large it is. Its owner is who nearly all of its messages are from or
to; only what they wrote is theirs. Who that is can be said in the settings, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from core.reading.limits import MAX_MESSAGE_BYTES

LEAST_TO_TELL: Final = 20
"""Messages that a mailbox must have so that its owner can be told from them."""
SHARE_OF_OWNER: Final = 0.8
"""Share of the messages that the owner has written or was sent."""
_START: Final = re.compile(rb"^From \S.{0,200}\d{4}\s*$|^From [^\s:]+@\S+")
_FIELD: Final = re.compile(rb"^[A-Za-z][A-Za-z0-9-]{0,60}:")
_MOST_ADDRESSES: Final = 50_000


def is_mailbox(start: bytes) -> bool:
    """Say whether a file that begins like this is a mailbox."""
    lines = start.lstrip(b"\r\n").split(b"\n", 3)
    return (
        len(lines) > 2 and _START.match(lines[0].rstrip()) is not None and _FIELD.match(lines[1]) is not None
    )


def is_maildir(folder: Path) -> bool:
    """Say whether a folder is a mailbox of one file a message."""
    return all((folder / part).is_dir() for part in ("cur", "new", "tmp"))


def messages(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield each message of a mailbox, in the forms called mboxo and mboxrd, and whether it is whole.

    Of one that is too large only the beginning is given.
    """
    lines: list[bytes] = []
    size = 0
    whole = started = False
    after_blank = True
    while line := stream.readline(1 << 20):
        if after_blank and line.startswith(b"From ") and _START.match(line.rstrip()):
            if started:
                yield b"".join(lines), whole
            lines, size, whole, started = [], 0, True, True
        elif started:
            size += len(line)
            if size <= MAX_MESSAGE_BYTES:
                lines.append(line[1:] if line.startswith((b">From ", b">>")) and _is_escaped(line) else line)
            else:
                whole = False
        after_blank = not line.strip()
    if started:
        yield b"".join(lines), whole


def _is_escaped(line: bytes) -> bool:
    return line.lstrip(b">").startswith(b"From ")


def owners(letters: Iterable[tuple[str, Collection[str]]]) -> frozenset[str] | None:
    """Return whose mailbox it is, None where that cannot be told.

    Args:
        letters: who each message is from, and to.
    """
    senders: set[str] = set()
    seen: Counter[str] = Counter()
    total = 0
    for sender, others in letters:
        total += 1
        if len(seen) < _MOST_ADDRESSES:
            senders.add(sender)
            seen.update({sender, *others})
    if total < LEAST_TO_TELL:
        return None
    most = max((seen[address] for address in senders if address), default=0)
    if most < SHARE_OF_OWNER * total:
        return None
    return frozenset(address for address in senders if address and seen[address] == most)


def is_own(sender: str, addresses: Collection[str] | None) -> bool:
    """Say whether a message is from one of the addresses; where there are none, any is."""
    return not addresses or sender in addresses
