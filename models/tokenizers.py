"""Tokenizers of characters, words and subwords behind one interface, each lossless on any Unicode text.

A token is a string of bytes. Every vocabulary holds all 256 single bytes, so whatever it lacks is spelled out
and nothing is ever lost.
"""

import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Literal, cast, get_args

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer as BpeTokenizer
from tokenizers import decoders, models, pre_tokenizers, trainers

from models.errors import ModelError

Ids = npt.NDArray[np.uint32]
Level = Literal["char", "word", "subword"]
LEVELS: tuple[Level, ...] = get_args(Level)

BOUNDARY = 0
"""Id of the document boundary, whose piece is empty."""
FIRST_BYTE = 1
"""Id of the byte 0; byte b is `FIRST_BYTE + b`."""
FIRST_LEARNED = FIRST_BYTE + 256
"""Id of the first piece that was learnt from a text."""
MAX_VOCABULARY = 200_000
MAX_PIECE = 256
"""Longest piece in bytes."""
BATCH_CHARACTERS = 1_000_000
"""Characters that are tokenized at once, about: while they are, each takes some thirty bytes."""
PIECE_CHARACTERS = 100_000
"""Longer texts are tokenized in pieces of about this: all of a long one at once takes a hundred bytes a character."""

_WORDS = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+|\s+|.", re.DOTALL)
_SURROGATES = re.compile("([\ud800-\udfff]+)")
_BORDER = re.compile(r"(?<=\S)\s")
"""Where a token ends and another begins, whatever stands around: none goes on into white space from before it."""


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _to_text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


