"""What the engine answers over its real pipes, method by method, and what it streams before an answer."""

from pathlib import Path

from core import protocol
from core.protocol import INVALID_PARAMS
from core.words import first_word
from tests.core.engine.server import TEXT, Server, opened


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


def test_words_that_were_typed_past_are_not_offered(server: Server) -> None:
    before = "The light falls on the har"
    assert first_word(server.ask("suggest", before=before)["ghost"]) == "bour"
    assert first_word(server.ask("suggest", before=before, passed=["bour"])["ghost"]) != "bour"
    for wrong in ("bour", [1], ["a"] * 101):
        code, line = server.fail("suggest", before=before, passed=wrong)
        assert code == INVALID_PARAMS
        assert '"passed" must be a list of strings' in line


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
