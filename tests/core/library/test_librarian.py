"""The librarian: models are checked, files forgotten exactly and in all versions, saved files remembered at once."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from core.engine.model import Model
from core.errors import UserError
from core.library.archive import export_model
from core.library.client import Librarian
from core.library.learning import learning_of, turn
from core.library.librarian import answer
from core.library.library import Library
from core.library.lineage import known_files, learnt_by
from core.library.personal import forget_document
from core.library.unfinished import no_training
from core.locks import alone
from core.paths import training_folder
from core.protocol import FAILED, METHOD_NOT_FOUND, Failure, Request, Response
from core.reading.corpus import read_paths
from core.settings import change_setting
from core.training.remembering import remember
from models.checkpoint import load_checkpoint, read_card, save_checkpoint
from models.config import ModelConfig
from models.folder import CARD, MAX_CARD_BYTES, write_json
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Level, Tokenizer

WORDS = "The cat sat on the mat, and the dog sat on the cat. "


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.md").write_text(f"This is {name}, of all the notes the {name}. " + WORDS * 8)
    return folder


@pytest.fixture
def add(notes: Path, tokenizer_of: Callable[[Level], Tokenizer]) -> Callable[..., Path]:
    """Adds a version of a model that remembers some of the notes."""
    tokenizer = tokenizer_of("subword")
    torch.manual_seed(1)
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, "lstm", 1, 8, dropout=0.0)).eval()

    def make(learnt: str, name: str = "mine", **more: Any) -> Path:
        corpus = read_paths([notes], least=1)
        documents = [document for document in corpus.documents if document.path.stem in learnt]
        sources = [
            {**source, **more} for source in corpus.sources() if Path(str(source["path"])).stem in learnt
        ]
        personal = remember(None, documents, corpus.files, (), tokenizer, folding=True)
        card = {"name": name, "folding": "ascii", "trained_on": sources}
        folder = Library().next_version(name)
        save_checkpoint(folder, model, tokenizer, card, personal=personal)
        Library().make_current(name, int(folder.name))
        return folder

    return make


def ask(method: str, **params: Any) -> Any:
    reply = answer(Request(1, method, params))
    assert isinstance(reply, Response), reply
    return reply.result


def fault(method: str, **params: Any) -> Failure:
    reply = answer(Request(1, method, params))
    assert isinstance(reply, Failure)
    assert "\n" not in reply.message
    return reply


def remembered(folder: Path) -> list[str]:
    personal = load_checkpoint(folder).personal
    return [Path(document.path).stem for document in personal.documents] if personal is not None else []


def test_forgetting_goes_through_all_versions(add: Callable[..., Path], notes: Path) -> None:
    first, second, third = add("abc"), add("ac", weights=False), add("c")
    done = ask("forget", model="mine", file=str(notes / "a.md"))
    assert done == {"path": str(notes / "a.md"), "versions": 2, "weights": [1]}
    assert [remembered(folder) for folder in (first, second, third)] == [["b", "c"], ["c"], ["c"]]
    history = [
        [Path(source["path"]).stem for source in learnt_by(entry)] for entry in Library().history("mine")
    ]
    assert history == [["a", "b", "c"], ["c"], ["c"]]  # the first version's weights know it: the card says so
    assert learning_of(Library().find("mine")).forgotten == (str(notes / "a.md"),)
    assert not [path for folder in (first, second) for path in folder.iterdir() if path.name.startswith(".")]


def test_what_was_forgotten_is_not_in_any_byte_of_the_memory(add: Callable[..., Path], notes: Path) -> None:
    add("abc")
    never = add("bc", name="never")
    ask("forget", model="mine", file="a.md")
    folder = Library().find("mine").folder
    assert (folder / "personal.safetensors").read_bytes() == (never / "personal.safetensors").read_bytes()


def test_an_unfinished_training_that_has_the_file_is_forgotten_too(
    add: Callable[..., Path], notes: Path
) -> None:
    add("ab")
    run = training_folder() / "mine"
    for name, stays in (("b", True), ("a", False)):
        run.mkdir(exist_ok=True)
        (run / "prepared.json").write_text(json.dumps({"sources": [{"path": str(notes / f"{name}.md")}]}))
        ask("forget", model="mine", file=str(notes / "a.md"))
        assert run.exists() is stays


def test_a_damaged_version_keeps_no_other_from_forgetting(add: Callable[..., Path]) -> None:
    first, second = add("ab"), add("ab")
    (first / "personal.safetensors").write_bytes(b"\xff" * 64)
    assert "has forgotten it but for version 1" in fault("forget", model="mine", file="a.md").message
    assert remembered(second) == ["b"]


def test_what_cannot_be_forgotten_is_one_line(add: Callable[..., Path]) -> None:
    add("ab")
    assert "has learnt nothing of z.md" in fault("forget", model="mine", file="z.md").message
    assert fault("forget", model="nobody", file="a.md").code == FAILED
    fault("forget", model="base", file="a.md")
    assert fault("burn", model="mine").code == METHOD_NOT_FOUND
    fault("forget", model="mine")


def test_a_saved_file_is_remembered_in_place_of_what_it_was(add: Callable[..., Path], notes: Path) -> None:
    folder = add("a")
    new = notes / "d.md"
    new.write_text("Zanzibar Quagmire went to the sea. " * 5)
    assert ask("learn", model="mine", file=str(new))["characters"] == 0  # nobody asked for it
    turn("mine", on=True)
    assert ask("learn", model="mine", file=str(new)) == {"characters": 174, "new": 174, "enough": False}
    new.write_text("Zanzibar Quagmire went to the sea. " * 6)
    assert ask("learn", model="mine", file=str(new))["new"] == 35
    assert remembered(folder) == ["a", "d"]
    assert dict(learning_of(Library().find("mine")).waiting) == {str(new): 209}
    personal = load_checkpoint(folder).personal
    assert personal is not None and personal.documents[1].characters == 209


def test_what_was_learnt_by_saving_is_forgotten_like_all_else(add: Callable[..., Path], notes: Path) -> None:
    folder = add("a")
    turn("mine", on=True)
    new = notes / "d.md"
    new.write_text("Zanzibar Quagmire went to the sea. " * 5)
    ask("learn", model="mine", file=str(new))
    assert known_files(Library().find("mine")) == [str(notes / "a.md"), str(new)]
    assert ask("forget", model="mine", file="d.md") == {"path": str(new), "versions": 1, "weights": []}
    assert remembered(folder) == ["a"]
    learning = learning_of(Library().find("mine"))
    assert learning.forgotten == (str(new),) and not learning.waiting
    assert ask("learn", model="mine", file=str(new))["characters"] == 0


def test_who_changes_a_memory_does_it_alone(
    add: Callable[..., Path], notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is forgotten between reading a memory and replacing it would be back."""
    add("ab")
    turn("mine", on=True)
    busy: list[str] = []

    def look(real: Callable[..., Any]) -> Callable[..., Any]:
        def looking(*arguments: Any) -> Any:
            with pytest.raises(UserError), alone(Library().folder_of("mine") / "versions", "it is busy"):
                pass
            busy.append("yes")
            return real(*arguments)

        return looking

    monkeypatch.setattr("core.library.saved.load_checkpoint", look(load_checkpoint))
    monkeypatch.setattr("core.library.personal.forget_document", look(forget_document))
    ask("learn", model="mine", file=str(notes / "c.md"))
    ask("forget", model="mine", file="a.md")
    assert len(busy) == 2


