"""Two models at the same place of the draft: what each would write, and what it thinks the next word is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from core.client import ChildError, EngineState, Superseded
from core.drafts.document import Document
from core.protocol import Distribution, Position, Suggestion
from core.text import one_line, strip_controls
from tui.engines import ComparedEngine, OtherEngine
from tui.exploring_keys import COMPARE
from tui.flows.growing import Sampling
from tui.model_lines import described
from tui.screens.looking import Help, LookingScreen
from tui.widgets.branch_tree import odds
from tui.widgets.status_line import KeyHint
from tui.widgets.suggest_view import temperature_text
from tui.widgets.word_bars import DIGITS, WordBars

DRAFT = "compared"
READ = 20_000
"""Characters before a place that a suggestion is asked with."""
BEFORE = 60
"""Characters before the ghost that are shown at the most."""
FOR_THE_GHOST = 26
"""Cells of a row that are left to it."""
ALTERNATIVES = 3
_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]+")


class ModelColumn(Vertical):
    """One model: its name and what was measured of it, its ghost and alternatives, its next words."""

    DEFAULT_CSS = """
    ModelColumn {
        width: 1fr;
        padding: 1 2 0 2;
        & > .model-name { height: 2; }
        & > .model-ghost { height: auto; max-height: 4; }
        & > .model-others { height: auto; max-height: 4; margin-bottom: 1; }
        & > WordBars { height: 12; }
    }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.name_line = Static("", classes="model-name", markup=False)
        self.ghost = Static("", classes="model-ghost", markup=False)
        self.others = Static("", classes="model-others", markup=False)
        self.bars = WordBars()

    def compose(self) -> ComposeResult:
        """Stack the parts."""
        yield self.name_line
        yield self.ghost
        yield self.others
        yield self.bars

    def show_model(self, name: str, detail: str) -> None:
        """Show which model this is, and what is known of it."""
        self.name_line.update(
            Content.assemble((one_line(name), "bold $accent"), (f"\n{one_line(detail)}", "$foreground 60%"))
        )

    def show_answers(self, before: str, suggestion: Suggestion, words: Distribution, there: str) -> None:
        """Show what the model says after `before`; `there` is the word that follows in the draft."""
        ghost = strip_controls(suggestion["ghost"])
        self.ghost.update(
            Content.assemble(
                (before, "$foreground 60%"),
                (ghost or " (nothing)", "italic bold" if ghost else "italic $foreground 40%"),
                (f"  {odds(suggestion['probability'])}" if ghost else "", "$foreground 60%"),
            )
        )
        rows = [
            Content.assemble(
                ("  or ", "$foreground 40%"),
                (one_line(item["text"].strip()), "italic"),
                (f"  {odds(item['probability'])}", "$foreground 60%"),
            )
            for item in suggestion["alternatives"][:ALTERNATIVES]
        ]
        self.others.update(Content("\n").join(rows))
        marked = [(word["text"], word["probability"], word["text"] == there) for word in words["words"]]
        self.bars.show(marked, "Next word" + (f" · ▸ “{one_line(there)}” stands there" if there else ""))

    def show_nothing(self, why: str) -> None:
        """Show no answers, and say why."""
        self.ghost.update(Content.styled(one_line(why), "italic $foreground 60%"))
        self.others.update("")
        self.bars.show(())


