"""What is needed of an engine's client, by who needs it: tests give the app engines of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from core.client import EngineState
from core.protocol import (
    Branches,
    Distribution,
    Ghost,
    GhostPartial,
    LoadedModel,
    Position,
    Surprise,
    WordSurprise,
)


class ForeseeingEngine(Protocol):
    """Says which words may come next."""

    state: EngineState
    loaded: LoadedModel | None

    async def distribution(
        self,
        draft: str,
        cursor: Position,
        path: str = "",
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        count: int = 10,
    ) -> Distribution:
        """Ask for the likeliest next words."""
        ...


class BranchingEngine(ForeseeingEngine, Protocol):
    """Also finds ways to go on."""

    async def branches(
        self,
        draft: str,
        cursor: Position,
        path: str = "",
        *,
        count: int = 4,
        words: int = 6,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
    ) -> Branches:
        """Ask for ways to go on."""
        ...


class SurpriseEngine(ForeseeingEngine, Protocol):
    """Also tells how little each word was expected."""

    async def surprise(
        self,
        draft: str,
        start: Position,
        end: Position,
        *,
        on_words: Callable[[list[WordSurprise]], None] | None = None,
    ) -> Surprise:
        """Ask how little each word was expected."""
        ...


class ComparedEngine(ForeseeingEngine, Protocol):
    """Also answers any request."""

    async def request(self, method: str, params: dict[str, Any]) -> Any:
        """Send any request."""
        ...


class DraftEngine(Protocol):
    """Keeps sessions of drafts."""

    def open(self, draft: str, text: str) -> None:
        """Open a draft's session."""
        ...

    def edit(self, draft: str, start: Position, end: Position, text: str) -> None:
        """Tell an edit."""
        ...

    def close_draft(self, draft: str) -> None:
        """Close a draft's session."""
        ...


class GhostEngine(DraftEngine, Protocol):
    """Also suggests."""

    state: EngineState

    async def ghost(
        self,
        draft: str,
        cursor: Position,
        generation: int,
        *,
        temperature: float = 0.0,
        eagerness: float = 0.0,
        words: int = 6,
        alternatives: int = 3,
        seed: int = 0,
        passed: Sequence[str] = (),
        partial: Callable[[GhostPartial], None] | None = None,
    ) -> Ghost:
        """Ask for a ghost."""
        ...


class EngineProcess(Protocol):
    """Is started, loads models and ends."""

    async def start(self) -> None:
        """Start the process."""
        ...

    async def load(self, model: str) -> LoadedModel:
        """Load a model."""
        ...

    async def close(self) -> None:
        """End the process."""
        ...


class OtherEngine(ComparedEngine, DraftEngine, EngineProcess, Protocol):
    """The one that is started to compare two models."""


class Engine(BranchingEngine, SurpriseEngine, ComparedEngine, GhostEngine, EngineProcess, Protocol):
    """All that the app needs."""
