"""Looking for words: best-first search over tokens, several searches sharing each step of the network.

Needs no screen. A path through tokens becomes a word, or a run of marks, where the network says that the next token
does not go on with it; paths that spell the same word add their probabilities up. Without noise the likeliest words
come first: a beam search whose beam is as wide as it must be. With noise it samples words without replacement, by
stochastic beam search (Kool, van Hoof and Welling 2019, "Stochastic Beams and Where to Find Them"): each path carries
a perturbed log-probability, and the children of a path are perturbed on condition that the greatest of them equals it
(their algorithm 1). Nothing but the score by which paths are taken up tells the two apart.
"""

from __future__ import annotations

import heapq
import math
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.prediction.logs import Doubles, greatest, least_kept, log_of, perturbed
from core.prediction.nodes import Node, grow
from core.prediction.pieces import BARRED, CAPITAL, LINES, NOTHING, WORD, Ids, Pieces, closes, presentable
from core.prediction.predictor import Predictor
from core.prediction.word_paths import Choices, Found, Path

DEPTH = 72
"""Tokens that a word may take."""
ENDS = 2
"""Ways to a word from which is gone on."""
SPELLING_FLOOR = 1e-3
"""Ways to spell the given part of a word less likely than this, against those known, are not followed."""


RARE_CAPITAL = 0.01
"""A capital less likely than this after a small letter begins another word: a draft whose lines begin with a name
makes that name likelier everywhere, also where the space before it is missing."""


class Cancelled(Exception):
    """The answer is no longer wanted."""


@dataclass(frozen=True)
class Rules:
    """What may be found, and how hard is looked."""

    count: int = 1
    """Words wanted."""
    temperature: float = 1.0
    """Of the distribution over tokens by which words are ranked or sampled; above 0."""
    sampled: bool = False
    """Whether words are sampled without replacement; else the likeliest are found."""
    top_p: float = 1.0
    """What is sampled is one of the likeliest tokens whose probability adds up to this."""
    line_break: bool = False
    """Whether line ends may be spelled."""
    floor: float = 1e-3
    """Paths less likely than this are not followed."""
    relative: float = 0.01
    """Nor those less likely than this times the likeliest word found."""
    steps: int = 24
    """Steps of the network at most."""
    fan: int = 64
    """Tokens that are considered after a path: the likeliest ones."""


_Ranked = tuple[float, int, Path, Node, int, float, float]
"""A way to go on that waits: its negated score, its order, the path, where that stands, a token, both logs of it.

Few of those that wait are ever taken up, so they become paths only then.
"""
_Spelled = tuple[Path, Node, Ids]
"""A path, where it stands, and the tokens after which what was wanted is spelled."""
_Ready = tuple[Path, Node, Choices]
"""The same with the ways to go on that are worth it."""


