"""What was read before counts once: copies, drafts that are nearly copies, and paragraphs that many files share.

Needs no screen and no torch. Documents are compared by a sample of their shingles, runs of five words: the ones whose
hashes are smallest, as in Broder, "On the resemblance and containment of documents" (1997), section 3.2. A document
that is nearly contained in an earlier one is found wherever the sample of the later one can tell. What remains of it
otherwise is found by paragraph.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

SHINGLE: Final = 5
"""Words of a shingle."""
SAMPLE: Final = 64
"""Hashes that are kept of a document."""
LEAST_COMPARED: Final = 12
"""Hashes that two samples must be able to share: fewer say nothing."""
NEARLY: Final = 0.8
"""Share of a document's shingles in an earlier one from which it is a copy with changes; of two drafts of one text
whose every eighth sentence was rewritten, nine in ten are shared."""
LONG_PARAGRAPH: Final = 80
"""Characters from which a paragraph that comes again is a copy."""
SHORT_PARAGRAPH: Final = 24
"""Characters below which it is none, however often it comes: people say “Yes, sir.” every day."""
MOST_SHORT: Final = 10
"""Documents that may have the same shorter one: greetings are typed each time, footers of a thousand files are not."""
MOST_REMEMBERED: Final = 1_000_000
"""Hashes of paragraphs, and of samples, that are kept, a hundred bytes each; beyond, what is new is not remembered."""
_WORD: Final = re.compile(r"\w+")
_MOST_WORDS: Final = 200_000
"""Numbers of words that are kept from one document to the next."""
_LOWEST, _HIGHEST, _RANGE = -(1 << 63), (1 << 63) - 1, 1 << 64
"""Bounds of Python's hashes of tuples, which of whole numbers are the same in each process."""


class _Numbers(dict[str, int]):
    """Numbers of words, the same in each process, as hashes of text are not."""

    def __missing__(self, word: str) -> int:
        number = self[word] = zlib.crc32(word.encode("utf-8", "surrogatepass"))
        return number


class Duplicates:
    """All that was read, as far as it takes to know it again."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._highest: list[int] = []
        self._paths: list[Path] = []
        self._paragraphs: dict[int, int] = {}
        self._numbers = _Numbers()

    def nearly_in(self, text: str, path: Path) -> Path | None:
        """Return the file of an earlier document that nearly has this one; else remember it as that of `path`."""
        sample = self._sample(text)
        if (found := self._match(sample)) is not None:
            return self._paths[found]
        self._remember(sample, path)
        return None

    def _match(self, sample: Sequence[int]) -> int | None:
        shared = Counter(self._first[value] for value in sample if value in self._first)
        for document, count in shared.most_common(3):
            # The earlier sample says nothing of hashes above its own highest.
            comparable = sum(1 for value in sample if value <= self._highest[document])
            if comparable >= LEAST_COMPARED and count >= NEARLY * comparable:
                return document
        return None

    def _remember(self, sample: Sequence[int], path: Path) -> None:
        if len(sample) < LEAST_COMPARED or len(self._first) > MOST_REMEMBERED:
            return
        number = len(self._paths)
        self._paths.append(path)
        self._highest.append(sample[-1] if len(sample) == SAMPLE else _HIGHEST)
        for value in sample:
            self._first.setdefault(value, number)

    def _sample(self, text: str) -> list[int]:
        """Return the smallest hashes of a text's shingles, in order."""
        if len(self._numbers) > _MOST_WORDS:
            self._numbers.clear()
        numbers = [self._numbers[word] for word in _WORD.findall(text.lower())]
        shingles = map(hash, zip(*(numbers[start:] for start in range(SHINGLE)), strict=False))
        # Hashes are spread evenly, so nearly all can be passed over unsorted.
        bound = _LOWEST + int(_RANGE * min(1.0, 8 * SAMPLE / max(1, len(numbers))))
        low = sorted({value for value in shingles if value <= bound})
        if len(low) < SAMPLE and bound < _HIGHEST:  # a text that says few things again and again
            shingles = map(hash, zip(*(numbers[start:] for start in range(SHINGLE)), strict=False))
            low = sorted(set(shingles))
        return low[:SAMPLE]

    def without_repeated(self, paragraphs: Sequence[str]) -> list[str]:
        """Return the paragraphs of a document that are not copies of those of earlier documents.

        What comes again within a document, such as a refrain, is its author's.
        """
        keys = [_key(paragraph) for paragraph in paragraphs]
        kept = [
            paragraph
            for paragraph, key in zip(paragraphs, keys, strict=True)
            if len(paragraph) < SHORT_PARAGRAPH
            or self._paragraphs.get(key, 0) < (1 if len(paragraph) >= LONG_PARAGRAPH else MOST_SHORT)
        ]
        for key in set(keys):
            count = self._paragraphs.get(key, 0)
            if count or len(self._paragraphs) < MOST_REMEMBERED:
                self._paragraphs[key] = count + 1
        return kept


def _key(paragraph: str) -> int:
    """Return a hash of a paragraph's words, whatever their case and what stands between them."""
    plain = " ".join(_WORD.findall(paragraph.lower())).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(plain, digest_size=8).digest(), "little")
