"""Ghosts of the base model, key by key through a real text, each also through torch.nn.LSTM and in float32.

Everything is in this process: from the edit to the completion, without pipes (benchmarks/latency.py has them).
All forms type the same, some keys at a time in turns, each in a session of its own, with the same decoding and the same
memories beside it.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from benchmarks.common import TIME_HEADERS, Table, Times, real_text, show
from benchmarks.window import held_out
from core.drafts.document import Document
from core.library.library import Library
from core.prediction.decoding import complete
from core.prediction.predictor import Predictor
from core.prediction.scoring import finish, text_bits
from core.prediction.session import Session
from core.words import first_word
from models.checkpoint import Checkpoint, load_checkpoint
from models.recurrent import RecurrentLanguageModel
from models.stepper import Floats, Form, int8_available

CONTEXT = 10_000
WARM_UP = 20
"""Keys before those that are timed, and keys typed by a form before it is the next one's turn."""
BITS_CONTEXT = 2000
SAME_CONTEXT = 3000
LIBRARY = "torch.nn.LSTM, a step at a time"
TOGETHER = "torch.nn.LSTM, the branches of a step in one call"


class LibraryStepper:
    """A stepper that calls torch's own recurrent layers, and counts how often."""

    form: Form = "float32"

    def __init__(self, model: RecurrentLanguageModel, together: bool) -> None:
        """Take the network, as it was trained, and whether branches share a call."""
        self.vocabulary = model.config.vocabulary
        self._together = together
        self.calls: Counter[int] = Counter()
        """Steps by the number of branches that shared each."""
        self._model = model
        self._layers = model.config.layers

    def initial(self, batch: int = 1) -> Floats:
        """Return zeros."""
        config = self._model.config
        return np.zeros((batch, config.parts * config.layers, config.hidden), np.float32)

    def step(self, ids: Sequence[int], state: Floats) -> tuple[Floats, Floats]:
        """Read one token a branch."""
        self.calls[len(ids)] += 1
        tokens, before = torch.tensor(ids), torch.from_numpy(state)
        each = 1 if not self._together else len(ids)
        rows = [self._step(*part) for part in zip(tokens.split(each), before.split(each), strict=True)]
        return torch.cat([logits for logits, _ in rows]).numpy(), torch.cat([new for _, new in rows]).numpy()

    @torch.inference_mode()
    def _step(self, ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        parts = tuple(
            torch.stack(list(part)) for part in zip(*[iter(state.unbind(1))] * self._layers, strict=True)
        )
        logits, new = self._model(ids.unsqueeze(0), parts)
        return logits[0], torch.cat(new).transpose(0, 1).contiguous()

    def run(self, ids: Sequence[int], state: Floats) -> Floats:
        """Read a text, a token a call."""
        states = torch.from_numpy(state)
        read: list[Tensor] = []
        for token in ids:
            states = self._step(torch.tensor([token]), states)[1]
            read.append(states)
        return torch.cat(read).numpy()

    @torch.inference_mode()
    def logits(self, state: Floats) -> Floats:
        """Predict from states."""
        top = torch.from_numpy(state[:, self._model.config.plain - 1 : self._layers].sum(1))
        projection = self._model.projection
        return self._model.output(top if projection is None else projection(top)).numpy()


class Typing:
    """One form of the model, and a draft of its own that is typed on."""

    def __init__(self, predictor: Predictor, before: str) -> None:
        """Begin with what is there already."""
        self._document = Document(before)
        self._session = Session(predictor, self._document)
        self.milliseconds: list[float] = []
        self.ghosts: list[str] = []

    def key(self, character: str) -> None:
        """Type a character and ask for the ghost."""
        end = self._document.end
        begun = time.perf_counter()
        self._document.apply(end, end, character)
        found = complete(self._session.context(self._document.end))
        self.milliseconds.append((time.perf_counter() - begun) * 1000)
        self.ghosts.append(found.ghost)


def predictors(checkpoint: Checkpoint) -> dict[str, Predictor]:
    """Return the checkpoint in every form that this machine has, the one that is used first."""
    forms: tuple[Form, ...] = ("int8", "float32") if int8_available() else ("float32",)
    found: dict[str, Predictor] = {form: Predictor(checkpoint, form) for form in forms}
    for name in (TOGETHER, LIBRARY):
        found[name] = Predictor(checkpoint, "float32")
        found[name].stepper = LibraryStepper(checkpoint.model, name == TOGETHER)
    return found


def alone(forms: dict[str, Predictor]) -> dict[str, Predictor]:
    """Return the fastest form and torch's without what they remember: the network alone."""
    first = next(iter(forms))
    bare = {
        name: Predictor.of(forms[name].stepper, forms[name].tokenizer, forms[name].folding)
        for name in (first, LIBRARY)
    }
    return {f"{name}, network alone": predictor for name, predictor in bare.items()}


def ghosts(forms: dict[str, Predictor], text: str, keys: int, what: str) -> Table:
    """Type through a text with every form, in turns; torch's a step at a time comes last."""
    typing = {name: Typing(predictor, text[:CONTEXT]) for name, predictor in forms.items()}
    stepper = list(forms.values())[-1].stepper
    assert isinstance(stepper, LibraryStepper)
    for start in range(CONTEXT, CONTEXT + WARM_UP + keys, WARM_UP):
        if start == CONTEXT + WARM_UP:
            stepper.calls.clear()
        for each in typing.values():
            for character in text[start : min(start + WARM_UP, CONTEXT + WARM_UP + keys)]:
                each.key(character)
    times = {name: Times.of(each.milliseconds[WARM_UP:]) for name, each in typing.items()}
    used = next(iter(times.values()))
    whole = sum(used.milliseconds)
    rows = [
        [name, *took.cells(), f"{took.median / used.median:.1f}", f"{sum(took.milliseconds) / whole:.1f}"]
        for name, took in times.items()
    ]
    rows[0].append("5 / 15 ms" if len(rows) > 2 else "")
    rows[-1].append("20 times")
    for row in rows[1:-1]:
        row.append("")
    calls, branches = stepper.calls.total(), sum(size * count for size, count in stepper.calls.items())
    notes = [
        f"Typed: {keys:,} characters of {what}, after {CONTEXT:,} of it.",
        f"A ghost took {calls / keys:.2f} steps of {branches / calls:.2f} branches.",
    ]
    headers = ("ghost at each key by", *TIME_HEADERS, "median / first", "sum / first", "bar")
    with_what = "" if len(rows) > 2 else ", the network alone"
    return Table(f"Ghosts, appending key by key, one thread{with_what}", headers, rows, notes)


def same(forms: dict[str, Predictor], keys: int) -> Table:
    """Compare what is shown with the exact form; through several texts, as where one key is close, so is the next."""
    texts, what = held_out()
    ghosts: dict[str, list[str]] = {name: [] for name in forms}
    for text in texts:
        for name, predictor in forms.items():
            typing = Typing(predictor, text[:SAME_CONTEXT])
            for character in text[SAME_CONTEXT : SAME_CONTEXT + keys]:
                typing.key(character)
            ghosts[name] += typing.ghosts
    exact = ghosts["float32"]
    pairs = list(zip(ghosts[next(iter(forms))], exact, strict=True))
    words = sum(first_word(one) == first_word(two) for one, two in pairs)
    whole = sum(one == two for one, two in pairs)
    rows = [["int8", f"{100 * words / len(pairs):.1f}", f"{100 * whole / len(pairs):.1f}", "97"]]
    headers = ("against float32", "same first word, %", "same ghost, %", "bar")
    return Table(
        f"The same {len(pairs):,} ghosts in both forms",
        headers,
        rows,
        [f"Typed: {keys} keys of each of {what}."],
    )


def bits(forms: dict[str, Predictor], text: str, characters: int) -> Table:
    """Compare how well the forms predict a text."""
    end = BITS_CONTEXT + characters
    measured = {
        name: finish(text_bits(predictor, text, BITS_CONTEXT, end)) / characters
        for name, predictor in forms.items()
        if name != LIBRARY
    }
    exact = measured["float32"]
    rows = [
        [name, f"{value:.4f}", f"{value - exact:+.4f}", "0.01" if name == "int8" else ""]
        for name, value in measured.items()
    ]
    headers = ("form", "bits per character", "against float32", "bar")
    return Table(f"{characters:,} characters, network and memory together", headers, rows)


def tables(name: str, keys: int, characters: int) -> list[Table]:
    """Measure everything."""
    torch.set_num_threads(1)
    text, what = real_text(max(CONTEXT + WARM_UP + keys, BITS_CONTEXT + characters))
    forms = predictors(load_checkpoint(Library().find(name).folder))
    gc.collect()
    gc.freeze()  # as the engine does
    whole = ghosts(forms, text, keys, what)
    network = ghosts(alone(forms), text, keys, what)
    exact = {name: predictor for name, predictor in forms.items() if name in ("int8", "float32")}
    compared = [same(exact, keys)] if len(exact) > 1 else []
    return [whole, network, *compared, bits(exact, text, characters)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.ghosts", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--keys", type=int, default=300, help="keys timed (default: 300)")
    parser.add_argument(
        "--characters", type=int, default=20_000, help="characters predicted (default: 20,000)"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: tables(options.model, options.keys, options.characters))


if __name__ == "__main__":
    sys.exit(main())
