"""The explorer: from a place of the draft a tree of ways to go on, walked, grown and pruned with single keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from core.client import ChildError, Superseded
from core.drafts import sentences
from core.exploring.branching import Node, add, marks, prune
from core.exploring.explored import BEFORE, Explored, place_of, text_before
from core.protocol import NextWord, Position
from core.text import one_line, strip_controls
from core.words import typed_word
from tui.engines import BranchingEngine
from tui.exploring_keys import EXPLORER
from tui.flows.growing import BRANCHES, Adopted, Growing, Sampling
from tui.screens.looking import Help, LookingScreen
from tui.screens.paths_compared import PathsCompared
from tui.widgets.branch_tree import BranchTree, odds
from tui.widgets.probabilities import percent
from tui.widgets.status_line import KeyHint
from tui.widgets.word_bars import DIGITS, WordBars

STILL_SECONDS = 0.04
"""How long the cursor must stand still before the bars follow it."""


class Explorer(LookingScreen[Adopted | None]):
    """Shows a tree that goes on from one place of the draft; `trees` has what was explored, the newest first."""

    NAME = "explorer"
    KEYS: ClassVar[Sequence[Binding]] = EXPLORER
    BINDINGS: ClassVar[list[BindingType]] = [
        *EXPLORER,
        Binding("f1", "help", "Help", show=False),
        Binding("up", "rows(-1)", show=False),
        Binding("down", "rows(1)", show=False),
        Binding("pageup", "rows(-10)", show=False),
        Binding("pagedown", "rows(10)", show=False),
        Binding("home", "origin", show=False),
        Binding("left", "back", show=False),
        Binding("right", "on", show=False),
        *(Binding(digit, f"step({place})", show=False) for place, digit in enumerate(DIGITS)),
    ]

    def __init__(
        self,
        engine: BranchingEngine,
        draft: str,
        lines: Sequence[str],
        cursor: Position,
        trees: list[Explored],
        *,
        sampling: Sampling,
        hints: Sequence[KeyHint],
        help: Help,
    ) -> None:
        super().__init__(hints, help)
        self._lines, self._cursor = lines, cursor
        self._growing = Growing(engine, draft, cursor, sampling)
        self.branchess = trees
        self.branches = BranchTree(id="branches")
        self.bars = WordBars(id="word-bars")
        self._facts = Static("", id="facts", markup=False)
        self._taken = Static("", id="path", markup=False)
        self._marks = Static("", id="marks", markup=False)
        self._words: list[NextWord] = []
        self._bars_task: asyncio.Task[None] | None = None
        self.busy = 0
        """How many requests are under way."""

    @property
    def sampling(self) -> Sampling:
        """How branches are drawn."""
        return self._growing.sampling

    @property
    def _place(self) -> Position:
        return self._growing.place

    def compose(self) -> ComposeResult:
        """Stack the tree, what is known of the place in it, and the keys."""
        yield self.title_line
        with Horizontal(id="explored"):
            yield self.branches
            with Vertical(id="beside"):
                yield self.bars
                yield self._marks
        yield self._taken
        yield self._facts
        yield self.key_rows

    def on_mount(self) -> None:
        """Begin where the cursor is."""
        self.branches.focus()
        self._start_at(self._cursor)

    def on_unmount(self) -> None:
        """Ask no more."""
        if self._bars_task is not None:
            self._bars_task.cancel()

    def engine_changed(self) -> None:
        """Ask for what could not be had while a model was loading."""
        self._show_title()
        if self._growing.state == "ready" and not self.branches.root.children and not self.busy:
            self._begin()

    # The place from which all goes on

    def _start_at(self, place: Position) -> None:
        before = text_before(self._lines, place)
        known = next((item for item in self.branchess if item.place == place and item.before == before), None)
        if known is None:
            known = next(
                (item for item in self.branchess if item.before == before and self._is_at(item, place)), None
            )
        if known is None:
            known = Explored(place, before, Node())
        else:
            self.branchess.remove(known)
        known.place = place
        self.branchess.insert(0, known)
        self._growing.place = place
        self.branches.show(known.tree, before.rsplit("\n", 1)[-1].lstrip(), typed_word(before))
        if not known.tree.children:
            self._begin()

    def _begin(self) -> None:
        """Ask for the first branches: more of them where there is room."""
        self._ask(self._grow(self.branches.root, BRANCHES * (1 + self.size.height // 20)))

    def _is_at(self, item: Explored, place: Position) -> bool:
        return place_of(item, self._lines) == place

    @property
    def from_sentence(self) -> bool:
        """Whether the tree goes on from the start of a sentence rather than from the cursor."""
        return self._place != self._cursor

    def action_sentence(self, by: int) -> None:
        """Go on from the start of the sentence before, or after; the cursor is the last place there is."""
        if by < 0:
            place = sentences.start_before(self._lines, self._place)
        else:
            place = sentences.start_after(self._lines, self._place)
            if self._place < self._cursor and (place is None or place > self._cursor):
                place = self._cursor
        if place is None:
            self._note(
                "There is no sentence before this one." if by < 0 else "There is no sentence after this one."
            )
        else:
            self._start_at(place)

    def action_earlier(self) -> None:
        """Show the tree that was looked at longest ago, and so in turn all that are kept."""
        for item in reversed(self.branchess[1:]):
            place = place_of(item, self._lines)
            if place is not None and item.tree.children:
                item.place = place
                self._start_at(place)
                return
        self._note("Nothing else is kept of this draft: what is explored is, with the draft.")

    # Asking

    def _ask(self, work: Awaitable[object]) -> None:
        self.run_worker(self._wait_for(work), group="branches", description="branches")

    async def _wait_for(self, work: Awaitable[object]) -> None:
        self.busy += 1
        self._show_title()
        try:
            await work
        except Superseded:
            pass
        except ChildError as error:
            self._note(str(error))
        finally:
            self.busy -= 1
            self._show_title()

    async def _grow(self, node: Node, count: int = BRANCHES, *, follow: bool = False) -> None:
        """Ask for branches that follow a node, and go to the end of the first where that is wanted."""
        ends = await self._growing.grow(node, count)
        self.branches.update(ends[0] if follow and ends else None)
        if not ends and self._growing.state == "ready":
            self._note("The model knows no word to go on with here.")

    @on(BranchTree.Moved)
    def _follow(self) -> None:
        """Show what is known of the word under the cursor, and ask what may follow it."""
        self._show_facts()
        if self._bars_task is not None:
            self._bars_task.cancel()
        self._bars_task = asyncio.create_task(self._ask_words(self.branches.node, STILL_SECONDS))

    async def _ask_words(self, node: Node, wait: float) -> None:
        await asyncio.sleep(wait)
        try:
            words = await self._growing.words(node)
        except ChildError:
            return
        if node is self.branches.node:
            self._words = words
            self._show_words()

    # Actions

    def action_rows(self, by: int) -> None:
        """Go to another branch."""
        self.branches.move_rows(by)

    def action_origin(self) -> None:
        """Go to where the tree begins."""
        self.branches.go_to(self.branches.root)

    def action_back(self) -> None:
        """Go a word back."""
        self.branches.move_back()

    def action_on(self) -> None:
        """Go a word on; at the end of a branch it is made longer."""
        if not self.branches.move_on():
            self.action_longer()

    def action_step(self, place: int) -> None:
        """Step into one of the ten likeliest words, and see how it goes on."""
        if place < len(self._words):
            word = self._words[place]
            node = add(self.branches.node, [(word["rest"], word["plain"])])
            self.branches.update(node)
            if not node.children:
                self._ask(self._grow(node, 1))

    def action_longer(self) -> None:
        """Make the branch longer, from its end."""
        end = self.branches.node.leaf()
        self._ask(self._grow(end, 1, follow=True))

    def action_more(self) -> None:
        """Add branches from here: the next likeliest, or some that are drawn anew."""
        node = self.branches.node
        if self.sampling.temperature:
            self._growing.draw_anew()
            self._ask(self._grow(node))
        else:
            self._ask(self._grow(node, len(node.children) + BRANCHES))

    def action_resample(self) -> None:
        """Draw other branches from here in place of those that are not bookmarked."""
        if not self.sampling.temperature:
            self._note("At the surest temperature nothing is drawn: make it warmer first.")
            return
        node = self.branches.node
        count = max(len(node.children), BRANCHES)
        prune(node)
        self._growing.draw_anew()
        self._ask(self._grow(node, count))

    def action_warm(self, by: int) -> None:
        """Change the temperature: the bars follow at once, branches when they are asked for."""
        self._sample(self.sampling.warmer(by))

    def action_widen(self, by: int) -> None:
        """Change top-p."""
        self._sample(self.sampling.wider(by))

    def _sample(self, sampling: Sampling) -> None:
        self._growing.sampling = sampling
        self._show_title()
        if self._bars_task is not None:
            self._bars_task.cancel()
        self._bars_task = asyncio.create_task(self._ask_words(self.branches.node, 0))

    def action_bookmark(self) -> None:
        """Bookmark the path to the word under the cursor, or no more."""
        node = self.branches.node
        if node.parent is not None:
            node.marked = not node.marked
            self.branches.refresh()
            self._show_facts()

    def action_compare(self) -> None:
        """Show the path beside a bookmarked one."""
        node = self.branches.node
        others = [mark for mark in marks(self.branches.root) if mark is not node]
        if node.parent is None or not others:
            self._note("Bookmark a path, go to another one, and compare.")
            return
        self.run_worker(self._compare(node, others), group="compare")

    async def _compare(self, node: Node, others: list[Node]) -> None:
        chosen = await self.app.push_screen_wait(PathsCompared(self._before(), node, others))
        if chosen is not None:
            self.branches.go_to(chosen)

    def action_adopt(self) -> None:
        """Bring the path up to the word under the cursor into the text."""
        text = self._text_to_bring_in()
        if text:
            row, column = self._place
            following = self._lines[row][column : column + 1]
            joins = following and not following.isspace() and (following.isalnum() or self.from_sentence)
            self.dismiss(Adopted(text + " " if joins else text, self._place, self._place))

    def action_instead(self) -> None:
        """Bring the path in instead of the sentence that stands there."""
        if not self.from_sentence:
            self._note("Go to the start of a sentence first.")
        elif text := self._text_to_bring_in():
            self.dismiss(Adopted(text, self._place, sentences.end_of(self._lines, self._place)))

    def _text_to_bring_in(self) -> str:
        text = strip_controls(self.branches.node.path_text)
        if not text:
            self._note("Go to a branch first: what leads to the word under the cursor is brought in.")
        return text

    # Showing

    def _before(self) -> str:
        """The last words before the place, on its line."""
        line = one_line(text_before(self._lines, self._place).rsplit("\n", 1)[-1])
        return line if len(line) < BEFORE else "… " + line.split(" ", 1)[-1]

    def _note(self, line: str) -> None:
        self.notify(one_line(line), markup=False, timeout=4)

    def _show_title(self) -> None:
        if not self.is_mounted:
            return
        state = self._growing.state
        state_text = (
            "" if state == "ready" else "the model is loading · " if state != "failed" else "no model · "
        )
        busy = "… " if self.busy else ""
        where = "from this sentence" if self.from_sentence else "from the cursor"
        self.title_line.show(
            f"Explore {where}", f"{busy}{state_text}{one_line(self._growing.model)} · {self.sampling}"
        )

    def _show_words(self) -> None:
        node = self.branches.node
        texts = {child.text for child in node.children}
        rows = [(word["text"], word["probability"], word["rest"] in texts) for word in self._words]
        note = "" if self.sampling.temperature else " · temperature 1"
        after = f"After “{one_line(node.text.strip())}”" if node.parent else "Next word"
        self.bars.show(rows, after + note)

    def _show_facts(self) -> None:
        node = self.branches.node
        self._show_title()
        self._taken.update(
            Content.assemble((self._before(), "$foreground 45%"), (one_line(node.path_text), "bold"))
        )
        count = self.branches.count
        branches = f"{count:,} {'branch' if count == 1 else 'branches'}"
        if node.parent is None:
            self._facts.update(Content.styled(branches, "$foreground 60%"))
        else:
            words = len(node.path)
            word = f"“{one_line(node.text.strip())}” {percent(node.probability)}"
            path = f"path {odds(node.path_probability)} · {words} {'word' if words == 1 else 'words'}"
            self._facts.update(Content.styled(f"{word} · {path} · {branches}", "$foreground 60%"))
        self._marks.update(self._marked())

    def _written(self, node: Node) -> str:
        """A path with the part of a word that it goes on from."""
        text = one_line(node.path_text)
        typed = typed_word(text_before(self._lines, self._place))
        return text.strip() if text.startswith(" ") else typed + text

    def _marked(self) -> Content:
        """The bookmarks, one on a row."""
        lines = [
            Content.assemble(
                ("★ ", "$text-accent"),
                (self._written(node), "$foreground 80%"),
                (f"  {odds(node.path_probability)}", "$foreground 60%"),
            )
            for node in marks(self.branches.root)
        ]
        return Content("\n").join(lines)
