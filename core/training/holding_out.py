"""Which text is held out of a training: whole documents where there are several, and rather what nobody learnt before.

Needs no screen and no torch. A version is compared with its parent, and with the version in use: on text that one of
them had learnt, that one would look better than it is.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from pathlib import Path
from typing import Final

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

HeldOut = tuple[list[TextDocument], list[TextDocument], str]
"""What is learnt, what is held out, and how that was chosen, in words."""


def hold_out(job: TrainingJob, corpus: Corpus, parent: ModelEntry | None) -> HeldOut:
    """Divide what was read into what is learnt and what is held out.

    Raises:
        UserError: when there is too little text to divide.
    """
    if job.held_out is not None:
        held_out = read_paths([job.held_out], least=LEAST_MEASURED)
        return corpus.documents, held_out.documents, f"the file {Path(job.held_out).name}"
    known = _learnt_before(job, parent)
    hashes = {source.path: source.sha256 for source in corpus.files}
    fresh = [document for document in corpus.documents if hashes.get(document.path) not in known]
    size = sum(document.characters for document in fresh)
    if len(fresh) in (0, len(corpus.documents)) or size < LEAST_FRESH:
        return split_held_out(corpus.documents, seed=job.seed)
    share = min(LARGEST_SHARE, SHARE_HELD_OUT * corpus.characters / size)
    learnt, held_out, how = split_held_out(fresh, share, job.seed)
    unchanged = [document for document in corpus.documents if hashes.get(document.path) in known]
    return [*unchanged, *learnt], held_out, how


def _learnt_before(job: TrainingJob, parent: ModelEntry | None) -> set[str]:
    """The hashes of the files that the parent, or the version in use, has learnt."""
    models = [] if parent is None or parent.name == BASE else [parent]
    if (used := version_in_use(job.name)) is not None:
        models.append(used)
    return {
        str(source.get("sha256"))
        for model in models
        for source in learnt_by(model)
        if not source.get("held_out")
    }


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
