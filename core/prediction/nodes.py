"""The network's answers, kept as a tree over tokens, so that none is asked for twice.

Needs no screen. A node knows nothing of prefixes, temperatures or words: it is what the network says after a
sequence of tokens, whoever asks. When the draft is edited, what its memory recalls is joined to the answers anew where
they are needed again; the network is not asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.prediction.predictor import Predictor, State

Floats = npt.NDArray[np.float32]


class Node:
    """What is known after a sequence of tokens."""

    __slots__ = ("children", "endings", "memo", "model", "probabilities", "state", "version")

    def __init__(self, state: State, model: Floats) -> None:
        """Take what the model said by itself, (vocabulary,); `refresh` makes a forecast of it."""
        self.state = state
        self.model = model
        self.probabilities = model
        """Of each token to come next; (vocabulary,)."""
        self.endings = (0.0, 0.0, 0.0)
        """For each of NOTHING, WORD and MARKS (of core.prediction.pieces), how likely the next token does not go on
        with it."""
        self.version = -1
        """State of the draft's memory that the probabilities are of."""
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


def root_node(predictor: Predictor, state: State) -> Node:
    """Return the node of a state."""
    node = Node(state, predictor.say([state])[0])
    refresh(predictor, [node])
    return node


def refresh(predictor: Predictor, nodes: Sequence[Node]) -> None:
    """Have nodes say what the predictor says now: what the draft's memory recalls may have changed."""
    old = _outdated(predictor, nodes)
    if old:
        _forecast(predictor, old, _models(old))


def _outdated(predictor: Predictor, nodes: Sequence[Node]) -> list[Node]:
    version = predictor.version
    return [node for node in dict.fromkeys(nodes) if node.version != version]


def _models(nodes: Sequence[Node]) -> Floats:
    return np.stack([node.model for node in nodes])


def _forecast(predictor: Predictor, nodes: Sequence[Node], models: Floats) -> None:
    """Join what is recalled to what the model said at some nodes, (nodes, vocabulary)."""
    version = predictor.version
    probabilities, masses = predictor.join(models, [node.state for node in nodes])
    for row, (node, (word, marks)) in enumerate(zip(nodes, masses.tolist(), strict=True)):
        if probabilities is not models:
            node.probabilities = probabilities[row]
        node.endings = (0.0, word, marks)
        node.version = version
        node.memo.clear()


def grow(predictor: Predictor, wanted: Sequence[tuple[Node, int]]) -> list[Node]:
    """Return the children reached by one token each; those that are not known yet cost one step for all."""
    missing = list(dict.fromkeys(pair for pair in wanted if pair[1] not in pair[0].children))
    asked: Floats | None = None
    if missing:
        tokens = [token for _, token in missing]
        asked, states = predictor.ask(tokens, [node.state for node, _ in missing])
        for (node, token), model, state in zip(missing, asked, states, strict=True):
            node.children[token] = Node(state, model)
    children = [node.children[token] for node, token in wanted]
    old = _outdated(predictor, children)
    if old:
        # Mostly all of them are new: what the model says of those stands in one array already.
        models = asked if asked is not None and len(asked) == len(old) else _models(old)
        _forecast(predictor, old, models)
    return children