class Tokenizer(ABC):
    """Turns text into token ids and back.

    Ids: 0 is the document boundary, 1 to 256 are the single bytes, the rest are learnt pieces.
    """

    level: ClassVar[Level]

    def __init__(self, learned: Sequence[bytes]) -> None:
        """Take the learnt pieces, in the order of their ids."""
        if len(learned) + FIRST_LEARNED > MAX_VOCABULARY:
            raise ModelError(f"a vocabulary may hold {MAX_VOCABULARY:,} tokens at most")
        if any(not 0 < len(piece) <= MAX_PIECE for piece in learned):
            raise ModelError(f"a token must be of 1 to {MAX_PIECE} bytes")
        self.boundary = BOUNDARY
        self.pieces: list[bytes] = [b"", *(bytes([value]) for value in range(256)), *learned]
        """The bytes of each token, by id."""

    @property
    def size(self) -> int:
        """Number of tokens in the vocabulary."""
        return len(self.pieces)

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Return the ids that spell `text` exactly."""

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text; faster than one by one where the tokenizer can batch."""
        return [self.encode(text) for text in texts]

    def encode_each(self, texts: Iterable[str]) -> Iterator[Ids]:
        """Return the ids of each text, as they are asked for: whatever its size, little of it is in memory."""
        found: list[Ids] = []
        for batch in _batches(texts):
            encoded = self.encode_all([piece for piece, _ in batch])
            for ids, (_, is_last) in zip(encoded, batch, strict=True):
                found.append(np.array(ids, np.uint32))
                if is_last:
                    yield np.concatenate(found)
                    found.clear()

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """Return the bytes that `ids` spell; boundaries spell nothing."""
        return b"".join([self.pieces[index] for index in ids])

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text that `ids` spell; bytes that are no UTF-8 become U+FFFD."""
        return _to_text(self.decode_bytes(ids))

    @abstractmethod
    def _learned_as_json(self) -> list[Any]: ...

    def as_json(self) -> dict[str, Any]:
        """Return all that is needed to make the tokenizer again, as a JSON object."""
        return {"format": 1, "level": self.level, "learned": self._learned_as_json()}


class CharTokenizer(Tokenizer):
    """One token a character; ASCII characters are their bytes, rare others are spelled out in bytes."""

    level = "char"

    def __init__(self, characters: Sequence[str]) -> None:
        """Take the characters beyond ASCII that have a token of their own.

        Raises:
            ModelError: when one is no single character beyond ASCII, or comes twice.
        """
        if any(len(character) != 1 or character.isascii() for character in characters):
            raise ModelError("a learnt token of a character tokenizer must be one character beyond ASCII")
        if len(set(characters)) != len(characters):
            raise ModelError("the vocabulary holds a token twice")
        super().__init__([_to_bytes(character) for character in characters])
        self._characters = list(characters)
        self._ids = {character: FIRST_LEARNED + index for index, character in enumerate(characters)}

    def encode(self, text: str) -> list[int]:
        """Return the ids that spell `text` exactly."""
        if text.isascii():
            return [FIRST_BYTE + value for value in text.encode("ascii")]
        ids: list[int] = []
        for character in text:
            known = self._ids.get(character)
            if known is None:
                ids.extend(FIRST_BYTE + value for value in _to_bytes(character))
            else:
                ids.append(known)
        return ids

    def _learned_as_json(self) -> list[Any]:
        return self._characters


class WordTokenizer(Tokenizer):
    """One token a word, number, punctuation mark or run of white space; others are spelled out in bytes."""

    level = "word"

    def __init__(self, words: Sequence[str]) -> None:
        """Take the words, numbers, marks and runs of white space that have a token of their own.

        Raises:
            ModelError: when one comes twice, is a single byte, or is not what the tokenizer would cut.
        """
        if len(set(words)) != len(words):
            raise ModelError("the vocabulary holds a token twice")
        if any(_WORDS.fullmatch(word) is None or (len(word) == 1 and word.isascii()) for word in words):
            raise ModelError(
                "a learnt token of a word tokenizer must be one word, number, mark or run of space"
            )
        super().__init__([_to_bytes(word) for word in words])
        self._words = list(words)
        self._ids = {word: FIRST_LEARNED + index for index, word in enumerate(words)}

    def encode(self, text: str) -> list[int]:
        """Return the ids that spell `text` exactly."""
        ids: list[int] = []
        for match in _WORDS.finditer(text):
            known = self._ids.get(match.group())
            if known is None:
                ids.extend(FIRST_BYTE + value for value in _to_bytes(match.group()))
            else:
                ids.append(known)
        return ids

    def _learned_as_json(self) -> list[Any]:
        return self._words


class SubwordTokenizer(Tokenizer):
    """Byte-level byte-pair encoding (Sennrich et al. 2016), by the `tokenizers` library.

    Words are cut with their leading space, as GPT-2 does, before pairs are merged.
    """

    level = "subword"

    def __init__(self, merges: Sequence[tuple[str, str]]) -> None:
        """Take the merges in their order, in the library's alphabet of printable stand-ins for bytes.

        Raises:
            ModelError: when a merge joins what no earlier one made, or makes a token again.
        """
        vocabulary = {character: FIRST_BYTE + value for value, character in enumerate(_byte_alphabet())}
        for left, right in merges:
            if left not in vocabulary or right not in vocabulary:
                raise ModelError("a merge of the subword tokenizer joins a token that does not exist")
            if left + right in vocabulary:
                raise ModelError("the vocabulary holds a token twice")
            if len(left) + len(right) > MAX_PIECE:
                raise ModelError(f"a token must be of 1 to {MAX_PIECE} bytes")
            vocabulary[left + right] = len(vocabulary) + FIRST_BYTE
        values = {character: value for value, character in enumerate(_byte_alphabet())}
        super().__init__([bytes(values[character] for character in left + right) for left, right in merges])
        self._merges = list(merges)
        self._bpe = BpeTokenizer(models.BPE(vocab=vocabulary, merges=list(merges)))
        self._bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # pyright: ignore[reportAttributeAccessIssue]

    def encode(self, text: str) -> list[int]:
        """Return the ids that spell `text` exactly."""
        ids: list[int] = []
        for index, part in enumerate(_SURROGATES.split(text)):
            if index % 2:
                ids.extend(FIRST_BYTE + value for value in _to_bytes(part))
            elif part:
                ids.extend(self._bpe.encode(part).ids)
        return ids

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, several at a time."""
        if any(_SURROGATES.search(text) for text in texts):
            return [self.encode(text) for text in texts]
        return [encoding.ids for encoding in self._bpe.encode_batch_fast(list(texts))]

    def _learned_as_json(self) -> list[Any]:
        return [list(merge) for merge in self._merges]


def _byte_alphabet() -> list[str]:
    """Return the printable character that the library writes for each byte, 0 to 255.

    Bytes that are printable in Latin-1 stand for themselves; the others follow from U+0100 on.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(value) if value in printable else chr(next(others)) for value in range(256)]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a long text where that changes no token; return each piece and whether it is the last."""
    start = 0
    while border := _BORDER.search(text, start + PIECE_CHARACTERS):
        yield text[start : border.start()], False
        start = border.start()
    yield text[start:], True


