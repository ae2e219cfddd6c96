"""The models on this machine: what they are, which is in use, and what they have learnt.

The base model comes with Foretype and stays as it is. A personal model keeps its versions: training again under its
name adds one, `rollback` takes the version before into use, `prune` deletes those that are not in use.

`forget` takes a document out of a model: out of its memory exactly, at once and in all versions, out of its weights
with --retrain, which trains again without it and deletes the versions that learnt it.

With `learn on`, what you save in Foretype while you write with a model is remembered by it at once, and learnt by its
weights when you have not typed for a while. It is off unless you turn it on, and nothing leaves this machine.

An exported file holds what the model remembers of your texts: give it only to who may read them. An imported one is
checked before the library has it; it cannot run anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from tui.command_line import model_changes as changes
from tui.command_line.arguments import add_json, path, whole
from tui.command_line.arguments import name as name_of
from tui.command_line.reading import exclude

if TYPE_CHECKING:
    from core.library.library import ModelEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `foretype models`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, what: str, *, model: bool = True) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=what, description=what)
        if model:
            made.add_argument("name", type=name_of, metavar="NAME", help="a model of `foretype models list`")
        add_json(made)
        return made

    action("list", "list all models", model=False)
    action("show", "show what a model is, what it has learnt from and how good it is")
    used = action("use", "write with a model, or with one of its versions")
    used.add_argument(
        "--version", type=whole(1, 9999), metavar="N", help="the version (default: the current one)"
    )
    renamed = action("rename", "give a personal model another name")
    renamed.add_argument("new", metavar="NEW", help="the new name")
    action("rollback", "take the version before into use; the newer one is kept")
    pruned = action("prune", "delete the versions that are not in use; it asks first")
    pruned.add_argument("--yes", action="store_true", help="do not ask; needed where there is no terminal")
    forgotten = action(
        "forget", "take a document out of a model's memory, and with --retrain out of its weights"
    )
    forgotten.add_argument(
        "file", type=path, metavar="FILE", help="a file that it has learnt from: its path, or its name alone"
    )
    forgotten.add_argument(
        "--retrain",
        action="store_true",
        help="also train again without it, and delete the versions whose weights learnt it",
    )
    learning = action("learn", "learn from what you save in Foretype, or not; says which without on or off")
    learning.add_argument("switch", choices=("on", "off"), nargs="?", help="turn it on or off")
    kept_out = action(
        "exclude", "never learn from a file, folder or pattern; without PATH, show the list", model=False
    )
    kept_out.add_argument(
        "paths", type=path, metavar="PATH", nargs="*", help="a file, a folder, or a pattern as in .gitignore"
    )
    kept_out.add_argument("--undo", action="store_true", help="take it off the list")
    exported = action("export", "write a model, with what it remembers of your texts, to one file")
    exported.add_argument(
        "file", type=path, metavar="FILE", help="the file to make, for example mine.foretype"
    )
    imported = action("import", "take a model from a file that export made", model=False)
    imported.add_argument("file", type=path, metavar="FILE", help="the file")
    imported.add_argument(
        "--name", type=name_of, metavar="NAME", help="what to call it (default: as the file)"
    )
    deleted = action("delete", "delete a personal model and all its versions; it asks first")
    deleted.add_argument("--yes", action="store_true", help="do not ask; needed where there is no terminal")


def run(options: argparse.Namespace) -> int:
    """Run `foretype models`."""
    actions = {
        "list": _list,
        "show": _show,
        "use": changes.use,
        "rename": changes.rename,
        "rollback": changes.rollback,
        "prune": changes.prune,
        "forget": changes.forget,
        "learn": changes.learn,
        "exclude": exclude,
        "export": changes.export,
        "import": changes.import_,
        "delete": changes.delete,
    }
    return actions[options.action](options)


def as_json(entry: ModelEntry) -> dict[str, object]:
    """Return a model as JSON: where it is, its versions, whether it learns, and its card as training wrote it."""
    from core.library.learning import learning_of
    from core.library.library import size_of

    return {
        "name": entry.name,
        "folder": str(entry.folder),
        "version": entry.version,
        "versions": list(entry.versions),
        "bytes": size_of(entry.folder),
        "learns": learning_of(entry).on,
        "card": dict(entry.card),
    }


def _list(options: argparse.Namespace) -> int:
    from core.library.library import Library, size_of
    from core.settings import load_settings
    from tui.console import number, percent, print_json, print_table

    entries = Library().entries()
    if options.json:
        print_json([as_json(entry) for entry in entries])
        return 0
    used = load_settings().settings.model
    rows: list[list[str]] = []
    for entry in entries:
        held_out = _part(entry.card, "held_out")
        rows.append(
            [
                entry.name,
                _version(entry),
                _text(entry.card, "level"),
                _network(entry.card),
                number(held_out.get("bits_per_character"), 3),
                number(held_out.get("bits_per_character_before"), 3),
                percent(held_out.get("keys_saved")),
                number(entry.card.get("characters")),
                number(size_of(entry.folder) / 1e6, 0, " MB"),
                _text(entry.card, "created")[:10],
                "in use" if entry.name == used else "",
            ]
        )
    heads = [
        "name",
        "version",
        "level",
        "network",
        "bits per character",
        "before",
        "keys saved",
        "learnt from",
        "size",
        "made",
        "",
    ]
    print_table(heads, rows, right=(4, 5, 6, 7, 8))
    return 0


def _show(options: argparse.Namespace) -> int:
    from core.library.library import Library
    from tui.console import print_facts, print_json

    library = Library()
    entry = library.find(options.name)
    if options.json:
        print_json(as_json(entry))
        return 0
    facts = [*_facts(entry), *_versions(library.history(options.name), entry), *_sources(entry)]
    print_facts(entry.name, facts)
    return 0


def _facts(entry: ModelEntry) -> list[tuple[str, str]]:
    from core.library.learning import learning_of
    from core.library.library import size_of
    from tui.console import number

    card = entry.card
    held_out, memory = _part(card, "held_out"), _part(card, "memory")
    made_with = ", ".join(f"{name} {version}" for name, version in _part(card, "versions").items())
    facts = [
        ("version", _version(entry)),
        ("level", _text(card, "level")),
        ("network", _network(card)),
        ("started from", _text(card, "parent") or "nothing"),
        ("learnt from", f"{number(card.get('characters'))} characters"),
        (
            "held out",
            f"{number(held_out.get('characters'))} characters, {_text(held_out, 'how')}".rstrip(", "),
        ),
        ("bits per character", quality(held_out, "bits_per_character")),
        ("keys saved", quality(held_out, "keys_saved")),
        ("general English", _forgotten(held_out)),
        ("training", _training(card)),
        (
            "memory",
            f"{number(memory.get('entries'))} n-grams up to {memory.get('orders')} tokens" if memory else "",
        ),
        ("hardware", _text(card, "hardware")),
        ("made", _text(card, "created")),
        ("made with", made_with),
        ("folder", f"{entry.folder}: {number(size_of(entry.folder) / 1e6, 1)} MB"),
        ("learns", "from what is saved in Foretype" if learning_of(entry).on else "only when it is trained"),
        ("licences", _text(card, "licences")),
        ("weaknesses", _text(card, "weaknesses")),
        ("notes", _text(card, "notes")),
    ]
    return [(name, value) for name, value in facts if value]


def _training(card: Mapping[str, Any]) -> str:
    """Return how long a model was trained, and what came of it for its network."""
    from tui.console import number

    minutes = f"{number(card.get('minutes'), 1)} minutes"
    kept = card.get("steps") == 0 or _part(card, "held_out").get("share_of_tuning") == 0
    if kept and card.get("parent"):
        return (
            f"{minutes}, the network was kept as it was: what it learnt was not better on the held-out text"
            if card.get("minutes")
            else "none, the network was kept as it was"
        )
    return f"{minutes}, {number(card.get('steps'))} steps"


def quality(held_out: Mapping[str, Any], what: str) -> str:
    """Return one measure on the held-out text, before and after, with the interval of the difference."""
    from tui.console import number, percent

    def shown(value: object) -> str:
        return percent(value) if what == "keys_saved" else number(value, 3)

    after, before = held_out.get(what), held_out.get(f"{what}_before")
    if after is None:
        return ""
    line = shown(after) if before is None else f"{shown(before)} before, {shown(after)} after"
    if what != "keys_saved":
        return (
            f"{line}{_interval('what was gained', held_out.get('bits_gained'), 1, 3)}, on what was held out"
        )
    line += _interval("the difference", held_out.get("keys_difference"), 100, 1, " points")
    return f"{line}, typing {number(held_out.get('typed'))} held-out characters"


def _interval(of: str, value: object, times: int, digits: int, unit: str = "") -> str:
    """Return a card's interval in words; nothing where it has none."""
    ends = cast("list[object]", value) if isinstance(value, list) else []
    numbers = [times * end for end in ends if isinstance(end, int | float)]
    if len(numbers) != 2:
        return ""
    return f" (95 % interval of {of}: {numbers[0]:+.{digits}f} to {numbers[1]:+.{digits}f}{unit})"


