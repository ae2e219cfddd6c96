"""The memory of phrases against counting by hand, and against tables that are not sound."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelError
from models.phrases import BOUNDARY, COMMON, Phrases, build_phrases, join
from models.recall import ORDERS, recall

VOCABULARY = 12
documents_of = st.lists(st.lists(st.integers(1, 5), max_size=40), max_size=4)


def phrases_of(documents: list[list[int]]) -> Phrases:
    return build_phrases(join(documents, VOCABULARY), VOCABULARY)


def following(documents: list[list[int]], context: list[int]) -> Counter[int]:
    """What followed a context, counted the slow way."""
    length = len(context)
    return Counter(
        document[at + length]
        for document in documents
        for at in range(len(document) - length)
        if document[at : at + length] == context
    )


@settings(max_examples=30, deadline=None)
@given(documents_of, st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_knows_what_followed_each_context(documents: list[list[int]], text: list[int]) -> None:
    phrases = phrases_of(documents)
    states = phrases.walk(phrases.initial(), np.array(text))
    found = phrases.evidence(states[-1:])
    for order in range(ORDERS):
        here = found.orders == order
        counted = dict(zip(found.tokens[here].tolist(), found.counts[here].tolist(), strict=True))
        context = text[-order - 1 :] if order < len(text) else None
        assert counted == dict(following(documents, context) if context else {})


@settings(max_examples=30, deadline=None)
@given(documents_of, st.lists(st.integers(1, 6), min_size=1, max_size=9))
def test_a_walk_is_its_steps_and_a_branch_is_the_same_beside_others(
    documents: list[list[int]], text: list[int]
) -> None:
    phrases = phrases_of(documents)
    walked = phrases.walk(phrases.initial(), np.array(text))
    state = phrases.initial()[None]
    for token, expected in zip(text, walked, strict=True):
        state = phrases.advance(state, np.array([token]))
        assert np.array_equal(state[0], expected)
    both = phrases.advance(np.stack([phrases.initial(), walked[-1]]), np.array([text[0], text[-1]]))
    assert np.array_equal(both[1:], phrases.advance(walked[-1:], np.array([text[-1]])))


@settings(max_examples=30, deadline=None)
@given(documents_of, st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_a_forecast_adds_up_to_what_it_does_not_leave(documents: list[list[int]], text: list[int]) -> None:
    phrases = phrases_of(documents)
    states = phrases.walk(phrases.initial(), np.array(text))
    evidence = phrases.evidence(states)
    found = recall(evidence, np.full(len(evidence.rows), 0.1, np.float32))
    given_away = np.bincount(found.rows, found.values, len(text))
    assert np.allclose(given_away + found.left, 1)
    assert (found.values > 0).all()
    assert np.isfinite(found.features).all()


@settings(max_examples=30, deadline=None)
@given(documents_of, st.integers(0, 3))
def test_without_a_document_it_is_the_memory_that_never_had_it(documents: list[list[int]], gone: int) -> None:
    kept = [document for index, document in enumerate(documents) if index != gone]
    fresh = phrases_of(kept).arrays
    again = build_phrases(join(kept, VOCABULARY), VOCABULARY).arrays
    assert all(fresh[name].tobytes() == again[name].tobytes() for name in fresh)


def test_finds_every_place_of_a_phrase() -> None:
    phrase = [1, 2, 3, 4, 5, 6, 7, 8]
    documents = [[9, *phrase, 9], [*phrase[:-1], 9], [5, *phrase]]
    phrases = phrases_of(documents)
    ends = phrases.find(np.array(phrase))
    assert [phrases.tokens[end - 7 : end + 1].tolist() for end in ends] == [phrase, phrase]
    assert not len(phrases.find(np.array([8, 7, 6, 5, 4, 3, 2, 1])))
    assert len(phrases.find(np.array([9, *phrase]))) == 1
    assert not len(phrases.find(np.array([1, 1, 1, 9, *phrase])))


def test_what_followed_a_common_context_once_is_dropped() -> None:
    documents = [[1, 2] * (COMMON + 1) + [1, 3]]
    found = phrases_of(documents).evidence(np.array([[1] + [-1] * (ORDERS - 1)]))
    assert found.tokens.tolist() == [2]


def test_nothing_is_remembered_of_nothing() -> None:
    phrases = phrases_of([])
    assert phrases.empty
    states = phrases.advance(phrases.initial()[None], np.array([3]))
    assert not len(phrases.evidence(states).rows)


def test_forty_bytes_a_token_are_enough() -> None:
    generator = np.random.default_rng(0)
    text = generator.zipf(1.3, 20_000) % 3000 + 1
    phrases = build_phrases(join([text], 4000), 4000)
    assert (phrases.bytes - 8 * 4000) / len(text) < 40


def test_a_large_vocabulary_has_room() -> None:
    phrases = build_phrases(join([[70_000, 1, 70_000, 1, 2]], 100_000), 100_000)
    state = phrases.walk(phrases.initial(), np.array([70_000]))
    assert phrases.evidence(state).tokens.tolist() == [1]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tokens", lambda table: table[:0]),
        ("tokens", lambda table: table[1:]),
        ("tokens", lambda table: table + np.uint16(60)),
        ("tokens", lambda table: table.astype(np.int64)),
        ("seen", lambda table: table[:-1]),
        ("first", lambda table: table + np.uint32(1 << 20)),
        ("first", lambda table: table[:, None]),
        ("keys", lambda table: table[::-1].copy()),
        ("keys", lambda table: -table),
        ("keys", lambda table: table | 1 << 60),
        ("keys", lambda table: table[:-1]),
        ("counts", lambda table: table * np.uint16(0)),
        ("places", lambda table: table + np.uint32(1 << 20)),
        ("places", lambda table: table[:-1]),
    ],
)
def test_tables_that_are_not_sound_are_refused(name: str, change: object) -> None:
    assert callable(change)
    arrays = phrases_of([[1, 2, 3, 1, 2, 4, 1, 2, 3]]).arrays
    with pytest.raises(ModelError):
        Phrases({**arrays, name: change(arrays[name])})
    with pytest.raises(ModelError, match=name):
        Phrases({key: array for key, array in arrays.items() if key != name})


def test_documents_are_joined_by_boundaries() -> None:
    tokens = join([[1, 2], [3]], VOCABULARY).tolist()
    assert tokens == [BOUNDARY, 1, 2, BOUNDARY, 3, BOUNDARY]
    assert (2, 3) not in pairwise(tokens)
