"""Interrupted runs as they are found on disk: the newest first, damaged ones left out, deleted when asked."""

import json
import os
from pathlib import Path

import pytest

from core.errors import UserError
from core.jobs import TrainingJob
from core.library.unfinished import forget, no_training, rename_runs, unfinished_runs
from core.paths import training_folder


def left(name: str, when: float, state: bool = True) -> Path:
    folder = training_folder() / name
    folder.mkdir()
    job = folder / "job.json"
    job.write_text(json.dumps(TrainingJob(paths=("a.txt",), name=name, minutes=1).as_json()))
    newest = job
    if state:
        newest = folder / "state.safetensors"
        newest.write_bytes(b"")
    os.utime(newest, (when, when))
    return folder


def test_the_newest_comes_first_and_what_cannot_be_read_is_left_out() -> None:
    assert unfinished_runs() == []
    old, new, begun = left("old", 100), left("new [b]", 300), left("begun", 200, state=False)
    for name, text in (("cut", '{"paths": ['), ("foreign", "[]"), ("senseless", '{"paths": [], "name": ""}')):
        folder = training_folder() / name
        folder.mkdir()
        (folder / "job.json").write_text(text)
    (training_folder() / "empty").mkdir()
    assert [(run.folder, run.job.name) for run in unfinished_runs()] == [
        (new, "new [b]"), (begun, "begun"), (old, "old")
    ]  # fmt: skip


def test_a_run_is_forgotten_once_and_again() -> None:
    left("mine", 100)
    (run,) = unfinished_runs()
    forget(run)
    assert unfinished_runs() == []
    forget(run)


def test_a_run_that_is_under_way_is_not_deleted() -> None:
    folder = left("mine", 100)
    (run,) = unfinished_runs()
    with no_training(["mine"]), pytest.raises(UserError, match="a training of mine is under way"):
        forget(run)
    assert folder.exists()


def test_what_cannot_be_deleted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    left("mine", 100)
    (run,) = unfinished_runs()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("core.library.unfinished.shutil.rmtree", refuse)
    with pytest.raises(UserError, match=r"cannot delete .*mine: Permission denied"):
        forget(run)


def test_runs_that_go_on_from_a_renamed_model_know_its_new_name() -> None:
    mine, yours = Path("/models/mine"), Path("/models/yours")
    kept = {
        "other": ("mine@3", "/models/mine/versions/0003", "yours@3", "/models/yours/versions/0003"),
        "mine": ("mine", "/models/mine/versions/0001", "yours", "/models/yours/versions/0001"),
        "base's": ("base", "/models/mineral/versions/0001", "base", "/models/mineral/versions/0001"),
        "from nothing": (None, None, None, None),
    }
    for name, (parent, folder, _, _) in kept.items():
        run = left(name, 100)
        job = TrainingJob(paths=("a.txt",), name=name, parent=parent, minutes=1)
        (run / "job.json").write_text(json.dumps(job.as_json()))
        facts = {"parent": parent and parent.partition("@")[0], "parent_folder": folder, "sources": []}
        (run / "prepared.json").write_text(json.dumps(facts))
    (left("damaged", 100) / "prepared.json").write_text("[")
    left("unprepared", 100)
    rename_runs(mine, yours)
    found = {run.job.name: run for run in unfinished_runs()}
    for name, (_, _, parent, folder) in kept.items():
        run = found["yours" if name == "mine" else name]
        facts = json.loads((run.folder / "prepared.json").read_text())
        assert run.folder.name == run.job.name
        assert (run.job.parent, facts["parent_folder"]) == (parent, folder)
        assert facts["parent"] == (parent and parent.partition("@")[0])
    assert {"damaged", "unprepared"} <= set(found)
