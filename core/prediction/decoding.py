"""Ghosts, next words, branches and surprise: what is asked of a model at a place in a draft.

Needs no screen. Everything is a function of the context, the options and the seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.prediction.folding import restore
from core.prediction.phrases import CANDIDATES, MEANT, WIDTH, Options, Phrase, first_words, lengthen
from core.prediction.sampling import check
from core.prediction.search import Cancelled, Rules, WordSearch, run_searches
from core.prediction.session import Context
from core.prediction.word_paths import Found

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
MEMORY = 64
"""Answers remembered at a node."""


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
    """Others, the one with the likeliest first word first."""
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
    if options.eagerness > 0 and not context.familiar:
        return Completion(silence="unfamiliar")
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
    random = options.noise()
    count = max(CANDIDATES, 1 + options.alternatives) + len(options.passed)
    found = first_words(context, options, count, random, cancelled)
    phrases = _chosen(_without(found, options.passed, context) if options.passed else found, options)
    if not phrases:
        return Completion(silence="unsure")
    shown = phrases[0]
    if partial is not None:
        partial(shown.text(context), shown.first)
    for _ in range(options.words - 1):
        grown = lengthen(context, phrases, options, random, cancelled)
        if partial is not None and shown in grown:
            partial(shown.text(context), shown.first)
        if not grown:
            break
    others = sorted(phrases[1:], key=lambda phrase: -phrase.first)
    alternatives = tuple(Alternative(each.text(context), each.probability, each.first) for each in others)
    return Completion(shown.text(context), shown.probability, shown.first, alternatives)


def _without(found: list[Phrase], passed: tuple[str, ...], context: Context) -> list[Phrase]:
    """Return the phrases of words that were not typed past, each likelier by as much as those are less likely."""
    are_passed = [phrase.text(context) in passed for phrase in found]
    mass = sum(phrase.first for phrase, is_passed in zip(found, are_passed, strict=True) if is_passed)
    left = 1 - (1 - MEANT) * min(1.0, mass)
    return [
        Phrase(phrase.last.shifted(-math.log(left)))
        for phrase, is_passed in zip(found, are_passed, strict=True)
        if not is_passed
    ]


def _chosen(found: list[Phrase], options: Options) -> list[Phrase]:
    """Return the phrase to be shown and its alternatives; none where nothing is likely enough."""
    if options.temperature:
        likely = found[:1] if found and found[0].first >= options.eagerness else []
    else:
        likely = [phrase for phrase in found if phrase.first >= options.eagerness]
    if not likely:
        return []
    shown = max(likely, key=lambda phrase: phrase.worth)
    return [shown, *(phrase for phrase in found if phrase is not shown)][: 1 + options.alternatives]


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
    random = options.noise()
    phrases = first_words(context, options, count, random, cancelled)
    for _ in range(words - 1):
        if not lengthen(context, phrases, options, random, cancelled):
            break
    return [_branch(context, phrase) for phrase in phrases]


def _branch(context: Context, phrase: Phrase) -> Branch:
    text, before = "", 0.0
    steps: list[Step] = []
    for found in phrase.steps:
        added = restore(found.spelled.decode("utf-8"), context.style, context.before + text)
        steps.append(Step(added, min(1.0, math.exp(found.log - before))))
        text, before = text + added, found.log
    return Branch(text, phrase.probability, tuple(steps))
