"""What was read and what was left out, as it is told before training starts: bounded, however much there is.

Needs no screen and no torch.
"""

from __future__ import annotations

from typing import Final

from core.events import CorpusRead
from core.reading.found import Corpus

FIRST: Final = 50
"""Files left out that are named one by one."""
MOST_REASONS: Final = 30
MOST_REMARKS: Final = 20


def corpus_read(
    corpus: Corpus, characters: int, held_out_characters: int, tokens: int, how: str = ""
) -> CorpusRead:
    """Return the event that tells of a corpus.

    Args:
        corpus: what was read.
        characters: what is learnt of it.
        held_out_characters: what is only measured on.
        tokens: what is learnt, in tokens.
        how: how what is held out was chosen, in words.
    """
    groups = sorted(corpus.groups.items(), key=lambda item: -item[1].count)
    return CorpusRead(
        files=len(corpus.files),
        left_out=tuple((str(item.path), item.reason) for item in corpus.left_out[:FIRST]),
        characters=characters,
        held_out_characters=held_out_characters,
        tokens=tokens,
        left_out_count=corpus.left_out_count,
        reasons=tuple((reason, counted(group.count, group.names)) for reason, group in groups[:MOST_REASONS]),
        kinds=tuple(
            (kind, f"{count.files:,} file{'s' if count.files != 1 else ''}, {count.characters:,} characters")
            for kind, count in corpus.kinds.items()
        ),
        remarks=tuple((str(path), what) for path, what in corpus.remarks[:MOST_REMARKS]),
        secrets=corpus.secrets,
        repeated=corpus.repeated,
        held_out_how=how,
    )


def counted(count: int, names: list[str]) -> str:
    """Return how many files, and the names of the first."""
    more = ", …" if count > len(names) else ""
    return f"{count:,} ({', '.join(names)}{more})"
