"""What a job leaves open is chosen by the amount of text; what it says stands."""

import pytest

from core.jobs import LEVELS, TrainingJob
from core.training.recipe import Recipe, recipe_for, settled


def job(**values: object) -> TrainingJob:
    return TrainingJob.from_json({"paths": ["a.txt"], "name": "n", "parent": None, "minutes": 1, **values})


def test_what_the_job_says_stands() -> None:
    said = {"hidden": 40, "dropout": 0.0, "streams": 3, "window": 7, "learning_rate": 0.5}
    for parent in (None, "base"):
        assert recipe_for(job(parent=parent, **said), 10**9) == Recipe(40, 0.0, 3, 7, 0.5)


@pytest.mark.parametrize("level", LEVELS)
def test_more_text_has_more_streams_and_a_wider_network(level: str) -> None:
    little, much = recipe_for(job(level=level), 50_000), recipe_for(job(level=level), 50_000_000)
    assert little.streams < much.streams
    assert little.hidden < much.hidden
    assert little.dropout > much.dropout
    assert little.learning_rate > much.learning_rate
    assert 50_000 / (little.streams * little.window) > 60  # updates in a pass


def test_going_on_learns_slower_than_beginning() -> None:
    assert recipe_for(job(parent="base")).learning_rate < recipe_for(job(), 10**9).learning_rate


def test_a_settled_job_stays_as_it_is() -> None:
    once = settled(job(level="char"), 100_000)
    assert settled(once, 10**9) == once
    assert TrainingJob.from_json(once.as_json()) == once


def test_going_on_with_little_text_is_gentler() -> None:
    little, some, much = (recipe_for(job(parent="base"), tokens) for tokens in (5_000, 50_000, 5_000_000))
    assert little.learning_rate < some.learning_rate < much.learning_rate
    assert little.streams < much.streams
    assert little.dropout > much.dropout