class WordSearch:
    """Finds words from one place on."""

    def __init__(self, pieces: Pieces, rules: Rules, random: np.random.Generator | None = None) -> None:
        """Make a search that has not begun; see `begin` and `go_on`.

        Args:
            pieces: the vocabulary.
            rules: what is looked for.
            random: the source of noise, where words are sampled.
        """
        self._pieces = pieces
        self._rules = rules
        self._random = random if rules.sampled else None
        self._floor = rules.floor
        self._plain = self._random is None and rules.temperature == 1
        self._heap: list[_Ranked] = []
        self._order = 0
        self._limit = -math.inf  # the score that a path must exceed to matter still
        self._limit_is_old = False
        self._after = NOTHING  # what has just been spelled, and must not go on
        self._spelling: list[Path] = []  # paths that have not spelled yet what was wanted
        self._spelled: list[_Spelled] = []
        self._mass = 0.0  # probability of those
        self.found: dict[bytes, Found] = {}

    def begin(self, node: Node, wanted: bytes) -> None:
        """Start inside or before a word, of which the bytes `wanted` are given."""
        self.put(Path(node, -1, wanted=wanted), node)

    def go_on(self, found: Found, floor: float) -> None:
        """Start after a word that has ended, from its likeliest ends: the next token must begin something new.

        Paths less likely than `floor`, the word before them included, are not followed.
        """
        self._after, self._floor = found.kind, floor
        for node, log in found.ends[:ENDS]:
            # Getting here had its probability already; what is sampled from here on is sampled anew.
            self.put(Path(node, -1, log, 0.0 if self._random else log), node)
            if self._random:
                break

    def best(self) -> list[Found]:
        """Return what was found, the best first."""
        return sorted(self.found.values(), key=lambda found: (-found.score, found.spelled))

    def take(self, most: int) -> list[Path]:
        """Return the paths to be looked at next; none when the search is over."""
        if self._spelling:
            least = self._mass * SPELLING_FLOOR
            likely = [path for path in self._spelling if math.exp(path.log) > least]
            likely.sort(key=lambda path: -path.log)
            self._spelling = likely[most:]
            if likely:
                return likely[:most]
        if self._spelled:
            self._release()
        paths: list[Path] = []
        if self._limit_is_old:
            self._limit, self._limit_is_old = self._new_limit(), False
        while self._heap and len(paths) < most and -self._heap[0][0] > self._limit:
            negated, _, before, node, token, log, base = heapq.heappop(self._heap)
            path = self._child(before, node, token)
            if path is not None:
                path.log, path.base, path.score = before.log + log, before.base + base, -negated
                paths.append(path)
        return paths

    def put(self, path: Path, node: Node) -> None:
        """Take note of what the network says after a path."""
        if path.wanted:
            self._spell(path, node)
            return
        if self._random is None:
            choices = self._likely(path, node) if self._plain else self._heated(path, node)
            scores = path.base + choices.bases
            end_score = 0.0 if choices.end is None else path.base + choices.end[1]
        else:
            choices = self._heated(path, node)
            ends = [] if choices.end is None else [choices.end[1]]
            scores = perturbed(path.base + np.concatenate((choices.bases, ends)), path.score, self._random)
            end_score = float(scores[-1]) if ends else 0.0
        if choices.end is not None:
            self._finish(path, node, path.log + choices.end[0], end_score)
        self._lengthen(path, node, choices, scores)

    def _lengthen(self, path: Path, node: Node, choices: Choices, scores: Doubles) -> None:
        """Have the paths one token on wait for their turn."""
        rows = scores.tolist(), choices.tokens.tolist(), choices.logs.tolist(), choices.bases.tolist()
        for order, (score, token, log, base) in enumerate(zip(*rows, strict=False), self._order):
            heapq.heappush(self._heap, (-score, order, path, node, token, log, base))
        self._order += len(choices.tokens)

    def _spell(self, path: Path, node: Node) -> None:
        """Go on with what is wanted: note the tokens that spell all of it, keep those that spell some."""
        whole, some = self._pieces.matching(path.wanted)
        mass = float(node.probabilities[whole].sum(dtype=np.float64))
        if mass > 0:
            self._spelled.append((path, node, whole))
            self._mass += math.exp(path.log) * mass
        hot = self._hot(node) if self._rules.temperature != 1 else None
        for token in some:
            probability = float(node.probabilities[token])
            child = self._child(path, node, token) if probability > 0 else None
            if child is not None:
                log = math.log(probability)
                child.log = path.log + log
                child.base = path.base + (log if hot is None else float(hot[token]))
                self._spelling.append(child)

    def _release(self) -> None:
        """Take up what follows on what was wanted; probabilities are from here on conditional on that."""
        log_mass = math.log(self._mass)
        spelled, self._spelled = self._spelled, []
        for path, _, _ in spelled:
            path.log -= log_mass
        ready = self._likely_spelled(spelled) if self._plain else self._heated_spelled(spelled)
        scores = np.concatenate([path.base + choices.bases for path, _, choices in ready])
        if self._random is not None:
            scores[scores < least_kept(scores, self._rules.top_p)] = -math.inf
            scores = perturbed(scores, 0.0, self._random)
        at = 0
        for path, node, choices in ready:
            self._lengthen(path, node, choices, scores[at : at + len(choices.tokens)])
            at += len(choices.tokens)

    def _likely_spelled(self, spelled: list[_Spelled]) -> list[_Ready]:
        """Return the tokens by which the plain network goes on that are likely enough."""
        for path, _, _ in spelled:
            path.base = path.log
        return [(path, node, self._likely(path, node, tokens)) for path, node, tokens in spelled]

    def _heated_spelled(self, spelled: list[_Spelled]) -> list[_Ready]:
        """Return the likeliest tokens at a temperature; what they are ranked by adds up to 1 over all of them."""
        ready: list[_Ready] = []
        for path, node, tokens in spelled:
            bases = self._hot(node)[tokens]
            finite = np.isfinite(bases)
            logs = log_of(node.probabilities[tokens[finite]])
            ready.append((path, node, Choices(tokens[finite], logs, bases[finite])))
        all_bases = np.concatenate([path.base + choices.bases for path, _, choices in ready])
        base_mass = float(np.logaddexp.reduce(all_bases))
        for index, (path, node, choices) in enumerate(ready):
            path.base -= base_mass
            if self._random is None:
                choices = choices.at(path.log + choices.logs > math.log(self._floor))
            ready[index] = path, node, choices.at(greatest(choices.bases, self._rules.fan))
        return ready

    def _new_limit(self) -> float:
        """Return the score that a path must exceed to matter still. It only rises: an old one leaves out too little."""
        limit = -math.inf
        scores = sorted([found.score for found in self.found.values()], reverse=True)
        if len(scores) >= self._rules.count:
            limit = scores[self._rules.count - 1]
        if self._random is None:
            limit = max(limit, scores[0] + math.log(self._rules.relative))
        return limit

    def _likely(self, path: Path, node: Node, tokens: Ids | None = None) -> Choices:
        """Return how a path may go on by the plain network, with some tokens or any: all that is likely enough."""
        floor = self._floor * math.exp(-path.log)
        end: tuple[float, float] | None = None
        if path.spelled:
            mass = node.endings[path.kind]
            end = (math.log(mass), math.log(mass)) if mass > floor else None
        if self._limit > -math.inf:
            floor = max(floor, math.exp(min(self._limit - path.log, 0.0)))
        if tokens is None:
            ids = (node.probabilities > floor).nonzero()[0]
        else:
            ids = tokens[node.probabilities[tokens] > floor]
        if len(ids) > self._rules.fan:
            ids = ids[greatest(node.probabilities[ids], self._rules.fan)]
        logs = np.log(node.probabilities[ids].astype(np.float64))  # above the floor, so none is of 0
        return Choices(ids, logs, logs, end)

    def _hot(self, node: Node) -> Doubles:
        """Return the log-probabilities at the temperature."""
        hot = log_of(node.probabilities) / self._rules.temperature
        hot -= hot.max()
        return hot - math.log(float(np.exp(hot).sum()))

    def _heated(self, path: Path, node: Node) -> Choices:
        """Return how a path may go on at a temperature: the likeliest tokens."""
        hot = self._hot(node)
        if self._random is not None:
            hot[hot < least_kept(hot, self._rules.top_p)] = -math.inf
        end: tuple[float, float] | None = None
        ids = np.arange(len(hot))
        if path.spelled:
            ending = self._pieces.ends[path.kind]
            ids = np.flatnonzero(~ending)
            mass = float(np.exp(hot[ending]).sum())
            plain = node.endings[path.kind]
            end = (math.log(plain), math.log(mass)) if mass > 0 and plain > 0 else None
        elif self._after:
            ids = np.flatnonzero(self._pieces.ends[self._after])
        ids = ids[np.isfinite(hot[ids])]
        ids = ids[greatest(hot[ids], self._rules.fan)]
        return Choices(ids, log_of(node.probabilities[ids]), hot[ids], end)

    def _child(self, path: Path, node: Node, token: int) -> Path | None:
        """Return the path one token on, without its probabilities; None where it would spell what it may not."""
        if path.depth >= DEPTH:
            return None
        piece = self._pieces.pieces[token]
        wanted, spelled, kind = path.wanted, path.spelled, path.kind
        if wanted:
            if len(piece) <= len(wanted):
                wanted = wanted[len(piece) :]
            else:
                spelled, wanted = piece[len(wanted) :], b""
                if not self._may_show(spelled):
                    return None
                kind = self._pieces.kinds[token]
        else:
            flags = self._pieces.flags[token]
            if flags & BARRED or (flags & LINES and not self._rules.line_break):
                return None
            if closes(kind, flags) if spelled else self._after and not closes(self._after, flags):
                return None
            if flags & CAPITAL and spelled[-1:].islower() and node.probabilities[token] < RARE_CAPITAL:
                return None
            spelled += piece
            kind = kind if kind == WORD else self._pieces.kinds[token] or kind
        return Path(node, token, spelled=spelled, wanted=wanted, kind=kind, depth=path.depth + 1)

    def _may_show(self, spelled: bytes) -> bool:
        try:
            text = spelled.decode("utf-8")
        except UnicodeDecodeError:
            return True  # decided when the character is whole
        return presentable(text) and (self._rules.line_break or "\n" not in text)

    def _finish(self, path: Path, node: Node, log: float, score: float) -> None:
        """Note the word that a path spells."""
        trimmed = _presentable_word(path.spelled, path.kind == WORD)
        if not trimmed:
            return
        self._limit_is_old = True
        found = self.found.get(trimmed)
        if found is None:
            found = self.found[trimmed] = Found(trimmed, log, score, kind=path.kind)
        else:
            found.log = float(np.logaddexp(found.log, log))
            found.score = max(found.score, score) if self._random else float(np.logaddexp(found.score, score))
        if len(trimmed) == len(path.spelled):
            insort(found.ends, (node, path.log), key=lambda end: -end[1])


@lru_cache(4096)
def _presentable_word(spelled: bytes, word: bool) -> bytes:
    """Return what may be shown of what a path spells; nothing where that is no whole characters or none to show."""
    try:
        text = spelled.decode("utf-8")
    except UnicodeDecodeError:
        return b""
    if not presentable(text):
        return b""
    # An apostrophe at the end closes a quotation: it is no part of the word.
    return text.rstrip("'’").encode("utf-8") if word else spelled


def run_searches(
    predictor: Predictor,
    searches: Sequence[WordSearch],
    rules: Rules,
    width: int,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    """Go on with all searches, a step of the network at a time, until each is over.

    Raises:
        Cancelled: when `cancelled` says so between two steps.
    """
    share = max(1, width // max(1, len(searches)))
    for _ in range(rules.steps):
        taken = [(search, path) for search in searches for path in search.take(share)]
        if not taken:
            return
        if cancelled is not None and cancelled():
            raise Cancelled
        nodes = grow(predictor, [(path.parent, path.token) for _, path in taken])
        for (search, path), node in zip(taken, nodes, strict=True):
            search.put(path, node)
