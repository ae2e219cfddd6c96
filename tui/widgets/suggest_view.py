"""The Suggest tab: which model writes ahead, how boldly, and what it thinks the next word is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Select, Static

from core import eagerness
from core.text import one_line
from tui.widgets.form import Choice, Form, Row
from tui.widgets.probabilities import Probabilities
from tui.widgets.slider import Slider


def temperature_text(value: float) -> str:
    """Return a temperature as it is shown; 0 is no randomness at all."""
    return "surest" if value == 0 else f"{value:.2f}"


class SuggestView(Form):
    """Controls of the suggestions, and the next-word probabilities that follow them."""

    DEFAULT_CSS = """
    SuggestView {
        & > #suggest-detail { height: auto; max-height: 2; padding: 0 1 0 2; color: $text-muted; }
        & > #suggest-heading, & > #suggest-drawn { height: 2; padding: 1 0 0 2; color: $text-muted; }
        & > #suggest-probabilities { max-height: 10; }
        & > #suggest-samples { height: 3; padding: 0 1 0 2; text-style: italic; text-wrap: nowrap;
            text-overflow: ellipsis; }
    }
    """

    @dataclass
    class Changed(Message):
        """The person changed how suggestions are made."""

        temperature: float
        """0 (always the most likely word) to 2."""
        eagerness: float
        """The threshold on a ghost's probability, 0 to 1."""
        words: int
        """Words that a ghost may have."""

        def can_replace(self, message: Message) -> bool:
            """A newer setting makes an older one that waits in the queue pointless."""
            return isinstance(message, SuggestView.Changed)

    @dataclass
    class ModelChosen(Message):
        """The person chose another model."""

        name: str

    @dataclass
    class ModelsOffered(Message):
        """The names of the models there are were set, for others that offer them too."""

        names: tuple[str, ...]

    @dataclass
    class ModelShown(Message):
        """Another model is in use, for others that show it too."""

        name: str

    def __init__(
        self,
        temperature: float = 0.0,
        threshold: float = eagerness.THRESHOLDS[eagerness.DEFAULT],
        words: int = 6,
        model: str = "base",
    ) -> None:
        super().__init__(id="suggest-view")
        names = eagerness.NAMES
        self._names: tuple[str, ...] = (model,)
        self._model = model
        self._choice = Choice([(model, model)], value=model, id="suggest-model")
        self._detail = Static("", id="suggest-detail", markup=False)
        self._temperature = Slider(
            "Temperature", 0, 2, temperature, step=0.05, leap=0.25, decimals=2, describe=temperature_text,
            id="suggest-temperature",
        )  # fmt: skip
        at = names.index(eagerness.nearest(threshold))
        self._eagerness = Slider("Eagerness", 0, len(names) - 1, at, names=names, id="suggest-eagerness")
        self._words = Slider("Words ahead", 1, 12, words, leap=3, id="suggest-words")
        self._heading = Static("Next word", id="suggest-heading", markup=False)
        self._probabilities = Probabilities(id="suggest-probabilities")
        self._drawn = Static("", id="suggest-drawn", markup=False)
        self._samples = Static("", id="suggest-samples", markup=False)

    def compose(self) -> ComposeResult:
        """Stack the controls above the probabilities."""
        yield Row("Model", self._choice)
        yield self._detail
        yield self._temperature
        yield self._eagerness
        yield self._words
        yield self._heading
        yield self._probabilities
        yield self._drawn
        yield self._samples

    @property
    def temperature(self) -> float:
        """The temperature chosen, 0 to 2."""
        return self._temperature.value

    @property
    def eagerness(self) -> float:
        """The threshold that the choice of eagerness stands for."""
        return eagerness.threshold(eagerness.NAMES[int(self._eagerness.value)])

    @property
    def words(self) -> int:
        """Words ahead chosen, 1 to 12."""
        return int(self._words.value)

    @property
    def model(self) -> str:
        """The name of the model shown as chosen."""
        return self._model

    def set_models(self, names: Sequence[str]) -> None:
        """Offer these models; the one in use stays chosen and offered, even if it is not among them."""
        self._names = tuple(dict.fromkeys(names)) or (self._model,)
        self._offer()
        if self.is_mounted:
            self.post_message(self.ModelsOffered(self._names))

    def show_model(self, name: str, detail: str) -> None:
        """Show which model is in use, and a line about it."""
        self._model = name
        self._offer()
        self._detail.update(Content(one_line(detail)))
        if self.is_mounted:
            self.post_message(self.ModelShown(name))

    def _offer(self) -> None:
        names = self._names if self._model in self._names else (*self._names, self._model)
        self._choice.offer([(name, name) for name in names], self._model)

    def show_settings(self, temperature: float, threshold: float, words: int) -> None:
        """Move the sliders there, without posting `Changed`."""
        self._temperature.set_value(temperature)
        self._eagerness.set_value(eagerness.NAMES.index(eagerness.nearest(threshold)))
        self._words.set_value(words)

    def show_words(self, words: Sequence[tuple[str, float]], note: str = "") -> None:
        """Show the likely next words, (text, probability), the most likely first; `note` says more of them."""
        self._heading.update(Content(f"Next word · {note}" if note else "Next word"))
        self._probabilities.show(words)

    def show_nothing(self, why: str) -> None:
        """Show no words, and say why in their place."""
        self._heading.update(Content("Next word"))
        self._probabilities.show_nothing(why)
        self.show_samples(())

    def show_samples(self, texts: Sequence[str]) -> None:
        """Show how the text may go on at this temperature."""
        drawn = "Samples" if len(texts) > 1 else "The likeliest way on" if texts else ""
        self._drawn.update(Content(drawn))
        self._samples.update(Content("\n").join(Content(f"… {one_line(text.strip())}") for text in texts))

    def on_mount(self) -> None:
        """Pass on the models that were set before anybody could hear of them."""
        self.post_message(self.ModelsOffered(self._names))

    @on(Slider.Changed)
    def _tell(self, event: Slider.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self.temperature, self.eagerness, self.words))

    @on(Select.Changed)
    def _choose_model(self, event: Select.Changed) -> None:
        event.stop()
        name = self._choice.value
        if isinstance(name, str) and name != self._model:
            self._model = name
            self.post_message(self.ModelChosen(name))
