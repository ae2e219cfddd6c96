"""JSON-RPC 2.0, one message a line: what the app, editors and tests say to the engine and the trainer.

Needs no screen and no torch. docs/protocol.md describes the methods; the TypedDicts below are their results.
Lines are pure ASCII (everything else is escaped), so that no character of a text is taken for a line's end.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict, cast

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
CANCELLED = -32800
"""A newer request superseded this one, or the client cancelled it."""
FAILED = -32000
"""Something outside the server is at fault (a file, a model); the message is for a person to read."""
MAXIMUM_LINE = 256 * 1024 * 1024
"""Bytes in one message: far above any draft, and an end to a line that never ends."""

Json = dict[str, Any]
RequestId = int | str
Position = tuple[int, int]
"""Row and column, both from 0, in code points; lines are separated by a line feed."""


class ProtocolError(Exception):
    """A message that breaks the protocol: `code` as in JSON-RPC 2.0, `id` of the request where known."""

    def __init__(self, code: int, message: str, id: RequestId | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.id = id


@dataclass(frozen=True)
class Request:
    """A call that wants an answer."""

    id: RequestId
    method: str
    params: Json


@dataclass(frozen=True)
class Notification:
    """A call that wants none."""

    method: str
    params: Json


@dataclass(frozen=True)
class Response:
    """The answer to a request that went well."""

    id: RequestId
    result: Any


@dataclass(frozen=True)
class Failure:
    """The answer to a request that did not; `id` is None where the request could not be read."""

    id: RequestId | None
    code: int
    message: str


Message = Request | Notification | Response | Failure


def encode(message: Message) -> bytes:
    """`message` as one line, its line feed included."""
    body: Json = {"jsonrpc": "2.0"}
    match message:
        case Request():
            body |= {"id": message.id, "method": message.method, "params": message.params}
        case Notification():
            body |= {"method": message.method, "params": message.params}
        case Response():
            body |= {"id": message.id, "result": message.result}
        case Failure():
            body |= {"id": message.id, "error": {"code": message.code, "message": message.message}}
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The message in `line`; raises ProtocolError for anything that is not one."""
    try:
        body: object = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(PARSE_ERROR, "not JSON: each line is one JSON object") from error
    if not isinstance(body, dict):
        raise ProtocolError(INVALID_REQUEST, "not a request: each line is one JSON object, never a batch")
    fields = cast(Json, body)
    identity = _identity(fields)
    if fields.get("jsonrpc") != "2.0":
        raise ProtocolError(INVALID_REQUEST, 'not JSON-RPC 2.0: "jsonrpc" must be "2.0"', identity)
    if "method" in fields:
        return _call(fields, identity)
    if "result" in fields and identity is not None:
        return Response(identity, fields["result"])
    if isinstance(fields.get("error"), dict):
        return _failure(cast(Json, fields["error"]), identity)
    raise ProtocolError(
        INVALID_REQUEST, 'no call and no answer: "method", "result" or "error" is missing', identity
    )


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _identity(fields: Json) -> RequestId | None:
    value = fields.get("id")
    if value is None or isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ProtocolError(INVALID_REQUEST, '"id" must be a whole number or a string')


def _call(fields: Json, identity: RequestId | None) -> Request | Notification:
    method, params = fields["method"], fields.get("params", {})
    if not isinstance(method, str):
        raise ProtocolError(INVALID_REQUEST, '"method" must be a string', identity)
    if params is None:
        params = {}
    if not isinstance(params, dict):
        raise ProtocolError(
            INVALID_PARAMS, '"params" must be an object: parameters have names here', identity
        )
    named = cast(Json, params)
    return Notification(method, named) if identity is None else Request(identity, method, named)


def _failure(error: Json, identity: RequestId | None) -> Failure:
    code, message = error.get("code"), error.get("message")
    return Failure(identity, code if isinstance(code, int) else INTERNAL_ERROR, str(message))


_SHOWN = frozenset({"temperature", "eagerness", "words", "alternatives", "seed", "line_break", "passed"})
SUPERSEDING = frozenset({"ghost", "distribution", "branches", "surprise"})
"""Methods of which only the newest request of a draft is worked on. Each `suggest` is answered: it names no draft."""
SURPRISE_CONTEXT = 2000
"""Characters before a stretch that are read before its surprise is told: what is told depends on them."""
PARAMETERS: Mapping[str, frozenset[str]] = {
    "load": frozenset({"model"}),
    "open": frozenset({"draft", "text"}),
    "close": frozenset({"draft"}),
    "suggest": _SHOWN | {"before", "after"},
    "ghost": _SHOWN | {"draft", "cursor", "generation"},
    "distribution": frozenset({"draft", "cursor", "path", "temperature", "top_p", "count"}),
    "branches": frozenset({"draft", "cursor", "path", "count", "words", "temperature", "top_p", "seed"}),
    "surprise": frozenset({"draft", "start", "end"}),
    "generate": frozenset({"prompt", "temperature", "top_p", "words", "seed"}),
    "score": frozenset({"file", "text", "chars", "start", "eagerness", "again"}),
    "figures": frozenset[str](),
    "shutdown": frozenset[str](),
}
"""What the engine's methods take; docs/protocol.md says what it means."""


