"""The keys of the screens on which one explores: the branches of a text, its surprises, two models side by side."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding


def _key(id: str, key: str, action: str, short: str, what: str) -> Binding:
    """A binding: `short` for the key line, `what` for help and the command palette."""
    return Binding(key, action, short, id=id, tooltip=what, show=False)


EXPLORER: Sequence[Binding] = (
    _key("explore-adopt", "enter", "adopt", "bring in", "Bring the path into the text"),
    _key("explore-leave", "escape", "leave", "back", "Back; the text stays as it is"),
    _key("explore-longer", "l", "longer", "longer", "Make the branch longer"),
    _key("explore-more", "m", "more", "more", "More branches from here"),
    _key("explore-resample", "r", "resample", "resample", "Draw other branches from here"),
    _key("explore-cooler", "minus", "warm(-1)", "cooler", "Lower temperature"),
    _key("explore-warmer", "plus,equals_sign", "warm(1)", "warmer", "Higher temperature"),
    _key("explore-narrower", "comma", "widen(-1)", "less top-p", "Lower top-p: only likelier words"),
    _key("explore-wider", "full_stop", "widen(1)", "more top-p", "Higher top-p: unlikelier words too"),
    _key("explore-bookmark", "b", "bookmark", "bookmark", "Bookmark the path, or no more"),
    _key("explore-compare", "c", "compare", "compare", "Compare the path with a bookmarked one"),
    _key("explore-sentence", "s", "sentence(-1)", "sentence", "Go on from the start of the sentence before"),
    _key("explore-later", "S", "sentence(1)", "later", "Go on from the next sentence, or the cursor"),
    _key("explore-instead", "i", "instead", "instead", "Bring the path in instead of the sentence"),
    _key("explore-earlier", "o", "earlier", "kept", "Show what was explored elsewhere in this draft"),
)
SURPRISE: Sequence[Binding] = (
    _key("surprise-next", "n", "peak(1)", "next", "Next surprise"),
    _key("surprise-previous", "p", "peak(-1)", "previous", "Previous surprise"),
    _key("surprise-leave", "escape", "leave", "back", "Back to where you were in the text"),
    _key("surprise-go", "enter", "go", "write here", "Back to the text, at this word"),
    _key("surprise-expected", "x", "expected", "expected", "What was expected in place of the word"),
)
COMPARE: Sequence[Binding] = (
    _key("compare-leave", "escape", "leave", "back", "Back to the text"),
    _key("compare-use", "enter", "use", "write with it", "Write with the model on the right"),
    _key("compare-next", "down", "other(1)", "next model", "Compare with the next model"),
    _key("compare-previous", "up", "other(-1)", "model before", "Compare with the model before"),
    _key("compare-back", "left", "place(-1)", "word before", "Look at the word before"),
    _key("compare-on", "right", "place(1)", "word after", "Look at the word after"),
    _key("compare-cooler", "minus", "warm(-1)", "cooler", "Lower temperature"),
    _key("compare-warmer", "plus,equals_sign", "warm(1)", "warmer", "Higher temperature"),
)
SCREENS: Sequence[tuple[str, Sequence[Binding]]] = (
    ("Explorer", EXPLORER),
    ("Surprise", SURPRISE),
    ("Two models", COMPARE),
)
"""Each screen's name and keys."""
MOVES: dict[str, Sequence[tuple[str, str]]] = {
    "Explorer": (
        ("↑  ↓", "to another branch"),
        ("←  →", "by word"),
        ("1 … 0", "step into one of the ten words"),
        ("first  path", "how likely its first word is, and all of it, at temperature 1"),
        ("1:3k", "one in 3,000; M is a million, G a thousand M"),
        ("▸  ★", "a word that a branch begins with; a bookmark"),
    ),
    "Surprise": (
        ("↑  ↓  ←  →", "move in the text"),
        ("6+  10+", "the shades, from so many bits on"),
        ("10 bits", "one in 1,024; each bit more is half as likely"),
    ),
    "Two models": (),
}
"""Keys that cannot be remapped and what they do, and what the figures and marks mean."""
