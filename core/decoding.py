"""Ghosts, next words, branches and surprise: what is asked of a model at a place in a draft.

Needs no screen. Everything is a function of the context, the options and the seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.folding import restore
from core.sampling import check
from core.search import DEPTH, Cancelled, Found, Rules, WordSearch, run_searches
from core.session import Context

__all__ = [
    "Alternative",
    "Branch",
    "Cancelled",
    "Completion",
    "Options",
    "Word",
    "branches",
    "complete",
    "next_words",
]

Partial = Callable[[str, float], None]
"""Called with a ghost that grows and the probability of its first word."""
WIDTH = 8
"""Branches that share a step."""
MEMORY = 64
"""Answers remembered at a node."""
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
    boldly: bool = False
    """Whether to go on to `words` words however unsure they are, from first words however unlikely."""

    def __post_init__(self) -> None:
        """Check the values."""
        check(self.temperature, self.top_p)
        if not 0 <= self.eagerness <= 1:
            raise ValueError(f"eagerness must be a probability from 0 to 1, not {self.eagerness!r}")
        if self.words < 1 or self.alternatives < 0:
            raise ValueError("a ghost has at least one word and no fewer than no alternatives")


@dataclass(frozen=True)
class Alternative:
    """Another ghost."""

    text: str
    probability: float
    """How likely the text goes on with exactly this."""
    first: float
    """How likely it goes on with the first word of it."""


@dataclass(frozen=True)
class Completion:
    """The answer to a request for a ghost."""

    ghost: str = ""
    """What to show after the cursor; empty where nothing is."""
    probability: float = 0.0
    """How likely the text goes on with exactly this, and its last word ends there."""
    first: float = 0.0
    """How likely it goes on with the first word of it: what ghosts of different lengths are compared by."""
    alternatives: tuple[Alternative, ...] = ()
    """Others, the one with the likeliest first word first; at temperature 0 none of those is likelier than its own."""
    silence: str | None = None
    """Why there is no ghost, in a word."""


@dataclass(frozen=True)
class Step:
    """A word of a phrase."""

    text: str
    """What it adds, the space before it included."""
    probability: float
    """How likely it is after what comes before it."""


@dataclass(frozen=True)
class Branch:
    """A way in which a text may go on."""

    text: str
    probability: float
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Word:
    """A word that may come next, or that may become of the one being typed."""

    text: str
    """The whole word."""
    rest: str
    """What would be inserted."""
    probability: float
    plain: float
    """The same at temperature 1: what the model thinks."""


class _Phrase:
    """A first word and the words that have been found to follow it."""

    def __init__(self, found: Found) -> None:
        self.steps = [found]
        self.growing = True

    @property
    def last(self) -> Found:
        return self.steps[-1]

    @property
    def spelled(self) -> bytes:
        return b"".join(step.spelled for step in self.steps)

    def text(self, context: Context) -> str:
        return restore(self.spelled.decode("utf-8"), context.style, context.before)

    @property
    def probability(self) -> float:
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

    def words(self) -> list[bytes]:
        return [step.spelled.strip().lower() for step in self.steps]

    def repeats(self, word: bytes) -> bool:
        """Whether one more word would make the phrase say something twice."""
        words = [*self.words(), word.strip().lower()]
        pairs = list(pairwise(words))
        return words[-1] == words[-2] or pairs[-1] in pairs[:-1]


def complete(
    context: Context,
    options: Options | None = None,
    partial: Partial | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Completion:
    """Return the ghost at a place in a draft.

    Args:
        context: the place.
        options: what the ghost is asked to be.
        partial: called with the ghost and the probability of its first word whenever a word has been decided.
        cancelled: asked between two steps of the network.

    Raises:
        Cancelled: when `cancelled` said so.
    """
    options = options or Options()
    if context.following.strip() and not options.anywhere:
        return Completion(silence="mid-line")
    key = (context.wanted, context.style, context.before[-1:], options)
    known = context.node.memo.get(key)
    if known is None:
        known = _complete(context, options, partial, cancelled)
        if len(context.node.memo) >= MEMORY:
            context.node.memo.clear()
        context.node.memo[key] = known
    return known


def _complete(
    context: Context,
    options: Options,
    partial: Partial | None,
    cancelled: Callable[[], bool] | None,
) -> Completion:
    random = np.random.default_rng(options.seed)
    phrases = _first_words(context, options, 1 + options.alternatives, random, cancelled)
    if not phrases:
        return Completion(silence="unsure")
    if phrases[0].probability < options.eagerness:
        return Completion(silence="unsure")
    shown = phrases[0]
    if partial is not None:
        partial(shown.text(context), shown.first)
    for _ in range(options.words - 1):
        grown = _lengthen(context, phrases, options, random, cancelled)
        if partial is not None and shown in grown:
            partial(shown.text(context), shown.first)
        if not grown:
            break
    others = sorted(phrases[1:], key=lambda phrase: -phrase.first)
    alternatives = tuple(Alternative(each.text(context), each.probability, each.first) for each in others)
    return Completion(shown.text(context), shown.probability, shown.first, alternatives)


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


def _first_words(
    context: Context,
    options: Options,
    count: int,
    random: np.random.Generator,
    cancelled: Callable[[], bool] | None,
) -> list[_Phrase]:
    rules = _rules(options, count, BOLDNESS if options.boldly else 1e-3)
    search = WordSearch(context.predictor.pieces, rules, random)
    search.begin(context.node, context.wanted)
    run_searches(context.predictor, [search], rules, WIDTH, cancelled)
    return [_Phrase(found) for found in search.best()[:count]]


CERTAINTIES = (0.05, 0.5, 0.67, 0.75)
"""How likely a second, third, fourth and any later word must be after the words before it.

