"""The tree of continuations: what is added, what the rows are, what is forgotten, and that it survives a file."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exploring.branching import Node, add, as_json, from_json, marks, prune, rows

Steps = list[tuple[str, float]]
steps = st.lists(st.tuples(st.sampled_from([" a", " b", " c", ","]), st.floats(0, 1)), min_size=1, max_size=5)


def tree(*paths: str) -> Node:
    root = Node()
    for path in paths:
        add(root, [(f" {word}", 0.5) for word in path.split()])
    return root


def shown(root: Node) -> list[str]:
    return ["".join(word.text for word in row.words) for row in rows(root)]


def test_a_run_is_one_row_until_something_branches_off() -> None:
    root = tree("the light falls", "the sea")
    assert shown(root) == [" the", " light falls", " sea"]
    add(root, [(" the", 0.5), (" light", 0.5), (" is", 0.5)])
    assert shown(root) == [" the", " light", " falls", " is", " sea"]


def test_the_likeliest_comes_first_and_what_is_known_stays() -> None:
    root = Node()
    add(root, [(" b", 0.2), (" x", 0.5)])
    first = root.children[0]
    add(root, [(" a", 0.7)])
    add(root, [(" b", 0.9), (" y", 0.6)])
    assert [child.text for child in root.children] == [" a", " b"]
    assert root.children[1] is first and first.probability == 0.2
    assert [child.text for child in first.children] == [" y", " x"]


def test_a_path_multiplies_up() -> None:
    end = add(Node(), [(" a", 0.5), (" b", 0.1)])
    assert end.path_text == " a b"
    assert end.path_probability == pytest.approx(0.05)


def test_guides_tell_where_more_of_a_kind_follow() -> None:
    assert [row.lines for row in rows(tree("a b", "a c", "d"))] == [
        (True,), (True, True), (True, False), (False,)
    ]  # fmt: skip


def test_what_is_not_bookmarked_is_forgotten() -> None:
    root = tree("a b c", "a d", "e")
    root.children[0].children[0].marked = True
    prune(root)
    assert shown(root) == [" a b"]
    assert [node.path_text for node in marks(root)] == [" a b"]
    prune(root.children[0])
    assert shown(root) == [" a b"]


@given(st.lists(steps, max_size=8))
def test_every_word_is_on_one_row(paths: list[Steps]) -> None:
    root = Node()
    for path in paths:
        assert add(root, path).path_text == "".join(text for text, _ in path)
    on_rows = [id(word) for row in rows(root) for word in row.words]
    assert sorted(on_rows) == sorted(id(node) for node in root.walk() if node is not root)
    assert all(len(row.words) == 1 or len(row.words[0].children) == 1 for row in rows(root))


@given(st.lists(steps, max_size=8), st.integers(0, 5))
def test_a_tree_survives_a_file(paths: list[Steps], marked: int) -> None:
    root = Node()
    for path in paths:
        add(root, path)
    for node in list(root.walk())[1 : 1 + marked]:
        node.marked = True
    again = from_json(as_json(root))
    assert as_json(again) == as_json(root)
    pairs = zip(root.walk(), again.walk(), strict=True)
    assert all(math.isclose(one.probability, other.probability, abs_tol=1e-6) for one, other in pairs)


@pytest.mark.parametrize(
    "value",
    [
        None, {}, [1], [[0, " a", 0.5, 0]], [[-2, " a", 0.5, 0]], [["x", " a", 0.5, 0]], [[-1, "", 0.5, 0]],
        [[-1, " a", 2, 0]], [[-1, " a", float("nan"), 0]], [[-1, 5, 0.5, 0]], [[-1, " a\n", 0.5, 0]], [[-1, " a", 0.5]],
        [[True, " a", 0.5, 0]],
    ],
)  # fmt: skip
def test_what_is_no_tree_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(value)
