"""Text in another language is told from what a model has learnt, names and quotations are not; ghosts heed it."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.drafts.document import Document
from core.prediction.decoding import Options, complete
from core.prediction.familiarity import WINDOWS, Familiarity, fit_limits, letters, limits_of, widest
from core.prediction.predictor import Predictor
from core.prediction.session import Context, Session
from core.training.streams import encode_documents
from models.config import ModelConfig
from models.counting import count_memory
from models.memory import Memory
from models.recurrent import RecurrentLanguageModel
from models.stepper import make_stepper
from models.tokenizers import Tokenizer, train_tokenizer

ENGLISH = "the cat sat on a mat and saw the dog who ran to the old house by the sea when it rained"
OTHER = "kucing itu duduk di atas tikar lalu melihat anjing yang berlari menuju rumah tua dekat laut"


def prose(words: str, seed: int, count: int = 4000) -> str:
    return " ".join(random.Random(seed).choices(words.split(), k=count))


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer([prose(ENGLISH, 0)], "subword", 400)


@pytest.fixture(scope="module")
def memory(tokenizer: Tokenizer) -> Memory:
    return count_memory(encode_documents([prose(ENGLISH, 0)], tokenizer), tokenizer.size)


@pytest.fixture(scope="module")
def familiarity(memory: Memory, tokenizer: Tokenizer) -> Familiarity:
    limits = fit_limits(memory, tokenizer.pieces, encode_documents([prose(ENGLISH, 1, count=600)], tokenizer))
    assert limits is not None
    return Familiarity(memory, tokenizer.pieces, limits)


def test_a_bigram_is_what_the_memory_predicts(memory: Memory) -> None:
    for previous in (0, 40, 270, 300):
        nodes = memory.advance(memory.initial(), previous)
        expected, _ = memory.predict(nodes)
        found = [memory.bigram(previous, token) for token in range(memory.vocabulary)]
        assert np.allclose(found, expected, rtol=1e-4)


def test_its_own_language_is_familiar_and_another_is_not(
    familiarity: Familiarity, tokenizer: Tokenizer
) -> None:
    own, other = (tokenizer.encode(prose(words, 7, count=200)) for words in (ENGLISH, OTHER))
    assert all(familiarity.knows(own[:end]) for end in range(1, len(own)))
    assert not any(familiarity.knows(other[:end]) for end in range(WINDOWS[0] + 4, len(other)))
    assert familiarity.knows(other[: WINDOWS[0] - 1])  # too little to tell


def test_another_script_is_unfamiliar_and_numbers_tell_nothing(
    familiarity: Familiarity, tokenizer: Tokenizer
) -> None:
    assert not familiarity.knows(tokenizer.encode("В начале июня дожди прекратились"))
    assert familiarity.knows(tokenizer.encode("1 + 2 = 3; " * 40))


def test_after_a_quotation_the_text_is_familiar_again(familiarity: Familiarity, tokenizer: Tokenizer) -> None:
    quoted = prose(OTHER, 3, count=30)
    assert not familiarity.knows(tokenizer.encode(quoted))
    assert familiarity.knows(tokenizer.encode(f"{quoted} {prose(ENGLISH, 4, count=WINDOWS[0] + 2)}"))


def test_letters_of_any_script_count() -> None:
    assert letters(b" word") == 4
    assert letters(b" 12,") == 0
    assert letters("é".encode()) == 1


def test_too_little_text_has_no_limits(memory: Memory, tokenizer: Tokenizer) -> None:
    assert fit_limits(memory, tokenizer.pieces, np.array(tokenizer.encode(prose(ENGLISH, 1, 20)))) is None


def test_a_model_keeps_what_its_parent_knew() -> None:
    parent = {"rare": [5.0, 4.0, 3.0], "usual": [3.0, 2.0, 1.0]}
    own = {"rare": [4.0, 6.0, 3.0], "usual": [3.5, 1.0, 1.0]}
    assert widest(parent, own) == {"rare": [5.0, 6.0, 3.0], "usual": [3.5, 2.0, 1.0]}
    assert widest(parent, None) == parent
    assert widest(None, None) is None


@pytest.mark.parametrize(
    "value", [None, 3, {}, {"rare": [1, 2, 3]}, {"rare": [1, 2], "usual": [1, 2, 3]}, {"rare": "abc"}]
)
def test_limits_that_cannot_be_used_are_none(value: object) -> None:
    assert limits_of(value) is None


def context_after(text: str, familiarity: Familiarity, tokenizer: Tokenizer) -> Context:
    torch.manual_seed(0)
    network = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=8)).eval()
    predictor = Predictor.of(make_stepper(network, "float32"), tokenizer)
    predictor.familiarity = familiarity
    document = Document(text)
    return Session(predictor, document).context(document.end)


def test_a_ghost_is_silent_on_unfamiliar_text_unless_it_always_shows(
    familiarity: Familiarity, tokenizer: Tokenizer
) -> None:
    own = context_after(prose(ENGLISH, 5, count=60) + " ", familiarity, tokenizer)
    other = context_after(prose(OTHER, 5, count=60) + " ", familiarity, tokenizer)
    assert own.familiar
    assert not other.familiar
    assert complete(other, Options(eagerness=1e-6)).silence == "unfamiliar"
    assert complete(other, Options(eagerness=0)).silence is None
    assert complete(replace(other, familiar=True), Options(eagerness=1e-6)).silence != "unfamiliar"
