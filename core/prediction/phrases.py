"""Phrases: first words found or sampled, and the words that follow them for as long as those are worth reading.

Needs no screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from core.prediction.folding import restore
from core.prediction.sampling import check
from core.prediction.search import DEPTH, Rules, WordSearch, run_searches
from core.prediction.session import Context
from core.prediction.word_paths import Found

WIDTH = 8
"""Branches that share a step."""
WORTH = 2
"""Most keys that a first word counts for; measured in docs/performance.md."""
CANDIDATES = 4
"""First words at least that a ghost is chosen from."""
MEANT = 0.1
"""Chance that somebody types past a word that is meant, though it was seen."""
BOLDNESS = 1e-5
"""Least probability of a word that is found where all are welcome, and that against the likeliest."""


@dataclass(frozen=True)
class Options:
    """What a ghost is asked to be.

    Raises:
        ValueError: when a value is out of its range.
    """

    temperature: float = 0.0
    """0: the likeliest words. Above: sampled without replacement at this temperature."""
    eagerness: float = 0.0
    """Least probability that all of what is shown is right; 0 always shows the best guess."""
    words: int = 6
    """Words at most."""
    alternatives: int = 3
    """Other ghosts, each with another first word, at most."""
    seed: int = 0
    """Decides what is sampled."""
    line_break: bool = False
    """Whether a ghost may hold line ends."""
    anywhere: bool = False
    """Whether there is a ghost in the middle of a line too."""
    top_p: float = 1.0
    """Above temperature 0: only the likeliest tokens whose probability adds up to it are sampled."""
    passed: tuple[str, ...] = ()
    """First words, or what is left of them, that are not to be offered (core.passed_over)."""
    boldly: bool = False
    """Whether to go on to `words` words however unsure they are, from first words however unlikely."""

    def __post_init__(self) -> None:
        """Check the values."""
        check(self.temperature, self.top_p)
        if not 0 <= self.eagerness <= 1:
            raise ValueError(f"eagerness must be a probability from 0 to 1, not {self.eagerness!r}")
        if self.words < 1 or self.alternatives < 0:
            raise ValueError("a ghost has at least one word and no fewer than no alternatives")

    def noise(self) -> np.random.Generator | None:
        """Return the source of the noise by which words are sampled; None where the likeliest are wanted."""
        return np.random.default_rng(self.seed) if self.temperature else None


class Phrase:
    """A first word and the words that have been found to follow it."""

    def __init__(self, found: Found) -> None:
        """Begin with the first word."""
        self.steps = [found]
        self.growing = True

    @property
    def last(self) -> Found:
        """The last word."""
        return self.steps[-1]

    @property
    def spelled(self) -> bytes:
        """All of it, as the model spells it."""
        return b"".join(step.spelled for step in self.steps)

    def text(self, context: Context) -> str:
        """Return all of it, as the writer spells."""
        return restore(self.spelled.decode("utf-8"), context.style, context.before)

    @property
    def probability(self) -> float:
        """How likely the text goes on with exactly this."""
        return min(1.0, math.exp(self.last.log))

    @property
    def first(self) -> float:
        """How likely the first word is, whatever follows it."""
        return min(1.0, math.exp(self.steps[0].log))

    def least(self, options: Options) -> float:
        """How likely the phrase must be after one more word for that to be worth it."""
        if options.boldly:
            return 0.0
        return CERTAINTIES[min(len(self.steps), len(CERTAINTIES)) - 1] * self.probability

    @property
    def worth(self) -> tuple[float, float]:
        """Keys that showing the first word may save; among equals, how likely it is.

        One key takes it in place of all of its letters. But a word that is not shown will mostly be a letter later,
        so no more than two of them count.
        """
        letters = len(self.steps[0].spelled.decode("utf-8"))
        return self.first * min(letters - 1, WORTH), self.first

    def words(self) -> list[bytes]:
        """Return its words, in small letters."""
        return [step.spelled.strip().lower() for step in self.steps]

    def repeats(self, word: bytes) -> bool:
        """Whether one more word would make the phrase say something twice."""
        words = [*self.words(), word.strip().lower()]
        pairs = list(pairwise(words))
        return words[-1] == words[-2] or pairs[-1] in pairs[:-1]


@lru_cache(16)
def _rules(options: Options, count: int, floor: float = 1e-3, steps: int = 24) -> Rules:
    fan = 64 if options.temperature else max(24, 6 * count)
    return Rules(
        count,
        options.temperature or 1.0,
        sampled=options.temperature > 0,
        line_break=options.line_break,
        floor=floor,
        steps=steps,
        fan=fan,
        top_p=options.top_p,
        relative=BOLDNESS if options.boldly else 0.01,
    )


def first_words(
    context: Context,
    options: Options,
    count: int,
    random: np.random.Generator | None,
    cancelled: Callable[[], bool] | None,
) -> list[Phrase]:
    """Return phrases of one word each: the likeliest ones, or as they were sampled."""
    rules = _rules(options, count, BOLDNESS if options.boldly else 1e-3)
    if options.passed:  # what is left may be much less likely than what is not to be offered
        rules = replace(rules, floor=rules.floor * MEANT, relative=rules.relative * MEANT)
    search = WordSearch(context.predictor.pieces, rules, random)
    search.begin(context.node, context.wanted)
    run_searches(context.predictor, [search], rules, WIDTH, cancelled)
    return [Phrase(found) for found in search.best()[:count]]


CERTAINTIES = (0.05, 0.5, 0.67, 0.75)
"""How likely a second, third, fourth and any later word must be after the words before it.

One key takes a whole ghost that is right, and its first word where more is wrong. So a ghost of k words with
probability p saves p (k - 1) keys against going word by word, which grows while the next word's probability is
above (k - 1) / k.
"""


def lengthen(
    context: Context,
    phrases: list[Phrase],
    options: Options,
    random: np.random.Generator | None,
    cancelled: Callable[[], bool] | None,
) -> list[Phrase]:
    """Give each phrase that may grow its next word; return those that grew."""
    rules = _rules(options, 1, steps=DEPTH if options.boldly else 8)
    searches: list[tuple[Phrase, float, WordSearch]] = []
    for phrase in phrases:
        # A path can be no more likely than what it begins with: most end here.
        if phrase.growing and phrase.last.ends and phrase.probability >= options.eagerness:
            least = phrase.least(options)
            floor = least / 2 or phrase.probability * BOLDNESS
            if options.temperature:
                floor = min(floor, 1e-6)
            search = WordSearch(context.predictor.pieces, rules, random)
            search.go_on(phrase.last, floor)
            searches.append((phrase, max(options.eagerness, least), search))
    run_searches(context.predictor, [search for _, _, search in searches], rules, WIDTH, cancelled)
    grown: list[Phrase] = []
    for phrase, least, search in searches:
        best = next(iter(search.best()), None)
        if best is None or math.exp(best.log) < least or phrase.repeats(best.spelled):
            phrase.growing = False
        else:
            phrase.steps.append(best)
            grown.append(phrase)
    return grown
