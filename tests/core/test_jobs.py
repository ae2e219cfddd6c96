"""A training job: what it refuses, in one line, and that it survives its trip to the trainer."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from core.errors import UserError
from core.jobs import TrainingJob, check_name, name_after


def job(**changes: object) -> TrainingJob:
    values: dict[str, object] = {"paths": ("a.txt",), "name": "mine", "minutes": 1.0, **changes}
    return TrainingJob(**values)  # pyright: ignore[reportArgumentType]


def test_defaults_fine_tune_the_base_model() -> None:
    assert (job().parent, job().level, job().cell) == ("base", "subword", "lstm")


def test_json_round_trip() -> None:
    original = job(
        paths=("a [b].txt", "c\nd"),
        parent=None,
        level="char",
        cell="rnn",
        epochs=2,
        minutes=None,
        embedding=64,
        held_out="h.txt",
        threads=1,
        name="n [x]",
    )
    assert TrainingJob.from_json(json.loads(json.dumps(original.as_json()))) == original


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"paths": ()}, "at least one file"),
        ({"paths": ("",)}, "empty"),
        ({"name": " "}, "name"),
        ({"name": "base"}, "base"),
        ({"name": "a/b"}, "a/b"),
        ({"name": ".."}, ".."),
        ({"name": "x" * 201}, "200"),
        ({"name": "nl\nname"}, "line ends"),
        ({"name": "tab\tname"}, "line ends"),
        ({"name": "\x1b[31m"}, "control characters"),
        ({"name": "a\u202eb"}, "control characters"),
        ({"name": "--weird"}, "dash"),
        ({"name": "."}, "stands for a folder"),
        ({"parent": ""}, "start from"),
        ({"level": "letter"}, "subword, char or word"),
        ({"cell": "transformer"}, "lstm, gru or rnn"),
        ({"layers": 0}, "layers"),
        ({"layers": True}, "layers"),
        ({"residual": 2}, "residual"),
        ({"hidden": 10_000}, "hidden"),
        ({"embedding": 0}, "embedding"),
        ({"vocabulary": 256}, "vocabulary"),
        ({"dropout": 1.0}, "dropout"),
        ({"learning_rate": 0.0}, "learning rate"),
        ({"learning_rate": math.nan}, "learning rate"),
        ({"minutes": 0, "parent": None}, "minutes"),
        ({"minutes": -1}, "minutes"),
        ({"minutes": math.inf}, "minutes"),
        ({"minutes": None}, "minutes or epochs"),
        ({"epochs": -1}, "epochs"),
        ({"seed": -1}, "seed"),
        ({"streams": 0}, "streams"),
        ({"window": 0}, "window"),
        ({"threads": 0}, "threads"),
    ],
)
def test_refuses_in_one_line(changes: dict[str, object], names: str) -> None:
    with pytest.raises(UserError) as caught:
        job(**changes)
    assert names in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"paths": ["a"]},
        {"paths": "a", "name": "n", "minutes": 1},
        {"paths": [1], "name": "n", "minutes": 1},
        {"paths": ["a"], "name": 3, "minutes": 1},
        {"paths": ["a"], "name": "n", "minutes": "1"},
        {"paths": ["a"], "name": "n", "minutes": True},
        {"paths": ["a"], "name": "n", "minutes": 1, "layers": None},
        {"paths": ["a"], "name": "n", "minutes": 1, "colour": "red"},
    ],
)
def test_json_that_is_no_job_is_refused(data: object) -> None:
    with pytest.raises(UserError):
        TrainingJob.from_json(data)


def test_json_without_optional_fields_takes_defaults() -> None:
    assert TrainingJob.from_json({"paths": ["a.txt"], "name": "mine", "minutes": 1}) == job()


@pytest.mark.parametrize("name", ["mine", "my model", "[b] name", "новый", "a-b", "can't", "नमस्ते"])
def test_odd_names_are_welcome(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("my book.txt", "my book"),
        ("nl\nname.txt", "nl name"),
        ("--weird.txt", "weird"),
        ("esc\x1b[2J.md", "esc[2J"),
        ("a\\b.txt", "a b"),
        ("-", "mine"),
    ],
)
def test_a_file_suggests_a_name_that_can_be_given(tmp_path: Path, file: str, name: str) -> None:
    path = tmp_path / file
    path.write_text("x")
    assert name_after(path) == name
    check_name(name)
    assert name_after(Path("/")) == "mine"