def test_nothing_is_forgotten_under_a_training_and_nothing_of_a_killed_one_stays(
    add: Callable[..., Path],
) -> None:
    folder = add("ab")
    left = [folder.with_name(name) for name in (".candidate-0002", ".saving-x")]
    for place in left:
        place.mkdir()
        (place / "personal.safetensors").write_bytes(b"words of a.md")
    with no_training(["mine"]):
        assert "a training of mine is under way" in fault("forget", model="mine", file="a.md").message
    assert remembered(folder) == ["a", "b"] and not learning_of(Library().find("mine")).forgotten
    ask("forget", model="mine", file="a.md")
    assert not [place for place in left if place.exists()]


def test_a_version_that_is_named_is_not_changed_by_saving(add: Callable[..., Path], notes: Path) -> None:
    first, _ = add("a"), add("a")
    turn("mine", on=True)
    assert ask("learn", model="mine@1", file=str(notes / "c.md"))["characters"] == 0
    assert remembered(first) == ["a"]


def test_what_a_killed_librarian_left_half_written_goes(add: Callable[..., Path], notes: Path) -> None:
    first, second = add("a"), add("b")
    turn("mine", on=True)
    left = [folder / ".saving-x" for folder in (first, second)]
    for file in left:
        file.write_bytes(b"words of a.md")
    ask("learn", model="mine", file=str(notes / "c.md"))
    assert [file.exists() for file in left] == [True, False]
    ask("forget", model="mine", file="c.md")  # which the first never knew
    assert not left[0].exists()


