"""Write on from a prompt: the text appears as the model samples it.

The prompt is the argument, or standard input where there is no argument or where it is "-". An empty one lets
the model begin a text of its own.

Temperature 0 always takes the likeliest next token and soon repeats itself; 1 follows the model's
probabilities; higher is bolder.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from tui.command_line.arguments import add_json, add_model, model_of, real, whole

if TYPE_CHECKING:
    from core.client import EngineClient


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `foretype generate`."""
    parser.add_argument(
        "prompt", metavar="PROMPT", nargs="?", help="text to go on from; - reads standard input"
    )
    add_model(parser)
    parser.add_argument(
        "--temperature",
        type=real(0, 10),
        default=0.7,
        metavar="T",
        help="0 to 10 (default: 0.7); 0 is greedy",
    )
    parser.add_argument(
        "--top-p",
        type=real(0, 1, above=True),
        default=1.0,
        metavar="P",
        help="sample from the likeliest tokens that together have this probability (default: 1, all)",
    )
    parser.add_argument(
        "--words", type=whole(1, 100_000), default=100, metavar="N", help="words to write (default: 100)"
    )
    parser.add_argument(
        "--count", type=whole(1, 1000), default=1, metavar="N", help="texts to write (default: 1)"
    )
    parser.add_argument(
        "--seed",
        type=whole(0, 2**31 - 1),
        metavar="N",
        help="the same seed gives the same text; --count takes N, N+1, ... (default: another each time)",
    )
    add_json(parser, "print one JSON list of the texts at the end, and nothing before")


def run(options: argparse.Namespace) -> int:
    """Run `foretype generate`."""
    from tui.command_line.engine import run_with_engine

    return run_with_engine(_generate(options, _prompt(options.prompt)))


def _prompt(argument: str | None) -> str:
    if argument == "-" or (argument is None and not sys.stdin.isatty()):
        data = sys.stdin.buffer.read()
        return data.decode("utf-8", "replace").replace("\r\n", "\n")
    return argument or ""


async def _generate(options: argparse.Namespace, prompt: str) -> int:
    import random

    from tui.command_line.engine import engine
    from tui.console import print_json

    seed = options.seed if options.seed is not None else random.randrange(2**31 - 1000)
    reports: list[dict[str, object]] = []
    async with engine(model_of(options)) as (client, loaded):
        for index in range(options.count):
            if index and not options.json:
                print("\n" + "-" * 8)
            if not options.json:
                _show_prompt(prompt)
            text = await _one(client, options, prompt, seed + index)
            reports.append({"prompt": prompt, "text": text, "seed": seed + index, "model": loaded["name"]})
    if options.json:
        shared = {"temperature": options.temperature, "top_p": options.top_p}
        print_json([report | shared for report in reports])
    return 0


async def _one(client: EngineClient, options: argparse.Namespace, prompt: str, seed: int) -> str:
    """Write one text, shown as it comes, and return it."""
    from core.text import strip_controls

    shown = ""
    broken: BrokenPipeError | None = None
    task = asyncio.current_task()

    def show(piece: str) -> None:
        nonlocal shown, broken
        piece = strip_controls(piece)
        shown += piece
        if options.json or broken is not None:
            return
        try:
            sys.stdout.write(piece)
            sys.stdout.flush()
        except BrokenPipeError as error:
            # A listener cannot end the work by raising: the wait for the rest of the text is given up instead.
            broken = error
            if task is not None:
                task.cancel()

    try:
        result = await client.generate(
            prompt,
            temperature=options.temperature,
            top_p=options.top_p,
            words=options.words,
            seed=seed,
            on_text=show,
        )
    except asyncio.CancelledError:
        if broken is not None:
            raise broken from None
        raise
    if not options.json and not shown.endswith("\n"):
        print(flush=True)
    return strip_controls(result["text"])


def _show_prompt(prompt: str) -> None:
    from core.text import strip_controls
    from tui.console import console, is_terminal

    text = strip_controls(prompt)
    if not is_terminal(sys.stdout):
        sys.stdout.write(text)
        return
    from rich.text import Text

    console().print(Text(text, style="bold"), end="", soft_wrap=True)
