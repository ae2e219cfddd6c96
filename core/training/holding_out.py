"""Which text is held out of a training: whole documents where there are several, and never what a version has learnt.

Needs no screen and no torch. A version is compared with its parent, and with the version in use: on text that one of
them had learnt, that one would look better than it is. So what was held out once stays held out, and of text that is
new to all of them a part is held out as well: versions that learn the same text are measured on the same text.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, cast

from core.errors import UserError
from core.jobs import BASE, TrainingJob
from core.library.library import Library, ModelEntry
from core.library.lineage import learnt_by
from core.reading.corpus import SHARE_HELD_OUT, Corpus, TextDocument, read_paths, split_held_out

LEAST_MEASURED: Final = 200
"""Characters that a held-out file must have: fewer measure only noise."""
LEAST_DIVIDED: Final = 2_000
"""Held-out characters that are worth dividing."""
LARGEST_SHARE: Final = 0.5
"""Share of what nobody learnt before that is held out at most: the rest is what is new to learn."""
LEAST_FRESH: Final = 2_000
"""Characters that nobody learnt before, from which these are what is held out of."""

ENDS: Final = "held_out_ends"
"""Where a card's source says which ends are held out of it."""

HeldOut = tuple[list[TextDocument], list[TextDocument], str]
"""What is learnt, what is held out, and how that was chosen, in words."""

End = tuple[int, str]
"""The end of a text: its length in characters, and its hash."""


def hold_out(job: TrainingJob, corpus: Corpus, parent: ModelEntry | None) -> HeldOut:
    """Divide what was read into what is learnt and what is held out.

    Raises:
        UserError: when there is too little text to divide.
    """
    if job.held_out is not None:
        held_out = read_paths([job.held_out], least=LEAST_MEASURED)
        return corpus.documents, held_out.documents, f"the file {Path(job.held_out).name}"
    compared = [] if parent is None or parent.name == BASE else [parent]
    if (used := version_in_use(job.name)) is not None:
        compared.append(used)
    versions = Library().history(job.name) if used is not None else []
    for models in ([*compared, *versions], compared):
        if (divided := _divide(job, corpus, models, parent)) is not None:
            return divided
    learnt, held_out, how = split_held_out(corpus.documents, seed=job.seed)
    return learnt, held_out, how + _but_learnt(held_out, parent)


def _divide(
    job: TrainingJob, corpus: Corpus, models: Sequence[ModelEntry], parent: ModelEntry | None
) -> HeldOut | None:
    """Hold out what these models held out, and a part of what is new; None where nothing is that they never learnt."""
    kept, fresh, known = _sorted(corpus, models)
    have, new = _size(kept), _size(fresh)
    if new >= LEAST_FRESH and (kept or known):
        share = max(SHARE_HELD_OUT, (SHARE_HELD_OUT * corpus.characters - have) / new)
        learnt, more, how = split_held_out(fresh, min(LARGEST_SHARE, share), job.seed)
    else:
        learnt, more, how = fresh, list[TextDocument](), ""
    if not (kept or more) or not (known or learnt):
        return None
    before = f"what was held out before ({len(kept):,} document{'s' if len(kept) > 1 else ''})"
    ways = [*([before] if kept else []), *([f"of what is new {how}"] if more else [])]
    return [*known, *learnt], [*kept, *more], ", and ".join(ways) + _but_learnt(more, parent)


def _sorted(
    corpus: Corpus, models: Sequence[ModelEntry]
) -> tuple[list[TextDocument], list[TextDocument], list[TextDocument]]:
    """What these models held out, what is new to all of them, and what some of them learnt.

    A file that was learnt and has changed since is new only where nothing else is: much of it may be as it was.
    """
    aside = _aside(models)
    learnt = {path for model in models for path in _paths_learnt(model)}
    hashes = {source.path: source.sha256 for source in corpus.files}
    kept, fresh, known, changed = (list[TextDocument]() for _ in range(4))
    for document in corpus.documents:
        digest = hashes.get(document.path)
        if digest in aside:
            begin, end = _split(document, aside[digest])
            known += [begin] if begin is not None else []
            kept += [end] if end is not None else []
        elif str(document.path) in learnt:
            changed.append(document)
        else:
            fresh.append(document)
    if _size(kept) < LEAST_MEASURED:
        kept, fresh = [], [*fresh, *kept]
    if kept or _size(fresh) >= LEAST_FRESH:
        return kept, fresh, [*known, *changed]
    return kept, [*fresh, *changed], known


