"""The library: personal models, their versions and names, found whatever is on the disk."""

import json
import os
import shutil
from pathlib import Path

import pytest

from core.errors import UserError
from core.jobs import TrainingJob
from core.library import library as module
from core.library.library import Library, ModelEntry
from core.library.unfinished import no_training, unfinished_runs
from core.paths import data_folder, models_folder, training_folder


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base model that is the test's own."""
    folder = tmp_path / "package" / "base"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text('{"format": 1, "name": "base"}')
    monkeypatch.setattr(module, "base_folder", lambda: folder)
    return folder


def add_version(name: str, *, current: bool = True) -> Path:
    library = Library()
    folder = library.next_version(name)
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps({"format": 1, "name": name, "version": int(folder.name)}))
    if current:
        library.make_current(name, int(folder.name))
    return folder


def fault(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(UserError) as caught:
        call(*arguments)
    line = str(caught.value)
    assert "\n" not in line and "\x1b" not in line
    return line


def test_the_base_model_alone(base: Path) -> None:
    entries = Library().entries()
    assert entries == [ModelEntry("base", base, 1, (1,), {"format": 1, "name": "base"})]
    assert Library().find("base").folder == base


def test_without_a_base_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "base_folder", lambda: None)
    assert Library().entries() == []
    assert "base" in fault(Library().find, "base")


def test_a_model_grows_versions_and_rolls_back() -> None:
    first, second = add_version("mine"), add_version("mine")
    entry = Library().find("mine")
    assert (entry.folder, entry.version, entry.versions) == (second, 2, (1, 2))
    assert entry.card["version"] == 2
    assert Library().rollback("mine").folder == first
    assert Library().find("mine").version == 1
    assert "no version before 1" in fault(Library().rollback, "mine")
    assert Library().next_version("mine").name == "0003"


def test_a_version_that_is_not_better_is_kept_and_not_used() -> None:
    first = add_version("mine")
    add_version("mine", current=False)
    assert Library().find("mine").folder == first
    assert Library().find("mine").versions == (1, 2)
    Library().make_current("mine", 2)
    assert Library().find("mine").version == 2
    assert "no version 3" in fault(Library().make_current, "mine", 3)


def test_a_version_is_found_by_its_number() -> None:
    first, second = add_version("mine"), add_version("mine")
    entry = Library().find("mine@1")
    assert (entry.name, entry.folder, entry.version, entry.versions) == ("mine@1", first, 1, (1, 2))
    assert Library().find("mine@2").folder == second
    assert "no version 3: there is 1, 2" in fault(Library().find, "mine@3")
    assert "no model called your@1" in fault(Library().find, "your@1")
    assert "no model called mine@x" in fault(Library().find, "mine@x")
    odd = add_version("mine@2")
    assert Library().find("mine@2").folder == odd


def test_a_version_under_way_is_not_seen() -> None:
    Library().next_version("mine")
    assert Library().names() == ["base"]
    (models_folder() / "mine" / "versions" / ".saving-x").mkdir()
    (models_folder() / "mine" / "versions" / "0001").mkdir()
    assert Library().names() == ["base"]
    assert "no model called mine" in fault(Library().find, "mine")


@pytest.mark.parametrize(
    "current", [None, "", "{}", "[1]", '{"version": 9}', '{"version": "1"}', "[" * 999, "\0"]
)
def test_without_a_sound_current_the_newest_counts(current: str | None) -> None:
    add_version("mine")
    add_version("mine")
    (models_folder() / "mine" / "current").unlink()
    if current is not None:
        (models_folder() / "mine" / "current").write_text(current)
    assert Library().find("mine").version == 2


@pytest.mark.parametrize("card", ["", "[]", "[" * 100_000, '{"a": ' + "9" * 5000 + "}", "\ud800"])
def test_a_damaged_card_does_not_hide_the_model(card: str) -> None:
    folder = add_version("mine")
    (folder / "model.json").write_bytes(card.encode("utf-8", "surrogatepass"))
    assert Library().find("mine").card == {}
    Library().delete("mine")


def test_strange_things_in_the_folder_are_no_models() -> None:
    (models_folder() / "file").write_text("x")
    (models_folder() / "empty").mkdir()
    (models_folder() / "pipe").mkdir()
    os.mkfifo(models_folder() / "pipe" / "versions")
    (models_folder() / "numbers" / "versions" / "٠٠٠١").mkdir(parents=True)
    assert Library().names() == ["base"]


