"""Ghosts, next words and branches of models whose answers are known."""

import itertools
import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from torch import Tensor

from core.prediction.decoding import Cancelled, Options, branches, complete, next_words
from core.prediction.phrases import MEANT
from core.prediction.predictor import Predictor
from core.prediction.search import Rules, WordSearch, run_searches
from core.prediction.session import context_of
from core.prediction.surprise import surprise
from core.words import first_word
from models.tokenizers import Level

LEVELS: list[Level] = ["char", "word", "subword"]
Make = Callable[..., Predictor]


@pytest.mark.parametrize("level", LEVELS)
def test_a_ghost_joins_at_every_cut(level: Level, counting: Make) -> None:
    predictor = counting(level, order=40 if level == "char" else 8)
    sentence = (
        "She said that the completion of the house was complete. We don't know that they're completely right."
    )
    for cut in range(4, 54):
        found = complete(context_of(predictor, sentence[:cut]), Options(alternatives=0))
        assert sentence[cut:].startswith(found.ghost), sentence[:cut]
        assert found.ghost, sentence[:cut]
        assert found.silence is None


@pytest.mark.parametrize("level", LEVELS)
def test_a_word_begun_is_continued_with_no_space(level: Level, counting: Make) -> None:
    context = context_of(counting(level, order=3), "The cat did not compl")
    found = complete(context, Options(words=1))
    ghosts = {found.ghost, *(each.text for each in found.alternatives)}
    assert found.ghost == "ete"
    assert ghosts <= {"ete", "etion", "etely", "ains"}
    assert len(ghosts) == 1 + len(found.alternatives)


def test_probabilities_are_those_of_whole_words(counting: Make) -> None:
    text = "aa bb. aa bb. aa bbc. aa dd. " * 5
    words = next_words(context_of(counting("char", text, order=6), text + "aa b"), count=3)
    assert [word.text for word in words[:2]] == ["bb", "bbc"]
    assert words[0].probability == pytest.approx(2 / 3, abs=0.04)
    assert words[1].probability == pytest.approx(1 / 3, abs=0.04)
    assert (words[0].rest, words[1].rest) == ("b", "bc")


@pytest.mark.parametrize(("times", "offered"), [(1, False), (20, True)])
def test_a_rare_capital_within_a_word_is_another_word(counting: Make, times: int, offered: bool) -> None:
    text = "the cat " * 200 + "theDear cat " * times
    context = context_of(counting("char", text, order=4), text)
    words = {word.text for word in next_words(context)}
    drawn = {
        found.text.split()[0]
        for seed in range(20)
        for found in branches(context, count=4, words=1, temperature=1.5, seed=seed)
    }
    assert {"theDear" in words, "theDear" in drawn} == {offered}


def test_ways_to_spell_a_word_add_up(random_network: Make) -> None:
    """Best-first search with all the time it wants equals summing over all token paths."""
    predictor = random_network("subword")
    context = context_of(predictor, "The c")
    pieces = predictor.tokenizer.pieces
    exact: Counter[bytes] = Counter()
    total = 0.0
    front = [(context.node.state, context.wanted, b"", 1.0)]
    for _ in range(3):
        grown = []
        for state, wanted, spelled, mass in front:
            probabilities, masses = predictor.predict([state])
            if spelled:
                exact[spelled] += mass * float(masses[0, 0])
            for token, piece in enumerate(pieces):
                fits = piece and (piece.startswith(wanted) or wanted.startswith(piece))
                if not fits or (spelled and predictor.pieces.ends[1][token]):
                    continue
                probability = mass * float(probabilities[0, token])
                whole = len(piece) >= len(wanted)
                total += probability if wanted and whole else 0.0
                if probability > 1e-5:
                    _, _, (after,) = predictor.step([token], [state])
                    grown.append(
                        (
                            after,
                            wanted[len(piece) :],
                            spelled + (piece[len(wanted) :] if whole else b""),
                            probability,
                        )
                    )
        front = grown[:150]
    rules = Rules(5, floor=1e-6, relative=1e-6, steps=2000)
    search = WordSearch(predictor.pieces, rules)
    search.begin(context.node, context.wanted)
    run_searches(predictor, [search], rules, 16)
    for found in search.best()[:3]:
        if found.spelled in exact:
            assert math.exp(found.log) >= 0.9 * exact[found.spelled] / total


