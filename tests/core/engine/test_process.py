"""The engine over its real pipes: a small trained model, floods, cancellations, malformed lines, and its end."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from core import protocol
from core.client import EngineClient
from core.drafts.following import Follower, common_prefix
from core.engine.methods import Methods
from core.wire import Wire
from models.checkpoint import save_checkpoint
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import train_tokenizer

TEXT = "The light falls on the harbour. The boats are in the harbour, and the light is on the boats.\n"


class Server:
    """An engine as a child; messages go in and come out one by one."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "core.engine", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"FORETYPE_HOME": str(home), "OMP_NUM_THREADS": "1"},
            cwd=home,
        )
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.input, self.output = self.process.stdin, self.process.stdout
        self.errors = self.process.stderr
        self.id = 0
        self.heard: list[dict[str, Any]] = []

    def write(self, line: bytes) -> None:
        self.input.write(line + b"\n")
        self.input.flush()

    def send(self, method: str, /, **params: Any) -> int:
        self.id += 1
        body = {"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}
        self.write(json.dumps(body).encode())
        return self.id

    def notify(self, method: str, /, **params: Any) -> None:
        self.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def read(self) -> dict[str, Any]:
        line = self.output.readline()
        assert line, "the engine has ended"
        return json.loads(line)

    def answer(self, identity: int | None) -> dict[str, Any]:
        """The answer to a request; what else comes before it is kept in `heard`."""
        for index, message in enumerate(self.heard):
            if "method" not in message and message.get("id") == identity:
                return self.heard.pop(index)
        while True:
            message = self.read()
            if "method" not in message and message.get("id") == identity:
                return message
            self.heard.append(message)

    def ask(self, method: str, /, **params: Any) -> Any:
        answer = self.answer(self.send(method, **params))
        assert "result" in answer, answer
        return answer["result"]

    def fail(self, method: str, /, **params: Any) -> tuple[int, str]:
        error = self.answer(self.send(method, **params))["error"]
        assert "\n" not in error["message"]
        return error["code"], error["message"]

    def end(self) -> int:
        """Close its input and wait for its end; returns the exit status."""
        self.input.close()
        status = self.process.wait()
        self.output.close()
        self.errors.close()
        return status


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A word model that has learnt TEXT by heart."""
    torch.manual_seed(0)
    tokenizer = train_tokenizer([TEXT], "word", 300)
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=48, layers=1, dropout=0))
    ids = torch.tensor([0, *tokenizer.encode(TEXT * 3)]).unsqueeze(1)
    optimizer = torch.optim.AdamW(model.parameters(), 0.02)
    for _ in range(60):
        logits, _ = model(ids[:-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    folder = tmp_path_factory.mktemp("models") / "harbour"
    card = {"name": "harbour", "level": "word", "held_out": {"bits_per_character": 0.5}}
    save_checkpoint(folder, model.eval(), tokenizer, card)
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> Iterator[Server]:
    """One engine with the model loaded, for all tests that leave it as it is."""
    server = Server(tmp_path_factory.mktemp("home"), "--model", str(checkpoint))
    yield server
    assert server.end() == 0


@pytest.fixture
def server(shared: Server) -> Server:
    shared.heard.clear()
    return shared


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Server]:
    """An engine of the test's own, with no model to load."""
    server = Server(tmp_path, "--model", str(tmp_path / "nothing"))
    yield server
    if server.process.poll() is None:
        server.process.kill()
    server.process.wait()
    for stream in (server.input, server.output, server.errors):
        stream.close()


def opened(server: Server, draft: str, text: str) -> tuple[int, int]:
    server.ask("open", draft=draft, text=text)
    return text.count("\n"), len(text) - text.rfind("\n") - 1


# --- what it answers ---


def test_initialize_is_answered_without_torch(bare: Server) -> None:
    result = bare.ask("initialize")
    assert set(result) == {"version", "models"}
    maps = Path(f"/proc/{bare.process.pid}/maps")
    if maps.exists():
        assert "libtorch" not in maps.read_text()


def test_load_says_what_was_loaded(server: Server, checkpoint: Path) -> None:
    loaded = server.ask("load", model=str(checkpoint))
    assert set(loaded) == set(protocol.LoadedModel.__annotations__)
    assert (loaded["level"], loaded["cell"], loaded["layers"], loaded["hidden"]) == ("word", "lstm", 1, 48)
    assert loaded["bits_per_character"] == 0.5
    assert loaded["weights"] > 10_000 and loaded["megabytes"] > 0


def test_a_ghost_streams_and_comes(server: Server) -> None:
    cursor = opened(server, "d", "The light falls on the har")
    answer = server.ask("ghost", draft="d", cursor=cursor, generation=7)
    assert set(answer) == set(protocol.Ghost.__annotations__) | set(protocol.Suggestion.__annotations__)
    assert answer["generation"] == 7
    assert answer["ghost"].startswith("bour")
    assert 0 < answer["probability"] <= 1
    assert answer["silence"] is None
    partials = [message["params"] for message in server.heard if message["method"] == "ghost/partial"]
    assert partials and all(part["draft"] == "d" and part["generation"] == 7 for part in partials)
    assert all(answer["ghost"].startswith(part["ghost"]) for part in partials)


def test_the_same_request_gets_the_same_answer(server: Server) -> None:
    cursor = opened(server, "d", "The boats are ")
    asked = {"draft": "d", "cursor": cursor, "temperature": 0.8, "seed": 5}
    first, second = (server.ask("ghost", generation=1, **asked) for _ in range(2))
    first.pop("milliseconds"), second.pop("milliseconds")
    assert first == second


def test_an_edited_draft_answers_like_a_fresh_one(server: Server) -> None:
    opened(server, "edited", "The boats fall\non the harbour")
    server.notify("edit", draft="edited", start=[0, 10], end=[1, 14], text="are in the h")
    cursor = opened(server, "fresh", "The boats are in the h")
    answers = [server.ask("ghost", draft=draft, cursor=cursor, generation=1) for draft in ("edited", "fresh")]
    for answer in answers:
        answer.pop("milliseconds")
    assert answers[0] == answers[1]


def test_mid_line_there_is_silence(server: Server) -> None:
    opened(server, "d", "The light on the boats")
    answer = server.ask("ghost", draft="d", cursor=[0, 9], generation=1)
    assert (answer["ghost"], answer["silence"], answer["alternatives"]) == ("", "mid-line", [])


def test_an_unlikely_ghost_is_not_shown(server: Server) -> None:
    answer = server.ask("suggest", before="zq", eagerness=1)
    assert answer["ghost"] == ""
    assert answer["silence"] == "unsure"


def test_suggest_has_the_documented_shape(server: Server) -> None:
    answer = server.ask("suggest", before="The light falls on the har")
    assert set(answer) == {
        "ghost",
        "probability",
        "whole",
        "milliseconds",
        "alternatives",
        "silence",
        "source",
    }
    assert answer["ghost"].startswith("bour")
    assert all(set(other) == {"text", "probability", "whole"} for other in answer["alternatives"])
    assert 0 < answer["whole"] <= answer["probability"] <= 1
    assert server.ask("suggest", before="The light", after=" falls")["silence"] == "mid-line"
    assert server.ask("suggest", before="The light", after="\nfalls")["silence"] is None


def test_alternatives_are_ordered_by_what_can_be_compared(server: Server) -> None:
    for before in ("The ", "The boats are ", "The light falls on the "):
        answer = server.ask("suggest", before=before, alternatives=8)
        ranked = [answer["probability"], *(other["probability"] for other in answer["alternatives"])]
        assert len(ranked) > 2
        assert ranked == sorted(ranked, reverse=True)


def test_each_suggestion_of_a_client_that_does_not_wait_is_answered(server: Server) -> None:
    befores = ["The light", "The boats are ", "The light falls on the har"]
    identities = [server.send("suggest", before=before) for before in befores]
    answers = [server.answer(identity) for identity in identities]
    assert all("result" in answer for answer in answers)
    assert answers[2]["result"]["ghost"].startswith("bour")


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


def test_the_distribution_of_next_words(server: Server) -> None:
    cursor = opened(server, "d", "The boats are in the har")
    words = server.ask("distribution", draft="d", cursor=cursor, count=3)["words"]
    assert words[0]["text"].strip() == "harbour" and words[0]["rest"] == "bour"
    assert 0 < sum(word["probability"] for word in words) <= 1.001
    assert words[0]["plain"] == words[0]["probability"]
    cursor = opened(server, "d", "The boats are")
    (after,) = server.ask("distribution", draft="d", cursor=cursor, path=" in the", temperature=0)["words"]
    assert (after["text"], after["rest"], after["probability"]) == ("harbour", " harbour", 1)
    assert after["plain"] < 1


def test_branches_go_on_from_a_path(server: Server) -> None:
    cursor = opened(server, "d", "The boats are")
    branches = server.ask("branches", draft="d", cursor=cursor, path=" in the", count=2, words=2)["branches"]
    assert 1 <= len(branches) <= 2
    assert branches[0]["text"].startswith(" harbour")
    assert "".join(step["text"] for step in branches[0]["steps"]) == branches[0]["text"]


def test_surprise_finds_the_odd_word(server: Server) -> None:
    opened(server, "d", "The light falls on the harbour.\nThe boats are in the zebra.")
    found = server.ask("surprise", draft="d", start=[1, 0], end=[1, 27])
    odd = max(found["words"], key=lambda word: word["bits"])
    assert (odd["start"], odd["end"]) == ([1, 21], [1, 27])
    assert all(word["start"][0] == 1 for word in found["words"])
    assert found["mean_bits"] > 0


def test_surprise_tells_most_words_before_the_last_is_known(server: Server) -> None:
    opened(server, "d", TEXT * 15)
    identity = server.send("surprise", draft="d", start=[0, 0], end=[15, 0])
    words = server.answer(identity)["result"]["words"]
    told = [m["params"]["words"] for m in server.heard if m["method"] == "surprise/words"]
    assert [len(some) for some in told] == [100] * (len(words) // 100)
    assert [word for some in told for word in some] == words[: len(words) // 100 * 100]


def test_generate_streams_what_it_answers(server: Server) -> None:
    identity = server.send("generate", prompt="The boats ", temperature=0, words=4)
    result = server.answer(identity)["result"]
    streamed = "".join(m["params"]["text"] for m in server.heard if m["method"] == "generate/text")
    assert result["text"] == streamed
    assert result["text"].startswith("are in the harbour")
    assert result["words"] == 4


def test_score_reports_as_designed(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT * 2)
    score = server.ask("score", file=str(file), chars=120)
    assert set(score) >= {
        *("file", "model", "characters", "bits_per_character", "keys_saved", "interval"),
        *("ghosts_shown", "wrong_first_word", "latency_ms"),
    }
    assert score["characters"] == 120
    assert score["keys_saved"] > 0.3
    assert score["interval"][0] <= score["keys_saved"] <= score["interval"][1]
    progress = [m["params"] for m in server.heard if m["method"] == "score/progress"]
    assert progress and progress[-1]["of"] == 120
    assert server.ask("score", file="a name", text=TEXT)["file"] == "a name"


def test_ghosts_are_answered_while_a_text_is_scored(server: Server) -> None:
    cursor = opened(server, "d", "The light ")
    scoring = server.send("score", file="long", text=TEXT * 40)
    server.ask("ghost", draft="d", cursor=cursor, generation=1)
    server.notify("$/cancel", id=scoring)
    assert server.answer(scoring)["error"]["code"] == protocol.CANCELLED


def test_figures_are_of_this_engine(server: Server) -> None:
    server.ask("suggest", before="The light ")
    figures = server.ask("figures")
    assert figures["form"] in ("int8", "float32")
    assert figures["memory_megabytes"] > 20
    assert figures["ghost_milliseconds"]["median"] <= figures["ghost_milliseconds"]["p95"]
    assert figures["requests"] >= 1


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


# --- the text that a stateless client sends ---


def test_suggest_answers_like_a_fresh_server_whatever_came_before(server: Server) -> None:
    chance = random.Random(3)
    for _ in range(25):
        place = chance.randrange(len(TEXT))
        before = TEXT[:place] + chance.choice(["", "x", " the", "\n"])
        answer = server.ask("suggest", before=before, seed=1)
        row, column = opened(server, f"fresh {before}", before)
        fresh = server.ask("ghost", draft=f"fresh {before}", cursor=[row, column], generation=0, seed=1)
        for field in ("ghost", "silence"):
            assert answer[field] == fresh[field]
        assert len(answer["alternatives"]) == len(fresh["alternatives"])
        for one, other in zip(answer["alternatives"], fresh["alternatives"], strict=True):
            # A network's sums differ in their last bits with how many tokens were read at once.
            assert one == other | {
                name: pytest.approx(other[name], abs=2e-6) for name in ("probability", "whole")
            }


def test_the_follower_follows_any_text() -> None:
    chance = random.Random(1)
    follower, text = Follower(), ""
    for _ in range(300):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + "".join(chance.choice("ab\n") for _ in range(chance.randrange(30)))
        row, column = follower.follow(text)
        assert follower.document.text == text
        assert (row, column) == (text.count("\n"), len(text) - text.rfind("\n") - 1)


def test_a_sliding_window_keeps_what_it_left_behind() -> None:
    chance = random.Random(2)
    text = "".join(chance.choice("abcdefgh \n") for _ in range(3000))
    follower = Follower()
    for end in range(1000, 3000, 7):
        follower.follow(text[end - 1000 : end])
        assert follower.document.text == text[:end]
    follower.follow("something else")
    assert follower.document.text == "something else"


def test_the_common_prefix_is_found_across_chunks() -> None:
    text = "x" * 10_000
    for length in (0, 1, 4095, 4096, 4097, 8192, 9_999):
        assert common_prefix(text, text[:length] + "y") == length
        assert common_prefix(text, text[:length]) == length
    assert common_prefix(text, text) == 10_000


# --- its end ---


def test_it_ends_when_its_input_ends(bare: Server) -> None:
    bare.ask("initialize")
    assert bare.end() == 0


def test_what_was_asked_before_the_end_is_answered(tmp_path: Path, checkpoint: Path) -> None:
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "suggest",
        "params": {"before": "The light falls on the har"},
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "core.engine", "--model", str(checkpoint)],
        input=json.dumps(request).encode(),
        capture_output=True,
        env=os.environ | {"FORETYPE_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        check=True,
    )
    assert json.loads(done.stdout)["result"]["ghost"].startswith("bour")
    assert done.stderr == b""


def test_shutdown_answers_and_ends(bare: Server) -> None:
    assert bare.ask("shutdown") == {}
    assert bare.process.wait() == 0


def test_exit_ends_without_a_word(bare: Server) -> None:
    bare.ask("initialize")
    bare.notify("exit")
    assert bare.process.wait() == 0


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, '-P', '-m', 'core.engine', '--model', 'x'],"
            " stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
            'child.stdin.write(b\'{"jsonrpc":"2.0","id":1,"method":"initialize"}\\n\'); child.stdin.flush()\n'
            "assert child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        env=os.environ | {"FORETYPE_HOME": str(tmp_path)},
    )
    assert parent.stdout is not None
    engine = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    while _runs(engine):
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_killed_engine_comes_back_with_its_drafts(checkpoint: Path) -> None:
    text = "The light falls on the har"
    ready: asyncio.Queue[str] = asyncio.Queue()
    client = EngineClient(
        text_of=lambda draft: text,
        on_state=lambda state, line: ready.put_nowait(state) if state == "ready" else None,
        model=str(checkpoint),
        backoff=(0.0,),
    )
    await client.start()
    client.open("d", text)
    before = await client.ghost("d", (0, len(text)), 1)
    assert client.pid is not None and await ready.get() == "ready"
    os.kill(client.pid, signal.SIGKILL)
    assert await ready.get() == "ready"
    after = await client.ghost("d", (0, len(text)), 2)
    await client.close()
    assert after["ghost"] == before["ghost"] != ""