NAMES = [
    "my model",
    "[b]",
    "a\nb",
    "\x1b[31mred",
    "ünïcode",
    "-rf",
    ".hidden",
    "a\udc80",
    "x" * 200,
    "CON",
    "0001",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_that_are_there_are_welcome(name: str) -> None:
    folder = add_version(name)
    assert Library().names() == ["base", name]
    assert Library().find(name).folder == folder
    add_version("other")
    assert "already" in fault(Library().rename, "other", name)
    Library().rename(name, "plain")
    assert Library().names() == ["base", "other", "plain"]
    Library().delete("plain")
    assert Library().names() == ["base", "other"]


@pytest.mark.parametrize(
    "name", ["", " ", "base", "nothing", "..", ".", "../mine", "a/b", "a\\b", "a\0b", "a\ud800", "x" * 201]
)
def test_senseless_names_are_refused(name: str) -> None:
    fault(Library().next_version, name)
    add_version("mine")
    fault(Library().rename, "mine", name)
    for change in (Library().delete, Library().rollback):
        fault(change, name)
    assert Library().names() == ["base", "mine"]


def test_a_name_that_is_nearly_right_gets_a_hint() -> None:
    add_version("letters")
    assert "did you mean letters?" in fault(Library().find, "leters")
    assert "foretype models list" in fault(Library().find, "qqqqqq")


def test_deleting_leaves_nothing() -> None:
    add_version("mine")
    add_version("mine")
    Library().delete("mine")
    assert list(models_folder().iterdir()) == []
    assert list(data_folder().iterdir()) == [models_folder()]
    assert Library().next_version("mine").name == "0001"


def test_renaming_keeps_versions_and_what_is_in_use() -> None:
    add_version("mine")
    add_version("mine", current=False)
    Library().rename("mine", "yours")
    assert Library().find("yours").version == 1
    fault(Library().find, "mine")


def test_the_folders_are_for_their_owner_alone() -> None:
    add_version("mine")
    for folder in (models_folder(), models_folder() / "mine", models_folder() / "mine" / "versions"):
        assert folder.stat().st_mode & 0o077 == 0
    assert (models_folder() / "mine" / "current").stat().st_mode & 0o077 == 0


def test_a_checkpoint_outside_is_found_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(add_version("mine"), folder)
    monkeypatch.chdir(tmp_path)
    for path in ("elsewhere", "./elsewhere", str(folder)):
        assert Library().find(path).folder == folder
        assert Library().find(path).name == "elsewhere"
    (tmp_path / "mine").mkdir()
    assert Library().find("mine").folder.is_relative_to(models_folder())
    for path in ("missing/x", "/", "~nobody-of-that-name/x", "a\0b"):
        fault(Library().find, path)


def test_a_disk_that_refuses_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    add_version("mine")
    add_version("mine")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        assert "No space left" in fault(Library().make_current, "mine", 1)
    assert Library().find("mine").version == 2
    assert sorted(entry.name for entry in (models_folder() / "mine").iterdir()) == ["current", "versions"]


def test_the_shipped_base_model_is_found_in_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    found = module.base_folder()
    assert found is None or (found / "model.safetensors").is_file()


@pytest.mark.parametrize("new", ["nl\nname", "--weird", "\x1b[31m"])
def test_no_model_gets_a_name_that_is_hard_to_type(new: str) -> None:
    add_version("mine")
    with pytest.raises(UserError, match="cannot be a model's name"):
        Library().rename("mine", new)
    assert "mine" in Library().names()


def test_history_has_each_versions_own_card() -> None:
    add_version("mine")
    add_version("mine", current=False)
    assert [(entry.version, entry.card["version"]) for entry in Library().history("mine")] == [(1, 1), (2, 2)]
    assert [entry.name for entry in Library().history("base")] == ["base"]


def test_pruning_leaves_the_version_in_use() -> None:
    for _ in range(3):
        add_version("mine")
    assert "is in use" in fault(Library().prune, "mine", [3])
    Library().prune("mine", [1, 2, 77])
    assert Library().find("mine").versions == (3,)
    assert [entry.name for entry in (models_folder() / "mine" / "versions").iterdir()] == ["0003"]
    assert list(data_folder().iterdir()) == [models_folder()]


def test_a_folder_is_adopted_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "data" / "given"
    shutil.copytree(add_version("mine"), folder)
    assert "already" in fault(Library().adopt, folder, "mine")
    fault(Library().adopt, folder, "base")
    fault(Library().adopt, folder, "../mine")
    assert folder.exists()
    entry = Library().adopt(folder, "given")
    assert (entry.version, entry.versions) == (1, (1,))
    assert not folder.exists()
    assert Library().folder_of("given").stat().st_mode & 0o077 == 0


def test_an_unfinished_training_goes_with_its_model() -> None:
    add_version("mine")
    run = training_folder() / "mine"
    run.mkdir()
    job = TrainingJob(("notes.txt",), "mine", minutes=1.0)
    (run / "job.json").write_text(json.dumps(job.as_json()))
    (run / "tokens.npy").write_bytes(b"what was written")
    Library().rename("mine", "yours")
    assert not run.exists()
    assert [found.job.name for found in unfinished_runs()] == ["yours"]
    Library().delete("yours")
    assert list(training_folder().iterdir()) == []


def test_children_know_a_renamed_parent_by_its_new_name() -> None:
    library = Library()
    for name, parent in (("mine", "base"), ("mine", "mine"), ("other", "mine"), ("third", "other")):
        folder = library.next_version(name)
        folder.mkdir()
        (folder / "model.json").write_text(
            json.dumps({"format": 1, "parent": parent, "notes": "kept \ud800"})
        )
    library.rename("mine", "yours")
    cards = [entry.card for name in ("yours", "other", "third") for entry in library.history(name)]
    assert [card["parent"] for card in cards] == ["base", "yours", "yours", "other"]
    assert {card["notes"] for card in cards} == {"kept \ud800"}


def test_a_version_knows_the_others_of_its_model() -> None:
    for _ in range(2):
        add_version("mine")
    assert [entry.card["version"] for entry in Library().history("mine@1")] == [1, 2]


def test_a_model_stays_as_it_is_while_a_training_needs_it() -> None:
    folder = add_version("mine")
    run = training_folder() / "child"
    run.mkdir()
    (run / "prepared.json").write_text(json.dumps({"parent_folder": str(folder)}))
    for name in ("mine", "child", "yours"):
        with no_training([name]):
            assert f"a training of {name} is under way" in fault(Library().rename, "mine", "yours")
            if name != "yours":
                assert f"a training of {name} is under way" in fault(Library().delete, "mine")
    Library().rename("mine", "yours")
    Library().delete("yours")
