"""A tree of ways in which a text may go on: words, each with how likely it follows what stands before it.

Needs no screen and no torch. What is shown of it are rows: runs of words between which nothing branches off, so that
a tree of thousands of words is as many rows as it has branches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

MOST_WORDS = 20_000
"""Words that a tree may have."""
MOST_CHARACTERS = 200
"""Characters that a word may have."""


@dataclass(eq=False)
class Node:
    """A word of the tree; the root is the place from which all goes on."""

    text: str = ""
    """What it adds to the text, the space before it included."""
    probability: float = 1.0
    """How likely it follows what stands before it, 0 to 1."""
    parent: Node | None = None
    children: list[Node] = field(default_factory=list["Node"])
    """What may follow it, the likeliest first."""
    marked: bool = False
    """Whether the path that ends here is bookmarked."""

    @property
    def path(self) -> list[Node]:
        """The words from the first one after the root to this one; none for the root."""
        nodes: list[Node] = []
        node = self
        while node.parent is not None:
            nodes.append(node)
            node = node.parent
        return nodes[::-1]

    @property
    def path_text(self) -> str:
        """What the path adds to the text."""
        return "".join(node.text for node in self.path)

    @property
    def path_probability(self) -> float:
        """How likely the text goes on with the whole path."""
        return math.prod(node.probability for node in self.path)

    def child(self, text: str) -> Node | None:
        """The word `text` that follows this one, where it is known."""
        return next((child for child in self.children if child.text == text), None)

    def walk(self) -> Iterator[Node]:
        """This word and all that follows it, in the order of the rows."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def leaf(self) -> Node:
        """The end of the likeliest way from here."""
        node = self
        while node.children:
            node = node.children[0]
        return node


def add(node: Node, steps: Iterable[tuple[str, float]]) -> Node:
    """Let a path of (word, probability) follow a node; what is known of it stays. Returns its last word."""
    for text, probability in steps:
        known = node.child(text)
        if known is None:
            known = Node(text, min(max(probability, 0.0), 1.0), node)
            node.children.append(known)
            node.children.sort(key=lambda child: -child.probability)
        node = known
    return node


def prune(node: Node) -> None:
    """Forget what follows a node, except what leads to a bookmark."""
    wanted = {id(above) for below in node.walk() if below.marked for above in below.path}
    for below in list(node.walk()):
        below.children = [child for child in below.children if id(child) in wanted]


def marks(root: Node) -> list[Node]:
    """The ends of the bookmarked paths."""
    return [node for node in root.walk() if node.marked]


@dataclass(frozen=True)
class Row:
    """A run of words that is shown on one row."""

    words: tuple[Node, ...]
    """One word at least; each but the first is the only one that follows the word before it."""
    lines: tuple[bool, ...]
    """For each row that this one hangs below, from the left, whether more of its kind come below this one."""

    @property
    def end(self) -> Node:
        """The last word."""
        return self.words[-1]


def rows(root: Node) -> list[Row]:
    """All rows below the root, from top to bottom."""
    found: list[Row] = []
    waiting: list[tuple[Node, tuple[bool, ...]]] = _below(root, ())
    while waiting:
        node, lines = waiting.pop()
        words = [node]
        while len(node.children) == 1:
            node = node.children[0]
            words.append(node)
        found.append(Row(tuple(words), lines))
        waiting += _below(node, lines)
    return found


def _below(node: Node, lines: tuple[bool, ...]) -> list[tuple[Node, tuple[bool, ...]]]:
    last = len(node.children) - 1
    return [(child, (*lines, at < last)) for at, child in enumerate(node.children)][::-1]


def as_json(root: Node) -> list[list[object]]:
    """The tree as plain values: for each word its parent's place in the list (-1: the root), itself, its probability,
    1 if marked. Of a tree that is too large the end is left out.
    """
    nodes = list(root.walk())[1 : 1 + MOST_WORDS]
    place = {id(node): index for index, node in enumerate(nodes)}
    return [
        [place.get(id(node.parent), -1), node.text, round(node.probability, 6), int(node.marked)]
        for node in nodes
    ]


def from_json(value: object) -> Node:
    """The tree that `as_json` gave; raises ValueError where it is none."""
    root = Node()
    nodes: list[Node] = []
    if not isinstance(value, list) or len(cast("list[object]", value)) > MOST_WORDS:
        raise ValueError("not a tree")
    for item in cast("list[Sequence[Any]]", value):
        try:
            parent, text, probability, marked = item
        except TypeError as error:
            raise ValueError("not a word of a tree") from error
        if not isinstance(parent, int) or not -1 <= parent < len(nodes):
            raise ValueError("a word that follows none")
        above = root if parent == -1 else nodes[parent]
        if not isinstance(text, str) or not 0 < len(text) <= MOST_CHARACTERS or "\n" in text:
            raise ValueError("not a word")
        if not isinstance(probability, int | float) or not 0 <= probability <= 1:
            raise ValueError("not a probability")
        node = Node(text, float(probability), above, marked=marked == 1)
        above.children.append(node)
        nodes.append(node)
    return root


def steps_of(branch: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The steps of a branch as the engine answers it."""
    return [(str(step["text"]), float(step["probability"])) for step in branch["steps"]]
