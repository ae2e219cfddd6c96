"""A session with memories: what it says depends on the text alone, and a name typed twice is offered the third time."""

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.drafts.document import Document
from core.library.library import base_folder
from core.library.personal import OwnFile, build_memory
from core.prediction.decoding import Options, complete
from core.prediction.predictor import Predictor
from core.prediction.replay import learn_from, replay
from core.prediction.scoring import finish, text_bits
from core.prediction.session import Session, context_of
from models.blend import DRAFT, EXPERTS, HIDDEN, INPUTS, OWN, TILTED, Blend

OWN_TEXT = (
    "The cat complains to the dog that the garden is not complete. The dog sat on the mat in the garden."
)
PIECES = [
    "The cat",
    " sat on",
    " the mat",
    ".\n",
    "\n",
    " Quillfeather",
    " garden",
    " it",
    "'s",
    ", and",
    " comp",
]


def blend_of(**shares: float) -> Blend:
    """A gate that always gives the same shares, but for a little."""
    experts = {"own": OWN, "draft": DRAFT}
    shift = np.full(EXPERTS - 1, -4.0, np.float32)
    for name, logit in shares.items():
        shift[experts[name] - 1] = logit
    generator = np.random.default_rng(0)
    hidden = (0.02 * generator.normal(size=(INPUTS, HIDDEN))).astype(np.float32)
    output = (0.1 * generator.normal(size=(HIDDEN, EXPERTS - 1))).astype(np.float32)
    zeros = np.zeros(HIDDEN, np.float32)
    return Blend(
        {
            "mean": np.zeros(INPUTS, np.float32),
            "scale": np.ones(INPUTS, np.float32),
            "hidden": hidden,
            "bias": zeros,
            "output": output,
            "shift": shift,
        }
    )


def with_memories(predictor: Predictor, blend: Blend, text: str | None = OWN_TEXT) -> Predictor:
    tokenizer, folding = predictor.tokenizer, predictor.folding
    files = [OwnFile("/own.txt", "", "", (text,))] if text is not None else []
    personal = build_memory(files, tokenizer, folding=folding) if files else None
    return Predictor.of(predictor.stepper, tokenizer, folding, predictor.mixture, personal, blend)


@pytest.fixture
def predictor(random_network: Callable[..., Predictor]) -> Predictor:
    return with_memories(random_network(memory=True, folding=True), blend_of(own=0.5, draft=0.5))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 12), st.sampled_from(PIECES), st.integers(0, 400)),
        min_size=1,
        max_size=7,
    )
)
def test_after_any_edits_a_session_says_what_a_fresh_one_says(
    predictor: Predictor, edits: list[tuple[int, int, str, int]]
) -> None:
    document = Document("The cat sat on the mat.\nQuillfeather sat on the cat.")
    session, options = Session(predictor, document), Options(words=2, alternatives=1)
    for at, length, inserted, place in edits:
        whole = document.text
        at %= len(whole) + 1
        document.apply(position(whole, at), position(whole, min(at + length, len(whole))), inserted)
        whole = document.text
        cursor = position(whole, place % (len(whole) + 1))
        ours, theirs = session.context(cursor), Session(predictor, Document(whole)).context(cursor)
        assert np.array_equal(ours.node.probabilities, theirs.node.probabilities)
        assert complete(ours, options) == complete(theirs, options)


def position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)


def test_a_session_that_nobody_needs_goes_at_once(predictor: Predictor) -> None:
    gc.disable()  # what waits for it holds megabytes
    try:
        session = Session(predictor, Document("The cat sat on the"))
        complete(session.context((0, 18)))
        gone = weakref.ref(session)
        del session
        assert gone() is None
    finally:
        gc.enable()


def test_an_edit_elsewhere_is_known_at_once(predictor: Predictor) -> None:
    document = Document("One line.\nAnother line is")
    session = Session(predictor, document)
    before = session.context(document.end).node.probabilities
    document.apply((0, 9), (0, 9), " The line is complete.")
    after = session.context(document.end).node.probabilities
    assert not np.array_equal(before, after)
    document.apply((0, 9), (0, 31), "")
    assert np.array_equal(session.context(document.end).node.probabilities, before)


def test_a_name_typed_twice_is_offered_the_third_time(counting: Callable[..., Predictor]) -> None:
    predictor = with_memories(counting(), blend_of(draft=3.0), None)
    text = "Quillfeather came to the garden. The cat sat on Quillfeather. The dog and Qu"
    assert complete(context_of(predictor, text)).ghost.startswith("illfeather")
    assert not complete(context_of(counting(), text)).ghost.startswith("illfeather")


def test_what_is_only_being_typed_is_not_offered(counting: Callable[..., Predictor]) -> None:
    predictor = with_memories(counting(), blend_of(draft=3.0), None)
    document = Document("The cat and Quillfeather")
    session = Session(predictor, document)
    session.context(document.end)
    assert predictor.for_draft is not None
    assert session.predictor.draft is not None
    known = session.predictor.draft.size
    document.apply(document.end, document.end, " ")
    session.context(document.end)
    assert session.predictor.draft.size > known


def test_phrases_of_own_documents_are_offered(counting: Callable[..., Predictor]) -> None:
    own = "Yours ever, with love to the children and to Quillfeather."
    predictor = with_memories(counting(), blend_of(own=3.0), own)
    assert complete(context_of(predictor, "See you soon. Yours ever, with love to the ch")).ghost.startswith(
        "ildren"
    )


def test_a_text_is_read_once_and_its_bits_are_those_of_the_session(predictor: Predictor) -> None:
    text = "The cat sat on the mat. It's Quillfeather's mat.\n\nThe cat sat on Quillfeather's mat.\n"
    readings = list(replay(predictor, text[20:], text[:20]))
    ids = [token for reading in readings for token in reading.ids]
    assert predictor.tokenizer.decode(ids) == predictor.fold(text)
    assert not readings[0].within
    assert readings[-1].within
    lesson = learn_from(predictor, text)
    assert predictor.blend is not None
    bits = finish(text_bits(predictor, text, 0, len(text)))
    assert lesson.loss(predictor.blend) * len(lesson.experts) / np.log(2) == pytest.approx(bits, rel=1e-4)
    assert lesson.experts[0, TILTED] == lesson.experts[0, DRAFT]  # nothing was there to recall


def test_without_a_gate_nothing_is_recalled(random_network: Callable[..., Predictor]) -> None:
    plain = random_network(memory=True)
    bare = Predictor.of(plain.stepper, plain.tokenizer, mixture=plain.mixture)
    session = Session(bare, Document("The cat sat. The cat"))
    session.context((0, 20))
    assert session.predictor.draft is None
    assert session.predictor.version == 0


@pytest.mark.skipif(base_folder() is None, reason="this copy has no base model")
def test_the_base_model_offers_a_name_the_third_time() -> None:
    from models.checkpoint import load_checkpoint

    folder = base_folder()
    assert folder is not None
    predictor = Predictor(load_checkpoint(folder))
    text = (
        "When Quillfeather came down to the harbour the boats lay still. Nobody had told Quillfeather that the "
        "ferry was gone.\n\nAt last Qu"
    )
    assert complete(context_of(predictor, text)).ghost.startswith("illfeather")
