"""Generated text: the same for the same seed, true to its prompt and limits, and argmax at temperature 0."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.prediction.generating import TOKENS_A_WORD, WordLimit, generate
from core.prediction.predictor import Predictor
from core.prediction.session import context_of
from models.checkpoint import Checkpoint
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import train_tokenizer


def predictor(level: str = "subword", *, spells_on: bool = False) -> Predictor:
    torch.manual_seed(1)
    text = "the light falls on the harbour and the harbour is full of light. " * 20
    tokenizer = train_tokenizer([text], level, 300)  # pyright: ignore[reportArgumentType]
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=16, layers=1, dropout=0)).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.startswith(("embedding", "output")):
                weight.mul_(3)  # a random network that has opinions
        bias = model.output.bias
        bias.fill_(-9)  # that never writes half characters
        bias[ord(" ") + 1] = 1
        bias[ord("a") + 1 : ord("z") + 2] = 0
        bias[257:] = 1
        if spells_on:  # one word without an end
            bias.fill_(-1e9)
            bias[ord("a") + 1 : ord("z") + 2] = 0
    return Predictor(Checkpoint(model, tokenizer, {}, Path()))


@pytest.mark.parametrize("level", ["char", "word", "subword"])
def test_the_same_seed_gives_the_same_text(level: str) -> None:
    model = predictor(level)
    first = list(generate(model, "the li", temperature=1.0, words=5, seed=3))
    assert first == list(generate(model, "the li", temperature=1.0, words=5, seed=3))
    others = {"".join(generate(model, "the li", temperature=1.0, words=5, seed=seed)) for seed in range(6)}
    assert len(others) > 1


def test_temperature_0_is_argmax_token_by_token() -> None:
    model = predictor()
    expected, text = "", "the "
    context = context_of(model, text)
    probabilities = model.predict([context.node.state])[0][0]
    assert context.wanted == b" "
    begins = torch.tensor([piece.startswith(b" ") for piece in model.tokenizer.pieces])
    token = int((probabilities * begins).argmax())
    state = context.node.state
    expected += model.tokenizer.decode([token]).removeprefix(" ")
    for _ in range(4):
        following, _, (state,) = model.step([token], [state])
        token = int(following.argmax())
        expected += model.tokenizer.decode([token])
    pieces = generate(model, text, temperature=0, words=50)
    assert "".join(next(pieces) for _ in range(5)) == expected


def test_a_word_that_was_begun_is_gone_on_with() -> None:
    model = predictor("word")
    words = {piece.decode() for piece in model.tokenizer.pieces[257:]}
    for seed in range(5):
        text = "".join(generate(model, "full of lig", temperature=0, words=1, seed=seed))
        assert "lig" + text.split()[0] in words or text.startswith("h")


def test_an_empty_prompt_begins_a_text() -> None:
    assert "".join(generate(predictor(), "", temperature=1.0, words=3)).split()


def test_it_stops_after_its_words() -> None:
    for prompt in ("", "the ", "the li"):
        text = "".join(generate(predictor(), prompt, temperature=1.0, words=4, seed=1))
        assert len((prompt.split(" ")[-1] + text).split()) <= 4 + bool(prompt and prompt[-1] != " ")
        assert text == text.rstrip()


@pytest.mark.parametrize(("temperature", "top_p"), [(-1.0, 1.0), (float("nan"), 1.0), (1.0, 0.0), (1.0, 1.5)])
def test_senseless_values_are_refused(temperature: float, top_p: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        next(generate(predictor(), "a", temperature=temperature, top_p=top_p))


def test_control_characters_never_come() -> None:
    model = predictor("char")
    text = "".join(generate(model, "", temperature=3.0, words=40, seed=0))
    assert all(character.isprintable() or character in "\n\t" for character in text)


@settings(max_examples=60)
@given(st.lists(st.text("ab \n", max_size=4), max_size=12), st.integers(1, 5), st.booleans())
def test_the_limit_lets_whole_words_through(pieces: list[str], words: int, inside: bool) -> None:
    limit = WordLimit(words, inside)
    passed = ""
    for piece in pieces:
        passed += limit.take(piece)
        if limit.reached:
            break
    whole = "".join(pieces)
    assert whole.startswith(passed)
    began = len(("x" + passed).split()) - 1 if inside else len(passed.split())
    assert began <= words
    if not limit.reached:
        assert passed == whole


@pytest.mark.parametrize("temperature", [0.0, 10.0])
def test_a_model_that_ends_no_word_is_stopped(temperature: float) -> None:
    model = predictor("char", spells_on=True)
    pieces = list(generate(model, "the", temperature=temperature, words=3))
    assert len(pieces) == TOKENS_A_WORD * 4
