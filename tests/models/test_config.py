"""The shape of a network: what is refused, what is filled in, that it survives JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.config import CELLS, ModelConfig
from models.errors import ModelError

configs = st.builds(
    ModelConfig,
    vocabulary=st.integers(2, 200_000),
    cell=st.sampled_from(CELLS),
    layers=st.integers(1, 16),
    hidden=st.integers(1, 8192),
    embedding=st.integers(0, 8192),
    dropout=st.floats(0, 1, exclude_max=True),
    tied=st.booleans(),
    residual=st.just(0),
) | st.builds(ModelConfig, st.just(300), layers=st.just(4), residual=st.integers(0, 3))


@given(configs)
def test_a_config_survives_json(config: ModelConfig) -> None:
    assert ModelConfig.from_json(json.loads(json.dumps(config.as_json()))) == config


@given(configs)
def test_an_embedding_of_nothing_is_as_wide_as_the_state(config: ModelConfig) -> None:
    assert config.embedding > 0
    assert config.projected == (config.embedding != config.hidden)


def test_only_an_lstm_has_two_parts_to_its_state() -> None:
    assert [ModelConfig(9, cell).parts for cell in CELLS] == [2, 1, 1]


def test_what_is_left_out_of_json_takes_its_default() -> None:
    assert ModelConfig.from_json({"vocabulary": 300}) == ModelConfig(300)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"vocabulary": 1}, "vocabulary"),
        ({"vocabulary": 10**12}, "vocabulary"),
        ({"vocabulary": "9"}, "vocabulary"),
        ({"vocabulary": True}, "vocabulary"),
        ({"vocabulary": None}, "vocabulary"),
        ({"cell": "transformer"}, "cell"),
        ({"cell": ["lstm"]}, "cell"),
        ({"layers": 0}, "layers"),
        ({"layers": 17}, "layers"),
        ({"layers": 2.0}, "layers"),
        ({"hidden": 0}, "hidden"),
        ({"hidden": 8193}, "hidden"),
        ({"hidden": float("nan")}, "hidden"),
        ({"embedding": -1}, "embedding"),
        ({"embedding": 8193}, "embedding"),
        ({"embedding": False}, "embedding"),
        ({"dropout": 1}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"dropout": float("nan")}, "dropout"),
        ({"dropout": "0.1"}, "dropout"),
        ({"tied": 1}, "tied"),
        ({"residual": -1}, "residual"),
        ({"residual": 2}, "residual"),
        ({"residual": 1.0}, "residual"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_value_without_sense_is_refused_by_its_name(changes: dict[str, Any], names: str) -> None:
    with pytest.raises(ModelError, match=names) as caught:
        ModelConfig.from_json({"vocabulary": 300, **changes})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [None, [], "x", 3, {}, {"layers": 2}])
def test_what_is_no_config_is_refused(value: object) -> None:
    with pytest.raises(ModelError):
        ModelConfig.from_json(value)
