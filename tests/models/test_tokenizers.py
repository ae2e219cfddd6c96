"""Tokenizers: lossless on any text, byte tokens in every vocabulary, the same again after their JSON."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelError
from models.tokenizers import (
    FIRST_BYTE,
    FIRST_LEARNED,
    LEVELS,
    MAX_PIECE,
    MAX_VOCABULARY,
    Level,
    Tokenizer,
    tokenizer_from_json,
    train_tokenizer,
)

TEXTS = [
    "The light falls on the harbour, and the light falls on the sea. It's Anna's: 1,204 words!\n\n",
    "naïve café — “naïve” café… и свет, и свет; 光と光 \U0001f600\U0001f600\t\ttabs  and   spaces\r\n\r\n",
    "don't don’t _under_score_ snake_case 007 007 \u0301e\u0301 \ud800\ud800 שלום שלום",
] * 3

TOKENIZERS: dict[Level, Tokenizer] = {level: train_tokenizer(TEXTS, level, 400) for level in LEVELS}
each_level = pytest.mark.parametrize("level", LEVELS)

# Any code points, lone surrogates and halves of pairs among them; and texts made of what the vocabularies know.
anything = st.text(st.characters(exclude_categories=()), max_size=60)
familiar = st.lists(
    st.sampled_from([*sorted({piece for text in TEXTS for piece in text.split(" ")}), " ", "\n"])
).map("".join)
texts = anything | familiar | st.lists(anything | familiar, max_size=4).map(" ".join)


@each_level
@settings(max_examples=300)
@given(text=texts)
def test_any_text_survives(level: Level, text: str) -> None:
    tokenizer = TOKENIZERS[level]
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert tokenizer.decode_bytes(ids) == text.encode("utf-8", "surrogatepass")
    assert all(0 < index < tokenizer.size for index in ids)


@each_level
@given(several=st.lists(texts, max_size=5))
def test_several_texts_at_once_are_the_same_as_one_by_one(level: Level, several: list[str]) -> None:
    tokenizer = TOKENIZERS[level]
    assert tokenizer.encode_all(several) == [tokenizer.encode(text) for text in several]


@each_level
@pytest.mark.parametrize("length", [1, 5])
@settings(max_examples=300)
@given(several=st.lists(texts, max_size=3))
def test_a_text_in_pieces_gives_the_same_tokens(level: Level, length: int, several: list[str]) -> None:
    tokenizer = TOKENIZERS[level]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.tokenizers.PIECE_CHARACTERS", length)
        found = [ids.tolist() for ids in tokenizer.encode_each(several)]
    assert found == [tokenizer.encode(text) for text in several]


@each_level
def test_of_any_amount_of_text_only_a_batch_is_tokenized_at_once(
    level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.tokenizers.BATCH_CHARACTERS", 10)
    tokenizer, read = TOKENIZERS[level], list[str]()

    def texts() -> Iterator[str]:
        for text in ("", "The light", "falls", "", "on the harbour", "and"):
            read.append(text)
            yield text

    found = tokenizer.encode_each(texts())
    assert (next(found).tolist(), len(read)) == ([], 3)
    assert [[], *(ids.tolist() for ids in found)] == tokenizer.encode_all(read)
    assert len(read) == 6
    assert list(tokenizer.encode_each([])) == []


@each_level
@given(ids=st.lists(st.integers(0, FIRST_LEARNED - 1), max_size=30))
def test_any_tokens_decode_to_text(level: Level, ids: list[int]) -> None:
    """A network may write any bytes: what is no UTF-8 is shown as U+FFFD, never an error."""
    tokenizer = TOKENIZERS[level]
    text = tokenizer.decode(ids)
    data = bytes(index - FIRST_BYTE for index in ids if index != tokenizer.boundary)
    try:
        assert text == data.decode("utf-8")
    except UnicodeDecodeError:
        assert "\ufffd" in text or any("\ud800" <= character <= "\udfff" for character in text)


@each_level
def test_bytes_have_the_same_ids_in_every_vocabulary(level: Level) -> None:
    tokenizer = TOKENIZERS[level]
    assert tokenizer.level == level
    assert tokenizer.boundary == 0
    assert tokenizer.pieces[:FIRST_LEARNED] == [b"", *(bytes([value]) for value in range(256))]
    assert tokenizer.size == len(tokenizer.pieces) > FIRST_LEARNED
    assert len(set(tokenizer.pieces)) == tokenizer.size
    assert tokenizer.decode([tokenizer.boundary]) == ""


@each_level
@given(text=texts)
def test_a_tokenizer_is_the_same_after_its_json(level: Level, text: str) -> None:
    original = TOKENIZERS[level]
    again = _AGAIN[level]
    assert again.pieces == original.pieces
    assert again.encode(text) == original.encode(text)


_AGAIN = {
    level: tokenizer_from_json(json.loads(json.dumps(tokenizer.as_json(), allow_nan=False)))
    for level, tokenizer in TOKENIZERS.items()
}


@each_level
@settings(max_examples=25, deadline=None)
@given(learned_from=st.lists(texts, max_size=4), text=texts, size=st.integers(257, 300))
def test_a_vocabulary_learnt_from_anything_loses_nothing(
    level: Level, learned_from: list[str], text: str, size: int
) -> None:
    tokenizer = train_tokenizer([*learned_from, *learned_from], level, size)
    assert 257 <= tokenizer.size <= size
    for each in (text, *learned_from):
        assert tokenizer.decode(tokenizer.encode(each)) == each
    again = tokenizer_from_json(json.loads(json.dumps(tokenizer.as_json())))
    assert again.encode(text) == tokenizer.encode(text)


@each_level
def test_learning_is_the_same_each_time(level: Level) -> None:
    assert train_tokenizer(iter(TEXTS), level, 400).as_json() == TOKENIZERS[level].as_json()


@each_level
@pytest.mark.parametrize(
    "line", ["a" * 200_000, " " * 200_000, "é" * 100_000, "ab " * 70_000, "\ud800" * 50_000]
)
def test_one_long_line(level: Level, line: str) -> None:
    tokenizer = TOKENIZERS[level]
    assert tokenizer.decode(tokenizer.encode(line)) == line


def test_characters_are_one_token_each_where_known() -> None:
    tokenizer = TOKENIZERS["char"]
    assert tokenizer.encode("az") == [FIRST_BYTE + ord("a"), FIRST_BYTE + ord("z")]
    assert [len(tokenizer.encode(character)) for character in "aïé光и"] == [1] * 5
    assert len(tokenizer.encode("木")) == 3


def test_words_numbers_marks_and_spaces_are_tokens() -> None:
    tokenizer = TOKENIZERS["word"]
    pieces = [
        tokenizer.pieces[index].decode() for index in tokenizer.encode("The light don't, 007 café  tabs")
    ]
    assert pieces == ["The", " ", "light", " ", "don't", ",", " ", "007", " ", "café", "  ", "tabs"]


def test_rare_words_are_spelled_out() -> None:
    tokenizer = TOKENIZERS["word"]
    assert tokenizer.encode("zyx") == [FIRST_BYTE + ord(character) for character in "zyx"]


def test_subwords_carry_their_leading_space() -> None:
    tokenizer = TOKENIZERS["subword"]
    assert b" light" in tokenizer.pieces
    assert len(tokenizer.encode(" light")) == 1
    assert len(tokenizer.encode("the light falls")) < len("the light falls") / 2


def test_a_word_is_learnt_from_its_second_time_on_the_most_frequent_first() -> None:
    tokenizer = train_tokenizer(["bb aa bb cc bb aa dd"], "word", 259)
    assert tokenizer.pieces[FIRST_LEARNED:] == [b"bb", b"aa"]


@pytest.mark.parametrize("size", [0, 256, -5, MAX_VOCABULARY + 1])
@each_level
def test_a_size_without_sense_is_refused(level: Level, size: int) -> None:
    with pytest.raises(ModelError, match="vocabulary"):
        train_tokenizer(TEXTS, level, size)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ModelError, match="letter"):
        train_tokenizer(TEXTS, "letter", 300)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"format": 2, "level": "char", "learned": []},
        {"format": 1, "level": "letter", "learned": []},
        {"format": 1, "level": None, "learned": []},
        {"format": 1, "level": ["char"], "learned": []},
        {"format": 1, "level": "char", "learned": None},
        {"format": 1, "level": "char", "learned": "éü"},
        {"format": 1, "level": "char", "learned": [1]},
        {"format": 1, "level": "char", "learned": ["éü"]},
        {"format": 1, "level": "char", "learned": [""]},
        {"format": 1, "level": "char", "learned": ["a"]},
        {"format": 1, "level": "char", "learned": ["é", "é"]},
        {"format": 1, "level": "word", "learned": ["two words"]},
        {"format": 1, "level": "word", "learned": ["a"]},
        {"format": 1, "level": "word", "learned": [""]},
        {"format": 1, "level": "word", "learned": ["aa", "aa"]},
        {"format": 1, "level": "word", "learned": ["a" * (MAX_PIECE + 1)]},
        {"format": 1, "level": "word", "learned": [f"w{'a' * n}" for n in range(10)] * 30_000},
        {"format": 1, "level": "subword", "learned": ["ab"]},
        {"format": 1, "level": "subword", "learned": [["a"]]},
        {"format": 1, "level": "subword", "learned": [["a", 1]]},
        {"format": 1, "level": "subword", "learned": [["ab", "c"]]},
        {"format": 1, "level": "subword", "learned": [["a", " "]]},
        {"format": 1, "level": "subword", "learned": [["a", "b"], ["a", "b"]]},
        {"format": 1, "level": "subword", "learned": [["", "b"]]},
        {"format": 1, "level": "subword", "learned": [["a" * 2**n, "a" * 2**n] for n in range(9)]},
    ],
    ids=lambda value: str(value)[:60],
)
def test_json_that_is_no_tokenizer_is_refused(value: Any) -> None:
    with pytest.raises(ModelError) as caught:
        tokenizer_from_json(value)
    assert "\n" not in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
merges = st.lists(
    st.lists(st.sampled_from(["a", "b", "ab", "ba", "Ġ", "Ġa", " ", "é"]), min_size=2, max_size=2)
)


@settings(deadline=None)
@given(level=st.sampled_from(LEVELS), learned=json_values | st.lists(anything, max_size=4) | merges)
def test_any_json_is_a_tokenizer_that_loses_nothing_or_is_refused(level: Level, learned: Any) -> None:
    try:
        tokenizer = tokenizer_from_json({"format": 1, "level": level, "learned": learned})
    except ModelError:
        return
    for text in ("abba é", "a\ud800b"):
        assert tokenizer.decode(tokenizer.encode(text)) == text