def test_a_file_that_was_kept_in_another_form_is_forgotten(add: Callable[..., Path], notes: Path) -> None:
    first = add("ab", weights=False)
    card = read_card(first)
    for entry in card["trained_on"]:
        entry["path"] = entry["path"].replace("/notes/", "/drafts/../notes/")
    write_json(first / CARD, card, MAX_CARD_BYTES)
    add("ab")
    done = ask("forget", model="mine", file=str(notes / "a.md"))
    assert done == {"path": str(notes / "a.md"), "versions": 2, "weights": [2]}
    assert [Path(source["path"]).stem for source in read_card(first)["trained_on"]] == ["b"]


def test_what_is_excluded_or_forgotten_is_not_remembered(add: Callable[..., Path], notes: Path) -> None:
    folder = add("ab")
    turn("mine", on=True)
    change_setting("exclude", ["c.md"])
    ask("forget", model="mine", file="a.md")
    for name in "ac":
        assert ask("learn", model="mine", file=str(notes / f"{name}.md"))["characters"] == 0
    assert remembered(folder) == ["b"]
    assert not learning_of(Library().find("mine")).waiting


async def test_a_model_goes_out_to_a_file_and_comes_in_by_the_process(
    add: Callable[..., Path], tmp_path: Path
) -> None:
    add("ab")
    file = tmp_path / "gift.foretype"
    export_model(Library().find("mine").folder, file)
    entry = await Librarian().import_model(file)
    assert entry.name == "gift"
    assert remembered(entry.folder) == ["a", "b"]
    with pytest.raises(UserError, match="already"):
        await Librarian().import_model(file)
    with pytest.raises(UserError, match="no such file"):
        await Librarian().import_model(tmp_path / "missing")


@pytest.mark.parametrize(
    "what", ["model.json", "tokenizer.json", "model.safetensors", "personal.safetensors"]
)
def test_what_is_no_sound_model_is_refused(add: Callable[..., Path], what: str) -> None:
    folder = add("ab")
    (folder / what).write_bytes(b"{}" if what.endswith("json") else b"\xff" * 64)
    assert "cannot be loaded" in fault("check", folder=str(folder)).message


async def test_an_import_that_is_refused_leaves_nothing(add: Callable[..., Path], tmp_path: Path) -> None:
    folder = add("ab")
    file = tmp_path / "bad.foretype"
    export_model(folder, file)
    says = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "error": {"code": FAILED, "message": "its weights are odd"}}
    )
    program = f"import sys; sys.stdin.readline(); print({says!r}, flush=True)"
    with pytest.raises(UserError, match=r"bad\.foretype is not imported: its weights are odd"):
        await Librarian((sys.executable, "-c", program)).import_model(file)
    with pytest.raises(UserError, match="ended before it answered"):
        await Librarian((sys.executable, "-c", "")).import_model(file)
    assert Library().names()[-1] == "mine"
    assert sorted(path.name for path in (folder.parents[2].parent).iterdir()) == ["models"]


def test_an_engine_that_has_the_model_forgets_with_it(add: Callable[..., Path], notes: Path) -> None:
    add("abc")
    changed: list[str] = []
    model = Model("mine", 1, lambda: changed.append("changed"))

    def known() -> list[str]:
        personal = model.predictor().personal
        return [Path(document.path).stem for document in personal.documents] if personal is not None else []

    assert known() == known() == ["a", "b", "c"]
    ask("forget", model="mine", file=str(notes / "b.md"))
    assert known() == known() == ["a", "c"]
    assert len(changed) == 2
    for name in "ac":
        ask("forget", model="mine", file=str(notes / f"{name}.md"))
    assert known() == []
