"""Where did that come from: whether a ghost goes on exactly as one of the person's own documents does, and which.

Needs no screen.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from core.prediction.predictor import Predictor
from models.recall import ORDERS

WORDS: Final = 8
"""Words in a row, the ghost's last ones, from which on it is quoting."""
LOOKED_AT: Final = 400
"""Characters before the cursor that are compared at most."""
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def origin(predictor: Predictor, before: str, ghost: str) -> str | None:
    """Return the path of a document that has the ghost and the words before it, WORDS in all, exactly so.

    All words of the ghost must be there, with what stands between them, however many they are. Where several
    documents have them, the first of them is named.

    Args:
        predictor: the model, with its memory of documents.
        before: the text before the cursor.
        ghost: what is shown there.
    """
    personal = predictor.personal
    if personal is None or not ghost.strip():
        return None
    text = before[-LOOKED_AT:] + ghost
    words = list(_WORD.finditer(text))
    own = sum(match.end() > len(text) - len(ghost) for match in words)
    if len(words) < WORDS or not own:
        return None
    phrase = text[words[-max(WORDS, own)].start() :]
    # A word is cut differently after a space and at the beginning of a line.
    for spelled in (" " + phrase, phrase):
        tokens = np.asarray(predictor.tokenizer.encode(predictor.fold(spelled)), np.int64)
        places = personal.phrases.find(tokens) if len(tokens) >= ORDERS else ()
        for place in places:
            if (document := personal.document_at(int(place))) is not None:
                return document.path
    return None
