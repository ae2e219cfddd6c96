"""The models on this machine: list, show, rename, roll back to the version before, delete.

The base model comes with Foretype and stays as it is. A personal model keeps its versions: training again
under its name adds one, and rollback takes the version before into use.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from tui.command_line.arguments import add_json
from tui.command_line.arguments import name as name_of

if TYPE_CHECKING:
    from core.library import ModelEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `foretype models`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, what: str, *, json: bool = False, model: bool = True) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=what, description=what)
        if model:
            made.add_argument("name", type=name_of, metavar="NAME", help="a model of `foretype models list`")
        if json:
            add_json(made)
        return made

    action("list", "list all models", json=True, model=False)
    action("show", "show what a model is, what it has learnt from and how good it is", json=True)
    renamed = action("rename", "give a personal model another name")
    renamed.add_argument("new", metavar="NEW", help="the new name")
    action("rollback", "take the version before into use; the newer one is kept")
    deleted = action("delete", "delete a personal model and all its versions; on a terminal it asks first")
    deleted.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Run `foretype models`."""
    actions = {"list": _list, "show": _show, "rename": _rename, "rollback": _rollback, "delete": _delete}
    return actions[options.action](options)


def as_json(entry: ModelEntry) -> dict[str, object]:
    """Return a model as JSON: where it is, its versions, and its card as training wrote it."""
    return {
        "name": entry.name,
        "folder": str(entry.folder),
        "version": entry.version,
        "versions": list(entry.versions),
        "card": dict(entry.card),
    }


def _list(options: argparse.Namespace) -> int:
    from core.library import Library
    from tui.console import number, print_json, print_table

    entries = Library().entries()
    if options.json:
        print_json([as_json(entry) for entry in entries])
        return 0
    rows: list[list[str]] = []
    for entry in entries:
        rows.append(
            [
                entry.name,
                _version(entry),
                _text(entry.card, "level"),
                _network(entry.card),
                number(_part(entry.card, "held_out").get("bits_per_character"), 3),
                number(entry.card.get("characters")),
                _text(entry.card, "created")[:10],
            ]
        )
    print_table(
        ["name", "version", "level", "network", "bits/char", "learnt from", "made"], rows, right=(4, 5)
    )
    return 0


def _show(options: argparse.Namespace) -> int:
    from core.library import Library
    from tui.console import print_facts, print_json

    entry = Library().find(options.name)
    if options.json:
        print_json(as_json(entry))
        return 0
    print_facts(entry.name, [*_facts(entry), *_sources(entry.card)])
    return 0


def _rename(options: argparse.Namespace) -> int:
    from core.library import Library

    Library().rename(options.name, options.new)
    _change_in_settings(options.name, options.new)
    return _say(f"{options.name} is now {options.new}")


def _rollback(options: argparse.Namespace) -> int:
    from core.library import Library

    library = Library()
    library.rollback(options.name)
    return _say(f"{options.name} is at version {library.find(options.name).version}")


def _delete(options: argparse.Namespace) -> int:
    from core.library import Library
    from tui.console import visible

    library = Library()
    entry = library.find(options.name)
    if not options.yes and sys.stdin.isatty() and sys.stdout.isatty():
        many = len(entry.versions)
        what = f"{visible(entry.name)} and its {many} versions" if many > 1 else visible(entry.name)
        if input(f"Delete {what}? [y/N] ").strip().lower() not in ("y", "yes"):
            return _say("nothing was deleted")
    library.delete(options.name)
    _change_in_settings(options.name, "base")
    return _say(f"{options.name} is deleted")


def _change_in_settings(old: str, new: str) -> None:
    """Let the app use `new` the next time, where it uses `old`, which has gone."""
    from core.settings import change_setting, load_settings

    if load_settings().settings.model == old:
        change_setting("model", new)


def _say(line: str) -> int:
    from tui.console import visible

    print(visible(line))
    return 0


def _facts(entry: ModelEntry) -> list[tuple[str, str]]:
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
        ("bits per character", f"{number(held_out.get('bits_per_character'), 3)} on what was held out"),
        ("training", f"{number(card.get('minutes'), 1)} minutes, {number(card.get('steps'))} steps"),
        (
            "memory",
            f"{number(memory.get('entries'))} n-grams up to {memory.get('orders')} tokens" if memory else "",
        ),
        ("hardware", _text(card, "hardware")),
        ("made", _text(card, "created")),
        ("made with", made_with),
        ("folder", str(entry.folder)),
        ("licences", _text(card, "licences")),
        ("weaknesses", _text(card, "weaknesses")),
        ("notes", _text(card, "notes")),
    ]
    return [(name, value) for name, value in facts if value]


def _sources(card: Mapping[str, object]) -> list[tuple[str, str]]:
    from tui.console import number

    sources = card.get("trained_on")
    rows: list[tuple[str, str]] = []
    for source in cast("list[object]", sources) if isinstance(sources, list) else []:
        if isinstance(source, Mapping):
            fields = cast("Mapping[str, object]", source)
            unit = "characters" if "characters" in fields else "bytes"
            rows.append(("text", f"{_text(fields, 'path')}: {number(fields.get(unit))} {unit}"))
    return rows


def _version(entry: ModelEntry) -> str:
    many = len(entry.versions)
    return f"{entry.version} of {many}" if many > 1 else str(entry.version)


def _network(card: Mapping[str, object]) -> str:
    config = _part(card, "config")
    return f"{config.get('layers', '?')} x {config.get('hidden', '?')} {config.get('cell', '')}".strip()


def _part(card: Mapping[str, object], key: str) -> Mapping[str, Any]:
    value = card.get(key)
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _text(card: Mapping[str, object], key: str) -> str:
    value = card.get(key)
    return "" if value is None else str(value)
