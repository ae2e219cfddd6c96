"""Profiles: ways of working with ghosts that are chosen by one name. Needs no screen and no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Profile:
    """What a profile sets; a person's own settings go before it."""

    label: str
    """Its name for a person."""
    help: str
    """What it does, in one line."""
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    """Keys by the name of the action."""
    ghosts: bool = True
    """Whether ghosts come by themselves."""


DEFAULT: Final = "prose"
PROFILES: Final[Mapping[str, Profile]] = {
    DEFAULT: Profile("Prose", "Tab takes all of the ghost, Ctrl+Right a word of it"),
    "tab-word": Profile(
        "Tab takes a word",
        "Tab takes a word of the ghost, Ctrl+Right all of it",
        {"accept": "ctrl+right", "accept-word": "tab"},
    ),
    "quiet": Profile("Quiet", "No ghost but on request: Ctrl+Space", ghosts=False),
}
