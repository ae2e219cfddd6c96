"""What the figures come to, for a person and as JSON. Needs no screen and no torch."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core.statistics.counting import Counts
from core.statistics.store import Days, summed


def last_days(days: Days, today: date, count: int) -> list[tuple[date, Counts]]:
    """Return the counts of the last days, today the last of them, also of those on which nothing was written."""
    wanted = [today - timedelta(days=back) for back in reversed(range(count))]
    return [(day, summed(days, day=day.isoformat())) for day in wanted]


def by_model(days: Days) -> list[tuple[str, Counts]]:
    """Return the counts of each model, the one most written with first."""
    names = {name for models in days.values() for name in models}
    counted = [(name, summed(days, model=name)) for name in names]
    return sorted(counted, key=lambda item: (-item[1].characters, item[0]))


def facts(counts: Counts) -> list[tuple[str, str]]:
    """Return names and values for a person."""
    median, slow = counts.latency(0.5), counts.latency(0.95)
    share = "-" if counts.saved is None else f"{counts.saved:.0%}"
    taken = f", {counts.accepted / counts.shown:.0%} taken" if counts.shown else ""
    answered = "-" if median is None or slow is None else f"{median:.0f} ms, 95% within {slow:.0f} ms"
    return [
        (
            "Keys saved",
            f"{share}, {counts.keys_saved:,} of {counts.characters:,}" if counts.saved is not None else "-",
        ),
        ("Keys typed", f"{counts.typed + counts.takes:,}"),
        ("Ghosts", f"{counts.shown:,} shown{taken}"),
        ("Dismissed", f"{counts.dismissed:,}"),
        ("Answered", answered),
    ]


def as_json(counts: Counts) -> dict[str, Any]:
    """Return what counts come to, for a program."""
    return {
        "keys": counts.typed + counts.takes,
        "characters": counts.characters,
        "keys_saved": counts.keys_saved,
        "share_saved": counts.saved,
        "typed": counts.typed,
        "takes": counts.takes,
        "taken": counts.taken,
        "taken_then_deleted": counts.lost,
        "ghosts_shown": counts.shown,
        "ghosts_accepted": counts.accepted,
        "ghosts_dismissed": counts.dismissed,
        "latency_ms": {"median": counts.latency(0.5), "p95": counts.latency(0.95)},
    }
