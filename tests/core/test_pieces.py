"""What decoding knows of a vocabulary."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pieces import BARRED, BREAKS, LINES, WORDY, Pieces, presentable
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
        (b"ing", WORDY),
        (b" the", BREAKS | WORDY),
        (b"'t", WORDY),
        (b"'", 0),
        (b"7", WORDY),
        (b"_", WORDY),
        (b",", BREAKS),
        (b"\n", BREAKS | LINES),
        (b"\t", BREAKS | BARRED),
        (b"\x1b", BREAKS | BARRED),
        (b"\xc2\x85", BREAKS | BARRED),
        ("\u202e".encode(), BREAKS | BARRED),
        ("é".encode(), WORDY),
        (b"\xc3", WORDY),
        ("—".encode(), BREAKS),
    ],
)
def test_flags(piece: bytes, flags: int) -> None:
    vocabulary = Pieces([piece])
    assert int(vocabulary.flags[0]) == flags
    assert bool(vocabulary.breaks[0]) == bool(flags & BREAKS)


def test_what_ends_a_line() -> None:
    assert Pieces([b"", b"\n", b" \n", b"a"]).ends.tolist() == [True, True, False, False]


@given(st.text())
def test_presentable_text_has_nothing_unseen(text: str) -> None:
    if presentable(text):
        assert all(character == "\n" or character.isprintable() or character.isspace() for character in text)
        assert "\x1b" not in text
        assert "\x00" not in text