def _paths_learnt(model: ModelEntry) -> set[str]:
    return {source["path"] for source in learnt_by(model) if not source.get("held_out")}


def _aside(models: Sequence[ModelEntry]) -> dict[str, set[End] | None]:
    """The files that some of these models know, by hash: the ends that none of them learnt, None for all of it."""
    found: dict[str, set[End] | None] = {}
    for model in models:
        for source in learnt_by(model):
            digest, ends = str(source.get("sha256")), None if source.get("held_out") else ends_of(source)
            before = found.get(digest)
            if ends is not None:
                ends = ends if before is None else ends & before
                found[digest] = ends
            else:
                found.setdefault(digest, None)
    return found


def _split(
    document: TextDocument, ends: Collection[End] | None
) -> tuple[TextDocument | None, TextDocument | None]:
    """What of a document was learnt, and its end that was held out."""
    if ends is None:
        return None, document
    text = document.text.rstrip("\n")
    for length, digest in ends:
        if length <= len(text) and _hash(text[len(text) - length :]) == digest:
            begin = text[: len(text) - length].rstrip("\n")
            end = TextDocument(document.path, text[len(text) - length :], document.part)
            return (TextDocument(document.path, begin, document.part) if begin.strip() else None), end
    return document, None


def ends_of(source: Mapping[str, Any]) -> set[End]:
    """What is held out of a file that is learnt in part, as a card's source says it."""
    ends: object = source.get(ENDS)
    pairs = cast("list[object]", ends) if isinstance(ends, list) else []
    return {
        (pair[0], pair[1])
        for pair in (cast("list[Any]", item) for item in pairs if isinstance(item, list))
        if len(pair) == 2 and isinstance(pair[0], int) and isinstance(pair[1], str) and pair[0] > 0
    }


def note_ends(source: dict[str, Any], held_out: Sequence[TextDocument]) -> None:
    """Have a card's source say what is held out of a file that is learnt in part."""
    texts = [document.text.rstrip("\n") for document in held_out if str(document.path) == source["path"]]
    source[ENDS] = [[len(text), _hash(text)] for text in texts]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _size(documents: Sequence[TextDocument]) -> int:
    return sum(document.characters for document in documents)


def _but_learnt(held_out: Sequence[TextDocument], parent: ModelEntry | None) -> str:
    """What has to be said beside a number that is measured on what the parent has learnt."""
    if parent is None or parent.name == BASE:
        return ""
    if _paths_learnt(parent).isdisjoint(str(document.path) for document in held_out):
        return ""
    return f", which {parent.name} had learnt at least in part: before looks better than it is"


def knows(model: ModelEntry, paths: Collection[str], sources: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a model has learnt any of what is held out.

    Args:
        model: the model.
        paths: the files that are held out, in whole or in part.
        sources: the files that are learnt or held out, as the card of the run names them.
    """
    parts = {source["path"]: ends_of(source) for source in sources}
    for source in learnt_by(model):
        learnt = not source.get("held_out") or source.get("parent_learnt")
        if source["path"] in paths and learnt:
            ends = parts.get(source["path"])
            if not ends or not ends <= ends_of(source):
                return True
    return False


def version_in_use(name: str) -> ModelEntry | None:
    """The version that a name stands for now; None where it is a new name."""
    try:
        return Library().find(name) if name in Library().names() else None
    except UserError:
        return None


def halves(texts: list[str]) -> tuple[list[str], list[str]]:
    """Divide held-out texts: by the first half things are chosen, by the second the result is proved.

    A text in the middle is divided where a paragraph or line begins. Little text is not worth dividing: it is both.
    """
    total = sum(map(len, texts))
    if total < LEAST_DIVIDED:
        return texts, texts
    ends = list(accumulate(map(len, texts)))
    index = bisect_left(ends, total / 2)
    text = texts[index]
    at = total // 2 - (ends[index] - len(text))
    border = max(text.rfind("\n\n", at // 2, at), text.rfind("\n", at * 3 // 4, at))
    at = border if border > 0 else at
    first, second = [*texts[:index], text[:at].strip("\n")], [text[at:].strip("\n"), *texts[index + 1 :]]
    first, second = [part for part in first if part.strip()], [part for part in second if part.strip()]
    return (first, second) if first and second else (texts, texts)
