"""A model's state along a draft: each edit or move of the cursor costs what changed, not what is there.

Needs no screen. A session looks at the text near the cursor at every request and reuses the longest stretch whose
states it has, so it need not be told of edits, and what it answers depends on the text alone, never on the way there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import OrderedDict
from copy import copy
from dataclasses import dataclass, field
from zlib import crc32

from core.drafts.document import Document, Position
from core.drafts.following import common_prefix
from core.prediction.familiarity import REACH
from core.prediction.folding import Style, style_of
from core.prediction.nodes import Node, refresh, root_node
from core.prediction.passages import Passages
from core.prediction.predictor import Predictor, State
from core.words import typed_start, typed_word
from models.draft import DraftMemory

__all__ = ["Context", "Predictor", "Session", "context_of"]

WINDOW = 1000
"""Characters before the cursor that the network reads at least (where there are so many), and at most twice.

More lowers bits per character no further: benchmarks/window.py measures it.
"""
DENSE = 64
"""The states after this many tokens before the newest are all kept."""
SPARSE = 16
"""Farther back the state after every so many tokens is kept."""
CHAINS = 4
"""Stretches of text whose states are kept: a cursor that goes back and forth finds them again."""
ROOT_BYTES = 10 * 2**20
"""Memory for what the network said near recent cursors."""
_ANCHORS = tuple(
    re.compile(pattern) for pattern in (r"\n[^\S\n]*\n\s*", r"\n\s*", r"[.!?][\"')\]”’]*\s+", r"\s+")
)
_CHUNK = re.compile(r"\s*\S+")


@dataclass(frozen=True)
class Context:
    """Where a ghost goes on from: all that decoding needs to know of a draft."""

    predictor: Predictor
    node: Node
    """What the network says after the tokens that are settled whatever comes next."""
    wanted: bytes
    """What the draft has beyond them, folded: any continuation must spell it first."""
    before: str = ""
    """The last characters before the cursor, as they are."""
    following: str = ""
    """What follows the cursor on its line."""
    style: Style = field(default_factory=Style)
    """How the writer types what folding makes plain."""
    familiar: bool = True
    """Whether the text is of a kind that the model has learnt from, as far as can be told."""

    @property
    def word(self) -> str:
        """The part of a word that stands directly before the cursor; empty after anything else."""
        return typed_word(self.before)


class Session:
    """Follows one draft with one predictor."""

    def __init__(self, predictor: Predictor, document: Document, window: int = WINDOW) -> None:
        """Take the draft, which may be changed by others at any time between two requests.

        Args:
            predictor: the model.
            document: the draft.
            window: characters of context, at least; at most twice as many.
        """
        draft = DraftMemory(predictor.stepper.vocabulary) if predictor.blend is not None else None
        self.predictor = predictor.for_draft(draft) if draft is not None else predictor
        self._passages = Passages(draft, predictor.encode_all) if draft is not None else None
        self.document = document
        self._window = window
        self._chains: list[_Chain] = []
        self._roots: OrderedDict[tuple[int, ...], Node] = OrderedDict()
        forecasts = 2 if draft is not None else 1  # the model's own, and that with what is recalled
        node_bytes = 4 * (forecasts * predictor.stepper.vocabulary + predictor.start.network.size)
        self._most_nodes = max(64, ROOT_BYTES // node_bytes)
        self._sizes: dict[tuple[int, ...], int] = {}
        self._familiar: tuple[tuple[int, ...], bool] = (), True

    def context(self, cursor: Position, after: str = "") -> Context:
        """Return the context at a position, brought up to date.

        Args:
            cursor: the position; one outside the draft means the nearest inside.
            after: text to be taken as if it stood at the cursor.
        """
        if self._passages is not None:
            self._passages.follow(self.document, cursor, after)
        limit = 2 * self._window
        text = self.document.before(cursor, limit + 1) + after
        start = _anchor(text, self._window) if len(text) > limit else 0
        recent = text[start:]
        head, settled, wanted = self._split(self.predictor.fold(recent))
        node = self._root(head, settled)
        style = style_of(recent) if self.predictor.folding else Style()
        following = "" if after else self.document.rest_of_line(cursor)
        familiar = self._is_familiar(head, settled)
        return Context(self.predictor, node, wanted, recent[-200:], following, style, familiar)

    def _is_familiar(self, head: str, settled: list[int]) -> bool:
        familiarity, chain = self.predictor.familiarity, self._chains[0]
        if familiarity is None:
            return True
        count = chain.tokens_until(len(head))
        ids = (*chain.ids[max(0, count - REACH) : count], *settled)
        if ids != self._familiar[0]:  # within a word they stay the same
            self._familiar = ids, familiarity.knows(ids)
        return self._familiar[1]

    def _split(self, text: str) -> tuple[str, list[int], bytes]:
        """Cut a text where no tokenizer can cut differently, whatever is typed next.

        Returns:
            Whole chunks of white space and what follows it; the settled tokens after them; and the bytes that the
            next tokens must spell.
        """
        start = typed_start(text)
        head, typed = text[:start], text[start:]
        if not head or (typed.startswith(" ") and not head[-1].isspace()):
            return head, [], _encoded(typed)
        at = _last_chunk(head)
        tail = head[at:]
        # A letter stands for what may be typed next: "\n\n" is cut in another way before a word than at the end.
        probe = typed if typed.strip() else typed + "x"
        settled: list[int] = []
        left = len(_encoded(tail))
        for token in self.predictor.encode(tail + probe):
            length = len(self.predictor.tokenizer.pieces[token])
            if length > left:
                break
            left -= length
            settled.append(token)
        return head[:at], settled, _encoded(tail)[len(_encoded(tail)) - left :] + _encoded(typed)

    def _root(self, head: str, settled: list[int]) -> Node:
        chain = self._chain(head)
        count = chain.tokens_until(len(head))
        ids = (*chain.ids[:count], *settled)
        if self._roots and ids != (newest := next(reversed(self._roots))):
            self._shed(newest)
        node = self._roots.get(ids) or self._descendant(ids)
        if node is None:
            state = chain.state(self.predictor, count)
            if settled:
                state = self.predictor.run(settled, state)[-1]
            node = root_node(self.predictor, state)
        refresh(self.predictor, [node])
        self._roots[ids] = node
        self._roots.move_to_end(ids)
        return node

    def _descendant(self, ids: tuple[int, ...]) -> Node | None:
        """Return the node for `ids` where an earlier request's search has been there."""
        for known, root in reversed(self._roots.items()):
            if len(known) < len(ids) <= len(known) + DENSE and ids[: len(known)] == known:
                node: Node | None = root
                for token in ids[len(known) :]:
                    node = node.children.get(token) if node is not None else None
                if node is not None:
                    return node
        return None

    def _shed(self, newest: tuple[int, ...]) -> None:
        """Forget the oldest answers beyond the memory allowed. Only the newest can have grown since the last look."""
        self._sizes[newest] = self._roots[newest].count()
        total = sum(self._sizes.values())
        while total > self._most_nodes and len(self._roots) > 1:
            key, node = self._roots.popitem(last=False)
            total -= self._sizes.pop(key)
            node.children.clear()

    def _chain(self, head: str) -> _Chain:
        """Return the stretch that agrees longest with a text, made to hold all of it."""
        best, common = _Chain(self.predictor), 0
        for chain in self._chains:
            shared = common_prefix(chain.text, head)
            if shared > common:
                best, common = chain, shared
        if best.loss(head, common) > DENSE:
            best = best.copy()
        elif best in self._chains:
            self._chains.remove(best)
        self._chains.insert(0, best)
        del self._chains[CHAINS:]
        best.extend(self.predictor, head, common)
        return best


