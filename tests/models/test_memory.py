"""N-gram memory against counting by hand: probabilities add up, look-ups agree with the text, tables are checked."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from models.counting import count_memory
from models.errors import ModelError
from models.memory import CODES, Memory, Nodes, block_sums, encode_probabilities, load_memory

VOCABULARY = 12
texts = st.lists(st.integers(0, VOCABULARY - 1), min_size=2, max_size=200).map(np.array)


def follow(memory: Memory, tokens: list[int]) -> Nodes:
    nodes = memory.initial()
    for token in tokens:
        nodes = memory.advance(nodes, token)
    return nodes


@settings(deadline=None)
@given(text=texts, orders=st.integers(2, 5), entries=st.none() | st.integers(1, 60), length=st.integers(0, 9))
def test_probabilities_are_a_distribution(
    text: np.ndarray, orders: int, entries: int | None, length: int
) -> None:
    memory = count_memory(text, VOCABULARY, orders, least=(1,), entries=entries)
    probabilities, left = memory.predict(follow(memory, text[:length].tolist()))
    assert probabilities.min() > 0
    assert probabilities.sum() == pytest.approx(1, abs=1e-3)
    assert ((left > 0) & (left <= 1.0001)).all()


@settings(deadline=None)
@given(text=texts, orders=st.integers(2, 5), lengths=st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_beside_others_a_state_predicts_what_it_does_alone(
    text: np.ndarray, orders: int, lengths: list[int]
) -> None:
    memory = count_memory(text, VOCABULARY, orders, least=(1,))
    states = [follow(memory, text[:length].tolist()) for length in lengths]
    for state, *beside in zip(states, *memory.predict_each(states), strict=True):
        alone = memory.predict(state)
        assert all(np.array_equal(one, other) for one, other in zip(alone, beside, strict=True))


@settings(deadline=None)
@given(text=texts, orders=st.integers(2, 5), lengths=st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_a_common_token_predicts_what_a_rare_one_does(
    text: np.ndarray, orders: int, lengths: list[int]
) -> None:
    memory = count_memory(text, VOCABULARY, orders, least=(1,))
    states = [follow(memory, text[:length].tolist()) for length in lengths]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.memory.COMMON", 2)
        kept = memory.predict_each(states)
    for one, other in zip(memory.predict_each(states), kept, strict=True):
        assert np.allclose(one, other, rtol=1e-5, atol=1e-9)


@settings(deadline=None)
@given(text=texts, least=st.integers(1, 2))
def test_nodes_are_there_exactly_where_the_text_has_the_ngram(text: np.ndarray, least: int) -> None:
    memory = count_memory(text, VOCABULARY, 4, least=(1, least))
    counts = [
        Counter(zip(*(text[start:].tolist() for start in range(n)), strict=False)) for n in (1, 2, 3, 4)
    ]
    assert memory.entries == sum(sum(count >= least for count in counts[n - 1].values()) for n in (2, 3, 4))
    for end in range(3, len(text) + 1):
        nodes = follow(memory, text[end - 3 : end].tolist())
        for n in (2, 3):
            known = counts[n - 1][tuple(text[end - n : end].tolist())] >= least
            assert (nodes[n - 1] >= 0) == known


def test_what_always_follows_is_likely_and_shorter_contexts_help() -> None:
    text = np.array([1, 2, 3, 4, 5, 6] * 50)
    memory = count_memory(text, VOCABULARY, 4)
    assert memory.predict(follow(memory, [1, 2, 3]))[0].argmax() == 4
    assert memory.predict(follow(memory, [9, 9, 3]))[0].argmax() == 4
    assert memory.predict(follow(memory, [9]))[0].argmax() in range(1, 7)


def test_pruning_keeps_what_matters_most() -> None:
    generator = np.random.default_rng(0)
    text = generator.integers(0, VOCABULARY, 3000)
    text[::3] = 1
    text[1::3] = 2  # 1 is always followed by 2
    memory = count_memory(text, VOCABULARY, 3, entries=20)
    assert memory.entries <= 40
    assert memory.predict(follow(memory, [1]))[0][2] > 0.8


def test_counting_in_parts_counts_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = np.random.default_rng(0).integers(1, 9, 3000)
    whole = count_memory(text, VOCABULARY, 5, entries=900).arrays
    monkeypatch.setattr("models.counting.SORTED", 70)
    parts = count_memory(text, VOCABULARY, 5, entries=900).arrays
    assert all(np.array_equal(whole[name], parts[name]) for name in whole)


def test_a_context_may_have_more_children_than_a_byte_counts() -> None:
    text = np.concatenate([[1, 2, 1000 + index] for index in range(600)])
    memory = count_memory(text, 2000, 4, least=(1,))
    probabilities, _ = memory.predict(follow(memory, [1, 2]))
    assert (probabilities[1000:1600] > 1e-4).all()


@given(st.lists(st.integers(0, 255), max_size=300))
def test_block_sums_count_all_children_before_a_block(children: list[int]) -> None:
    sums = block_sums(np.array(children, np.uint8))
    assert sums.tolist() == [sum(children[:start]) for start in range(0, max(1, len(children)), 64)]


@given(st.floats(1e-7, 1))
def test_codes_are_near(probability: float) -> None:
    decoded = CODES[encode_probabilities(np.array([probability]))[0]]
    assert decoded == pytest.approx(probability, rel=0.04)


def test_a_memory_is_mapped_from_its_file(tmp_path: Path) -> None:
    memory = count_memory(np.array([1, 2, 3, 1, 2, 4] * 9), VOCABULARY, 4)
    save_file(memory.arrays, tmp_path / "memory.safetensors")
    loaded = load_memory(tmp_path / "memory.safetensors")
    mine, theirs = (each.predict(follow(each, [1, 2]))[0] for each in (memory, loaded))
    assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("name", ["tokens.2", "first.1", "blocks.2", "children.2", "codes.3"])
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, name: str) -> None:
    arrays = count_memory(np.array([1, 2, 3, 1, 2, 4] * 9), VOCABULARY, 3).arrays
    arrays[name] = arrays[name][:-1]
    save_file(arrays, tmp_path / "memory.safetensors")
    with pytest.raises(ModelError, match=r"memory\.safetensors"):
        load_memory(tmp_path / "memory.safetensors")
    (tmp_path / "memory.safetensors").write_bytes(b"no memory")
    with pytest.raises(ModelError, match="not a readable memory"):
        load_memory(tmp_path / "memory.safetensors")


def test_a_token_outside_of_the_vocabulary_is_refused() -> None:
    arrays = count_memory(np.array([1, 2, 3] * 9), VOCABULARY, 3).arrays
    arrays["tokens.2"] = arrays["tokens.2"] + np.uint16(VOCABULARY)
    with pytest.raises(ModelError):
        Memory(arrays)
