"""What prose is: wrapped lines are joined, verse is not; code, tables and holes go; words of any script stay."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading import plain
from core.reading.prose import OBJECT, formula, is_prose, paragraphs, tidy
from tests.core.reading.tools import PROSE

PARAGRAPHS = [
    "The light fell on the harbour early in the morning, long before anybody had thought of getting up, and the ship "
    "that had been expected for three weeks lay there as if it had never been anywhere else.",
    "Nobody had seen it come in. The harbour master, who was a careful man, wrote down the hour at which he had first "
    "noticed it, and then went back to his coffee, because there was nothing else that he could do about it.",
    "Short one.",
    "“It is a good ship,” said Anna, who had come down to the quay without her coat, although it was cold, and stood "
    "there with her arms around herself until the sun was well above the roofs of the town.",
]


@pytest.mark.parametrize("width", [60, 72, 78, 100])
def test_wrapped_text_is_joined(width: int) -> None:
    wrapped = "\n\n".join(textwrap.fill(text, width) for text in PARAGRAPHS)
    assert plain.prose_of(wrapped) == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
def test_paragraphs_that_are_indented_and_not_apart(indent: str) -> None:
    wrapped = "\n".join(textwrap.fill(text, 70, initial_indent=indent) for text in PARAGRAPHS)
    assert tidy(plain.prose_of(wrapped)) == "\n\n".join(PARAGRAPHS)


def test_one_line_a_paragraph_stays_as_it_is() -> None:
    text = "\n".join(PARAGRAPHS * 3)
    assert plain.prose_of(text) == text


VERSE = """\
Half a league, half a league,
Half a league onward,
All in the valley of Death
Rode the six hundred.

“Forward, the Light Brigade!
Charge for the guns!” he said.
Into the valley of Death
Rode the six hundred."""


def test_verse_keeps_its_lines() -> None:
    assert plain.prose_of(VERSE) == VERSE
    sonnet = "\n".join(
        ["Shall I compare thee to a summer's day?", "Thou art more lovely and more temperate:"] * 7
    )
    assert plain.prose_of(sonnet) == sonnet


def test_verse_within_wrapped_prose_keeps_its_lines() -> None:
    wrapped = "\n\n".join([textwrap.fill(text, 72) for text in PARAGRAPHS] + [VERSE])
    assert plain.prose_of(wrapped) == "\n\n".join([*PARAGRAPHS, VERSE])


def test_an_address_keeps_its_lines() -> None:
    address = "Anna Example\n12 Harbour Street\nSmalltown"
    wrapped = "\n\n".join([address, *(textwrap.fill(text, 72) for text in PARAGRAPHS)])
    assert plain.prose_of(wrapped).startswith(address + "\n\n")


def test_items_of_a_list_are_paragraphs_without_their_marks() -> None:
    text = "Bring:\n\n- a lantern\n- a rope that is\n  long enough\n* tar\n1. one\n2) two\n[ ] to do\n"
    assert plain.prose_of(text).split("\n\n") == [
        "Bring:", "a lantern", "a rope that is\nlong enough", "tar", "one", "two", "to do",
    ]  # fmt: skip


def test_scripts_without_spaces_are_joined_without_them() -> None:
    line = "光が港に落ちる朝、誰もその船を見なかったと言われているが、本当かどうかは"
    text = "\n".join([line + "知らない"] * 6)
    joined = plain.prose_of(text)
    assert "\n" not in joined or joined == text  # too narrow in characters to be sure
    assert " " not in joined


def test_tables_and_drawings_go() -> None:
    columns = "name     | size\n---------+-----\nharbour  | 12\n\na      b      c\n1      2      3"
    text = f"{PROSE}\n\n{columns}\n\n+---+\n| x |\n+---+\n"
    assert paragraphs(tidy(plain.prose_of(text))) == [PROSE]


def test_italics_of_plain_text() -> None:
    assert (
        plain.prose_of("It was _very_ late, and snake_case_name stays.")
        == "It was very late, and snake_case_name stays."
    )


def test_tidy() -> None:
    assert tidy(" a\u00a0b\t c \n\n\n\n d\u200be\u00ad \n f  ") == "a b c\n\nde\nf"
    assert tidy("• one\n▪ two") == "one\ntwo"
    assert tidy("a\u2028b\u2029c") == "a\nb\n\nc"
    assert tidy("\U0001f469\u200d\U0001f680 नमस्ते") == "\U0001f469\u200d\U0001f680 नमस्ते"


@pytest.mark.parametrize(
    "text",
    [
        PROSE, "Chapter 1", "“No.”", "Oh!", "No, 3 of 4.", "On 3 March 2026, at 10:30, it rained.", "1914",
        "שלום עולם, מה שלומך היום? אני בסדר גמור.", "光が港に落ちる。誰もその船を見なかった。本当に静かな朝だった。",
        "हम आज सुबह बंदरगाह पर गए और वहाँ बहुत देर तक रहे, क्योंकि धूप थी।", "Ça va? Très bien, à demain, chère amie!",
    ],
)  # fmt: skip
def test_this_is_prose(text: str) -> None:
    assert is_prose(text) is (text != "1914")


@pytest.mark.parametrize(
    "text",
    [
        "", "* * *", "----", "12", "12.50 13.20 14.10 15.75 16.20 17.80 99.10",
        "for (i = 0; i < n; i++) { x[i] += y[i] * 2; }",
        "x = foo(1)\ny = bar(2);\nz = {", "│ ═══ │ ═══ │ ═══ │ ═══ │ ═══ │",
        "$ ls -la\n$ cd /tmp\n$ rm x", "=" * 80,
    ],
)  # fmt: skip
def test_this_is_not(text: str) -> None:
    assert not is_prose(text)


def test_sentences_with_a_hole_go_as_a_whole() -> None:
    text = f"It is so. We see that {OBJECT} grows! See https://x.y/z for more. “Quite,” he said.\n\nwww.x.y\n\nThe end."
    assert paragraphs(text) == ["It is so. “Quite,” he said.", "The end."]
    assert paragraphs("是的。看 https://x.y 这里。好。") == ["是的。好。"]


def test_formulas() -> None:
    assert formula("n = 3") == "n = 3"
    assert formula(r"\sum_i x_i") == OBJECT


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_words_are_never_made_up(text: str) -> None:
    found = plain.prose_of(text.replace("\r", "\n"))
    assert set("".join(found.split())) <= set("".join(text.split()))
    assert all(is_prose(paragraph) for paragraph in paragraphs(tidy(found)))