def test_words_are_sampled_without_replacement_as_often_as_they_are_likely(counting: Make) -> None:
    text = "".join(f"say {word}. " for word in ["one"] * 5 + ["two"] * 3 + ["three"] * 2) * 4
    context = context_of(counting("subword", text, order=3), text + "say ")
    firsts: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for seed in range(300):
        found = complete(context, Options(temperature=1.0, words=1, alternatives=1, seed=seed))
        ghosts = [found.ghost, *(each.text for each in found.alternatives)]
        assert len(set(ghosts)) == 2
        firsts[ghosts[0]] += 1
        if ghosts[0] == "one":
            seconds[ghosts[1]] += 1
    assert firsts["one"] / 300 == pytest.approx(0.5, abs=0.1)
    assert firsts["two"] / 300 == pytest.approx(0.3, abs=0.1)
    assert firsts["three"] / 300 == pytest.approx(0.2, abs=0.1)
    assert seconds["two"] / seconds.total() == pytest.approx(0.6, abs=0.15)


def test_a_low_temperature_samples_the_likeliest(counting: Make) -> None:
    context = context_of(counting(order=3), "The cat did not compl")
    cold = {complete(context, Options(temperature=0.05, words=1, seed=seed)).ghost for seed in range(20)}
    assert cold == {complete(context, Options(words=1)).ghost}


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_the_same_request_gives_the_same_answer(temperature: float, random_network: Make) -> None:
    def ask(seed: int) -> object:
        context = context_of(random_network(form="int8"), "The cat ")
        return complete(context, Options(temperature=temperature, seed=seed))

    assert ask(3) == ask(3)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("temperature", [0.0, 3.0])
def test_nothing_unseemly_is_ever_shown(level: Level, temperature: float, random_network: Make) -> None:
    predictor = random_network(level)
    for text in ("", "The", "The cat", "The cat\n", "é", "\x1b"):
        for seed in range(4):
            found = complete(context_of(predictor, text), Options(temperature=temperature, seed=seed))
            for ghost in (found.ghost, *(each.text for each in found.alternatives)):
                assert all(character.isprintable() for character in ghost)
                assert "\ufffd" not in ghost
                ghost.encode("utf-8")


def test_a_line_break_only_when_asked_for(counting: Make) -> None:
    text = "one two\nthree four\n" * 6
    context = context_of(counting("subword", text), text + "one two")
    assert "\n" not in complete(context).ghost
    assert complete(context, Options(line_break=True, words=1)).ghost == "\nthree"


def test_a_ghost_does_not_repeat_itself(counting: Make) -> None:
    text = "the same and the same and the same and " * 10
    ghost = complete(context_of(counting("subword", text), text), Options(words=12)).ghost
    assert ghost == "the same and the"


def test_a_mark_that_saves_no_key_gives_way_to_a_word_that_is_likely_enough(counting: Make) -> None:
    text = ("one, two. " * 5 + "one more. ") * 6
    context = context_of(counting("subword", text, order=2), text + "one")
    found = complete(context, Options(words=1))
    assert (found.ghost, found.alternatives[0].text) == (" more", ",")
    assert complete(context, Options(eagerness=0.5, words=1)).ghost == ","


def test_the_number_of_alternatives_does_not_change_the_ghost(counting: Make) -> None:
    context = context_of(counting(order=2), "The cat")
    ghosts = {complete(context, Options(alternatives=count)).ghost for count in range(4)}
    assert len(ghosts) == 1


