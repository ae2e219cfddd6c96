"""What decoding knows of a vocabulary."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prediction.pieces import (
    BARRED,
    BREAKS,
    CAPITAL,
    LINES,
    MARKED,
    MARKS,
    NOTHING,
    WORD,
    Pieces,
    presentable,
)
from models.tokenizers import Level, Tokenizer

BYTES = st.binary(min_size=1, max_size=4) | st.text(st.sampled_from("ab \n’é"), min_size=1, max_size=3).map(
    str.encode
)


@given(st.lists(BYTES, max_size=40), BYTES)
def test_the_tokens_that_agree_with_what_is_wanted(pieces: list[bytes], wanted: bytes) -> None:
    vocabulary = Pieces([b"", *pieces])
    for _ in range(2):
        whole, some = vocabulary.matching(wanted)
        all_pieces = vocabulary.pieces
        assert sorted(whole) == [i for i, piece in enumerate(all_pieces) if piece.startswith(wanted)]
        assert sorted(some) == [
            i for i, piece in enumerate(all_pieces) if piece and wanted.startswith(piece) and piece != wanted
        ]


@pytest.mark.parametrize("level", ["char", "word", "subword"])
def test_real_vocabularies_can_spell_anything(
    level: Level, tokenizer_of: Callable[[Level], Tokenizer]
) -> None:
    vocabulary = Pieces(tokenizer_of(level).pieces)
    for wanted in (b" comp", b"\n", b"\xff\xff", b"\xe2\x80"):
        whole, some = vocabulary.matching(wanted)
        assert len(whole) or some


@pytest.mark.parametrize(
    ("piece", "flags"),
    [
        (b"", BREAKS | BARRED),
        (b"ing", 0),
        (b" the", BREAKS),
        (b"Dear", CAPITAL),
        ("Élan".encode(), CAPITAL),
        (b"'t", MARKED),
        (b"'", MARKED),
        (b"7", 0),
        (b"_", 0),
        (b",", BREAKS | MARKED),
        (b"\n", BREAKS | LINES),
        (b"\t", BREAKS | BARRED),
        (b"\x1b", BREAKS | BARRED | MARKED),
        (b"\xc2\x85", BREAKS | BARRED),
        ("\u202e".encode(), BREAKS | BARRED | MARKED),
        ("é".encode(), 0),
        (b"\xc3", 0),
        ("—".encode(), BREAKS | MARKED),
    ],
)
def test_flags(piece: bytes, flags: int) -> None:
    vocabulary = Pieces([piece])
    assert int(vocabulary.flags[0]) == flags
    assert bool(vocabulary.ends[WORD][0]) == bool(flags & BREAKS)


def test_what_is_spelled_and_what_ends_it() -> None:
    vocabulary = Pieces([b"", b" ", b"a", b",", b" ,", b"'s"])
    assert vocabulary.kinds == [NOTHING, NOTHING, WORD, MARKS, MARKS, WORD]
    assert vocabulary.ends[WORD].tolist() == [True, True, False, True, True, False]
    assert vocabulary.ends[MARKS].tolist() == [True, True, True, False, True, False]


@given(st.text())
def test_presentable_text_has_nothing_unseen(text: str) -> None:
    if presentable(text):
        assert all(character == "\n" or character.isprintable() or character.isspace() for character in text)
        assert "\x1b" not in text
        assert "\x00" not in text
