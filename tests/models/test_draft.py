"""The memory of a draft: the same whatever the way there, and what it says against counting by hand."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.draft import DraftMemory, each_more, no_tokens, one_more
from models.recall import ORDERS, Evidence, recall

VOCABULARY = 8
passages_of = st.lists(st.integers(1, 4), min_size=1, max_size=12)
edits_of = st.lists(st.tuples(st.booleans(), passages_of, st.integers(0, 99)), max_size=30)


def told(evidence: Evidence) -> list[tuple[int, int, int, int]]:
    columns = evidence.rows, evidence.orders, evidence.tokens, evidence.counts
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=30, deadline=None)
@given(edits_of, st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=9), min_size=1, max_size=3))
def test_edits_leave_what_a_fresh_memory_has(
    edits: list[tuple[bool, list[int], int]], texts: list[list[int]]
) -> None:
    memory, there = DraftMemory(VOCABULARY), dict[int, list[int]]()
    for adds, passage, which in edits:
        if adds or not there:
            there[memory.add(passage)] = passage
        else:
            number = sorted(there)[which % len(there)]
            del there[number]
            memory.remove(number)
    fresh = DraftMemory(VOCABULARY)
    for passage in reversed(list(there.values())):
        fresh.add(passage)
    contexts = np.stack([each_more(no_tokens(), np.array(text))[-1] for text in texts])
    assert memory.size == fresh.size
    assert np.array_equal(memory.shares, fresh.shares)
    ours, theirs = memory.evidence(contexts), fresh.evidence(contexts)
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(one, other)


@settings(max_examples=30, deadline=None)
@given(st.lists(passages_of, max_size=6), st.lists(st.integers(1, 4), min_size=1, max_size=9))
def test_knows_what_followed_each_context(passages: list[list[int]], text: list[int]) -> None:
    memory = DraftMemory(VOCABULARY)
    for passage in passages:
        memory.add(passage)
    found = memory.evidence(each_more(no_tokens(), np.array(text))[-1:])
    counted: Counter[tuple[int, int]] = Counter()
    for order in range(min(ORDERS, len(text))):
        context = text[-order - 1 :]
        for passage in passages:
            for at in range(len(passage) - order - 1):
                if passage[at : at + order + 1] == context:
                    counted[order, passage[at + order + 1]] += 1
    assert told(found) == sorted((0, order, token, times) for (order, token), times in counted.items())
    for order in range(ORDERS):
        assert found.totals[0, order] == sum(times for (known, _), times in counted.items() if known == order)


def test_room_is_made_and_what_is_gone_is_given_up() -> None:
    memory = DraftMemory(VOCABULARY)
    kept = memory.add([1, 2, 3])
    for _ in range(3000):
        memory.remove(memory.add([1, 2, 4, 1, 2, 4]))
    assert memory.size == 3
    assert told(memory.evidence(np.array([[-1] * (ORDERS - 2) + [1, 2]]))) == [(0, 0, 3, 1), (0, 1, 3, 1)]
    memory.remove(kept)
    assert not memory.words.any()


def test_the_version_tells_of_every_change() -> None:
    memory = DraftMemory(VOCABULARY)
    versions = [memory.version]
    number = memory.add([1])
    versions.append(memory.version)
    memory.remove(number)
    versions.append(memory.version)
    assert len(set(versions)) == 3


def test_an_empty_memory_recalls_nothing() -> None:
    memory = DraftMemory(VOCABULARY)
    found = recall(memory.evidence(no_tokens()[None]), np.zeros(0, np.float32))
    assert found.left.tolist() == [1]
    assert not len(found.rows)
    assert np.isfinite(found.features).all()


def test_steps_of_contexts() -> None:
    each = each_more(no_tokens(), np.array([1, 2, 3]))
    assert each[-1].tolist() == [-1] * (ORDERS - 3) + [1, 2, 3]
    assert one_more(each[1:2], np.array([3])).tolist() == each[2:].tolist()