def _forgotten(held_out: Mapping[str, Any]) -> str:
    from tui.console import number

    lost = held_out.get("forgotten")
    if not isinstance(lost, int | float):
        return ""
    return f"{number(lost, 3)} bits per character more than the model it started from, on text of that model's own"


def _versions(history: list[ModelEntry], used: ModelEntry) -> list[tuple[str, str]]:
    from core.library.library import size_of
    from tui.console import number, percent

    if len(history) == 1:
        return []
    rows: list[tuple[str, str]] = []
    for version in history:
        held_out = _part(version.card, "held_out")
        parts = [
            _text(version.card, "created")[:10],
            f"{number(held_out.get('bits_per_character'), 3)} bits per character",
            f"{percent(held_out.get('keys_saved'))} of keys saved",
            f"{number(size_of(version.folder) / 1e6, 1)} MB",
            "in use" if version.version == used.version else "",
        ]
        rows.append((f"version {version.version}", ", ".join(part for part in parts if part)))
    return rows


def _sources(entry: ModelEntry) -> list[tuple[str, str]]:
    """What the model has learnt from: a line a file, with size, date and hash where it was trained on it."""
    from core.library.lineage import learnt_by, remembered_by
    from tui.console import number

    rows: list[tuple[str, str]] = []
    learnt = learnt_by(entry)
    for source in learnt:
        unit = "characters" if "characters" in source else "bytes"
        parts = [
            f"{source['path']}: {number(source.get(unit))} {unit}",
            f"of {_text(source, 'modified')[:10]}" if source.get("modified") else "",
            f"sha256 {_text(source, 'sha256')[:16]}" if source.get("sha256") else "",
            "held out"
            if source.get("held_out")
            else "its end held out"
            if source.get("held_out_ends")
            else "",
            "in memory alone" if source.get("weights") is False and not source.get("held_out") else "",
            "learnt by the model that it started from"
            if source.get("from_parent") or source.get("parent_learnt")
            else "",
        ]
        rows.append(("text", ", ".join(part for part in parts if part)))
    saved = sorted({*remembered_by(entry)} - {source["path"] for source in learnt})
    return [*rows, *(("text", f"{path}: remembered as it was saved, not trained on yet") for path in saved)]


def _version(entry: ModelEntry) -> str:
    many = len(entry.versions)
    return f"{entry.version} of {many}" if many > 1 else str(entry.version)


def _network(card: Mapping[str, object]) -> str:
    if not card:
        return "damaged"
    config = _part(card, "config")
    return f"{config.get('layers', '?')} x {config.get('hidden', '?')} {config.get('cell', '')}".strip()


def _part(card: Mapping[str, object], key: str) -> Mapping[str, Any]:
    value = card.get(key)
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _text(card: Mapping[str, object], key: str) -> str:
    value = card.get(key)
    return "" if value is None else str(value)
