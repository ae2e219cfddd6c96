"""Arguments that several commands take, and numbers with their range in the error."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from core.errors import UserError


class Misuse(UserError):
    """A command was called with arguments that do not go together; it ends with status 2."""


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return an argument type: a whole number from `low` to `high`."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number from {low} to {high}")
        return value

    return convert


def real(low: float, high: float, *, above: bool = False, below: bool = False) -> Callable[[str], float]:
    """Return an argument type: a number from `low` to `high`; `above` and `below` leave that end out."""

    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        inside = (low < value if above else low <= value) and (value < high if below else value <= high)
        if not inside:
            ends = f"{'above' if above else 'from'} {low:g} to {'below ' if below else ''}{high:g}"
            raise argparse.ArgumentTypeError(f"{text} is not a number {ends}")
        return value

    return convert


def eagerness(text: str) -> float:
    """Take an eagerness as an argument: a word of the app's, or the least probability of a ghost."""
    from core.eagerness import THRESHOLDS

    if text in THRESHOLDS:
        return THRESHOLDS[text]
    try:
        return real(0, 1)(text)
    except argparse.ArgumentTypeError:
        words = ", ".join(THRESHOLDS)
        raise argparse.ArgumentTypeError(f"{text} is neither {words} nor a number from 0 to 1") from None


def path(text: str) -> str:
    """Take a path as an argument: an empty one, which would be the folder one stands in, is a mistake."""
    if not text:
        raise argparse.ArgumentTypeError("a path is empty: name a file or folder (. is the one you are in)")
    return text


def name(text: str) -> str:
    """Take a model's name as an argument; an empty one is a mistake."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a model's name is empty: name one of `foretype models list`")
    return text


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add --model, which takes a name of the library or a checkpoint's folder."""
    parser.add_argument(
        "--model",
        type=name,
        metavar="NAME",
        help="a model of `foretype models list`, or a checkpoint's folder (default: the app's)",
    )


def add_json(parser: argparse.ArgumentParser, what: str = "print JSON instead of text") -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help=what)


def model_of(options: argparse.Namespace) -> str:
    """Return what --model says, or the model that the app uses."""
    if options.model is not None:
        return str(options.model)
    from core.settings import load_settings

    return load_settings().settings.model
