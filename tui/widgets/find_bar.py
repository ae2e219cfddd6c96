"""The bar below the draft in which one finds and replaces; what it asks for is done elsewhere."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Input, Static

from core.drafts.finding import Query

Wish = Literal["next", "previous", "replace", "replace-all", "close"]


class FindBar(Vertical):
    """A line for what is looked for, one for what it becomes, and one that says which key does what."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "wish('close')", "Close"),
        Binding("down", "wish('next')", "Next", show=False),
        Binding("up,shift+enter", "wish('previous')", "Previous", show=False),
        Binding("alt+c", "turn('case')", "Case", show=False, priority=True),
        Binding("alt+w", "turn('words')", "Whole words", show=False, priority=True),
        Binding("alt+a", "wish('replace-all')", "Replace all", show=False, priority=True),
        Binding("tab,shift+tab", "other", "The other line", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    FindBar { display: none; height: auto; padding: 0 2; background: $surface; }
    FindBar Horizontal { height: 1; }
    FindBar .label { width: 9; color: $text-muted; }
    FindBar Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $panel; }
    FindBar #find-count { width: auto; min-width: 9; padding: 0 0 0 2; text-align: right; color: $text-muted; }
    FindBar #find-hints { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    class Changed(Message):
        """What is looked for is another."""

    class Wished(Message):
        """The person wants something done."""

        def __init__(self, wish: Wish) -> None:
            super().__init__()
            self.wish: Wish = wish

    def __init__(self) -> None:
        super().__init__(id="find-bar")
        self._case = self._words = self._replacing = False

    def compose(self) -> ComposeResult:
        """Stack the lines."""
        with Horizontal():
            yield Static("Find", classes="label")
            yield Input(id="find", compact=True)
            yield Static("", id="find-count", markup=False)
        with Horizontal(id="by-row"):
            yield Static("Replace", classes="label")
            yield Input(id="by", placeholder="nothing: what is found goes", compact=True)
        yield Static("", id="find-hints", markup=False)

    @property
    def shown(self) -> bool:
        """Whether it is open."""
        return self.display

    @property
    def query_now(self) -> Query:
        """What is looked for."""
        return Query(self.query_one("#find", Input).value, self._case, self._words)

    @property
    def by(self) -> str:
        """What it becomes."""
        return self.query_one("#by", Input).value

    def open(self, text: str, *, replace: bool) -> None:
        """Open with what is looked for first; without `text` with what it was before."""
        self.display = True
        self.query_one("#by-row").display = self._replacing = replace
        find = self.query_one("#find", Input)
        if text:
            find.value = text
        self._go_to(find)
        self._hint()

    def close(self) -> None:
        """Close; what was looked for is kept for the next time."""
        self.display = False

    def say(self, line: str) -> None:
        """Say how many there are."""
        self.query_one("#find-count", Static).update(Content(line))

    def _hint(self) -> None:
        replace = self._replacing
        parts = [
            ("⏎", " replace" if replace and self._in_by else " next", False),
            ("↑↓", " move", False),
            ("Alt+C", " case", self._case),
            ("Alt+W", " whole words", self._words),
            *((("Alt+A", " replace all", False),) if replace else ()),
            ("Esc", " close", False),
        ]
        content = Content("  ").join(
            Content.assemble((key, "$text-accent"), (label, "reverse" if on else ""))
            for key, label, on in parts
        )
        self.query_one("#find-hints", Static).update(content)

    @property
    def _in_by(self) -> bool:
        return self.query_one("#by", Input).has_focus

    def on_descendant_focus(self) -> None:
        """Say what Enter does here."""
        self._hint()

    def action_wish(self, wish: Wish) -> None:
        """Ask for something."""
        self.post_message(self.Wished(wish))

    def action_turn(self, what: str) -> None:
        """Let capitals count, or whole words alone, or not."""
        if what == "case":
            self._case = not self._case
        else:
            self._words = not self._words
        self._hint()
        self.post_message(self.Changed())

    def _go_to(self, line: Input) -> None:
        """Put the focus there at once: keys that come fast are meant for it, not for the draft."""
        self.screen.set_focus(line)
        line.select_all()

    def action_other(self) -> None:
        """Go to the other line; where there is none, to the next match."""
        if not self._replacing:
            self.post_message(self.Wished("next"))
        else:
            self._go_to(self.query_one("#find" if self._in_by else "#by", Input))

    @on(Input.Changed, "#find")
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Wished("replace" if event.input.id == "by" else "next"))

    @on(Click, "#find-hints")
    def _hint_clicked(self, event: Click) -> None:
        """Do what the hint under the mouse says."""
        actions = {"⏎": "wish('next')", "↑↓": "wish('next')", "Alt+C": "turn('case')", "Alt+W": "turn('words')",
                   "Alt+A": "wish('replace-all')", "Esc": "wish('close')"}  # fmt: skip
        shown = str(self.query_one("#find-hints", Static).content)
        before = shown[: event.x + 1]
        places = {before.rfind(key): action for key, action in actions.items() if key in before}
        if places:
            self.call_later(self.run_action, places[max(places)])
