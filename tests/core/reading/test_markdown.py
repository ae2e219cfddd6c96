"""Markdown to prose: front matter, code, tables and marks go; words, headings and paragraphs stay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading import markdown
from core.reading.markdown import prose_of, without_fenced_code, without_front_matter
from core.reading.prose import OBJECT


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("---\ntitle: A\ntags: [a, b]\n- x\n\n# no\nlist:\n  - b\n---\nProse", "Prose"),
        ("---\ntitle: A\n...\nProse", "Prose"),
        ("---   \ntitle: A\n---  \nProse", "Prose"),
        ('+++\ntitle = "A"\n[extra]\nb = 1\n+++\nProse', "Prose"),
        ("---\n---\nProse", "Prose"),
        ("---\nA text that begins with a rule.\n\n---\nProse", None),
        ("---\ntitle: A\nnever closed", None),
        ("----\ntitle: A\n----\nProse", None),
        ("Prose\n---\ntitle: A\n---\n", None),
        ("---", None),
        ("", None),
        ("---\n" + "a: b\n" * 10_000 + "---\nProse", None),
    ],
)
def test_front_matter(text: str, left: str | None) -> None:
    assert without_front_matter(text) == (text if left is None else left)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\n```\ncode\n```\nb", "a\nb"),
        ("a\n~~~ py\n```\n~~~\nb", "a\nb"),
        ("a\n````\n```\n````\nb", "a\nb"),
        ("- item\n\n  ```sh\n  code\n  ```\n  more", "- item\n\n  more"),
        ("1. ```sh\n   code\n   ```\nb", "b"),
        ("> ```\n> code\n> ```\nb", "b"),
        ("a\n```\nnever closed", None),
        ("a ``` inline ``` b", None),
        ("``` inline ``` b", None),
        ("a\n```\ncode\n``` not the end\n```\nb", "a\nb"),
    ],
)
def test_fenced_code(text: str, left: str | None) -> None:
    assert without_fenced_code(text) == (text if left is None else left)


DOCUMENT = """---
title: A
---

# The harbour {#top .wide}

Setext
======

Wrapped at a
column, with *stress*, **weight**, ***both***, `code`, ~~gone~~ and ==marks==.

- one
- two, and
  more of it

  a second paragraph

1. [x] done
2. [a table of contents](#x)

> What she *said*.
> [!NOTE]

| a | b |
|---|---|
| c | d |

    indented code

```py
fenced
```

<div class="x">block</div>

![picture](a.png) A [link](http://x.y/z_(1) "title"), a [reference][ref], [ref] and [no reference].

A note[^1] and a citation [@key].

[^1]: Said below.

[ref]: http://x.y

***

Two lines  
of verse\\
and a third.
"""


def test_a_whole_document() -> None:
    assert prose_of(DOCUMENT).split("\n\n") == [
        "The harbour",
        "Setext",
        "Wrapped at a column, with stress, weight, both, code,  and marks.",
        "one",
        "two, and more of it",
        "a second paragraph",
        "done",
        "What she said. [!NOTE]",
        "A link, a reference, ref and [no reference].",
        "A note and a citation .",
        "Said below.",
        "Two lines\nof verse\nand a third.",
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("five * six * seven and a * b", "five * six * seven and a * b"),
        ("snake_case_names and 2 * 3 * 4", "snake_case_names and 2 * 3 * 4"),
        ("\\*not stressed\\* and \\[no link\\](x)", "*not stressed* and [no link](x)"),
        ("`*as it is*` and ``a `b` c``", "*as it is* and a `b` c"),
        ("**a *b* c** and _x_, __y__", "a b c and x, y"),
        ("[[A page]] and [[page|its name]], ![[picture]]", "A page and its name, "),
        ("Tom &amp; Anna&nbsp;&copy;", "Tom & Anna\xa0©"),
        ("<b>bold</b> and 3 < 4, a<br>break", "bold and 3 < 4, a\nbreak"),
        ("<https://x.y> and <me@x.y>", "https://x.y and me@x.y"),
        ("It costs $5 and $6.", "It costs $5 and $6."),
        ("where $n = 3$ and $\\sum_i x_i$", f"where n = 3 and {OBJECT}"),
        ("[![badge](a.svg)](http://x) Text", " Text"),
        ("{{< figure >}}Text {% raw %}", "Text "),
        ("<!-- gone -->Text", "Text"),
        ("By [@anna](http://x) and [@ben][b].", "By @anna and @ben."),
    ],
)
def test_marks_within_a_line(text: str, plain: str) -> None:
    assert prose_of(text) == plain.strip()


def test_formulas_on_lines_of_their_own_go() -> None:
    assert (
        prose_of("Before\n\n$$\n\\sum x\n$$\n\nAfter\n\n$$\nnever closed")
        == "Before\n\nAfter\n\n$$ never closed"
    )


def test_a_long_text_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "PIECE", 10_000)
    text = "\n\n".join(f"Paragraph {number} of *many* words and more." for number in range(1_000))
    assert prose_of(text) == text.replace("*", "")


@pytest.mark.parametrize(
    "part", ["[", "> ", "*", "`", "<", "![", "[](", "{{", "*a ", "_a ", "$a ", "` a `` ", "- ", "\\"]
)
def test_hostile_text_ends(part: str) -> None:
    prose_of(part * 20_000)


def test_a_hostile_table_ends() -> None:
    assert prose_of("|a" * 2000 + "\n" + "|-" * 2000) == ""


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("ab *_`[]()<>!#-+|$\\{}~=^:\n 1."), max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert OBJECT not in prose_of(text) or "$" in text
