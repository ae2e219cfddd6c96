"""What was worked out for one ghost serves the next ones: typing along, changing one's mind, being interrupted."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from core.drafts.document import Document
from core.errors import UserError
from core.library.library import Library
from core.prediction.decoding import Cancelled, Completion, Options, complete
from core.prediction.predictor import Predictor
from core.prediction.session import Session, context_of
from models.checkpoint import load_checkpoint
from models.errors import ModelError

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


BEGUN = (
    *(
        "compl",
        "photogr",
        "tomorr",
        "beautif",
        "necess",
        "diffic",
        "understa",
        "governm",
        "somethi",
        "probab",
    ),
    *("yesterd", "kitch", "happen", "litt", "thous", "childr", "laught", "qui", "whe", "mount"),
)
"""Beginnings of words that are no words themselves, or are seldom all of one."""


def test_the_base_model_goes_on_with_a_word_that_was_begun() -> None:
    try:
        checkpoint = load_checkpoint(Library().find("base").folder)
    except (UserError, ModelError):
        pytest.skip("the base model is not here")
    predictor = Predictor(checkpoint)
    for begun in BEGUN:
        found = complete(context_of(predictor, f"It was not so long ago that the {begun}"))
        assert found.ghost[:1].isalpha(), (begun, found.ghost)