One key takes a whole ghost that is right, and its first word where more is wrong. So a ghost of k words with
probability p saves p (k - 1) keys against going word by word, which grows while the next word's probability is
above (k - 1) / k.
"""


def _lengthen(
    context: Context,
    phrases: list[_Phrase],
    options: Options,
    random: np.random.Generator,
    cancelled: Callable[[], bool] | None,
) -> list[_Phrase]:
    """Give each phrase that may grow its next word; return those that grew."""
    pairs: list[tuple[_Phrase, WordSearch]] = []
    for phrase in phrases:
        if phrase.growing and phrase.last.ends:
            # A path can be no more likely than what it begins with: most end here.
            floor = phrase.least(options) / 2 or phrase.probability * BOLDNESS
            if options.temperature:
                floor = min(floor, 1e-6)
            search = WordSearch(context.predictor.pieces, _rules(options, 1, floor), random)
            search.go_on(phrase.last)
            pairs.append((phrase, search))
    run_searches(
        context.predictor,
        [search for _, search in pairs],
        _rules(options, 1, steps=DEPTH if options.boldly else 8),
        WIDTH,
        cancelled,
    )
    grown: list[_Phrase] = []
    for phrase, search in pairs:
        best = next(iter(search.best()), None)
        least = max(options.eagerness, phrase.least(options))
        if best is None or math.exp(best.log) < least or phrase.repeats(best.spelled):
            phrase.growing = False
        else:
            phrase.steps.append(best)
            grown.append(phrase)
    return grown


def next_words(
    context: Context,
    temperature: float = 1.0,
    top_p: float = 1.0,
    count: int = 10,
    cancelled: Callable[[], bool] | None = None,
) -> list[Word]:
    """Return the likeliest words that come next, or that may become of the one being typed.

    Args:
        context: the place.
        temperature: of the distribution over tokens; 0 leaves the likeliest word alone.
        top_p: only the words whose probability adds up to it are kept; what is left adds up to 1 then.
        count: words at most.
        cancelled: asked between two steps of the network.

    Raises:
        Cancelled: when `cancelled` said so.
    """
    check(temperature, top_p)
    rules = Rules(
        count if temperature else 1, temperature or 1.0, floor=3e-4, relative=1e-3, fan=max(64, 4 * count)
    )
    search = WordSearch(context.predictor.pieces, rules)
    search.begin(context.node, context.wanted)
    run_searches(context.predictor, [search], rules, WIDTH, cancelled)
    words = [_word(context, found) for found in search.best()[:count]]
    if temperature == 0:
        return [Word(word.text, word.rest, 1.0, word.plain) for word in words[:1]]
    if top_p < 1:
        words = _nucleus(words, top_p)
    return words


def _word(context: Context, found: Found) -> Word:
    rest = restore(found.spelled.decode("utf-8"), context.style, context.before)
    goes_on = bool(rest) and not rest[0].isspace() and bool(context.word)
    whole = context.word + rest if goes_on else rest.strip() or rest
    return Word(whole, rest, min(1.0, math.exp(found.score)), min(1.0, math.exp(found.log)))


def _nucleus(words: list[Word], top_p: float) -> list[Word]:
    kept: list[Word] = []
    total = 0.0
    for word in words:
        if total >= top_p:
            break
        kept.append(word)
        total += word.probability
    return [Word(word.text, word.rest, word.probability / total, word.plain) for word in kept]


def branches(
    context: Context,
    count: int = 4,
    words: int = 6,
    temperature: float = 0.0,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
    top_p: float = 1.0,
) -> list[Branch]:
    """Return several ways to go on from a place, each with another first word and `words` words where there are.

    Their probabilities are the model's own, whatever the temperature and top-p. For a path beyond the cursor, ask
    for the context with `Session.context(cursor, after=path)`.

    Raises:
        Cancelled: when `cancelled` said so.
    """
    options = Options(
        temperature, words=words, alternatives=count - 1, seed=seed, anywhere=True, top_p=top_p, boldly=True
    )
    random = np.random.default_rng(seed)
    phrases = _first_words(context, options, count, random, cancelled)
    for _ in range(words - 1):
        if not _lengthen(context, phrases, options, random, cancelled):
            break
    return [_branch(context, phrase) for phrase in phrases]


def _branch(context: Context, phrase: _Phrase) -> Branch:
    text, before = "", 0.0
    steps: list[Step] = []
    for found in phrase.steps:
        added = restore(found.spelled.decode("utf-8"), context.style, context.before + text)
        steps.append(Step(added, min(1.0, math.exp(found.log - before))))
        text, before = text + added, found.log
    return Branch(text, phrase.probability, tuple(steps))