class ModelsCompared(LookingScreen["str | None"]):
    """The model in use on the left, another on the right; the answer is the model to write with, if another."""

    NAME = "models"
    KEYS: ClassVar[Sequence[Binding]] = COMPARE
    BINDINGS: ClassVar[list[BindingType]] = [*COMPARE, Binding("f1", "help", "Help", show=False)]

    def __init__(
        self,
        engine: ComparedEngine,
        make_other: Callable[..., OtherEngine],
        text: str,
        draft: str,
        cursor: Position,
        others: Sequence[str],
        *,
        sampling: Sampling,
        hints: Sequence[KeyHint],
        help: Help,
    ) -> None:
        super().__init__(hints, help)
        self._engine, self._make_other, self._text, self._draft = engine, make_other, text, draft
        self._document = Document(text)
        self._others, self._at = others, 0
        self._sampling = sampling
        self.place = cursor
        self.left, self.right = ModelColumn("model-left"), ModelColumn("model-right")
        self._other: OtherEngine | None = None

    def compose(self) -> ComposeResult:
        """Put the models beside each other."""
        yield self.title_line
        with Horizontal(id="models"):
            yield self.left
            yield self.right
        yield self.key_rows

    def on_mount(self) -> None:
        """Ask the model in use at once, the other as soon as it is loaded."""
        self._other = self._make_other(
            text_of=self._text_of, on_state=self._other_changed, model=self.other_model
        )
        self._other.open(DRAFT, self._text)
        self.run_worker(self._other.start(), group="start", description="another engine")
        self._ask_both()

    async def on_unmount(self) -> None:
        """End the engine that was started for this."""
        if self._other is not None:
            await self._other.close()

    def _text_of(self, draft: str) -> str:
        return self._text

    @property
    def other_model(self) -> str:
        """The name of the model on the right."""
        return self._others[self._at]

    def engine_changed(self) -> None:
        """The engine in use has another state."""
        self._ask(self.left, self._engine, self._draft)

    def _other_changed(self, state: EngineState, line: str) -> None:
        """The other engine has another state."""
        if not self.is_mounted or state == "closed":
            return
        if line:
            self.right.show_nothing(line)
        elif self._other is not None:
            self._ask(self.right, self._other, DRAFT)

    # Asking

    def _ask_both(self) -> None:
        self.title_line.show(
            "Two models", f"{self._place_name()} · temperature {temperature_text(self._sampling.temperature)}"
        )
        self._ask(self.left, self._engine, self._draft)
        if self._other is not None:
            self._ask(self.right, self._other, DRAFT)

    def _ask(self, column: ModelColumn, engine: ComparedEngine, draft: str) -> None:
        loaded = engine.loaded
        name = loaded["name"] if loaded else self.other_model if column is self.right else ""
        column.show_model(name, described(loaded) if loaded else "")
        if engine.state != "ready":
            column.show_nothing("no model could be loaded" if engine.state == "failed" else "loading …")
            return
        work = self._answers(column, engine, draft)
        self.run_worker(work, group=column.id or "", exclusive=True, description="answers")

    async def _answers(self, column: ModelColumn, engine: ComparedEngine, draft: str) -> None:
        before = self._document.before(self.place, READ)
        temperature = self._sampling.temperature
        params: dict[str, Any] = {"before": before, "temperature": temperature, "alternatives": ALTERNATIVES}
        try:
            suggestion, words = await asyncio.gather(
                engine.request("suggest", params),
                engine.distribution(draft, self.place, temperature=temperature or 1.0, count=len(DIGITS)),
            )
        except Superseded:
            return
        except ChildError as error:
            column.show_nothing(str(error))
            return
        line = one_line(before.rsplit("\n", 1)[-1])
        room = min(BEFORE, max(8, column.size.width - FOR_THE_GHOST))
        tail = line if len(line) <= room else "… " + line[-room:].split(" ", 1)[-1]
        column.show_answers(tail, cast("Suggestion", suggestion), words, self._word_there())

    def _word_there(self) -> str:
        match = _WORD.match(self._document.rest_of_line(self.place).lstrip())
        return match.group() if match else ""

    def _place_name(self) -> str:
        return f"line {self.place[0] + 1}, column {self.place[1] + 1}"

    # Actions

    def action_other(self, by: int) -> None:
        """Show another model on the right."""
        self._at = (self._at + by) % len(self._others)
        if self._other is not None:
            self.run_worker(self._load(self._other, self.other_model), group="load", exclusive=True)

    async def _load(self, engine: OtherEngine, model: str) -> None:
        try:
            await engine.load(model)
        except ChildError as error:
            self.right.show_nothing(str(error))

    def action_place(self, by: int) -> None:
        """Look at the next word of the draft, or the one before."""
        row, column = self.place
        lines = self._document.lines
        while 0 <= row < len(lines):
            starts = [*(match.start() for match in _WORD.finditer(lines[row])), len(lines[row])]
            beyond = [at for at in starts if (at > column if by > 0 else at < column)]
            if beyond:
                self.place = row, beyond[0] if by > 0 else beyond[-1]
                self._ask_both()
                return
            row += by
            column = -1 if by > 0 else 1 << 60

    def action_warm(self, by: int) -> None:
        """Change the temperature of both."""
        self._sampling = self._sampling.warmer(by)
        self._ask_both()

    def action_use(self) -> None:
        """Write with the model on the right from here on."""
        self.dismiss(self.other_model)
