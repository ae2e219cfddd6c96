"""The memory of a person's documents: forgetting, adding, its file, and a version that only remembers more."""

import json
import os
import weakref
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from core.errors import UserError
from core.library.personal import (
    OwnFile,
    add_documents,
    build_memory,
    forget_document,
    kept_document,
    own_files,
)
from core.reading.corpus import Source, TextDocument, read_paths
from models.blend import EXPERTS, INPUTS, Lesson, fit_blend
from models.checkpoint import derive_checkpoint, load_checkpoint, read_card, replace_personal, save_checkpoint
from models.config import ModelConfig
from models.errors import ModelError
from models.personal import PERSONAL, Personal, load_personal, save_personal
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Tokenizer, train_tokenizer

TEXTS = (
    "The harbour lay in the mist. The boats lay still.",
    "Quillfeather came down to the harbour, and the boats lay still.",
    "A letter from Quillfeather: the mist lay in the harbour all day.",
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer([*TEXTS] * 3, "subword", 320)


def file_of(number: int, *texts: str) -> OwnFile:
    return OwnFile(f"/notes/{number}.md", f"{number:064x}", "2026-01-01T00:00:00+00:00", texts)


FILES = [file_of(1, TEXTS[0]), file_of(2, TEXTS[1], TEXTS[0]), file_of(3, TEXTS[2])]


def same(one: Personal, other: Personal) -> bool:
    tables, others = one.phrases.arrays, other.phrases.arrays
    return one.documents == other.documents and all(
        tables[name].tobytes() == others[name].tobytes() for name in tables
    )


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_forgetting_leaves_what_never_knew_it(tokenizer: Tokenizer, gone: int) -> None:
    personal = build_memory(FILES, tokenizer, folding=False)
    forgotten = forget_document(personal, FILES[gone].path)
    assert same(forgotten, build_memory([*FILES[:gone], *FILES[gone + 1 :]], tokenizer, folding=False))
    assert kept_document(forgotten, FILES[gone].path) is None
    assert len(personal.documents) == 3


def test_all_can_be_forgotten_and_learnt_again(tokenizer: Tokenizer) -> None:
    personal = build_memory(FILES, tokenizer, folding=False)
    for file in FILES:
        personal = forget_document(personal, file.path)
    assert personal.phrases.empty
    assert same(
        add_documents(personal, FILES, tokenizer, folding=False),
        build_memory(FILES, tokenizer, folding=False),
    )


def test_adding_is_building_and_replaces_what_was_there_under_the_same_path(tokenizer: Tokenizer) -> None:
    personal = build_memory(FILES[:2], tokenizer, folding=False)
    assert same(
        add_documents(personal, FILES[2:], tokenizer, folding=False),
        build_memory(FILES, tokenizer, folding=False),
    )
    changed = file_of(1, TEXTS[2])
    renewed = add_documents(personal, [changed], tokenizer, folding=False)
    assert same(renewed, build_memory([FILES[1], changed], tokenizer, folding=False))
    assert same(
        add_documents(None, FILES, tokenizer, folding=False), build_memory(FILES, tokenizer, folding=False)
    )


def test_what_is_not_remembered_cannot_be_forgotten(tokenizer: Tokenizer) -> None:
    with pytest.raises(UserError, match=r"/notes/9\.md is not in this model's memory"):
        forget_document(build_memory(FILES, tokenizer, folding=False), "/notes/9.md")


def test_folded_models_remember_folded_text(tokenizer: Tokenizer) -> None:
    curly = build_memory([file_of(1, "It’s “here”.")], tokenizer, folding=True)
    plain = build_memory([file_of(1, 'It\'s "here".')], tokenizer, folding=False)
    assert np.array_equal(curly.phrases.tokens, plain.phrases.tokens)


def test_files_are_what_was_read(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "a.txt").write_text(TEXTS[0] * 40)
    (tmp_path / "b.txt").write_text(TEXTS[1] * 40 + "\n\f\n" + TEXTS[2] * 40)
    corpus = read_paths([tmp_path])
    files = own_files(corpus.documents, corpus.files)
    assert [Path(file.path).name for file in files] == ["a.txt", "b.txt"]
    assert [len(file.texts) for file in files] == [1, 2]
    personal = build_memory(files, tokenizer, folding=False)
    assert [document.sha256 for document in personal.documents] == [file.sha256 for file in corpus.files]


class Text(str):
    """A text that can be seen to be gone."""


def test_what_is_to_be_remembered_is_not_in_memory_all_at_once(
    tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.tokenizers.BATCH_CHARACTERS", 1000)
    made: list[weakref.ref[Text]] = []
    most = 0

    def text_of(document: TextDocument) -> str:
        nonlocal most
        text = Text("The boats lay still. " * 20)
        made.append(weakref.ref(text))
        most = max(most, sum(each() is not None for each in made))
        return text

    documents = [TextDocument(tmp_path / f"{number}.md", "x") for number in range(40)]
    sources = [Source(document.path, 420, "0" * 64, "") for document in documents]
    monkeypatch.setattr(TextDocument, "text", property(text_of))
    personal = build_memory(own_files(documents, sources), tokenizer, folding=False)
    assert len(personal.documents) == 40
    assert most <= 5


def gate() -> Lesson:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(30, INPUTS)).astype(np.float32)
    return Lesson(features, generator.random((30, EXPERTS)).astype(np.float32))


@pytest.mark.parametrize("fitted", [False, True])
def test_round_trip(tmp_path: Path, tokenizer: Tokenizer, fitted: bool) -> None:
    personal = build_memory(FILES, tokenizer, folding=False)
    if fitted:
        personal = Personal(personal.phrases, personal.documents, fit_blend(gate(), steps=2))
    save_personal(tmp_path, personal)
    assert (tmp_path / PERSONAL).stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == [PERSONAL]
    loaded = load_personal(tmp_path, tokenizer.size)
    assert loaded is not None
    assert same(loaded, personal)
    assert (loaded.blend is not None) == fitted
    if loaded.blend and personal.blend:
        assert loaded.blend.as_json() == personal.blend.as_json()
    assert load_personal(tmp_path / "elsewhere", tokenizer.size) is None


def test_documents_are_found_by_place(tokenizer: Tokenizer) -> None:
    personal = build_memory(FILES, tokenizer, folding=False)
    for document in personal.documents:
        for place in (document.first, document.last - 1):
            assert personal.document_at(place) is document
    assert personal.document_at(len(personal.phrases.tokens) + 5) is None


@pytest.fixture
def folder(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    """A checkpoint that remembers."""
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=8))
    personal = build_memory(FILES, tokenizer, folding=False)
    save_checkpoint(tmp_path / "m", model, tokenizer, {"name": "m"}, personal=personal)
    return tmp_path / "m"


