"""What ghosts saved you, counted by the app as you write: keys, ghosts, latency, by day and by model.

Kept on this machine as numbers, without any text. Characters that were taken from a ghost and deleted in the
same paragraph do not count as saved.
"""

from __future__ import annotations

import argparse
from datetime import date

from tui.command_line.arguments import add_json, whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `foretype stats`."""
    parser.add_argument(
        "--days", type=whole(1, 3660), default=14, metavar="N", help="days listed (default: 14)"
    )
    parser.add_argument("--reset", action="store_true", help="forget all figures")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Run `foretype stats`."""
    from core.statistics.report import as_json, by_model, facts, last_days
    from core.statistics.store import forget_statistics, load_statistics, summed
    from tui.console import note, percent, print_facts, print_json, print_table

    if options.reset:
        forget_statistics()
        note("all figures are forgotten")
        return 0
    days = load_statistics()
    listed = [item for item in last_days(days, date.today(), options.days) if item[1].characters]
    models = by_model(days)
    if options.json:
        print_json(
            {
                "total": as_json(summed(days)),
                "days": {day.isoformat(): as_json(counts) for day, counts in listed},
                "models": {name: as_json(counts) for name, counts in models},
            }
        )
        return 0
    if not days:
        note("nothing was counted yet: write in the app, and the figures appear here")
        return 0
    print_facts(f"Since {next(iter(days))}", facts(summed(days)))
    rows = [
        [name, percent(counts.saved), f"{counts.characters:,}", f"{counts.shown:,}", f"{counts.accepted:,}"]
        for name, counts in [*((day.isoformat(), counts) for day, counts in listed), *models]
    ]
    print_table(("day or model", "keys saved", "characters", "ghosts", "taken"), rows, right=(1, 2, 3, 4))
    return 0