def check_parameters(request: Request) -> None:
    """Raise ProtocolError(INVALID_PARAMS), naming it, for a parameter that a method of the engine does not take."""
    known = PARAMETERS.get(request.method)
    unknown = sorted(set(request.params) - known) if known is not None else []
    if not unknown:
        return
    near = difflib.get_close_matches(unknown[0], sorted(known or ()), 1)
    takes = f'did you mean "{near[0]}"?' if near else f"it takes {', '.join(sorted(known or ())) or 'none'}"
    raise ProtocolError(
        INVALID_PARAMS, f'{request.method} has no parameter "{unknown[0]}": {takes}', request.id
    )


Silence = Literal["unsure", "unfamiliar", "mid-line", "loading", "off"]
"""Why there is no ghost, as one word for the status line."""


class Alternative(TypedDict):
    """Another way to go on; probabilities as a suggestion's."""

    text: str
    probability: float
    whole: float


class BranchStep(TypedDict):
    """A word of a branch; `probability` that it follows what comes before it."""

    text: str
    probability: float


class Initialized(TypedDict):
    """What `initialize` answers."""

    version: str
    models: list[str]


class LoadedModel(TypedDict):
    """What `load` answers; `form` is the arithmetic in use, `megabytes` the size of the weights in that form."""

    name: str
    level: str
    cell: str
    layers: int
    hidden: int
    weights: int
    vocabulary: int
    form: str
    bits_per_character: float | None
    megabytes: float


class GhostPartial(TypedDict):
    """What a `ghost/partial` notification carries: the ghost so far, and the probability of its first word."""

    id: RequestId
    draft: str
    generation: int
    ghost: str
    probability: float


class Suggestion(TypedDict):
    """What `suggest` answers; `ghost` is empty where `silence` says why there is none.

    `probability`, 0 to 1, is that of its first word, whatever follows, and so can be compared with those of the
    alternatives, which may be longer or shorter; `whole` is that of all of it.
    """

    ghost: str
    probability: float
    whole: float
    alternatives: list[Alternative]
    silence: str | None
    source: NotRequired[str | None]
    """Path of the person's own document that has the ghost, and words before it, exactly so; None for none."""
    milliseconds: float


class Ghost(Suggestion):
    """What `ghost` answers: a suggestion for one generation of a draft."""

    generation: int


class NextWord(TypedDict):
    """A word that may come next: `text` the whole word, `rest` what taking it would insert.

    `probability` is that at the temperature and top-p asked for, `plain` what the model thinks by itself.
    """

    text: str
    rest: str
    probability: float
    plain: float


class Distribution(TypedDict):
    """What `distribution` answers: the likeliest next words, best first."""

    words: list[NextWord]
    milliseconds: float


class Branch(TypedDict):
    """One way to go on, word by word; `steps` are its words with the probability of each."""

    text: str
    probability: float
    steps: list[BranchStep]


class Branches(TypedDict):
    """What `branches` answers, likeliest first."""

    branches: list[Branch]


class WordSurprise(TypedDict):
    """How little a word was expected, in bits; `start` and `end` are [row, column]."""

    start: list[int]
    end: list[int]
    bits: float


class Surprise(TypedDict):
    """What `surprise` answers; `mean_bits` is bits a word."""

    words: list[WordSurprise]
    mean_bits: float


class Generated(TypedDict):
    """What `generate` answers; `text` goes on from the prompt and does not repeat it."""

    text: str
    words: int
    milliseconds: float


class Latency(TypedDict):
    """Milliseconds over many answers; None where there were none."""

    median: float | None
    p95: float | None


class Figures(TypedDict):
    """What `figures` answers; `model` and `form` are None before one is loaded."""

    model: str | None
    form: str | None
    memory_megabytes: float
    ghost_milliseconds: Latency
    requests: int


class Score(TypedDict):
    """What `score` answers: measuring.md's report on one text. Shares are 0 to 1."""

    file: str
    model: str
    characters: int
    bits_per_character: float
    keys_saved: float
    interval: list[float]
    ghosts_shown: int
    wrong_first_word: float
    latency_ms: Latency
    keys: int
    eagerness: float
    start: int
    ghosts_per_typed_character: float
    learning: NotRequired[str]
    again: NotRequired[bool]