def test_a_version_that_only_remembers_more_shares_the_network(folder: Path, tokenizer: Tokenizer) -> None:
    loaded = load_checkpoint(folder)
    assert loaded.personal is not None
    less = forget_document(loaded.personal, FILES[0].path)
    child = folder.with_name("child")
    derive_checkpoint(child, folder, {"name": "child"}, less)
    assert os.path.samefile(folder / "model.safetensors", child / "model.safetensors")
    derived = load_checkpoint(child)
    assert derived.card["name"] == "child"
    assert derived.personal is not None
    assert same(derived.personal, less)
    assert load_checkpoint(folder).personal is not None
    derive_checkpoint(child, folder, {}, None)
    assert load_checkpoint(child).personal is None


def test_files_that_others_may_read_are_copied(folder: Path) -> None:
    (folder / "tokenizer.json").chmod(0o644)
    derive_checkpoint(folder.with_name("child"), folder, {}, None)
    copied = folder.with_name("child") / "tokenizer.json"
    assert copied.stat().st_mode & 0o777 == 0o600
    assert not os.path.samefile(copied, folder / "tokenizer.json")


def test_what_is_remembered_is_replaced_in_place(folder: Path) -> None:
    card, loaded = read_card(folder), load_checkpoint(folder)
    assert loaded.personal is not None
    replace_personal(folder, forget_document(loaded.personal, FILES[1].path))
    assert loaded.personal.phrases.tokens.sum() > 0  # mapped before, and still there
    again = load_checkpoint(folder)
    assert again.personal is not None
    assert [document.path for document in again.personal.documents] == [FILES[0].path, FILES[2].path]
    assert read_card(folder) == card
    replace_personal(folder, None)
    assert load_checkpoint(folder).personal is None
    with pytest.raises(ModelError):
        replace_personal(folder.with_name("nowhere"), None)


def test_a_memory_of_another_vocabulary_is_refused(folder: Path, tokenizer: Tokenizer) -> None:
    other = train_tokenizer(["abc"], "char", 300)
    personal = build_memory(FILES, other, folding=False)
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=8))
    with pytest.raises(ModelError, match="another vocabulary"):
        save_checkpoint(folder.with_name("x"), model, tokenizer, {}, personal=personal)
    save_personal(folder, personal)
    with pytest.raises(ModelError, match="another vocabulary"):
        load_checkpoint(folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_one_line_or_harmless(folder: Path, data: st.DataObject) -> None:
    whole = (folder / PERSONAL).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = bytearray(whole)
    broken[at] ^= data.draw(st.integers(1, 255))
    (folder / PERSONAL).write_bytes(broken[: data.draw(st.sampled_from([at, len(whole)]))])
    try:
        personal = load_checkpoint(folder).personal
        assert personal is not None
        text = np.arange(1, 9)
        states = personal.phrases.walk(personal.phrases.initial(), text)
        personal.phrases.evidence(states)
        personal.phrases.find(text)
    except ModelError as error:
        assert str(error).isprintable()
    finally:
        (folder / PERSONAL).write_bytes(whole)


@pytest.mark.parametrize(
    "documents",
    [
        "no json",
        "[[1]]",
        '[{"path": "a"}]',
        "[" * 100_000,
        json.dumps([]),
        json.dumps([dict(path=1, sha256="", modified="", characters=1, first=0, last=9)]),
        json.dumps([dict(path="", sha256="", modified="", characters=True, first=0, last=9)]),
        json.dumps([dict(path="", sha256="", modified="", characters=1, first=0, last=10**30)]),
        json.dumps([dict(path="", sha256="", modified="", characters=1, first=-1, last=3)]),
        json.dumps([dict(path="", sha256="", modified="", characters=1, first=0, last=1)]),
    ],
)
def test_documents_that_cannot_be_are_refused(folder: Path, documents: str) -> None:
    save_file(load_file(folder / PERSONAL), folder / PERSONAL, {"documents": documents})
    with pytest.raises(ModelError, match=PERSONAL):
        load_checkpoint(folder)
    save_file(load_file(folder / PERSONAL), folder / PERSONAL)
    with pytest.raises(ModelError, match="documents"):
        load_checkpoint(folder)


def test_what_is_no_file_is_refused(folder: Path) -> None:
    (folder / PERSONAL).unlink()
    os.mkfifo(folder / PERSONAL)
    with pytest.raises(ModelError, match="ordinary"):
        load_checkpoint(folder)
