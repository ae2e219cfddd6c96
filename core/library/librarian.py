"""The librarian process: what the library needs torch for. JSON-RPC on its standard streams, one request at a time.

Needs no screen. Run as `python -P -m core.library.librarian` by `core.library.client`. It checks that a folder holds a
sound model, makes a model's memory forget a file, and has it remember one that was saved. torch is imported with the
first request.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

from core import protocol
from core.errors import UserError
from core.library.learning import learning_of, note_forgotten, note_saved, unwanted
from core.library.library import Library, ModelEntry, changing_memory
from core.library.lineage import learnt_by, source_path, weights_know
from core.library.unfinished import delete_run_with, no_training
from core.params import Params
from core.protocol import Failure, Json, ProtocolError, Request, Response
from core.sources import kept_as, known_as
from core.text import one_line
from core.wire import BACKGROUND, Wire, take_streams
from models.errors import ModelError


def check(params: Params) -> Json:
    """Load the checkpoint in `folder`; raises ModelError where it is not sound."""
    from models.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(Path(params.text("folder")))
    return {"vocabulary": checkpoint.tokenizer.size, "weights": checkpoint.model.config.as_json()}


def forget(params: Params) -> Json:
    """Take `file` out of the memory of all versions of `model`, exactly and for good.

    Returns `path`, how many versions remembered it (`versions`), and those whose weights learnt it (`weights`).
    """
    name = params.text("model")
    path = source_path(Library().find(name), params.text("file"))
    with no_training([name]), changing_memory(name):
        return _forget(name, path)


def _forget(name: str, path: str) -> Json:
    note_forgotten(name, path)
    delete_run_with(name, path)
    Library().sweep(name)
    remembered, stained, damaged = 0, list[int](), list[str]()
    for version in Library().history(name):
        try:
            remembered += _forget_in(version, path)
        except (ModelError, OSError) as error:
            damaged.append(f"version {version.version} ({error})")
        if weights_know(version, path):
            stained.append(version.version)
    if damaged:
        raise UserError(
            f"{one_line(name)} has forgotten it but for {'; '.join(damaged)}: take another version into use and "
            f"`foretype models prune` deletes that one"
        )
    return {"path": path, "versions": remembered, "weights": stained}


def _forget_in(version: ModelEntry, path: str) -> bool:
    """Take a file out of the memory of one version; returns whether it was there."""
    from core.library.personal import forget_document, kept_document
    from models.checkpoint import read_card, replace_personal
    from models.config import ModelConfig
    from models.personal import load_personal, sweep

    sweep(version.folder)
    config = ModelConfig.from_json(read_card(version.folder).get("config"))
    personal = load_personal(version.folder, config.vocabulary)
    there = personal is not None and kept_document(personal, path) is not None
    if personal is not None and there:
        replace_personal(version.folder, forget_document(personal, path))
    if not weights_know(version, path) and any(source["path"] == path for source in learnt_by(version)):
        _unlist(version.folder, path)
    return there


def _unlist(folder: Path, path: str) -> None:
    """Take a file off the card of a version that has nothing of it any more."""
    from models.checkpoint import read_card
    from models.folder import CARD, MAX_CARD_BYTES, write_json

    card = read_card(folder)
    card["trained_on"] = [source for source in card["trained_on"] if not _names(source, path)]
    partial = folder / f".{CARD}.partial"
    try:
        write_json(partial, card, MAX_CARD_BYTES)
        partial.replace(folder / CARD)
    finally:
        partial.unlink(missing_ok=True)


def _names(source: object, path: str) -> bool:
    named = cast("dict[str, object]", source).get("path") if isinstance(source, dict) else None
    return isinstance(named, str) and kept_as(named) == path


def learn(params: Params) -> Json:
    """Have `model` remember `file` as it is on the disk now, in place of what it remembered of it.

    Returns how many `characters` it remembers of it, how many of these are `new`, and whether `enough` waits for the
    weights. What the settings exclude, or it was made to forget, is not learnt: then there are none.
    """
    from core.library.personal import kept_document
    from core.library.saved import remember_saved
    from core.reading.corpus import read_paths

    name, file = params.text("model"), known_as(params.text("file"))
    with changing_memory(name):
        entry = Library().find(name)
        learning = learning_of(entry)
        if not learning.on or Path(file) in unwanted(learning):
            return {"characters": 0, "new": 0, "enough": learning.enough}
        corpus = read_paths([file], least=1)
        before = remember_saved(entry.folder, [corpus])
        known = kept_document(before, file) if before is not None else None
        new = corpus.characters - (known.characters if known is not None else 0)
        waiting = note_saved(name, file, new)
    return {"characters": corpus.characters, "new": new, "enough": waiting.enough}


METHODS: Final[dict[str, Callable[[Params], Json]]] = {"check": check, "forget": forget, "learn": learn}


def answer(request: Request) -> Response | Failure:
    """Do what a request asks; what goes wrong becomes one line for a person."""
    method = METHODS.get(request.method)
    if method is None:
        line = f"there is no method {request.method!r}: a librarian has {', '.join(METHODS)}"
        return Failure(request.id, protocol.METHOD_NOT_FOUND, line)
    try:
        return Response(request.id, method(Params(request.params)))
    except (UserError, ModelError) as error:
        return Failure(request.id, protocol.FAILED, str(error))
    except ProtocolError as error:
        return Failure(request.id, error.code, str(error))
    except Exception as error:
        traceback.print_exc()  # into the log
        return Failure(
            request.id, protocol.INTERNAL_ERROR, f"the librarian failed ({type(error).__name__}: {error})"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the librarian as a program, until its input ends."""
    if arguments if arguments is not None else sys.argv[1:]:
        print("foretype's librarian takes no arguments: it is asked on standard input", file=sys.stderr)
        return 2
    os.nice(BACKGROUND)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    source, wire = take_streams()
    while line := source.readline(protocol.MAXIMUM_LINE):
        _take(line, wire)
    return 0


def _take(line: bytes, wire: Wire) -> None:
    try:
        message: Any = protocol.decode(line)
    except ProtocolError as error:
        wire.fail(error.id, error.code, str(error))
        return
    if isinstance(message, Request):
        wire.send(answer(message))


if __name__ == "__main__":
    sys.exit(main())
