"""What was explored is kept beside the draft, for its owner alone, and found again where the text is."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from core import paths
from core.errors import UserError
from core.exploring import explored
from core.exploring.branching import Node, add, as_json
from core.exploring.explored import Explored, load, place_of, save, text_before

LINES = ["Dear Anna,", "", "Thank you for the letter. The letter came."]


def one(place: tuple[int, int]) -> Explored:
    tree = Node()
    add(tree, [(" it", 0.5), (" was", 0.4)])
    tree.children[0].marked = True
    return Explored(place, text_before(LINES, place), tree)


def test_it_is_kept_with_the_draft_and_nobody_else_reads_it(tmp_path: Path) -> None:
    draft, other = tmp_path / "a.md", tmp_path / "b.md"
    kept = one((2, 25))
    save(draft, [kept])
    (found,) = load(draft)
    assert (found.place, found.before, as_json(found.tree)) == (kept.place, kept.before, as_json(kept.tree))
    assert load(other) == []
    (file,) = (paths.state_folder() / "explored").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    save(draft, [Explored((0, 0), "", Node())])
    assert not file.exists()


def test_only_the_last_trees_are_kept(tmp_path: Path) -> None:
    save(tmp_path / "a.md", [one((2, column)) for column in range(40)])
    assert [item.place[1] for item in load(tmp_path / "a.md")] == list(range(explored.MOST_TREES))


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "{}", '{"trees": 5}', '{"trees": [{"place": [1]}]}', '{"trees": [[]]}']
)
def test_a_damaged_file_is_as_none(tmp_path: Path, damage: str) -> None:
    save(tmp_path / "a.md", [one((0, 4))])
    (file,) = (paths.state_folder() / "explored").iterdir()
    file.write_text(damage)
    assert load(tmp_path / "a.md") == []


def test_a_format_that_is_newer_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    save(tmp_path / "a.md", [one((0, 4))])
    (file,) = (paths.state_folder() / "explored").iterdir()
    file.write_text(json.dumps(json.loads(file.read_text()) | {"more": 1}))
    assert len(load(tmp_path / "a.md")) == 1


def test_a_disk_that_refuses_is_one_line(tmp_path: Path) -> None:
    (paths.state_folder() / "explored").write_text("a file where the folder should be")
    with pytest.raises(UserError, match="what was explored is not kept") as caught:
        save(tmp_path / "a.md", [one((0, 4))])
    assert "\n" not in str(caught.value)


def test_a_place_is_found_where_its_text_went() -> None:
    kept = one((2, 25))
    assert place_of(kept, LINES) == (2, 25)
    below = ["A line before.", *LINES]
    assert place_of(kept, below) is None  # what the model would read is another text
    far = ["x" * 100, "", *LINES[2:]]
    kept = Explored((2, 25), "you for the letter.", Node())
    assert place_of(kept, far) is None
    long = ["y" * 200 + " you for the letter.", "", "z"]
    kept = Explored((2, 0), text_before(long, (0, len(long[0]))), Node())
    assert place_of(kept, ["new", *long]) == (1, len(long[0]))


def test_of_equal_places_the_nearest_counts() -> None:
    lines = ["same " * 40]
    kept = Explored((0, 120), text_before(lines, (0, 120)), Node())
    assert place_of(kept, lines) == (0, 120)
    assert place_of(Explored((0, 121), kept.before, Node()), lines) == (0, 120)
