"""Surprise: the draft shaded by how little each word was expected, its peaks one key apart, and what was expected."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import clamp
from textual.widgets import Static, TextArea

from core.client import ChildError
from core.exploring.surprises import LEVELS, Surprises, Word
from core.protocol import Position, WordSurprise
from core.text import one_line, strip_controls
from tui.engines import SurpriseEngine
from tui.exploring_keys import SURPRISE
from tui.screens.looking import Help, LookingScreen
from tui.widgets.branch_tree import odds
from tui.widgets.status_line import KeyHint
from tui.widgets.surprise_text import NAMES, SurpriseText
from tui.widgets.word_bars import DIGITS, WordBars

STILL_SECONDS = 0.05
"""How long the cursor must stand still before the expected words follow it."""
ALIKE = 3
"""Words that are spelt like the one that stands there, of those offered in its place."""
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")


class SurpriseScreen(LookingScreen[Position | None]):
    """Shows a draft; the answer is where to go on, None for where one was. `replace` changes the draft itself."""

    NAME = "surprise"
    KEYS: ClassVar[Sequence[Binding]] = SURPRISE
    BINDINGS: ClassVar[list[BindingType]] = [
        *SURPRISE,
        Binding("f1", "help", "Help", show=False),
        *(Binding(digit, f"take({place})", show=False) for place, digit in enumerate(DIGITS)),
    ]

    def __init__(
        self,
        engine: SurpriseEngine,
        draft: str,
        text: str,
        cursor: Position,
        surprises: Surprises,
        *,
        replace: Callable[[str, Position, Position], None],
        prose_width: int,
        hints: Sequence[KeyHint],
        help: Help,
    ) -> None:
        super().__init__(hints, help)
        self._engine, self._draft, self._cursor = engine, draft, cursor
        self._replace = replace
        self.surprises = surprises
        self.text = SurpriseText(text, surprises.words, prose_width=prose_width, id="surprise-text")
        self.bars = WordBars(id="expected")
        self._facts = Static("", id="facts", markup=False)
        self._expected: list[str] = []
        self._expecting: asyncio.Task[None] | None = None
        self._under_way: dict[int, list[Word]] = {}
        self.reading = False

    def compose(self) -> ComposeResult:
        """Stack the text, what is known of the word, and the keys."""
        yield self.title_line
        yield self.text
        yield self.bars
        yield self._facts
        yield self.key_rows

    def on_mount(self) -> None:
        """Look where the cursor is, and begin to read there."""
        self.surprises.follow(self.text.document.lines)
        self.text.focus()
        self.text.move_cursor(self._cursor, center=True)
        self._show_state()
        self.call_after_refresh(self.engine_changed)

    def on_unmount(self) -> None:
        """Ask no more."""
        if self._expecting is not None:
            self._expecting.cancel()

    # Reading

    def engine_changed(self) -> None:
        """Read what has not been read, as soon as there is a model."""
        self._show_state()
        if self._engine.state == "ready" and not self.reading:
            self.run_worker(self._read(), group="reading", description="reading")

    async def _read(self) -> None:
        self.reading = True
        try:
            while (stretch := self.surprises.stretch(self.text.first_row)) is not None:
                await self._read_stretch(*stretch)
        except ChildError as error:
            if self._engine.state == "ready":
                self.notify(one_line(str(error)), severity="warning", markup=False)
        finally:
            self.reading = False
        self._show_state()  # not when it was given up: then the screen is going, and has no styles any more

    async def _read_stretch(self, first: int, last: int) -> None:
        lines = self.text.document.lines
        version = self.text.version
        self._under_way.clear()

        def heard(words: list[WordSurprise]) -> None:
            if version == self.text.version:
                self._take_words(words, done=None)

        end = last, len(lines[last])
        answer = await self._engine.surprise(self._draft, (first, 0), end, on_words=heard)
        if version == self.text.version:
            self._under_way.clear()
            self._take_words(answer["words"], done=(first, last))

    def _take_words(self, words: list[WordSurprise], done: tuple[int, int] | None) -> None:
        """Take what was told; a line whose words may not all be there is left for the next time."""
        for word in words:
            row, column = word["start"]
            self._under_way.setdefault(row, []).append(Word(column, word["end"][1], word["bits"]))
        rows = sorted(self._under_way) if done is None else range(done[0], done[1] + 1)
        for row in rows[:-1] if done is None else rows:
            self.surprises.learn(row, self._under_way.pop(row, ()))
        self.text.repaint()
        self._show_state()

    # Moving

    def action_peak(self, by: int) -> None:
        """Go to the next word that stands out, or the one before; from the last on to the first."""
        row, column = self.text.cursor_location
        word = self.surprises.at((row, column))
        place = self.surprises.next_peak((row, word.start if word else column), by)
        if place is None:
            note = "Reading …" if self.reading else "Nothing stands out here."
            self.notify(note, markup=False, timeout=3)
            return
        self.text.move_cursor(place, center=True)

    @on(TextArea.SelectionChanged)
    def _moved(self) -> None:
        self._show_facts()
        if self.bars.display:
            self._expect(STILL_SECONDS)

    def action_leave(self) -> None:
        """Go back to where one was in the text."""
        self.dismiss(None)

    def action_go(self) -> None:
        """Go back to the text, at the word one looked at."""
        row, column = self.text.cursor_location
        self.dismiss((row, column))

    # What was expected

    def action_expected(self) -> None:
        """Show what was expected in place of the word, or no more."""
        self.bars.display = not self.bars.display
        if self.bars.display:
            self._expect(0)

    def _expect(self, wait: float) -> None:
        if self._expecting is not None:
            self._expecting.cancel()
        self._expected = []
        self._expecting = asyncio.create_task(self._ask_expected(wait))

    @property
    def word(self) -> str:
        """The word under the cursor, without the marks around it."""
        here = self._word_here()
        return here[1] if here is not None else ""

    def _word_here(self) -> tuple[Position, str] | None:
        """Where the word under the cursor begins and what it is, without the marks around it."""
        row, column = self.text.cursor_location
        line = self.text.document.get_line(row)
        for match in _WORD.finditer(line):
            if match.start() <= column <= match.end():
                return (row, match.start()), match.group()
        word = self.surprises.at((row, column))
        if word is None:
            return None
        match = _WORD.search(line, word.start, word.end)
        return ((row, match.start()), match.group()) if match else None

    async def _ask_expected(self, wait: float) -> None:
        await asyncio.sleep(wait)
        here = self._word_here()
        if here is None or self._engine.state != "ready":
            self.bars.show((), "There is no word here.")
            return
        place, word = here
        begun = word[:2] if len(word) > 3 else word[:1]
        try:
            answer = await self._engine.distribution(self._draft, place, count=len(DIGITS))
            begins = await self._engine.distribution(self._draft, place, begun, count=40)
        except ChildError:
            return
        spelt = [item["text"] for item in begins["words"] if item["text"] != word]
        near = difflib.get_close_matches(word, spelt, 2 * ALIKE, 0.7)
        alike = [text for text in spelt if text in near][:ALIKE]  # the likeliest first
        likely = {item["text"]: item["probability"] for item in answer["words"]}
        words = list(dict.fromkeys([*alike, *likely]))[: len(DIGITS)]
        self._expected = words
        self.bars.show(
            [(text, likely.get(text, -1.0), text in alike) for text in words],
            f"In place of “{one_line(word)}” · ▸ spelt alike",
        )

    def action_take(self, place: int) -> None:
        """Write one of the expected words in place of the one that stands there: one step to undo."""
        here = self._word_here()
        if here is None or not self.bars.display or place >= len(self._expected):
            return
        (row, column), word = here
        start, end, text = (
            (row, column),
            (row, column + len(word)),
            strip_controls(self._expected[place]).strip(),
        )
        self._replace(text, start, end)
        self.text.replace_text(start, end, text)
        self.text.move_cursor((row, column + len(text)))
        self.surprises.follow(self.text.document.lines)
        self._show_facts()
        self.engine_changed()

    # Showing

    def _show_state(self) -> None:
        if not self.is_mounted:
            return
        mean, share = self.surprises.mean, self.surprises.share
        state = self._engine.state
        if state != "ready":
            right = "no model" if state == "failed" else "the model is loading"
        elif mean is None:
            right = "reading …" if self.reading else ""
        else:
            read = f"{min(share, 0.99):.0%} read · " if self.reading and share < 1 else ""
            right = f"{read}mean {mean:.1f} bits a word"
        self.title_line.show("Surprise", right, self._legend())
        self._show_facts()

    def _legend(self) -> Content:
        """The shades and from how many bits on they are used."""
        content = Content("")
        for name, least in zip(NAMES, LEVELS, strict=True):
            style = self.text.get_visual_style(f"editor--{name}")
            content += Content.assemble((f" {least:.0f}+ ", style), " ")
        return content

    def _show_facts(self) -> None:
        row, column = self.text.cursor_location
        word = self.surprises.at((row, column))
        line = f"stands out from {self.surprises.outstanding:.0f} bits" if self.surprises.mean else ""
        if word is not None:
            text = one_line(self.text.document.get_line(row)[word.start : word.end])
            line = f"“{text}” {word.bits:.1f} bits, {odds(2 ** -clamp(word.bits, 0, 200))} · {line}"
        self._facts.update(Content.styled(line, "$foreground 60%"))
