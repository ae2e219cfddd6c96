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
LOOK_SECONDS: Final = 0.3
"""How often it looks whether a step is done."""


@dataclass(frozen=True)
class Done:
    """What the person has done by some moment, as far as the tour asks."""

    ghost: bool
    """A ghost shows."""
    takes: int
    """Takes of ghosts so far."""
    temperature: float
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
        "Welcome. Type: I am looking forw. The dim words that appear are a ghost: how the model would go on.",
        lambda _, now: now.ghost,
    ),
    Step(
        "{accept} takes the ghost, {accept-word} a word of it, {dismiss} sends it away, {next-alternative} shows "
        "another; if you type something else, it is gone. Take one.",
        lambda before, now: now.takes > before.takes,
    ),
    Step(
        "{panel} opens the panel. Go down to Temperature and turn it with → and ←: the next words change with it. "
        "Esc leads back to your text.",
        lambda before, now: now.temperature != before.temperature,
    ),
    Step(
        "It learns from files of yours, in the panel's tab Train. To see how that is, {tour-next} has it read seven "
        "letters from a lighthouse, for some seconds.",
        lambda before, now: now.trained > before.trained,
        trains=True,
    ),
    Step(
        "It has read them, and its name is sample. Type: Dear Annelise, Old Barn and take what comes. "
        "The panel's first tab leads back to base.",
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
        self._trained = 0
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
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._app.writing.tour_bar.hide()
        self._app.preferences.remember(tour=False)

    def look(self) -> None:
        """Go on where the step is done."""
        if self.on and STEPS[self._at].done(self._before, self._now()):
            self._show(self._at + 1)

    def go_on(self) -> None:
        """Go to the next step, doing what this one offers; after the last one, end."""
        if STEPS[self._at].trains and not self._app.training.running and not self._trained:
            self._app.run_worker(self._train(), group="training", description="training on the sample")
        elif self._at + 1 == len(STEPS):
            self.end()
        else:
            self._show(self._at + 1)

    async def _train(self) -> None:
        job = TrainingJob((str(SAMPLE),), SAMPLE_MODEL, minutes=0)
        finished = await self._app.run_training(job)
        if finished is not None:
            await self._app.load_model(SAMPLE_MODEL, quiet=True)
            self._trained += 1

    def _now(self) -> Done:
        app = self._app
        return Done(
            ghost=bool(app.writing.editor.shown_ghost),
            takes=app.writing.tally.total.takes,
            temperature=app.settings.temperature,
            trained=self._trained,
            exploring=isinstance(app.screen, LookingScreen),
        )

    def _show(self, step: int) -> None:
        self._at, self._before = step, self._now()
        names = ("accept", "accept-word", "dismiss", "next-alternative", "panel", "explore", "surprise", "help", "save",
                 "tour-next", "tour-end")  # fmt: skip
        keys = {name: written(keys_of(name, self._keymap)[0]) for name in names}
        text = STEPS[step].text
        for name, key in keys.items():
            text = text.replace(f"{{{name}}}", key)
        last = step + 1 == len(STEPS)
        ways = (
            f"{keys['tour-next']} end"
            if last
            else f"{keys['tour-next']} next   {keys['tour-end']} end the tour"
        )
        self._app.writing.tour_bar.show(f"{step + 1}/{len(STEPS)}", text, ways)
