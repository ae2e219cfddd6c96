"""What the engine does for each method of the protocol: the handlers, over a model and the sessions of open drafts.

Needs no screen. torch arrives with the first model that is loaded, not with this module.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from core import protocol
from core.drafts.document import Document
from core.drafts.following import Follower
from core.engine.answers import (
    Draft,
    Places,
    as_branch,
    as_suggestion,
    as_word,
    between,
    memory_megabytes,
    read_text,
    return_memory,
    silent,
)
from core.engine.model import Model
from core.errors import UserError
from core.params import Params
from core.protocol import Json, Notification, Position, ProtocolError

if TYPE_CHECKING:
    from core.engine.process import Call, Handler, Work
    from core.prediction.decoding import Partial
    from core.prediction.session import Context, Session
    from core.wire import Wire

REMEMBERED = 1000
"""Ghosts whose latency the figures are of."""
MOST_PASSED = 100
"""Words at most that a client may say were typed past."""
HOTTEST = 10
"""Temperature above which all words are as good as equally likely."""
LEAST_TOP_P = 1e-6
SURPRISE_CONTEXT = 2000
"""Characters that are read before a stretch whose surprise is asked for."""
SURPRISES = 100
"""Words of a notification that tells how surprising they were."""
PROGRESS_SECONDS = 0.1
"""Time between two notifications of one job's progress."""
PARTIAL_MILLISECONDS = 10
"""Time between two partial ghosts: what is done sooner than the next would be shown is not worth a message."""
SESSIONS = 2
"""Drafts whose sessions are kept at once; another's begins anew when it is asked for."""


