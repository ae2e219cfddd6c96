"""The tour: a few things to try in the editor itself, each done by doing it. It looks at what the person did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.timer import Timer

from core.jobs import TrainingJob
from tui.keymap import keys_of, written
from tui.screens.looking import LookingScreen

if TYPE_CHECKING:
    from tui.app import ForetypeApp

SAMPLE: Final = Path(__file__).with_name("tour_letters.txt")
"""Seven short letters to train on."""
SAMPLE_MODEL: Final = "sample"
READING: Final = "It reads the letters, and tries out what they taught it. You can go on writing meanwhile."
LEFT: Final = f"The tour's model, {SAMPLE_MODEL}, is still there: the panel's tab Models can delete it."
LOOK_SECONDS: Final = 0.3
"""How often it looks whether a step is done."""


@dataclass(frozen=True)
class Done:
    """What the person has done by some moment, as far as the tour asks."""

    ghost: bool
    """A ghost shows."""
    takes: int
    """Takes of ghosts so far."""
    turned: bool
    """The temperature is or was another than when the step began."""
    writing: bool
    """The focus is in the draft."""
    trained: int
    """Models that were trained so far."""
    exploring: bool
    """A screen to explore on is open."""


@dataclass(frozen=True)
class Step:
    """Something to try."""

    text: str
    """What to do; {action} is written as the key of the action of that name."""
    done: Callable[[Done, Done], bool]
    """Whether it is done, from what was so when the step began and what is so."""
    trains: bool = False
    """Whether to go on means to train on the sample."""


STEPS: Final[Sequence[Step]] = (
    Step(
        "Welcome. Type “I am looking forw”. The dim words that appear are a ghost: how the model would go on.",
        lambda _, now: now.ghost,
    ),
    Step(
        "{accept} takes the ghost, {accept-word} a word of it, {dismiss} sends it away, {next-alternative} shows "
        "another; if you type something else, it is gone. Take one.",
        lambda before, now: now.takes > before.takes,
    ),
    Step(
        "{panel} opens the panel. Go down to Temperature, turn it with → and ←, and watch the next words. Home makes "
        "it surest again, Esc leads back.",
        lambda _, now: now.turned and now.writing,
    ),
    Step(
        "It learns from your files, in the panel's tab Train. To try that, {tour-next} has it read seven letters "
        "from a lighthouse: some seconds.",
        lambda before, now: now.trained > before.trained,
        trains=True,
    ),
    Step(
        "Until the tour ends, a model that knows the letters suggests. On a new line, type “Dear Annelise, I wipe "
        "the”, and take what comes.",
        lambda before, now: now.takes > before.takes,
    ),
    Step(
        "{explore} shows many ways to go on, as a tree; {surprise} what the model did not expect of your text. "
        "Esc comes back from there.",
        lambda _, now: now.exploring,
    ),
    Step(
        "{help} helps wherever you are, ^P has everything by its name, {save} keeps what you write. "
        "That was the tour.",
        lambda _, __: False,
    ),
)


class Touring:
    """Shows a step at a time in the screen's bar until the last one, or until the person has had enough."""

    def __init__(self, app: ForetypeApp, keymap: Mapping[str, str]) -> None:
        self._app, self._keymap = app, keymap
        self._at = -1
        self._before: Done
        self._temperature = 0.0
        self._turned = False
        self._training = False
        self._trained = 0
        self._model_before = ""
        """What suggested before the sample's model did; empty while that does not."""
        self._timer: Timer | None = None

    @property
    def on(self) -> bool:
        """Whether the tour is under way."""
        return self._at >= 0

    def begin(self) -> None:
        """Begin at the first step."""
        self._show(0)
        if self._timer is None:
            self._timer = self._app.set_interval(LOOK_SECONDS, self.look, name="tour")

    def end(self) -> None:
        """End it; it does not come by itself again."""
        self._at = -1
        before, self._model_before = self._model_before, ""
        if before and self._app.settings.model == SAMPLE_MODEL:
            self._app.use_model(before)
        if self._trained:
            self._trained = 0
            self._app.notify(LEFT, markup=False, timeout=12)
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._app.writing.tour_bar.hide()
        self._app.preferences.remember(tour=False)

    def look(self) -> None:
        """Go on where the step is done."""
        self._turned |= self._app.settings.temperature != self._temperature
        if self.on and STEPS[self._at].done(self._before, self._now()):
            self._show(self._at + 1)

    def go_on(self) -> None:
        """Go to the next step, doing what this one offers; after the last one, end."""
        trains = STEPS[self._at].trains and not self._trained
        if trains and self._training:
            return
        if trains and not self._app.training.running:
            self._training = True
            self._tell(READING, end_only=True)
            self._app.run_worker(self._train(), group="training", description="training on the sample")
        elif self._at + 1 == len(STEPS):
            self.end()
        else:
            self._show(self._at + 1)

    async def _train(self) -> None:
        job = TrainingJob((str(SAMPLE),), SAMPLE_MODEL, minutes=0)
        try:
            if await self._app.run_training(job, quiet=True) is not None:
                before = self._app.settings.model
                await self._app.load_model(SAMPLE_MODEL, quiet=True, keep=False)
                self._trained += 1
                if self.on and before != SAMPLE_MODEL:
                    self._model_before = before
        finally:
            self._training = False
        if self.on and not self._trained:
            self._show(self._at)

    def _now(self) -> Done:
        app = self._app
        return Done(
            ghost=bool(app.writing.editor.shown_ghost),
            takes=app.writing.tally.total.takes,
            turned=self._turned,
            writing=app.writing.editor.has_focus,
            trained=self._trained,
            exploring=isinstance(app.screen, LookingScreen),
        )

    def _show(self, step: int) -> None:
        self._at, self._temperature, self._turned = step, self._app.settings.temperature, False
        self._before = self._now()
        self._tell(STEPS[step].text)

    def _tell(self, text: str, *, end_only: bool = False) -> None:
        names = ("accept", "accept-word", "dismiss", "next-alternative", "panel", "explore", "surprise", "help", "save",
                 "tour-next", "tour-end")  # fmt: skip
        keys = {name: written(keys_of(name, self._keymap)[0]) for name in names}
        for name, key in keys.items():
            text = text.replace(f"{{{name}}}", key)
        end = f"{keys['tour-end']} end the tour"
        if self._at + 1 == len(STEPS):
            end = f"{keys['tour-next']} end"
        elif not end_only:
            end = f"{keys['tour-next']} next   {end}"
        self._app.writing.tour_bar.show(f"{self._at + 1}/{len(STEPS)}", text, end)
