"""The error that a person reads. Needs no screen and no torch."""

from __future__ import annotations


class UserError(Exception):
    """Something a person can put right: the message is one line, names the thing and says what to do."""
