"""foretype models: what it lists and changes, in a library of cards without weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.events import Finished
from core.jobs import TrainingJob
from core.library.client import Forgotten
from core.library.library import Library
from core.settings import change_setting, load_settings
from tui.cli import DONE, FAILED, MISUSED, main

Captured = pytest.CaptureFixture[str]
HOSTILE = "[bold]\x1b[31mnotes\n x"


def _add_version(name: str, **card: object) -> None:
    """Put a version with this card, and nothing else, into the library."""
    library = Library()
    folder = library.next_version(name)
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"format": 1, "name": name, **card}), encoding="utf-8")
    library.make_current(name, int(folder.name))


@pytest.fixture
def mine() -> str:
    config = {"cell": "lstm", "layers": 2, "hidden": 512, "vocabulary": 8192}
    held_out = {
        "characters": 500,
        "bits_per_character": 2.1234,
        "bits_per_character_before": 2.5,
        "bits_gained": [0.3, 0.45],
        "keys_saved": 0.312,
        "keys_saved_before": 0.25,
        "keys_difference": [0.04, 0.085],
        "typed": 400,
        "how": "the last paragraphs",
    }
    source = {
        "path": "/notes/\x1b[2J.md",
        "characters": 10_000,
        "modified": "2026-01-01T",
        "sha256": "ab" * 32,
    }
    _add_version("mine", level="char")
    _add_version(
        "mine",
        level="subword",
        config=config,
        held_out=held_out,
        trained_on=[source],
        characters=10_000,
        parent="base",
        minutes=3.5,
        steps=120,
        created="2026-01-02T03:04:05+00:00",
        versions={"torch": "2.13.0"},
    )
    return "mine"


def _names() -> list[str]:
    return [name for name in Library().names() if name != "base"]


def test_list_in_a_pipe_is_a_line_a_model(mine: str, capsys: Captured) -> None:
    assert main(["models", "list"]) == DONE
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    heads = [
        "name",
        "version",
        "level",
        "network",
        "bits per character",
        "before",
        "keys saved",
        "learnt from",
        "size",
        "made",
        "",
    ]
    assert lines[0] == heads
    told = ["subword", "2 x 512 lstm", "2.123", "2.500", "31.2 %", "10,000", "0 MB", "2026-01-02", ""]
    assert ["mine", "2 of 2", *told] in lines


def test_list_as_json_has_the_cards(mine: str, capsys: Captured) -> None:
    assert main(["models", "list", "--json"]) == DONE
    models = {model["name"]: model for model in json.loads(capsys.readouterr().out)}
    assert models[mine]["versions"] == [1, 2]
    assert models[mine]["card"]["held_out"]["bits_per_character"] == 2.1234
    assert Path(models[mine]["folder"]).is_dir()


def test_show_says_what_it_learnt_from(mine: str, capsys: Captured) -> None:
    assert main(["models", "show", mine]) == DONE
    out = capsys.readouterr().out
    assert "started from        base" in out
    assert r"/notes/\x1b[2J.md: 10,000 characters, of 2026-01-01, sha256 abababababababab" in out
    assert "2.500 before, 2.123 after (95 % interval of what was gained: +0.300 to +0.450)" in out
    assert "25.0 % before, 31.2 % after (95 % interval of the difference: +4.0 to +8.5 points)" in out
    assert "version 1" in out
    assert main(["models", "show", mine, "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["version"] == 2


def test_show_says_what_was_remembered_as_it_was_saved(mine: str, capsys: Captured) -> None:
    documents = [{"path": path, "sha256": ""} for path in ("/notes/\x1b[2J.md", "/drafts/new.md")]
    header = json.dumps({"__metadata__": {"documents": json.dumps(documents)}}).encode()
    file = Library().find(mine).folder / "personal.safetensors"
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    assert main(["models", "show", mine]) == DONE
    out = capsys.readouterr().out
    assert "/drafts/new.md: remembered as it was saved, not trained on yet" in out
    assert out.count("[2J.md") == 1


def test_show_says_of_each_text_what_became_of_it(capsys: Captured) -> None:
    ways = {
        "whole": {"held_out": True, "weights": False},
        "end": {"held_out_ends": [[9, "ab"]], "weights": False},
        "memory": {"weights": False},
        "all": {},
    }
    _add_version(
        "mine", trained_on=[{"path": f"/{name}.md", "bytes": 9, **way} for name, way in ways.items()]
    )
    assert main(["models", "show", "mine"]) == DONE
    shown = [row.split("bytes")[1] for row in capsys.readouterr().out.splitlines() if ".md" in row]
    assert shown == [", held out", ", its end held out, in memory alone", ", in memory alone", ""]


@pytest.mark.parametrize(
    ("card", "line"),
    [
        ({"minutes": 3.5, "steps": 120, "parent": "base"}, "3.5 minutes, 120 steps"),
        ({"minutes": 3.5, "steps": 120, "parent": None}, "3.5 minutes, 120 steps"),
        (
            {"minutes": 0.1, "steps": 0, "parent": "base"},
            "0.1 minutes, the network was kept as it was: what it learnt was not better on the held-out text",
        ),
        (
            {"minutes": 1.0, "steps": 9, "parent": "base", "held_out": {"share_of_tuning": 0.0}},
            "1.0 minutes, the network was kept as it was: what it learnt was not better on the held-out text",
        ),
        ({"minutes": 0.0, "steps": 0, "parent": "base"}, "none, the network was kept as it was"),
    ],
)
def test_show_says_whether_the_network_was_kept(card: dict[str, object], line: str, capsys: Captured) -> None:
    _add_version("mine", **card)
    assert main(["models", "show", "mine"]) == DONE
    shown = [row.strip() for row in capsys.readouterr().out.splitlines()]
    assert [row.removeprefix("training").strip() for row in shown if row.startswith("training")] == [line]


def test_show_takes_a_card_that_says_nothing(capsys: Captured) -> None:
    _add_version("bare")
    _add_version("odd", config=[], held_out="x", trained_on={"a": 1}, characters="many", versions=3)
    assert main(["models", "show", "bare"]) == DONE
    assert main(["models", "show", "odd"]) == DONE
    assert main(["models", "list"]) == DONE


def test_what_is_taken_into_use_is_a_name_or_a_whole_folder(
    mine: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["models", "use", "mine@1"]) == FAILED
    assert "foretype models use mine --version 1" in capsys.readouterr().err
    assert load_settings().settings.model == "base"
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "model.json").write_text('{"format": 1}')
    monkeypatch.chdir(tmp_path)
    assert main(["models", "use", "./given"]) == DONE
    assert load_settings().settings.model == str(folder)
    assert main(["models", "use", mine]) == DONE
    assert load_settings().settings.model == mine


def test_rename_rollback_and_delete(mine: str, capsys: Captured) -> None:
    change_setting("model", mine)
    assert main(["models", "rename", mine, "yours"]) == DONE
    assert _names() == ["yours"]
    assert load_settings().settings.model == "yours"
    assert main(["models", "rollback", "yours"]) == DONE
    assert "yours is at version 1" in capsys.readouterr().out
    assert main(["models", "rollback", "yours"]) == FAILED
    said = capsys.readouterr().err
    assert "yours has no version before 1 to return to" in said
    assert "newer is version 2: foretype models use yours --version 2" in said
    assert main(["models", "delete", "yours", "--yes"]) == DONE
    assert _names() == []
    assert load_settings().settings.model == "base"


def test_a_hostile_name_is_shown_as_it_is_and_steers_nothing(capsys: Captured) -> None:
    _add_version(HOSTILE)
    assert main(["models", "list"]) == DONE
    assert "\n[bold]\\x1b[31mnotes\\n x\t" in capsys.readouterr().out
    assert main(["models", "list", "--json"]) == DONE
    assert HOSTILE in [model["name"] for model in json.loads(capsys.readouterr().out)]
    assert main(["models", "show", HOSTILE]) == DONE
    assert main(["models", "rename", HOSTILE, "a]"]) == DONE
    assert "\x1b" not in capsys.readouterr().out
    assert _names() == ["a]"]


def test_use_takes_a_model_and_a_version_into_use(mine: str, capsys: Captured) -> None:
    assert main(["models", "use", mine, "--version", "1"]) == DONE
    assert "mine is in use, at version 1" in capsys.readouterr().out
    assert load_settings().settings.model == mine
    assert Library().find(mine).version == 1
    assert main(["models", "use", mine, "--version", "7"]) == FAILED
    assert main(["models", "use", "base", "--json"]) == DONE
    assert load_settings().settings.model == "base"
    assert main(["models", "use", "nobody"]) == FAILED


def test_prune_deletes_what_is_not_in_use(mine: str, capsys: Captured) -> None:
    assert main(["models", "prune", mine, "--yes"]) == DONE
    assert "1 of 2 versions of mine are deleted" in capsys.readouterr().out
    assert Library().find(mine).versions == (2,)
    assert main(["models", "prune", mine, "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["versions"] == [2]
    assert main(["models", "prune", "base"]) == FAILED


@pytest.mark.parametrize("deed", ["prune", "delete"])
def test_where_nobody_can_be_asked_nothing_is_deleted(mine: str, deed: str, capsys: Captured) -> None:
    assert main(["models", deed, mine]) == MISUSED
    said = capsys.readouterr().err
    assert "mine" in said and said.count("\n") == 1 and said.startswith("foretype: ")
    assert "--yes" in said
    assert Library().find(mine).versions == (1, 2)


def test_learn_is_told_and_turned(mine: str, capsys: Captured) -> None:
    assert main(["models", "learn", mine]) == DONE
    assert "only when you train it" in capsys.readouterr().out
    assert main(["models", "learn", mine, "on"]) == DONE
    assert "nothing leaves this machine" in capsys.readouterr().out
    assert main(["models", "learn", mine, "--json"]) == DONE
    assert json.loads(capsys.readouterr().out) == {"name": mine, "on": True, "waiting": {}, "forgotten": []}
    assert main(["models", "learn", mine, "off"]) == DONE
    assert main(["models", "learn", "base", "on"]) == FAILED


def test_every_change_takes_json(mine: str, capsys: Captured) -> None:
    for arguments, key, value in (
        (["rollback", mine], "version", 1),
        (["rename", mine, "yours"], "name", "yours"),
        (["delete", "yours", "--yes"], "deleted", "yours"),
    ):
        assert main(["models", *arguments, "--json"]) == DONE
        assert json.loads(capsys.readouterr().out)[key] == value


def test_export_says_what_is_in_the_file(mine: str, tmp_path: Path, capsys: Captured) -> None:
    folder = Library().find(mine).folder
    (folder / "personal.safetensors").write_text("phrases")
    file = tmp_path / "mine.foretype"
    assert main(["models", "export", mine, str(file)]) == DONE
    assert "give it only to who may read them" in capsys.readouterr().err
    assert main(["models", "export", mine, str(file)]) == FAILED
    assert "is there already" in capsys.readouterr().err
    assert main(["models", "export", mine, str(tmp_path / "again"), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["bytes"] == file.stat().st_size
    assert main(["models", "import", str(file), "--name", "gift"]) == FAILED  # a card alone is no model
    assert "lacks tokenizer.json" in capsys.readouterr().err
    assert main(["models", "import", str(tmp_path / "missing")]) == FAILED


class FakeLibrarian:
    """Answers without a process."""

    weights: tuple[int, ...] = ()

    async def forget(self, name: str, file: str) -> Forgotten:
        return Forgotten(f"/notes/{file}", 2, self.weights)


def test_forget_explains_what_is_left_in_the_weights(
    mine: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.library.client.Librarian", FakeLibrarian)
    assert main(["models", "forget", mine, "a.md"]) == DONE
    out = capsys.readouterr().out
    assert "remembers nothing of /notes/a.md any more" in out
    assert "its weights never learnt it: it is gone" in out
    monkeypatch.setattr(FakeLibrarian, "weights", (1, 2))
    assert main(["models", "forget", mine, "a.md"]) == DONE
    assert "foretype models forget mine a.md --retrain" in capsys.readouterr().out
    assert main(["models", "forget", mine, "a.md", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out) == {"path": "/notes/a.md", "versions": 2, "weights": [1, 2]}


def test_forget_with_retrain_trains_again_and_deletes_what_had_learnt_it(
    mine: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = {"path": "/notes/a.md", "characters": 10}
    _add_version(mine, parent="base", trained_on=[source], paths=[str(tmp_path)])
    monkeypatch.setattr("core.library.client.Librarian", FakeLibrarian)
    monkeypatch.setattr(FakeLibrarian, "weights", (3,))
    jobs: list[TrainingJob] = []

    def train(job: TrainingJob, *, as_json: bool) -> tuple[int, Finished]:
        jobs.append(job)
        _add_version(mine, parent="base")
        Library().rollback(mine)
        return DONE, Finished(
            mine, str(Library().find(mine).folder.with_name("0004")), 2.0, 2.1, 1.0, False, False
        )

    monkeypatch.setattr("tui.command_line.train.train_now", train)
    assert main(["models", "forget", mine, "a.md", "--retrain"]) == DONE
    assert "version 3, which learnt it, is deleted" in capsys.readouterr().out
    assert (jobs[0].exclude, jobs[0].parent) == (("/notes/a.md",), "base")
    assert Library().find(mine).versions == (1, 2, 4)
    assert Library().find(mine).version == 4
