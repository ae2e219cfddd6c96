"""Splitting texts: what is learnt, and what is held out to measure on."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.reading.corpus import TextDocument, split_held_out


def documents(*lengths: int) -> list[TextDocument]:
    def text(index: int, length: int) -> str:
        paragraphs = (f"Document {index}, paragraph {number}, and so on." for number in range(length))
        return "\n\n".join(paragraphs)[:length]

    return [TextDocument(Path(f"{index}.txt"), text(index, length)) for index, length in enumerate(lengths)]


def test_of_many_documents_whole_ones_are_held_out() -> None:
    all_of_them = documents(*range(900, 1100))
    learnt, held_out, how = split_held_out(all_of_them)
    assert how == f"{len(held_out)} of 200 documents"
    assert sorted([*learnt, *held_out], key=all_of_them.index) == all_of_them
    assert learnt == sorted(learnt, key=all_of_them.index)
    share = sum(each.characters for each in held_out) / sum(each.characters for each in all_of_them)
    assert 0.03 < share < 0.08


def test_the_seed_decides_which() -> None:
    all_of_them = documents(*[1000] * 100)
    chosen = [[each.path for each in split_held_out(all_of_them, seed=seed)[1]] for seed in (1, 1, 2)]
    assert chosen[0] == chosen[1] != chosen[2]


@pytest.mark.parametrize("lengths", [(50_000,), (100, 50_000), (50_000, 60_000, 50_000)])
def test_of_few_documents_the_end_of_the_longest_is_held_out(lengths: tuple[int, ...]) -> None:
    all_of_them = documents(*lengths)
    learnt, (end,), how = split_held_out(all_of_them)
    longest = max(all_of_them, key=lambda each: each.characters)
    assert how == f"the end of {longest.path}"
    begin = learnt[all_of_them.index(longest)]
    assert longest.text == begin.text + "\n\n" + end.text
    assert len(learnt) == len(all_of_them)
    assert 0.8 < end.characters / max(5_000, 0.05 * sum(lengths)) < 1.2


@pytest.mark.parametrize("text", ["word " * 4000, "x" * 20_000, "\n".join(["line"] * 4000), "é" * 2000])
def test_a_text_without_paragraphs_is_cut_all_the_same(text: str) -> None:
    (begin,), (end,), _ = split_held_out([TextDocument(Path("a"), text)])
    assert text.startswith(begin.text) and text.rstrip().endswith(end.text.rstrip())
    assert "word" not in text or begin.text.rstrip().endswith("word")
    assert end.characters >= 200


def test_never_too_much_of_a_huge_text() -> None:
    _, held_out, _ = split_held_out(
        [TextDocument(Path("a"), "The light falls on the harbour.\n" * 1_000_000)]
    )
    assert held_out[0].characters < 1_100_000


@pytest.mark.parametrize("few", [[], [TextDocument(Path("a"), "x")]])
def test_what_cannot_be_divided_is_refused(few: list[TextDocument]) -> None:
    with pytest.raises(UserError):
        split_held_out(few)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=30), st.integers(0, 5))
def test_nothing_is_lost_and_nothing_twice(lengths: list[int], seed: int) -> None:
    all_of_them = documents(*lengths)
    try:
        learnt, held_out, _ = split_held_out(all_of_them, seed=seed)
    except UserError:
        assert max(lengths) < 100
        return
    assert learnt and held_out

    def letters(some: list[TextDocument]) -> list[str]:
        return sorted("".join(each.text for each in some).replace("\n", ""))

    assert letters([*learnt, *held_out]) == letters(all_of_them)
