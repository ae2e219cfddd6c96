"""The gate between the model and the memories: it learns whom to trust, and never makes what is no probability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.blend import (
    DRAFT,
    EXPERTS,
    INPUTS,
    MODEL,
    OWN,
    TILTED,
    WORDS,
    Blend,
    Lesson,
    Opinions,
    fit_blend,
    shipped_blend,
)
from models.draft import DraftMemory, each_more, no_tokens
from models.errors import ModelError
from models.phrases import build_phrases, join
from models.recall import Evidence, Recollection, recall
from models.tilt import Tilt, tilt

VOCABULARY = 10


def lesson_of(rows: int = 400) -> Lesson:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(rows, INPUTS)).astype(np.float32)
    known = features[:, 5] > 0
    experts = np.full((rows, EXPERTS), 0.05, np.float32)
    experts[:, MODEL] = np.where(known, 0.05, 0.6)
    experts[:, OWN] = np.where(known, 0.7, 0.01)
    return Lesson(features, experts)


def random_blend(seed: int, scale: float = 1.0) -> Blend:
    generator = np.random.default_rng(seed)
    arrays = fit_blend(lesson_of(20), steps=1).arrays
    return Blend(
        {name: (scale * generator.normal(size=a.shape)).astype(np.float32) for name, a in arrays.items()}
    )


def test_learns_whom_to_trust_when() -> None:
    lesson = lesson_of()
    blend = fit_blend(lesson, steps=200, rate=0.05)
    shares = blend.shares(lesson.features)
    known = lesson.features[:, 5] > 0
    assert shares[known, OWN].mean() > 0.8
    assert shares[~known, MODEL].mean() > 0.8
    assert lesson.loss(blend) < lesson.loss(None)


def test_fitting_goes_on_from_a_gate_and_leaves_it_as_it_is() -> None:
    start = fit_blend(lesson_of(), steps=3)
    before = {name: array.copy() for name, array in start.arrays.items()}
    better = fit_blend(lesson_of(), start, steps=50)
    assert all(np.array_equal(before[name], start.arrays[name]) for name in before)
    assert lesson_of().loss(better) < lesson_of().loss(start)
    assert fit_blend(lesson_of(), steps=3).as_json() == start.as_json()


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 5),
    st.sampled_from([0.1, 1.0, 100.0, 1e5]),
    st.lists(st.lists(st.integers(1, 5), max_size=20), max_size=3),
    st.lists(st.integers(1, 6), min_size=1, max_size=9),
    st.booleans(),
)
def test_what_is_joined_is_always_a_distribution(
    seed: int, scale: float, documents: list[list[int]], text: list[int], certain: bool
) -> None:
    phrases = build_phrases(join(documents, VOCABULARY), VOCABULARY)
    draft = DraftMemory(VOCABULARY)
    draft.add(text)
    model = np.full((len(text), VOCABULARY), 1 / VOCABULARY, np.float32)
    if certain:
        model = np.eye(VOCABULARY, dtype=np.float32)[np.array(text)]
    tipped = Tilt.of(model, tilt(np.full(VOCABULARY, 0.1, np.float32), [phrases.seen, draft.words]))

    def beside(evidence: Evidence) -> Recollection:
        return recall(evidence, tipped.at(evidence.rows, evidence.tokens))

    own = beside(phrases.evidence(phrases.walk(phrases.initial(), np.array(text))))
    recalled = beside(draft.evidence(each_more(no_tokens(), np.array(text))))
    opinions = Opinions(tipped, own, recalled, draft.shares, draft.size)
    blend = random_blend(seed, scale)
    shares = blend.shares(opinions.features(model))
    assert np.isfinite(shares).all()
    assert np.allclose(shares.sum(1), 1, atol=1e-5)
    joined = opinions.join(blend, model)
    assert (joined >= 0).all()
    assert np.allclose(joined.sum(1), 1, atol=1e-4)
    # What was fitted to is what is then predicted.
    wanted = np.arange(len(text)) % VOCABULARY
    each = opinions.chances(blend, model, wanted)
    assert np.allclose(each, joined[np.arange(len(text)), wanted], atol=1e-5)


def test_who_recalls_nothing_changes_nothing() -> None:
    model = np.random.default_rng(0).dirichlet(np.ones(VOCABULARY), 3).astype(np.float32)
    joined = Opinions(None, None, None, None, 0).join(random_blend(1), model)
    assert np.allclose(joined, model, atol=1e-6)
    experts = Opinions(None, None, None, None, 0).experts(model, np.array([1, 2, 3]))
    assert (experts == experts[:, :1]).all()


def test_a_branch_gets_the_same_alone_and_beside_others() -> None:
    features = np.random.default_rng(0).normal(size=(9, INPUTS)).astype(np.float32)
    blend = random_blend(2)
    together = blend.shares(features)
    for row in range(9):
        assert np.array_equal(blend.shares(features[row : row + 1])[0], together[row])


def test_round_trip() -> None:
    blend = random_blend(3)
    features = np.random.default_rng(0).normal(size=(4, INPUTS)).astype(np.float32)
    assert np.array_equal(Blend.from_json(blend.as_json()).shares(features), blend.shares(features))


@pytest.mark.parametrize("wrong", [[], {}, {"mean": [1]}, {"mean": "x"}, None])
def test_what_is_no_gate_is_refused(wrong: object) -> None:
    with pytest.raises(ModelError):
        Blend.from_json(wrong)


def test_weights_that_do_not_fit_or_are_no_numbers_are_refused() -> None:
    good = random_blend(4).as_json()
    with pytest.raises(ModelError, match="fit"):
        Blend.from_json({**good, "mean": [0.0]})
    with pytest.raises(ModelError, match="finite"):
        Blend.from_json({**good, "shift": [float("nan")] * (EXPERTS - 1)})
    with pytest.raises(ModelError, match="sound size"):
        Blend.from_json({**good, "shift": [1e30] * (EXPERTS - 1)})
    assert {MODEL, TILTED, OWN, DRAFT, WORDS} == set(range(EXPERTS))


def test_the_gate_that_ships_can_be_read_and_trusts_the_model_where_nothing_is_known() -> None:
    blend = shipped_blend()
    assert blend is not None
    model = np.random.default_rng(0).dirichlet(np.ones(VOCABULARY), 3).astype(np.float32)
    nothing = Opinions(None, None, None, None, 0)
    shares = blend.shares(nothing.features(model))
    assert np.isfinite(shares).all()
    assert np.allclose(nothing.join(blend, model), model, atol=1e-6)
