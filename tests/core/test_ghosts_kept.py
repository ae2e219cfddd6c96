"""What was worked out for one ghost serves the next ones: typing along, changing one's mind, being interrupted."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from core.decoding import Cancelled, Completion, Options, complete
from core.document import Document
from core.predictor import Predictor
from core.session import Session, context_of
from models.tokenizers import Level
from tests.core.conftest import TEXT

Make = Callable[..., Predictor]
BEFORE = "The cat did not complete the task. The c"


class Typist:
    """A draft that ghosts are asked for at each key, and the steps of the network that they take."""

    def __init__(self, predictor: Predictor, text: str = BEFORE) -> None:
        self.document = Document(text)
        self._session = Session(predictor, self.document)
        self._stepper: Any = predictor.stepper

    def ask(self, **options: Any) -> Completion:
        return complete(self._session.context(self.document.end), Options(**options))

    def type(self, text: str) -> int:
        """Type, asking after each key; returns the steps that this took."""
        before = self._stepper.steps
        for character in text:
            self.document.apply(self.document.end, self.document.end, character)
            self.ask()
        return self._stepper.steps - before

    def delete(self, count: int) -> int:
        """Delete characters one by one, asking after each."""
        before = self._stepper.steps
        for _ in range(count):
            row, column = self.document.end
            self.document.apply((row, column - 1), (row, column), "")
            self.ask()
        return self._stepper.steps - before


def test_a_ghost_again_takes_no_step(counting: Make) -> None:
    typist = Typist(counting(order=2))
    found = typist.ask()
    steps = typist._stepper.steps
    assert typist.ask() == found
    assert typist._stepper.steps == steps


@pytest.mark.parametrize("which", ["ghost", "alternative"])
def test_typing_along_takes_fewer_steps_than_typing_what_nobody_foresaw(counting: Make, which: str) -> None:
    typist, stranger = Typist(counting(order=2)), Typist(counting(order=2))
    found = typist.ask()
    stranger.ask()
    along = found.ghost if which == "ghost" else found.alternatives[0].text
    assert len(along) > 3
    # The letters of the first word are spelled by paths that the search has been on.
    first = re.match(r"\s*\w+", along)
    assert first is not None
    assert typist.type(first.group()) <= stranger.type("zqxjv"[: len(first.group())])


def test_deleting_and_typing_again_is_a_lookup(counting: Make) -> None:
    typist = Typist(counting(order=2))
    typist.ask()
    typist.type("at sat on")
    assert typist.delete(9) == 0
    assert typist.type("at sat on") == 0


def test_an_interrupted_search_keeps_what_it_found(counting: Make) -> None:
    predictor = counting(order=2)
    context = context_of(predictor, BEFORE)
    stepper: Any = predictor.stepper
    before, asked = stepper.steps, 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    with pytest.raises(Cancelled):
        complete(context, cancelled=cancelled)
    assert 0 < stepper.steps - before <= 2
    begun = stepper.steps
    found = complete(context)
    rest = stepper.steps - begun
    fresh = context_of(counting(order=2), BEFORE)
    other: Any = fresh.predictor.stepper
    start = other.steps
    assert complete(fresh) == found
    assert rest < other.steps - start


@pytest.mark.parametrize("level", ["char", "word", "subword"])
def test_a_ghost_joins_every_cut_of_every_word(level: Level, counting: Make) -> None:
    predictor = counting(level, order=3)
    words = set(re.findall(r"\w+(?:'\w+)*", TEXT)) | set(re.findall(r"\w+", TEXT))
    for word in sorted(words):
        for cut in range(1, len(word)):
            begun = word[:cut]
            if begun.endswith("'"):
                continue  # many words may go on from there
            found = complete(context_of(predictor, f"The cat sat. {begun}"), Options(words=1))
            for ghost in (found.ghost, *(each.text for each in found.alternatives)):
                rest = re.match(r"[\w']*", ghost)
                assert rest is not None
                assert begun + rest.group() in words, (begun, ghost)
