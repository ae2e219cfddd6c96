"""A session's answers depend on the text alone, whatever was typed, deleted and moved on the way there."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.drafts.document import Document, Position
from core.prediction.decoding import Options, complete
from core.prediction.predictor import Predictor
from core.prediction.session import Context, Session, _anchor, context_of
from core.words import typed_start
from models.tokenizers import Level

LEVELS: list[Level] = ["char", "word", "subword"]
WORDS = st.sampled_from(
    [
        "The ",
        "cat",
        " compl",
        "etion",
        "'t",
        "’s",
        "\n\n",
        "\n",
        " ",
        "  ",
        ".",
        ", ",
        "—",
        '"',
        "12",
        "é",
        "\U0001f600",
    ]
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["type", "delete", "replace", "move"]), st.integers(0, 400), st.integers(0, 30), WORDS
    ),
    min_size=1,
    max_size=12,
)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def place(text: str, at: int) -> Position:
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)


def walk(document: Document, edits: list[tuple[str, int, int, str]]) -> Any:
    """Apply the edits, yielding the cursor after each."""
    at = 0
    for kind, where, length, new in edits:
        text = document.text
        if kind != "type":
            at = where % (len(text) + 1)
        start = max(0, at - length) if kind == "delete" else at
        end = min(len(text), at + length) if kind == "replace" else at
        if kind != "move":
            new = "" if kind == "delete" else new
            document.apply(place(text, start), place(text, end), new)
            at = start + len(new)
        yield place(document.text, at)


def assert_same(one: Context, other: Context, exactly: bool) -> None:
    assert (one.wanted, one.before, one.following, one.style) == (
        other.wanted,
        other.before,
        other.following,
        other.style,
    )
    if exactly:
        np.testing.assert_array_equal(one.node.state.network, other.node.state.network)
        assert np.array_equal(one.node.state.memory, other.node.state.memory)
        assert (one.node.probabilities == other.node.probabilities).all()
    else:
        np.testing.assert_allclose(one.node.state.network, other.node.state.network, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("form", "memory"), [("float32", False), ("int8", False), ("int8", True)])
@SLOW
@given(edits=EDITS)
def test_a_session_equals_a_fresh_one(
    level: Level, form: str, memory: bool, edits: list[Any], random_network: Callable[..., Predictor]
) -> None:
    predictor = random_network(level, form=form, folding=True, memory=memory)
    document = Document("The cat did not compl\n\nIt's the cat's mat. " * 6)
    session = Session(predictor, document, window=60)
    options = Options(alternatives=1, words=3)
    for cursor in walk(document, edits):
        context = session.context(cursor)
        fresh = Session(predictor, Document(document.text), window=60).context(cursor)
        assert_same(context, fresh, exactly=form == "int8")
        found = complete(context, options)
        if form == "int8":
            assert found == complete(fresh, options)


@pytest.mark.parametrize("level", LEVELS)
@SLOW
@given(edits=EDITS)
def test_ghosts_equal_those_of_a_fresh_session(
    level: Level, edits: list[Any], counting: Callable[..., Predictor]
) -> None:
    predictor = counting(level)
    document = Document("The cat did not compl\n\nIt's the cat's mat. ")
    session = Session(predictor, document)
    for cursor in walk(document, edits):
        fresh = Session(predictor, Document(document.text)).context(cursor)
        assert complete(session.context(cursor)) == complete(fresh)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "The",
        "The cat ",
        "The cat.",
        "The\n\n",
        "The\n\nShe",
        "\n",
        "a  b",
        "x ('",
        "don't",
        "don'",
        "12.5",
        "é",
        "a\tb",
    ],
)
def test_settled_tokens_and_wanted_bytes_spell_the_text(
    level: Level, text: str, random_network: Callable[..., Predictor]
) -> None:
    session = Session(random_network(level), Document(text))
    head, settled, wanted = session._split(text)
    spelled = head.encode() + session.predictor.tokenizer.decode_bytes(settled) + wanted
    assert spelled == text.encode()


@pytest.mark.parametrize("level", LEVELS)
def test_the_cut_never_depends_on_what_is_typed_next(
    level: Level, random_network: Callable[..., Predictor]
) -> None:
    predictor = random_network(level)
    text = "The cat's mat,\n\nisn't it? She said: \"we don't know...\" (The 12 dogs.)  So\nit is."
    whole = predictor.tokenizer.encode(text)
    for end in range(len(text) + 1):
        if text[end - 1 : end].isspace() and text[end : end + 1].isspace():
            continue  # white space that goes on: only what follows it is suggested
        head, settled, _ = Session(predictor, Document())._split(text[:end])
        ids = [*predictor.tokenizer.encode(head), *settled]
        assert ids == whole[: len(ids)], text[:end]


def test_typing_on_costs_what_is_new(counting: Callable[..., Predictor]) -> None:
    predictor = counting()
    stepper: Any = predictor.stepper
    document = Document("The cat sat on the mat. " * 40)
    session = Session(predictor, document)
    session.context(document.end)
    stepper.steps = 0
    for character in "and the dog":
        document.apply(document.end, document.end, character)
        session.context(document.end)
    assert stepper.steps <= 2 * len(predictor.tokenizer.encode("and the dog"))
    stepper.steps = 0
    row, column = document.end
    document.apply((row, column - 3), (row, column), "")
    session.context(document.end)
    assert stepper.steps == 0


def test_what_was_computed_for_a_ghost_is_kept(counting: Callable[..., Predictor]) -> None:
    predictor = counting()
    stepper: Any = predictor.stepper
    document = Document("The cat did not compl")
    session = Session(predictor, document)
    options = Options(words=1, alternatives=0)
    ghost = complete(session.context(document.end), options).ghost
    assert ghost == "ete"
    stepper.steps = 0
    for character in ghost[:-1]:
        document.apply(document.end, document.end, character)
        complete(session.context(document.end), options)
    first = stepper.steps
    assert first <= 2
    document.apply((0, 22), document.end, "")
    assert complete(session.context(document.end), options).ghost == "te"
    assert stepper.steps == first


def test_a_cursor_that_goes_back_and_forth_finds_its_states(counting: Callable[..., Predictor]) -> None:
    predictor = counting()
    stepper: Any = predictor.stepper
    document = Document("The cat sat. " * 100 + "\n" + "The dog sat. " * 100)
    session = Session(predictor, document, window=300)
    places: list[Position] = [(0, 700), (1, 900), (0, 20)]
    for cursor in places:
        session.context(cursor)
    stepper.steps = 0
    for cursor in places:
        session.context(cursor)
    assert stepper.steps == 0
    document.apply((0, 640), (0, 640), "x")
    session.context((0, 641))
    session.context((1, 900))
    assert stepper.steps < 80


def test_memory_is_bounded(random_network: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.prediction.session.ROOT_BYTES", 0)
    predictor = random_network()
    document = Document()
    session = Session(predictor, document, window=200)
    for _ in range(150):
        document.apply(document.end, document.end, "The cat sat. ")
        complete(session.context(document.end), Options(words=2, alternatives=0))
    assert len(session._chains) <= 6
    assert sum(len(chain._states) for chain in session._chains) < 1500
    assert sum(node.count() for node in session._roots.values()) < 64 + 8 * 80


@given(
    st.text(st.sampled_from("ab .\n"), min_size=41, max_size=90),
    st.text(st.sampled_from("ab .\n"), max_size=15),
)
def test_the_beginning_of_the_context_is_within_bounds_and_stays(text: str, more: str) -> None:
    at = _anchor(text, 20)
    assert len(text) - 40 <= at <= len(text) - 20
    # What lies before the window does not matter.
    assert _anchor("ab. " + text, 20) == at + 4


def test_the_beginning_of_the_context_moves_seldom() -> None:
    text = "".join(f"Paragraph {n} has a few words. And one more sentence.\n\n" for n in range(80))
    places = {_anchor(text[:end], 300) for end in range(900, len(text))}
    assert len(places) < (len(text) - 900) / 150


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("The compl", " compl"),
        ("The ", " "),
        ("The", "The"),
        ("", ""),
        ("a\n\n", ""),
        ("a\n\nb", "b"),
        ("(don't", "don't"),
        ("say don'", " don'"),
        ("end...", "..."),
        ("a  ", " "),
        ("it's 12", " 12"),
    ],
)
def test_what_is_being_typed(text: str, typed: str) -> None:
    assert text[typed_start(text) :] == typed


def test_a_path_beyond_the_cursor_counts_as_text(counting: Callable[..., Predictor]) -> None:
    predictor = counting()
    session = Session(predictor, Document("The cat\nrest"))
    beyond = session.context((0, 7), " sat on")
    other = context_of(predictor, "The cat sat on")
    assert_same(beyond, other, exactly=True)


def test_the_word_before_the_cursor(counting: Callable[..., Predictor]) -> None:
    predictor = counting()
    words = {text: context_of(predictor, text).word for text in ("The compl", "The ", "x—", "don’t", "")}
    assert words == {"The compl": "compl", "The ": "", "x—": "", "don’t": "don’t", "": ""}
