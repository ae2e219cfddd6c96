"""What a training brought: both models type the same pieces, and the interval is of their difference."""

from collections.abc import Callable

import pytest

from core.prediction.predictor import Predictor
from core.training.proof import CONTEXT, PIECE, Measure, Proof, pieces, prove

Make = Callable[..., Predictor]


def text_of(paragraphs: int, first: int = 0) -> str:
    return "\n\n".join(
        f"Paragraph {number} of it. " + "The cat sat on the mat. " * 8
        for number in range(first, first + paragraphs)
    )


def test_pieces_are_spread_over_all_texts_and_begin_with_a_line() -> None:
    texts = [text_of(60), text_of(3, 100), text_of(30, 200)]
    chosen = pieces(texts, 3000)
    assert len(chosen) == 3000 // PIECE
    assert sum(piece.text in texts[0] for piece in chosen) > len(chosen) // 3
    assert any(piece.text in texts[2] for piece in chosen)
    for piece in chosen:
        assert 0 < piece.end - piece.start <= PIECE
        assert piece.start <= CONTEXT
        assert piece.text[piece.start :].startswith("Paragraph")


@pytest.mark.parametrize(
    "texts", [["a"], ["short\n"], ["x" * 5000], ["a b c d " * 3, "", "e"], ["\n" * 900, "words"]]
)
def test_any_text_has_a_piece(texts: list[str]) -> None:
    for piece in pieces(texts, 3000):
        assert piece.start < piece.end <= len(piece.text)
    assert pieces(texts, 3000)


def test_a_model_that_knows_the_text_is_proved_better(counting: Make) -> None:
    text = "The cat did not complete the task. The dogs compete in the garden.\n\nShe said that.\n\n"
    knows, guesses = counting(), counting(text="Nothing of it here. ", order=1)
    heard: list[float] = []
    proof = prove([text], knows, guesses, seconds=60, characters=60, tell=heard.append)
    assert proof.before is not None and proof.difference is not None
    assert proof.better
    assert proof.after.bits_per_character < proof.before.bits_per_character
    assert proof.after.keys_saved is not None and proof.before.keys_saved is not None
    gain = proof.after.keys_saved - proof.before.keys_saved
    assert proof.difference[0] <= gain <= proof.difference[1]
    assert proof.difference[0] > 0
    assert heard[-1] == 1.0
    assert not Proof(proof.characters, proof.typed, proof.after, proof.before, None).better


def test_the_same_model_twice_brings_exactly_nothing(counting: Make) -> None:
    proof = prove(["The cat sat on the mat.\n\n" * 4], counting(), counting(), seconds=60, characters=30)
    assert proof.difference == (0.0, 0.0)
    assert not proof.better


def test_a_model_from_nothing_is_measured_alone(counting: Make) -> None:
    proof = prove(["The cat sat on the mat."], counting(), None, seconds=60, characters=20)
    assert proof.before is None and proof.difference is None and proof.better
    assert proof.typed == 20


def test_a_piece_of_one_paragraph_is_resampled_by_sentences(counting: Make) -> None:
    text = "The cat sat. Xq zw vb. The dogs compete. Zz yy xx. She said that. Qq ww."
    proof = prove(
        [text], counting(), counting(text="Nothing of it here. ", order=1), seconds=60, characters=len(text)
    )
    assert proof.difference is not None
    assert proof.difference[0] < proof.difference[1]


def test_no_time_types_one_piece_and_a_stop_none(counting: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.proof.PIECE", 20)
    texts = [text_of(2)]
    assert 0 < prove(texts, counting(), None, seconds=0, characters=100).typed <= 20
    stopped = prove(texts, counting(), None, seconds=60, characters=100, stopped=lambda: True)
    assert stopped.typed == 0
    assert stopped.after.keys_saved is None
    assert stopped.after.bits_per_character > 0


@pytest.mark.parametrize(
    ("bits", "difference", "better"),
    [
        (1.9, (0.01, 0.05), True),
        (1.9, (-0.02, 0.01), True),
        (1.9, (-0.05, -0.01), False),
        (2.0, (0.01, 0.05), False),
        (2.1, (0.01, 0.05), False),
        (float("nan"), (0.01, 0.05), False),
    ],
)
def test_better_is_fewer_bits_and_no_fewer_keys(
    bits: float, difference: tuple[float, float], better: bool
) -> None:
    proof = Proof(100, 100, Measure(2.0, 0.2), Measure(bits, 0.2), difference)
    assert proof.better is better


@pytest.mark.parametrize(("gained", "better"), [((0.001, 0.1), True), ((-0.001, 0.2), False)])
def test_fewer_bits_that_may_be_chance_are_no_better(gained: tuple[float, float], better: bool) -> None:
    proof = Proof(100, 100, Measure(2.0, 0.2), Measure(1.9, 0.2), (0.01, 0.05), gained)
    assert proof.better is better


def test_the_gain_is_that_of_the_words(counting: Make) -> None:
    knows, guesses = counting(), counting(text="Nothing of it here. ", order=1)
    text = "The cat did not complete the task. The dogs compete in the garden.\n\nShe said that.\n\n"
    proof = prove([text], knows, guesses, seconds=0, characters=0)
    assert proof.before is not None and proof.gained is not None
    gain = proof.before.bits_per_character - proof.after.bits_per_character
    assert sum(proof.gained) / 2 == pytest.approx(gain, abs=1e-3)
    assert 0 < proof.gained[0] < proof.gained[1]
    once, twice = (prove([text * times], knows, guesses, seconds=0, characters=0).gained for times in (1, 2))
    assert once is not None and twice is not None
    assert twice[1] - twice[0] < once[1] - once[0]
