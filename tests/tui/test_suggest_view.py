"""The Suggest tab: what it tells the app, what the app shows in it, and that the keyboard reaches all of it."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static

from core import eagerness
from tui.widgets.form import Choice
from tui.widgets.probabilities import Probabilities
from tui.widgets.suggest_view import SuggestView

MEDIUM = eagerness.threshold("medium")


class SuggestApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.changes: list[SuggestView.Changed] = []
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield SuggestView(temperature=0.4, threshold=MEDIUM, words=6, model="base")

    @property
    def view(self) -> SuggestView:
        return self.query_one(SuggestView)

    @property
    def choice(self) -> Choice:
        return self.query_one(Choice)

    def on_suggest_view_changed(self, event: SuggestView.Changed) -> None:
        self.changes.append(event)

    def on_suggest_view_model_chosen(self, event: SuggestView.ModelChosen) -> None:
        self.chosen.append(event.name)


def test_the_more_eager_the_lower_the_threshold() -> None:
    thresholds = [eagerness.threshold(name) for name in eagerness.NAMES]
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[-1] == 0
    assert [eagerness.nearest(threshold) for threshold in thresholds] == list(eagerness.NAMES)


async def test_it_begins_as_the_settings_say_and_tells_nothing_by_itself() -> None:
    app = SuggestApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert (app.view.temperature, app.view.eagerness, app.view.words) == (0.4, MEDIUM, 6)
        assert app.view.model == "base"
        assert (app.changes, app.chosen) == ([], [])


async def test_every_control_is_reached_with_the_arrows_and_told_of() -> None:
    app = SuggestApp()
    async with app.run_test() as pilot:
        app.view.focus_first()
        await pilot.press("down", "home")
        assert app.changes[-1].temperature == 0
        await pilot.press("down", "right")
        assert app.changes[-1].eagerness == eagerness.threshold("high")
        await pilot.press("down", "end")
        assert app.changes[-1].words == 12
        assert app.changes[-1].temperature == 0
        await pilot.press("up", "up", "up")
        assert app.focused is app.choice


async def test_temperature_nought_is_said_in_a_word() -> None:
    app = SuggestApp()
    async with app.run_test() as pilot:
        app.view.focus_first()
        await pilot.press("down", "home")
        assert "surest" in app.focused.render().plain  # type: ignore[union-attr]


async def test_a_model_is_chosen_from_the_keyboard() -> None:
    app = SuggestApp()
    async with app.run_test() as pilot:
        app.view.set_models(["base", "mine", "[/b] odd\x1b[31m"])
        app.view.focus_first()
        await pilot.press("enter", "down", "enter")
        await pilot.pause()
        assert app.chosen == ["mine"]
        await pilot.press("enter", "down", "enter")
        await pilot.pause()
        assert app.chosen == ["mine", "[/b] odd\x1b[31m"]
        assert app.view.model == "[/b] odd\x1b[31m"
        assert str(app.query_one("#suggest-model #label", Static).content) == "[/b] odd␛[31m"


async def test_escape_closes_the_list_and_goes_no_further() -> None:
    class Listening(SuggestApp):
        heard = 0

        def on_key(self, event: events.Key) -> None:
            self.heard += event.key == "escape"

    app = Listening()
    async with app.run_test() as pilot:
        app.view.set_models(["base", "mine"])
        app.view.focus_first()
        await pilot.press("enter", "down", "escape")
        await pilot.pause()
        assert app.focused is app.choice
        assert (app.choice.expanded, app.chosen, app.heard) == (False, [], 0)
        await pilot.press("escape")
        assert app.heard == 1


async def test_what_is_measured_of_a_model_is_seen_whole() -> None:
    class Narrow(SuggestApp):
        CSS = "SuggestView { width: 32; }"

    app = Narrow()
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.show_model("base", "LSTM 2×512 · subword · 1.64 bits/char")
        await pilot.pause()
        detail = app.query_one("#suggest-detail", Static)
        rows = "".join(detail.render_line(y).text.strip() + " " for y in range(detail.size.height))
        assert rows.split() == ["LSTM", "2×512", "·", "subword", "·", "1.64", "bits/char"]


async def test_what_the_app_shows_is_not_told_back() -> None:
    app = SuggestApp()
    async with app.run_test() as pilot:
        app.view.set_models(["base", "mine"])
        app.view.show_model("mine", "LSTM [/x] · 1.64\x1b[0m")
        app.view.show_settings(1.5, 0.0, 3)
        await pilot.pause()
        assert app.choice.value == "mine"
        assert str(app.query_one("#suggest-detail", Static).content) == "LSTM [/x] · 1.64␛[0m"
        assert (app.view.temperature, app.view.eagerness, app.view.words) == (1.5, 0.0, 3)
        assert (app.changes, app.chosen) == ([], [])


async def test_a_model_in_use_that_is_not_in_the_library_is_still_shown() -> None:
    app = SuggestApp()
    async with app.run_test() as pilot:
        app.view.show_model("/tmp/elsewhere", "")
        app.view.set_models(["base"])
        await pilot.pause()
        assert app.choice.value == "/tmp/elsewhere"


async def test_words_and_the_lack_of_them_are_shown() -> None:
    app = SuggestApp()
    async with app.run_test() as pilot:
        bars = app.query_one(Probabilities)
        app.view.show_words([(" harbour", 0.5)])
        await pilot.pause()
        assert "harbour" in bars.render().plain
        app.view.show_nothing("loading")
        await pilot.pause()
        assert bars.render().plain == "loading"


async def test_methods_may_be_called_before_it_is_mounted() -> None:
    class Early(SuggestApp):
        def compose(self) -> ComposeResult:
            view = SuggestView(model="base")
            view.set_models(["base", "mine"])
            view.show_model("mine", "a line")
            view.show_words([("word", 0.5)])
            yield view

    app = Early()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.choice.value == "mine"
        assert "word" in app.query_one(Probabilities).render().plain
        assert app.chosen == []


async def test_a_small_terminal_scrolls_to_the_control_in_focus() -> None:
    app = SuggestApp()
    async with app.run_test(size=(40, 5)) as pilot:
        app.view.focus_first()
        await pilot.press("down", "down", "down")
        await pilot.pause()
        focused = app.focused
        assert focused is not None
        assert focused.region.y < 5
        assert app.view.scroll_y > 0
