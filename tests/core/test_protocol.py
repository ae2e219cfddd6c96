"""The protocol's lines: what goes in comes out, and what is no message is refused by name."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import protocol
from core.params import Params
from core.protocol import Failure, Notification, ProtocolError, Request, Response, decode, encode

texts = st.text(st.characters(), max_size=40)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
ids = st.integers(0, 2**53) | texts
messages = st.one_of(
    st.builds(Request, ids, texts, st.dictionaries(texts, values, max_size=3)),
    st.builds(Notification, texts, st.dictionaries(texts, values, max_size=3)),
    st.builds(Response, ids, values),
    st.builds(Failure, st.none() | ids, st.integers(-33000, 0), texts),
)


@given(messages)
def test_a_message_survives_its_line(message: protocol.Message) -> None:
    line = encode(message)
    assert line.endswith(b"\n") and line.count(b"\n") == 1 and line.isascii()
    assert decode(line) == message


def test_line_separators_and_lone_surrogates_survive() -> None:
    text = "a\u2028b\u2029c\x85d\ud800e\r\nf"
    assert decode(encode(Notification("edit", {"text": text}))) == Notification("edit", {"text": text})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", protocol.PARSE_ERROR),
        (b"{", protocol.PARSE_ERROR),
        (b"\xff\xfe", protocol.PARSE_ERROR),
        (b'{"jsonrpc": "2.0", "id": NaN, "method": "x"}', protocol.PARSE_ERROR),
        (b"[" * 100_000, protocol.PARSE_ERROR),
        (b'{"jsonrpc": "2.0", "id": ' + b"9" * 10_000 + b', "method": "x"}', protocol.PARSE_ERROR),
        (b"[]", protocol.INVALID_REQUEST),
        (b"7", protocol.INVALID_REQUEST),
        (b"{}", protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "x"}', protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "x"}', protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": true, "method": "x"}', protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 7}', protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "x", "params": [1]}', protocol.INVALID_PARAMS),
        (b'{"jsonrpc": "2.0", "id": 1}', protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "error": "no"}', protocol.INVALID_REQUEST),
    ],
)
def test_what_is_no_message_is_refused(line: bytes, code: int) -> None:
    with pytest.raises(ProtocolError) as raised:
        decode(line)
    assert raised.value.code == code
    assert "\n" not in str(raised.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused(line: bytes) -> None:
    try:
        decode(line)
    except ProtocolError as error:
        assert error.code in (protocol.PARSE_ERROR, protocol.INVALID_REQUEST, protocol.INVALID_PARAMS)


def test_the_id_of_a_refused_request_is_known_where_it_can_be() -> None:
    with pytest.raises(ProtocolError) as raised:
        decode(json.dumps({"jsonrpc": "2.0", "id": 5, "method": "x", "params": 3}).encode())
    assert raised.value.id == 5


def test_missing_parameters_get_their_defaults() -> None:
    params = Params({"a": None})
    assert params.text("a", "x") == "x"
    assert params.number("b", 0.5, 0, 1) == 0.5
    assert params.whole("c", 3, 1, 9) == 3
    assert params.flag("d", True)
    assert "a" not in params


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({}, lambda p: p.text("x")),
        ({"x": 3}, lambda p: p.text("x")),
        ({"x": "3"}, lambda p: p.number("x", 1, 0, 9)),
        ({"x": True}, lambda p: p.number("x", 1, 0, 9)),
        ({"x": 10**400}, lambda p: p.number("x", 1, 0, 9)),
        ({"x": -0.1}, lambda p: p.number("x", 1, 0, 9)),
        ({"x": 2.0}, lambda p: p.whole("x", 1, 0, 9)),
        ({"x": 10}, lambda p: p.whole("x", 1, 0, 9)),
        ({"x": 1}, lambda p: p.flag("x", False)),
        ({"x": [1]}, lambda p: p.position("x")),
        ({"x": [1, -1]}, lambda p: p.position("x")),
        ({"x": [True, 1]}, lambda p: p.position("x")),
        ({"x": [1, 2, "3"]}, lambda p: p.position("x")),
        ({}, lambda p: p.position("x")),
    ],
)
def test_a_wrong_parameter_is_named(fields: dict[str, Any], read: Any) -> None:
    with pytest.raises(ProtocolError) as raised:
        read(Params(fields))
    assert raised.value.code == protocol.INVALID_PARAMS
    assert '"x"' in str(raised.value)
