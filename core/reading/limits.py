"""What one file may cost, whatever it is, and how a file that cannot be learnt from is told. No screen, no torch."""

from __future__ import annotations

from typing import Final

MAX_FILE_BYTES: Final = 64 << 20
"""Larger files are left out, also when they are that large only once expanded. Mailboxes are read a message at a time
and have no limit."""
MAX_MARKUP_BYTES: Final = 4 << 20
"""Markup that a converter takes in one piece: its trees are some hundred times as large."""
MAX_TEXT_BYTES: Final = 64 << 20
"""Text that may come out of one file."""
MAX_MEMBERS: Final = 1000
"""Compressed streams in one file."""
MAX_ARCHIVE_ENTRIES: Final = 20_000
"""Files in an archive; books have some hundred."""
MAX_MESSAGE_BYTES: Final = 32 << 20
"""A message of a mailbox, with what is attached to it."""
MAX_DEPTH: Final = 64
"""Folders within folders, parts within parts: nothing that people make goes as deep."""


class Unusable(Exception):
    """A file that cannot be learnt from; the message is a reason of a few words."""