def test_stray_prints_do_not_reach_the_protocol(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from core.engine import methods, process\n"
        "def loud(self, call):\n"
        "    print('a stray print'); import os; os.write(1, b'and a lower one\\n'); return {}\n"
        "methods.Methods.figures = loud\n"
        "process.main([])\n"
    )
    request = b'{"jsonrpc": "2.0", "id": 1, "method": "figures"}\n'
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        input=request,
        capture_output=True,
        env=os.environ | {"FORETYPE_HOME": str(tmp_path)},
        check=True,
    )
    assert json.loads(done.stdout) == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert b"stray" in done.stderr and b"lower" in done.stderr


def test_a_fault_inside_is_an_answer_without_the_persons_text(tmp_path: Path) -> None:
    program = (
        "from core.engine import methods, process\n"
        "def broken(self, call):\n"
        "    raise KeyError('my secret')\n"
        "methods.Methods.figures = broken\n"
        "process.main([])\n"
    )
    request = b'{"jsonrpc": "2.0", "id": 1, "method": "figures"}\n' * 2
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        input=request,
        capture_output=True,
        env=os.environ | {"FORETYPE_HOME": str(tmp_path)},
        check=True,
    )
    errors = [json.loads(line)["error"] for line in done.stdout.splitlines()]
    assert [error["code"] for error in errors] == [protocol.INTERNAL_ERROR] * 2
    assert "KeyError" in errors[0]["message"]
    assert b"secret" not in done.stdout + done.stderr