class _Chain:
    """The tokens of one stretch of text in whole chunks, and the states after some of them."""

    def __init__(self, predictor: Predictor) -> None:
        self.text = ""
        self.ids: list[int] = []
        self._cuts = [0]  # offsets in the text where chunks end
        self._counts = [0]  # tokens until there
        self._states: dict[int, State] = {0: predictor.start}

    def tokens_until(self, offset: int) -> int:
        """Return the number of tokens that spell the text until an offset, where a chunk ends."""
        return self._counts[bisect_right(self._cuts, offset) - 1]

    def copy(self) -> _Chain:
        """Return a stretch that can go on differently."""
        other = copy(self)
        other.ids, other._cuts, other._counts = self.ids[:], self._cuts[:], self._counts[:]
        other._states = self._states.copy()
        return other

    def _kept(self, head: str, common: int) -> int:
        """Return how many cuts hold for a text that shares its first `common` characters."""
        kept = bisect_right(self._cuts, common)
        at = self._cuts[kept - 1]
        # A chunk that ends where the texts part may go on in the new one.
        return kept if kept == 1 or at == len(head) or head[at].isspace() else kept - 1

    def loss(self, head: str, common: int) -> int:
        """Return how many tokens would be lost by `extend`."""
        kept = self._kept(head, common)
        if self._cuts[kept - 1] == len(head):
            return 0
        return len(self.ids) - self._counts[kept - 1]

    def extend(self, predictor: Predictor, head: str, common: int) -> None:
        """Make the stretch begin with `head`, which shares its first `common` characters with it."""
        kept = self._kept(head, common)
        if self._cuts[kept - 1] == len(head):
            return  # the cursor went back, say: what lies beyond is kept
        if kept < len(self._cuts):
            del self._cuts[kept:], self._counts[kept:]
            del self.ids[self._counts[-1] :]
            self._states = {count: state for count, state in self._states.items() if count <= len(self.ids)}
        for match in _CHUNK.finditer(head, self._cuts[-1]):
            self.ids.extend(predictor.encode(match.group()))
            self._cuts.append(match.end())
            self._counts.append(len(self.ids))
        self.text = head

    def state(self, predictor: Predictor, count: int) -> State:
        """Return the state after the first `count` tokens."""
        known = count
        while known not in self._states:
            known -= 1
        if known < count:
            after = predictor.run(self.ids[known:count], self._states[known])
            self._states.update(zip(range(known + 1, count + 1), after, strict=True))
            self._thin(count)
        return self._states[count]

    def _thin(self, newest: int) -> None:
        for count in [c for c in self._states if c % SPARSE and abs(newest - c) > DENSE]:
            del self._states[count]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _last_chunk(text: str) -> int:
    """Return where the chunk that ends a text begins; the white space alone where the text ends in some."""
    at = len(text.rstrip())
    if at < len(text):
        return at
    while at and not text[at - 1].isspace():
        at -= 1
    while at and text[at - 1].isspace():
        at -= 1
    return at


def _anchor(text: str, window: int) -> int:
    """Return where the context begins: between one and two windows before the text's end.

    Paragraphs are preferred to lines, lines to sentences, sentences to words. Among equals the one whose text has the
    least hash is taken, so that the choice depends on the text alone and stays while the window moves on
    (winnowing: Schleimer, Wilkerson and Aiken 2003, section 3).
    """
    low, high = len(text) - 2 * window, len(text) - window
    for pattern in _ANCHORS:
        places = [match.end() for match in pattern.finditer(text, low, high)]
        if places:
            return min(places, key=lambda at: (crc32(text[at : at + 24].encode("utf-8", "replace")), -at))
    return high


def context_of(predictor: Predictor, text: str) -> Context:
    """Return the context at the end of a text that nobody goes on editing."""
    document = Document(text)
    return Session(predictor, document).context(document.end)