def _batches(texts: Iterable[str]) -> Iterator[list[tuple[str, bool]]]:
    """Return the pieces of texts, as many at a time as may be tokenized at once."""
    batch: list[tuple[str, bool]] = []
    characters = 0
    for text in texts:
        for piece in _pieces(text):
            batch.append(piece)
            characters += len(piece[0])
            if characters >= BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
    yield batch


def train_tokenizer(texts: Iterable[str], level: Level, size: int) -> Tokenizer:
    """Learn a vocabulary of at most `size` tokens from texts.

    A word or character gets a token of its own from its second occurrence on, the most frequent first.

    Raises:
        ModelError: when the size leaves no room for learnt tokens.
    """
    room = size - FIRST_LEARNED
    if room < 0 or size > MAX_VOCABULARY:
        raise ModelError(f"a vocabulary must hold {FIRST_LEARNED} to {MAX_VOCABULARY:,} tokens, not {size:,}")
    if level == "char":
        characters = Counter(character for text in texts for character in text if not character.isascii())
        return CharTokenizer(_frequent(characters, room))
    if level == "word":
        words = Counter(word for text in texts for word in _WORDS.findall(text))
        return WordTokenizer(_frequent(words, room))
    if level == "subword":
        return SubwordTokenizer(_learn_merges(texts, size))
    raise ModelError(f"level must be one of {', '.join(LEVELS)}, not {level!r}")


def _frequent(counts: Counter[str], room: int) -> list[str]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    eligible = (
        word
        for word, count in ranked
        if count > 1 and not (len(word) == 1 and word.isascii()) and len(_to_bytes(word)) <= MAX_PIECE
    )
    return list(islice(eligible, room))


def _learn_merges(texts: Iterable[str], size: int) -> list[tuple[str, str]]:
    learner = BpeTokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # pyright: ignore[reportAttributeAccessIssue]
    learner.decoder = decoders.ByteLevel()  # pyright: ignore[reportAttributeAccessIssue]
    trainer = trainers.BpeTrainer(
        vocab_size=size - FIRST_BYTE,
        initial_alphabet=_byte_alphabet(),
        show_progress=False,
        max_token_length=32,
    )
    clean = (_SURROGATES.sub("\ufffd", text) for text in texts)
    learner.train_from_iterator(clean, trainer)
    merges = json.loads(learner.to_str())["model"]["merges"]
    known = set(_byte_alphabet())
    unique: list[tuple[str, str]] = []
    for left, right in merges:
        # Two merges may spell the same token; the second could never be applied.
        if left + right not in known:
            known.add(left + right)
            unique.append((left, right))
    return unique


_KINDS: dict[str, type[CharTokenizer] | type[WordTokenizer]] = {"char": CharTokenizer, "word": WordTokenizer}


def tokenizer_from_json(value: object) -> Tokenizer:
    """Make a tokenizer from what `as_json` returned.

    Raises:
        ModelError: when the object is of another format or its vocabulary is not sound.
    """
    if not isinstance(value, Mapping):
        raise ModelError("the tokenizer is not a JSON object")
    entries = cast("Mapping[str, object]", value)
    if entries.get("format") != 1:
        raise ModelError("the tokenizer is of a format that this version of Foretype does not know")
    level, learned = entries.get("level"), entries.get("learned")
    if not isinstance(learned, list) or len(cast("list[object]", learned)) > MAX_VOCABULARY:
        raise ModelError("the tokenizer's vocabulary is not a list of a sensible length")
    items = cast("list[object]", learned)
    if level == "subword":
        return SubwordTokenizer([_as_merge(item) for item in items])
    if not isinstance(level, str) or level not in _KINDS:
        raise ModelError(f"the tokenizer's level must be one of {', '.join(LEVELS)}, not {level!r}")
    if not all(isinstance(item, str) for item in items):
        raise ModelError("a token of the vocabulary is not a string")
    return _KINDS[level](cast("list[str]", items))


def _as_merge(item: object) -> tuple[str, str]:
    if isinstance(item, list):
        match cast("list[object]", item):
            case [str() as left, str() as right]:
                return left, right
            case _:
                pass
    raise ModelError("a merge of the subword tokenizer is not a pair of strings")
