"""The engine and requests: the newest comes first, what is cancelled ends, what cannot be is said in one line."""

from typing import Any, cast

import pytest

from core import protocol
from core.engine.methods import Methods
from core.wire import Wire
from tests.core.engine.server import TEXT, Server, opened

# --- newest first ---


def test_a_flood_ends_with_the_newest_answered_and_nothing_queued(server: Server) -> None:
    cursor = opened(server, "d", "The light ")
    ids = [server.send("ghost", draft="d", cursor=cursor, generation=n, words=12) for n in range(1000)]
    newest = server.answer(ids[-1])
    assert newest["result"]["generation"] == 999
    # Whatever else was asked was answered before: nothing waits any more.
    codes = {m["error"]["code"] for m in server.heard if "error" in m}
    answered = [m for m in server.heard if "id" in m and "method" not in m]
    assert len(answered) == 999
    assert codes <= {protocol.CANCELLED}
    assert server.ask("figures")


def test_drafts_do_not_supersede_each_other(server: Server) -> None:
    cursors = {draft: opened(server, draft, "The light ") for draft in ("a", "b")}
    ids = [
        server.send("ghost", draft=draft, cursor=cursor, generation=1) for draft, cursor in cursors.items()
    ]
    assert all("result" in server.answer(identity) for identity in ids)


def test_what_is_cancelled_is_answered_so(server: Server) -> None:
    identity = server.send("generate", prompt="The ", temperature=1, words=100_000)
    server.notify("$/cancel", id=identity)
    assert server.answer(identity)["error"] == {"code": protocol.CANCELLED, "message": "cancelled"}
    server.notify("$/cancel", id=identity)
    server.notify("$/cancel", id={"no": "id"})
    assert server.ask("figures")


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        (
            "suggest",
            {"before": "The ", "temprature": 1},
            'no parameter "temprature": did you mean "temperature"?',
        ),
        ("suggest", {"before": "The ", "colour": 1}, 'no parameter "colour": it takes after, alternatives'),
        ("figures", {"model": "base"}, 'no parameter "model": it takes none'),
        ("generate", {"prompt": "a", "max_words": 3}, 'no parameter "max_words"'),
    ],
)
def test_a_parameter_that_is_unknown_is_named(
    server: Server, method: str, params: dict[str, Any], says: str
) -> None:
    error = server.answer(server.send(method, **params))["error"]
    assert error["code"] == protocol.INVALID_PARAMS
    assert says in error["message"]


def test_every_method_says_what_it_takes() -> None:
    methods = Methods(cast(Wire, None), None, 1).handlers()
    assert set(protocol.PARAMETERS) == (set(methods) - {"edit"}) | {"shutdown"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"not json", protocol.PARSE_ERROR),
        (b"\xff\x00\xfe", protocol.PARSE_ERROR),
        (b"[]", protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": null}', protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "method": "edit", "params": [1]}', protocol.INVALID_PARAMS),
        (b"{" * 100_000, protocol.PARSE_ERROR),
    ],
)
def test_a_malformed_line_gets_an_error_and_no_exit(server: Server, line: bytes, code: int) -> None:
    server.write(line)
    assert server.answer(None)["error"]["code"] == code
    assert server.ask("figures")


def test_empty_lines_are_nothing(server: Server) -> None:
    server.write(b"")
    server.write(b"  \r")
    assert server.ask("figures")


@pytest.mark.parametrize(
    ("method", "params", "code", "says"),
    [
        ("nonsense", {}, protocol.METHOD_NOT_FOUND, "nonsense"),
        ("suggest", {}, protocol.INVALID_PARAMS, "before"),
        ("suggest", {"before": 3}, protocol.INVALID_PARAMS, "before"),
        ("suggest", {"before": "", "temperature": -1}, protocol.INVALID_PARAMS, "temperature"),
        ("suggest", {"before": "", "eagerness": 2}, protocol.INVALID_PARAMS, "eagerness"),
        ("suggest", {"before": "", "words": 0}, protocol.INVALID_PARAMS, "words"),
        ("ghost", {"draft": "nobody's", "cursor": [0, 0]}, protocol.INVALID_PARAMS, "nobody's"),
        ("ghost", {"draft": "d", "cursor": [9, 0]}, protocol.INVALID_PARAMS, "cursor"),
        ("ghost", {"draft": "d", "cursor": "here"}, protocol.INVALID_PARAMS, "cursor"),
        ("surprise", {"draft": "d", "start": [0, 2], "end": [0, 1]}, protocol.INVALID_PARAMS, "end"),
        ("generate", {"prompt": "", "top_p": 0}, protocol.INVALID_PARAMS, "top_p"),
        ("score", {"file": "/nonexistent/[b]\n.txt"}, protocol.FAILED, "nonexistent"),
        ("score", {"file": "it", "text": ""}, protocol.FAILED, "it"),
        ("load", {"model": "no such model"}, protocol.FAILED, "no such model"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    server: Server, method: str, params: dict[str, Any], code: int, says: str
) -> None:
    opened(server, "d", "text")
    got, message = server.fail(method, **params)
    assert got == code
    assert says in message


def test_an_edit_that_does_not_fit_is_said_when_the_draft_is_asked(server: Server) -> None:
    cursor = opened(server, "d", "text")
    server.notify("edit", draft="d", start=[5, 0], end=[6, 0], text="x")
    assert server.fail("ghost", draft="d", cursor=cursor) == (
        protocol.INVALID_PARAMS,
        'an edit of the draft "d" did not fit: open it again',
    )
    opened(server, "d", "text")
    assert server.ask("ghost", draft="d", cursor=cursor)


def test_text_of_every_kind_goes_through(server: Server) -> None:
    text = "a\u2028b\x85c\x00d\ud800e \U0001f468‍\U0001f469 שלום\r\n\ttext\x1b[31m" * 3
    row, column = opened(server, "d", text)
    ghost = server.ask("ghost", draft="d", cursor=[row, column], generation=1)["ghost"]
    assert all(character.isprintable() for character in ghost)
    server.ask("suggest", before=text)


def test_a_large_draft_is_opened(server: Server) -> None:
    cursor = opened(server, "large", TEXT * 40_000)
    assert server.ask("ghost", draft="large", cursor=cursor, generation=1)
    server.ask("close", draft="large")


def test_a_model_that_is_not_there_is_said_when_it_is_needed(bare: Server) -> None:
    code, message = bare.fail("suggest", before="The ")
    assert code == protocol.FAILED
    assert "nothing" in message
