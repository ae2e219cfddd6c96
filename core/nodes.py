"""The network's answers, kept as a tree over tokens, so that none is asked for twice.

Needs no screen. A node knows nothing of prefixes, temperatures or words: it is what the network says after a
sequence of tokens, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from torch import Tensor

from core.predictor import Predictor, State

Floats = npt.NDArray[np.float32]


class Node:
    """What is known after a sequence of tokens."""

    __slots__ = ("children", "endings", "memo", "probabilities", "state")

    def __init__(self, state: State, probabilities: Floats, word: float, marks: float) -> None:
        """Take what the network said."""
        self.state = state
        self.probabilities = probabilities
        """Of each token to come next; (vocabulary,)."""
        self.endings = (0.0, word, marks)
        """For each of NOTHING, WORD and MARKS (core.pieces), how likely the next token does not go on with it."""
        self.children: dict[int, Node] = {}
        self.memo: dict[Any, Any] = {}
        """Answers that were worked out from here, by what was asked."""

    def count(self) -> int:
        """Return the number of nodes from here on."""
        total = 0
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            total += 1
            waiting.extend(node.children.values())
        return total


def pairs(masses: Tensor) -> list[tuple[float, float]]:
    """Return the rows of a tensor (rows, 2)."""
    return cast("list[tuple[float, float]]", masses.tolist())  # pyright: ignore[reportUnknownMemberType]


def root_node(predictor: Predictor, state: State) -> Node:
    """Return the node of a state."""
    probabilities, masses = predictor.predict([state])
    rows: Floats = probabilities.numpy()
    return Node(state, rows[0], *pairs(masses)[0])


def grow(predictor: Predictor, wanted: Sequence[tuple[Node, int]]) -> list[Node]:
    """Return the children reached by one token each; those that are not known yet cost one step for all."""
    missing = list(dict.fromkeys(pair for pair in wanted if pair[1] not in pair[0].children))
    if missing:
        tokens = [token for _, token in missing]
        probabilities, masses, states = predictor.step(tokens, [node.state for node, _ in missing])
        rows: Floats = probabilities.numpy()
        for index, (endings, state) in enumerate(zip(pairs(masses), states, strict=True)):
            node, token = missing[index]
            node.children[token] = Node(state, rows[index], *endings)
    return [node.children[token] for node, token in wanted]