class Methods:
    """The handlers and what they share."""

    def __init__(self, wire: Wire, model: str | None, threads: int) -> None:
        self._wire = wire
        self._model = Model(model, threads, self._begin_anew)
        self._drafts: dict[str, Draft] = {}
        self._follower = Follower()
        self._followed = Draft(self._follower.document)
        self._recent: list[Draft] = []
        self._latencies: deque[float] = deque(maxlen=REMEMBERED)
        self._requests = 0

    def handlers(self) -> dict[str, Handler]:
        """The handler of each method."""
        return {
            "load": self.load,
            "open": self.open,
            "edit": self.edit,
            "close": self.close,
            "ghost": self.ghost,
            "distribution": self.distribution,
            "branches": self.branches,
            "surprise": self.surprise,
            "suggest": self.suggest,
            "generate": self.generate,
            "score": self.score,
            "figures": self.figures,
        }

    def rest(self) -> None:
        """Nobody asks for anything: get ready for who will, or give back to the system what the last work left."""
        if self._model.ready:
            return_memory()
        else:
            self._model.preload()

    def load(self, call: Call) -> protocol.LoadedModel:
        """Load a model; the one before stays where that fails."""
        return self._model.load(call.params.text("model"))

    def _begin_anew(self) -> None:
        for draft in self._recent:
            draft.session = None
        self._recent.clear()

    def open(self, call: Call) -> Json:
        """Open a draft, or take its text anew."""
        params = call.params
        name, document = params.text("draft"), Document(params.text("text"))
        self._forget(name)
        self._drafts[name] = Draft(document)
        return {}

    def edit(self, call: Call) -> None:
        """Apply an edit. Nobody hears of one that does not fit, so the draft then says so when it is asked."""
        draft = self._drafts.get(str(call.message.params.get("draft")))
        if draft is None:
            return
        params = call.params
        try:
            draft.document.apply(params.position("start"), params.position("end"), params.text("text"))
        except (UserError, ProtocolError):
            draft.broken = True

    def close(self, call: Call) -> Json:
        """Forget a draft."""
        self._forget(call.params.text("draft"))
        return {}

    def _forget(self, name: str) -> None:
        draft = self._drafts.pop(name, None)
        if draft in self._recent:
            self._recent.remove(draft)

    def _draft(self, params: Params) -> Draft:
        name = params.text("draft")
        draft = self._drafts.get(name)
        if draft is None:
            raise ProtocolError(protocol.INVALID_PARAMS, f'the draft "{name}" is not open: open it first')
        if draft.broken:
            raise ProtocolError(
                protocol.INVALID_PARAMS, f'an edit of the draft "{name}" did not fit: open it again'
            )
        return draft

    def _context(self, draft: Draft, cursor: Position, path: str = "") -> Context:
        if draft.document.clip(cursor) != cursor:
            raise ProtocolError(protocol.INVALID_PARAMS, f'"cursor" {list(cursor)} lies outside the draft')
        return self._session(draft).context(cursor, path)

    def _session(self, draft: Draft) -> Session:
        predictor = self._model.predictor()
        if draft.session is None:
            from core.prediction.session import Session

            draft.session = Session(predictor, draft.document)
        if draft in self._recent:
            self._recent.remove(draft)
        self._recent.append(draft)
        for oldest in self._recent[:-SESSIONS]:
            oldest.session = None
        del self._recent[:-SESSIONS]
        return draft.session

    def ghost(self, call: Call) -> protocol.Ghost:
        """The ghost at a place in a draft, streaming."""
        params = call.params
        generation = params.whole("generation", 0, 0, 2**53)
        draft, cursor = self._draft(params), params.position("cursor")
        context = self._context(draft, cursor)
        name = params.text("draft")

        due = 0.0

        def partial(ghost: str, probability: float) -> None:
            nonlocal due
            if (moment := call.milliseconds()) < due:
                return
            due = moment + PARTIAL_MILLISECONDS
            fields = {"draft": name, "generation": generation, "ghost": ghost, "probability": probability}
            self._wire.send(Notification("ghost/partial", {"id": call.id, **fields}))

        suggestion = self._suggestion(call, context, draft.document.rest_of_line(cursor), partial)
        return {"generation": generation, **suggestion}

    def suggest(self, call: Call) -> protocol.Suggestion:
        """A suggestion for a client that keeps nothing: the text before the cursor comes with each request."""
        params = call.params
        before, after = params.text("before"), params.text("after", "")
        cursor = self._follower.follow(before)
        context = self._context(self._followed, cursor)
        return self._suggestion(call, context, after.split("\n", 1)[0], None)

    def _suggestion(
        self, call: Call, context: Context, rest: str, partial: Partial | None
    ) -> protocol.Suggestion:
        from core.prediction.decoding import Options, complete
        from core.prediction.quoting import origin

        params = call.params
        options = Options(
            temperature=params.number("temperature", 0, 0, HOTTEST),
            eagerness=params.number("eagerness", 0, 0, 1),
            words=params.whole("words", 6, 1, 50),
            alternatives=params.whole("alternatives", 3, 0, 20),
            seed=params.whole("seed", 0, 0, 2**63 - 1),
            line_break=params.flag("line_break", False),
            passed=params.texts("passed", MOST_PASSED),
        )
        self._requests += 1
        if rest.strip():
            return silent("mid-line", call)
        found = complete(context, options, partial, call.is_stopped)
        source = origin(context.predictor, context.before, found.ghost)
        self._latencies.append(call.milliseconds())
        return as_suggestion(found, source, call)

    def distribution(self, call: Call) -> protocol.Distribution:
        """The likeliest next words."""
        from core.prediction.decoding import next_words

        params = call.params
        context = self._context(self._draft(params), params.position("cursor"), params.text("path", ""))
        self._requests += 1
        words = next_words(
            context,
            temperature=params.number("temperature", 1, 0, HOTTEST),
            top_p=params.number("top_p", 1, LEAST_TOP_P, 1),
            count=params.whole("count", 10, 1, 100),
            cancelled=call.is_stopped,
        )
        return {
            "words": [as_word(word) for word in words],
            "milliseconds": call.milliseconds(),
        }

    def branches(self, call: Call) -> protocol.Branches:
        """Ways to go on from a place, or from the end of a path that leads on from it."""
        from core.prediction.decoding import branches

        params = call.params
        context = self._context(self._draft(params), params.position("cursor"), params.text("path", ""))
        self._requests += 1
        found = branches(
            context,
            count=params.whole("count", 4, 1, 100),
            words=params.whole("words", 6, 1, 50),
            temperature=params.number("temperature", 0, 0, HOTTEST),
            top_p=params.number("top_p", 1, LEAST_TOP_P, 1),
            seed=params.whole("seed", 0, 0, 2**63 - 1),
            cancelled=call.is_stopped,
        )
        return {"branches": [as_branch(branch) for branch in found]}

    def surprise(self, call: Call) -> Work:
        """How little each word of a stretch was expected."""
        from core.prediction.surprise import surprise

        params = call.params
        draft, start, end = self._draft(params), params.position("start"), params.position("end")
        document = draft.document
        if document.clip(start) != start or document.clip(end) != end or end < start:
            raise ProtocolError(
                protocol.INVALID_PARAMS, '"start" and "end" must lie in the draft, in this order'
            )
        stretch = between(document, start, end)
        words = surprise(self._model.predictor(), document.before(start, protocol.SURPRISE_CONTEXT), stretch)
        places = Places(stretch, start)
        self._requests += 1

        def work() -> Work:
            placed: list[protocol.WordSurprise] = []
            for word in words:
                first, last = places.at(word.start), places.at(word.end)
                placed.append({"start": first, "end": last, "bits": round(word.bits, 3)})
                if len(placed) % SURPRISES == 0:
                    newest = {"id": call.id, "words": placed[-SURPRISES:]}
                    self._wire.send(Notification("surprise/words", newest))
                yield
            mean = sum(word["bits"] for word in placed) / max(len(placed), 1)
            return {"words": placed, "mean_bits": round(mean, 3)}

        return work()

    def generate(self, call: Call) -> Work:
        """Text that goes on from a prompt, piece by piece."""
        from core.prediction.generating import generate

        params = call.params
        pieces = generate(
            self._model.predictor(),
            params.text("prompt"),
            temperature=params.number("temperature", 0.7, 0, HOTTEST),
            top_p=params.number("top_p", 1, LEAST_TOP_P, 1),
            words=params.whole("words", 100, 1, 1_000_000),
            seed=params.whole("seed", 0, 0, 2**63 - 1),
        )
        self._requests += 1

        def work() -> Work:
            text: list[str] = []
            for piece in pieces:
                if piece:
                    text.append(piece)
                    self._wire.send(Notification("generate/text", {"id": call.id, "text": piece}))
                yield
            whole = "".join(text)
            return {"text": whole, "words": len(whole.split()), "milliseconds": call.milliseconds()}

        return work()

    def score(self, call: Call) -> Work:
        """Keys saved on a text, and bits per character."""
        from core.prediction.scoring import score_text

        params = call.params
        file = params.text("file")
        text = params.text("text") if "text" in params else read_text(file)
        predictor = self._model.predictor()
        steps = score_text(
            predictor,
            text,
            file=file,
            model=loaded["name"] if (loaded := self._model.loaded) else "",
            start=params.whole("start", 0, 0, 2**53),
            chars=params.whole("chars", 1, 1, 2**53) if "chars" in params else None,
            eagerness=params.number("eagerness", 0, 0, 1),
            again=params.flag("again", False),
        )
        self._requests += 1

        def work() -> Work:
            told = 0.0
            while True:
                try:
                    progress = next(steps)
                except StopIteration as end:
                    return end.value
                if (moment := time.monotonic()) - told > PROGRESS_SECONDS:
                    told = moment
                    fields = {"id": call.id, "characters": progress.done, "of": progress.of}
                    self._wire.send(Notification("score/progress", fields))
                yield

        return work()

    def figures(self, call: Call) -> protocol.Figures:
        """What this engine is and how fast it was."""
        loaded, median, p95 = self._model.loaded, None, None
        if ordered := sorted(self._latencies):
            median, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        return {
            "model": loaded["name"] if loaded else None,
            "form": loaded["form"] if loaded else None,
            "memory_megabytes": memory_megabytes(),
            "ghost_milliseconds": {"median": median, "p95": p95},
            "requests": self._requests,
        }