def test_what_is_too_unlikely_to_be_shown_is_not_lengthened(
    counting: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = counting()
    step, read = predictor.stepper.step, Counter[float]()

    def counted(ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        read[eagerness] += len(ids)
        return step(ids, state)

    monkeypatch.setattr(predictor.stepper, "step", counted)
    for eagerness in (0.0, 0.5):
        found = complete(context_of(predictor, "The cat "), Options(eagerness=eagerness))
        assert found.ghost == "did not complete the task."
    assert [other.text for other in found.alternatives] == ["sat"]
    assert read[0.5] < read[0.0]


def test_eagerness_is_a_threshold(counting: Make) -> None:
    context = context_of(counting(order=3), "The cat did not compl")
    likely = complete(context, Options(words=1))
    assert (
        complete(context, Options(eagerness=likely.probability - 0.01)).probability
        >= likely.probability - 0.01
    )
    refused = complete(context, Options(eagerness=min(1.0, likely.probability + 0.01)))
    assert (refused.ghost, refused.silence) == ("", "unsure")


def test_a_word_that_was_typed_past_is_not_offered_and_makes_the_others_likelier(counting: Make) -> None:
    context = context_of(counting("subword"), "The cat sat on the ")
    before = complete(context, Options())
    first = first_word(before.ghost)
    after = complete(context, Options(passed=(first,)))
    others = {first_word(each.text): each.first for each in before.alternatives}
    assert first_word(after.ghost) in others
    assert first not in {first_word(text.text) for text in after.alternatives}
    left = 1 - (1 - MEANT) * before.first
    assert after.first == pytest.approx(others[first_word(after.ghost)] / left)


def test_no_ghost_in_the_middle_of_a_line(counting: Make) -> None:
    from core.drafts.document import Document
    from core.prediction.session import Session

    session = Session(counting(), Document("The cat did not compl the\nx"))
    assert complete(session.context((0, 21))).silence == "mid-line"
    assert complete(session.context((0, 21)), Options(anywhere=True)).ghost
    assert complete(session.context((1, 1))).silence is None


def test_partial_ghosts_lead_up_to_the_whole(counting: Make) -> None:
    parts: list[tuple[str, float]] = []
    found = complete(context_of(counting(), "She said that the"), Options(), lambda *part: parts.append(part))
    assert len(parts) > 1
    assert parts[-1] == (found.ghost, found.first)
    assert all(later[0].startswith(earlier[0]) for earlier, later in itertools.pairwise(parts))
    assert all(later[1] <= earlier[1] for earlier, later in itertools.pairwise(parts))


def test_a_cancelled_request_stops_between_steps(counting: Make) -> None:
    predictor = counting()
    context = context_of(predictor, "She said that ")
    before = predictor.stepper.steps
    with pytest.raises(Cancelled):
        complete(context, cancelled=lambda: True)
    assert predictor.stepper.steps == before
    assert complete(context).ghost


def test_the_writers_quotes_and_apostrophes(counting: Make) -> None:
    predictor = counting(folding=True)
    assert complete(context_of(predictor, "They’re here. We don"), Options(words=1)).ghost == "’t"
    assert complete(context_of(predictor, "They're here. We don"), Options(words=1)).ghost == "'t"
    (word, *_) = next_words(context_of(predictor, "They’re here. We don’"))
    assert word.text == "don’t"


def test_next_words_move_with_temperature(counting: Make) -> None:
    text = "say one. say one. say one. say two. " * 5
    context = context_of(counting("subword", text, order=3), text + "say ")

    def first(temperature: float) -> float:
        return next_words(context, temperature)[0].probability

    assert first(0.3) > first(1.0) > first(4.0)
    assert len({round(next_words(context, temperature)[0].plain, 6) for temperature in (0, 0.3, 1.0)}) == 1
    assert [(w.text, w.probability) for w in next_words(context, 0)] == [("one", 1.0)]
    kept = next_words(context, 1.0, top_p=0.7)
    assert [(word.text, word.probability) for word in kept] == [("one", 1.0)]


def test_branches_differ_in_their_first_word_and_multiply_up(counting: Make) -> None:
    found = branches(context_of(counting(order=2), "The cat"), count=3, words=4)
    assert len({branch.steps[0].text for branch in found}) == len(found) > 1
    for branch in found:
        assert "".join(step.text for step in branch.steps) == branch.text
        product = np.prod([step.probability for step in branch.steps])
        assert product == pytest.approx(branch.probability, rel=1e-6)
        assert len(branch.steps) <= 4


def test_branches_go_on_however_unsure_they_are(counting: Make) -> None:
    text = "go one. go two. go six. go ten. " * 5
    context = context_of(counting("subword", text, order=3), text + "go")
    for temperature in (0.0, 1.0):
        found = branches(context, count=3, words=4, temperature=temperature)
        assert [len(branch.steps) for branch in found] == [4, 4, 4]
    every = branches(context, count=50, words=1)
    assert {" one", " two", " six", " ten"} <= {branch.text for branch in every}
    assert len(every) > 20


def test_branches_are_sampled_from_the_nucleus(counting: Make) -> None:
    text = "say one. say one. say one. say two. " * 5
    context = context_of(counting("subword", text, order=3), text + "say ")
    for seed in range(20):
        (kept, *others) = branches(context, count=3, words=1, temperature=1.0, top_p=0.7, seed=seed)
        assert kept.text == "one" and not others
        assert kept.probability == pytest.approx(0.75, abs=0.05)
    drawn = {branches(context, 1, 1, temperature=1.0, seed=seed)[0].text for seed in range(20)}
    assert {"one", "two"} <= drawn


@pytest.mark.parametrize("level", LEVELS)
def test_surprise_is_high_where_the_text_is_new(level: Level, counting: Make) -> None:
    text = "The cat sat on the xylophone, and"
    words = list(surprise(counting(level), "\n\n", text))
    assert [text[word.start : word.end] for word in words] == text.split()
    bits = {text[word.start : word.end]: word.bits for word in words}
    assert max(bits, key=lambda word: bits[word]) == "xylophone,"
    assert all(value >= 0 for value in bits.values())


def test_surprise_speaks_of_places_in_the_text_as_it_is(counting: Make) -> None:
    text = "one—two … “three”\nfour"
    words = list(surprise(counting(folding=True), "Before. ", text))
    assert [text[word.start : word.end] for word in words] == ["one", "two", "“three”", "four"]


@pytest.mark.parametrize("level", LEVELS)
def test_where_a_line_ends_is_no_words_surprise_and_marks_have_none(level: Level, counting: Make) -> None:
    predictor = counting(level)
    before, text = "# The cat sat\n\n- ", "the mat"
    ids = predictor.encode("# The cat sat\n")
    _, state = predictor.score([*ids, *predictor.encode("\n")], predictor.start)
    after, _ = predictor.score(predictor.encode("- the"), state)
    words = list(surprise(predictor, "", before + text))
    assert [(before + text)[word.start : word.end] for word in words] == ["The", "cat", "sat", "the", "mat"]
    assert words[3].bits <= -sum(after) / math.log(2) + 1e-6
    (first, *_) = surprise(predictor, "The cat sat\n\n", "mat on")
    _, state = predictor.score(predictor.encode("The cat sat\n\n"), predictor.start)
    alone, _ = predictor.score(predictor.encode("mat"), state)
    assert first.bits == pytest.approx(-sum(alone) / math.log(2), abs=1e-4)


def test_surprise_adds_up_to_the_bits_of_the_text(random_network: Make) -> None:
    predictor = random_network()
    text = "The cat sat on the mat. " * 40
    ids = predictor.tokenizer.encode(text.rstrip())
    logs, _ = predictor.score(ids, predictor.start)
    words = list(surprise(predictor, "", text))
    assert sum(word.bits for word in words) == pytest.approx(-sum(logs) / math.log(2), rel=1e-5)


@pytest.mark.parametrize(
    "wrong", [{"temperature": -1}, {"eagerness": 1.5}, {"words": 0}, {"alternatives": -1}]
)
def test_options_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be|has at least"):
        Options(**wrong)  # type: ignore[arg-type]


def test_alternatives_come_in_the_order_of_their_first_words(random_network: Make) -> None:
    context = context_of(random_network(), "The cat ")
    for temperature in (0.0, 1.0):
        found = complete(context, Options(temperature=temperature, alternatives=8, seed=3))
        firsts = [each.first for each in found.alternatives]
        assert len(firsts) > 2 and firsts == sorted(firsts, reverse=True)
        assert found.probability <= found.first
