"""The bars of the next words: whole, clean, in proportion, and painted only when something changed."""

from __future__ import annotations

import math

import pytest
from textual.app import App, ComposeResult

from tui.widgets.probabilities import Probabilities, bar, percent, shown_word


class BarsApp(App[None]):
    CSS = "Probabilities { width: 40; height: 6; }"

    def compose(self) -> ComposeResult:
        yield Probabilities()

    @property
    def bars(self) -> Probabilities:
        return self.query_one(Probabilities)

    @property
    def lines(self) -> list[str]:
        return self.bars.render().plain.split("\n")


@pytest.mark.parametrize(
    ("share", "text"), [(0, ""), (0.5, "████"), (1, "████████"), (7, "████████"), (-1, ""), (1 / 64, "▏")]
)
def test_bar(share: float, text: str) -> None:
    assert bar(share, 8) == text


@pytest.mark.parametrize(
    ("share", "text"), [(1, "100%"), (0.614, "61%"), (0.0999, "10%"), (0.041, "4.1%"), (0.0001, "<0.1%")]
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" harbour", "harbour"),
        ("[b]bold[/b]", "[b]bold[/b]"),
        ("\n", "⏎"),
        ("\t", "⇥"),
        ("  ", "␣␣"),
        ("", "·"),
        ("a\x1b[31m", "a[31m"),
        ("\ud800", "\ufffd"),
    ],
)
def test_words_are_shown_as_they_are(text: str, shown: str) -> None:
    assert shown_word(text) == shown


async def test_each_word_has_its_percentage_and_a_bar_in_proportion() -> None:
    app = BarsApp()
    async with app.run_test() as pilot:
        app.bars.show([("forgotten", 0.8), ("forgot", 0.4), ("[/draft]", 0.0)])
        await pilot.pause()
        assert [line.split()[:2] for line in app.lines] == [
            ["forgotten", "80%"],
            ["forgot", "40%"],
            ["[/draft]", "<0.1%"],
        ]
        long, short = app.lines[0].count("█"), app.lines[1].count("█")
        assert abs(long - 2 * short) <= 1


async def test_what_does_not_fit_is_left_out_or_cut() -> None:
    app = BarsApp()
    async with app.run_test() as pilot:
        app.bars.show([("w" * 90, 0.2), ("東京" * 20, 0.1), *[("x", 0.01)] * 30])
        await pilot.pause()
        assert len(app.lines) == 6
        assert "…" in app.lines[0]
        assert all(line.cell_length <= 37 for line in app.bars.render().split())


async def test_it_says_why_it_is_empty() -> None:
    app = BarsApp()
    async with app.run_test() as pilot:
        assert "next words" in app.lines[0]
        app.bars.show([("a", 1.0)])
        app.bars.show_nothing("The model [x] is loading.")
        await pilot.pause()
        assert app.lines == ["The model [x] is loading."]


async def test_numbers_that_are_none_draw_nothing() -> None:
    app = BarsApp()
    async with app.run_test() as pilot:
        app.bars.show([("a", math.nan), ("b", math.inf)])
        await pilot.pause()
        assert "█" not in "".join(app.lines)


async def test_the_same_words_cost_no_repaint_and_other_words_no_layout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = BarsApp()
    async with app.run_test() as pilot:
        app.bars.show([("a", 0.5)])
        await pilot.pause()
        calls: list[bool] = []
        refresh = Probabilities.refresh

        def counted(
            self: Probabilities, *regions: object, layout: bool = False, **rest: bool
        ) -> Probabilities:
            calls.append(layout)
            return refresh(self, layout=layout, **rest)

        monkeypatch.setattr(Probabilities, "refresh", counted)
        app.bars.show([("a", 0.5)])
        assert calls == []
        app.bars.show([("b", 0.5), ("c", 0.1)])
        assert calls == [False]
