"""What `foretype train --dry-run` and `foretype models exclude` show: what is read, and what never is."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.events import CorpusRead
    from core.reading.corpus import Corpus, Progress

EACH_NAMED = 20
"""Files left out up to which each is named; of more, the reasons and the first names are given."""
MODELS_NAMED = 10


def read_only(options: argparse.Namespace) -> int:
    """Read what a training would learn from and say what it is; nothing is trained and nothing kept."""
    from core.reading.corpus import read_paths
    from core.reading.report import corpus_read
    from tui.command_line.arguments import Misuse
    from tui.console import print_json

    if not options.paths:
        raise Misuse("nothing to read: name at least one file or folder")
    exclude = [options.held_out] if options.held_out else []
    with _progress() as progress:
        corpus = read_paths(options.paths, exclude, progress, least=0)
    if options.json:
        print_json(_as_json(corpus))
        return 0
    files = "1 file" if len(corpus.files) == 1 else f"{len(corpus.files):,} files"
    print(f"{files} can be learnt from: {corpus.characters:,} characters")
    for line in details(corpus_read(corpus, corpus.characters, 0, 0)):
        print(line)
    return 0


@contextmanager
def _progress() -> Generator[Progress | None]:
    """Show on a terminal how far the reading is."""
    import sys

    from tui.console import console, is_terminal

    if not is_terminal(sys.stderr):
        yield None
        return
    with console(sys.stderr).status("reading") as status:
        yield lambda files, characters: status.update(f"reading: {files:,} files, {characters:,} characters")


def _as_json(corpus: Corpus) -> dict[str, object]:
    return {
        "files": len(corpus.files),
        "documents": len(corpus.documents),
        "characters": corpus.characters,
        "kinds": {
            kind: {"files": count.files, "characters": count.characters}
            for kind, count in corpus.kinds.items()
        },
        "left_out_count": corpus.left_out_count,
        "reasons": {reason: group.count for reason, group in corpus.groups.items()},
        "left_out": [{"path": str(item.path), "reason": item.reason} for item in corpus.left_out],
        "remarks": [{"path": str(path), "remark": what} for path, what in corpus.remarks],
        "secrets": corpus.secrets,
        "repeated": corpus.repeated,
    }


def details(event: CorpusRead) -> list[str]:
    """Return lines on what was read, and what was left out and why, without control characters."""
    from tui.console import visible

    lines = [f"  {visible(kind)}: {count}" for kind, count in event.kinds]
    lines += [f"  {visible(path)}: {visible(what)}" for path, what in event.remarks]
    count = max(event.left_out_count, len(event.left_out))
    if count <= EACH_NAMED or not event.reasons:
        shown = event.left_out[:EACH_NAMED]
        lines += [f"left out: {visible(path)}: {visible(reason)}" for path, reason in shown]
        if count > len(shown):
            lines.append(f"left out: {count - len(shown):,} more")
    else:
        lines.append(f"left out: {count:,} files")
        lines += [f"  {visible(reason)}: {visible(files)}" for reason, files in event.reasons]
    if event.secrets:
        lines.append(f"left out: {_lines(event.secrets)} with a password, a key or the like")
    if event.repeated:
        lines.append(f"left out: {event.repeated:,} characters that stood in another file before")
    return lines


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def exclude(options: argparse.Namespace) -> int:
    """Exclude files and folders from learning for ever, take them off the list, or show it."""
    from core.library import exclusions
    from tui.console import print_json, visible

    if options.undo and not options.paths:
        from tui.command_line.arguments import Misuse

        raise Misuse("nothing to take off the list: name what is excluded")
    done: Sequence[str] = ()
    if options.paths:
        done = exclusions.include(options.paths) if options.undo else exclusions.exclude(options.paths)
    if options.json:
        print_json({"exclude": list(exclusions.excluded())})
        return 0
    if not options.paths:
        for entry in exclusions.excluded():
            print(visible(entry))
        return 0
    for entry in done:
        print(f"{visible(entry)} {'may be learnt from again' if options.undo else 'is never learnt from'}")
    if not options.undo:
        _tell_of_models(exclusions.learnt_already(done))
    return 0


def _tell_of_models(learnt: Sequence[tuple[str, str]]) -> None:
    from tui.console import note, visible

    for model, path in learnt[:MODELS_NAMED]:
        note(f"{visible(model)} has learnt from {visible(path)}: foretype models forget takes it out")
    if len(learnt) > MODELS_NAMED:
        note(f"and {len(learnt) - MODELS_NAMED:,} more")
