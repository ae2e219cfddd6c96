"""The engine as a command uses it: started, given one model, and ended with the command.

What goes wrong in the engine comes out as a UserError of one line.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import UserError
from tui.console import waiting

if TYPE_CHECKING:
    from core.client import EngineClient
    from core.protocol import LoadedModel

T = TypeVar("T")


def run_with_engine(work: Coroutine[Any, Any, T]) -> T:
    """Run `work`, which uses an engine, to its end; an engine's errors become UserErrors."""
    from core.client import ChildFailure, ChildGone

    try:
        return asyncio.run(work)
    except ChildFailure as failure:
        raise UserError(str(failure)) from failure
    except ChildGone as gone:
        from core.paths import log_file

        raise UserError(f"the engine ended before it answered: {log_file()} says why") from gone


@contextlib.asynccontextmanager
async def engine(model: str, threads: int = 1) -> AsyncGenerator[tuple[EngineClient, LoadedModel]]:
    """Start an engine with `model`, a name in the library or a checkpoint's folder, and end it afterwards."""
    from core.client import EngineClient

    # A command asks once: an engine that died is a failure here, so it is not given time to come back.
    client = EngineClient(text_of=_no_draft, on_state=_ignore, threads=threads, backoff=(3600.0,))
    try:
        with waiting(f"loading {model}"):
            await client.start()
            loaded = await client.load(model)
        yield client, loaded
    finally:
        await client.close()


def _no_draft(draft: str) -> str:
    return ""


def _ignore(state: str, line: str) -> None:
    """Hear of the engine's state, which a command learns from its answers."""
