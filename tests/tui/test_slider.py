"""A slider: worked by keys, by typing a number and by mouse; it stays in its range and tells what changed."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult

from tui.widgets.slider import Slider


class SliderApp(App[None]):
    CSS = "Slider { width: 40; }"

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[str, float]] = []

    def compose(self) -> ComposeResult:
        yield Slider("Temperature", 0, 2, 0.4, step=0.05, leap=0.25, decimals=2, id="number")
        yield Slider("Eagerness", 0, 2, 1, names=("low", "medium", "high"), id="names")

    @property
    def number(self) -> Slider:
        return self.query_one("#number", Slider)

    @property
    def names(self) -> Slider:
        return self.query_one("#names", Slider)

    def on_slider_changed(self, event: Slider.Changed) -> None:
        self.changes.append((event.control.id or "", event.value))


async def test_arrows_move_finely_and_shift_coarsely() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        app.number.focus()
        await pilot.press("right")
        assert app.number.value == 0.45
        await pilot.press("left", "left")
        assert app.number.value == 0.35
        await pilot.press("shift+right")
        assert app.number.value == 0.6
        await pilot.press("end")
        assert app.number.value == 2
        await pilot.press("home")
        assert app.number.value == 0
        assert app.changes[-1] == ("number", 0)


async def test_it_stays_in_its_range_and_says_nothing_when_nothing_changed() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        app.number.focus()
        await pilot.press("home")
        app.changes.clear()
        await pilot.press("left", "shift+left", "home")
        assert app.number.value == 0
        assert app.changes == []


async def test_a_typed_number_is_taken_with_enter_and_shown_while_it_is_typed() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        app.number.focus()
        await pilot.press(*"1.25")
        assert app.number.value == 0.4
        assert "1.25▏" in app.number.render().plain
        await pilot.press("enter")
        assert app.number.value == 1.25
        assert app.number.render().plain.endswith("1.25")


async def test_a_typed_number_can_be_corrected_dropped_or_taken_on_leaving() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        app.number.focus()
        await pilot.press("1", "9", "backspace", "escape")
        assert (app.number.value, app.number.entry) == (0.4, "")
        await pilot.press("1", ",", "9", "backspace", "5", "tab")
        assert app.number.value == 1.5


async def test_a_number_out_of_range_is_refused_and_nothing_changes() -> None:
    app = SliderApp()
    async with app.run_test(notifications=True) as pilot:
        app.number.focus()
        for typed in ("9", "2.01", ".", "1.2.3"):
            await pilot.press(*typed, "enter")
        assert app.number.value == 0.4
        assert app.changes == []
        messages = [notification.message for notification in app._notifications]
        assert messages[0] == "Temperature cannot be 9: use 0 to 2"


async def test_keys_that_edit_a_number_are_left_to_others_while_none_is_typed() -> None:
    class Parent(SliderApp):
        left = 0

        def on_key(self, event: events.Key) -> None:
            self.left += event.key == "escape"

    app = Parent()
    async with app.run_test() as pilot:
        app.number.focus()
        await pilot.press("1", "escape")
        assert app.left == 0
        await pilot.press("escape")
        assert app.left == 1


async def test_words_are_chosen_by_arrows_and_by_their_letter() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        app.names.focus()
        await pilot.press("right")
        assert app.names.value_text == "high"
        await pilot.press("l")
        assert app.names.value_text == "low"
        await pilot.press("z", "7")
        assert app.names.value_text == "low"
        assert app.changes == [("names", 2), ("names", 0)]


async def test_the_mouse_sets_and_drags() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        start, length = app.number._track()
        await pilot.mouse_down(app.number, offset=(start + length - 1, 0))
        assert app.number.value == 2
        await pilot.hover(app.number, offset=(start, 0))
        assert app.number.value == 0
        await pilot.mouse_up(app.number, offset=(start, 0))
        await pilot.hover(app.number, offset=(start + 5, 0))
        assert app.number.value == 0


async def test_a_click_on_the_label_changes_nothing() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        await pilot.click(app.number, offset=(3, 0))
        assert app.number.has_focus
        assert app.changes == []


async def test_the_focus_shows_without_colour() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        app.number.focus()
        await pilot.pause()
        assert app.number.render().plain.startswith("▸ Temperature")
        assert app.names.render().plain.startswith("  Eagerness")
        assert "━" in app.number.render().plain
        assert "━" not in app.names.render().plain


async def test_the_knob_stands_where_the_value_is() -> None:
    app = SliderApp()
    async with app.run_test() as pilot:
        slider = app.number
        start, length = slider._track()
        for value, at in ((0.0, 0), (1.0, (length - 1) // 2), (2.0, length - 1)):
            slider.set_value(value)
            await pilot.pause()
            assert abs(slider.render().plain.index("●") - start - at) <= 1
        assert app.changes == []
        assert slider.render().cell_length == 39
