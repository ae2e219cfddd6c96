"""Keeps the figures of what ghosts saved: counts as the person writes, adds them to the file now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.errors import UserError
from core.statistics.counting import Tally
from core.statistics.store import Days, add_statistics, forget_statistics, load_statistics


class StatisticsKeeper:
    """A tally and its way to the file, which is never waited for while a person types.

    `trouble` hears why the figures cannot be kept, once; they are tried again later.
    """

    def __init__(self, model: str, trouble: Callable[[str], None]) -> None:
        self.tally = Tally(model)
        self._trouble = trouble
        self._told = False
        self._busy = asyncio.Lock()

    async def days(self) -> Days:
        """Return all figures there are, those of this moment included; empty where the file cannot be read."""
        await self.keep()
        try:
            return await asyncio.to_thread(load_statistics)
        except UserError as error:
            self._tell(str(error))
            return {}

    async def keep(self) -> None:
        """Add what was counted to the file."""
        async with self._busy:
            if parts := self.tally.drain():
                try:
                    await asyncio.to_thread(add_statistics, parts)
                except UserError as error:
                    self.tally.give_back(parts)
                    self._tell(str(error))

    def keep_now(self) -> None:
        """Add what was counted to the file before this returns: Foretype ends."""
        parts = self.tally.drain()
        try:
            add_statistics(parts)
        except UserError:
            self.tally.give_back(parts)

    async def reset(self) -> None:
        """Forget all figures; those of this session that the status line shows go on."""
        async with self._busy:
            self.tally.drain()
            try:
                await asyncio.to_thread(forget_statistics)
            except UserError as error:
                self._tell(str(error))

    def _tell(self, line: str) -> None:
        if not self._told:
            self._told = True
            self._trouble(line)
