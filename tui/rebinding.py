"""A person's key map laid over the editor's bindings.

Textual gives a key to one action alone; here a key takes the ghost where there is one, and does what it always
did where there is none, whichever keys a person chose.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from textual.binding import Binding, BindingsMap
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

MODIFIERS: Final = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_NAMED: Final = {key.value for key in Keys} | set(KEY_NAME_REPLACEMENTS.values())


def split_keys(keys: str) -> list[str]:
    """The keys of a list such as "tab, right", without spaces and empty ones."""
    return [key.strip() for key in keys.split(",") if key.strip()]


def is_key(key: str) -> bool:
    """Whether a terminal can say that a key of this name was pressed: ctrl+s, f5, S, full_stop."""
    *modifiers, last = key.split("+")
    if not set(modifiers) <= set(MODIFIERS):
        return False
    if len(last) == 1 or last in _NAMED:
        return True
    try:
        return bool(unicodedata.lookup(last.replace("_", " ")))
    except KeyError:
        return False


def effective_keys(bindings: Iterable[Binding], keymap: Mapping[str, str]) -> dict[str, list[str]]:
    """The keys of each action that has an id: the key map's, else its own, less those that the map gives to another."""
    given = {key for keys in keymap.values() for key in split_keys(keys)}
    return {
        binding.id: split_keys(keymap[binding.id])
        if binding.id in keymap
        else [key for key in split_keys(binding.key) if key not in given]
        for binding in bindings
        if binding.id
    }


def rebound(bindings: BindingsMap, keymap: Mapping[str, str]) -> BindingsMap:
    """The bindings with a key map's keys. Actions without an id keep theirs and come after those with one.

    The result has no ids, so that no other key map is laid over it.
    """
    everything = [binding for items in bindings.key_to_bindings.values() for binding in items]
    named: dict[str, Binding] = {}
    keys: dict[str, list[str]] = {}
    for binding in everything:
        if binding.id:
            named[binding.id] = binding
            keys.setdefault(binding.id, []).append(binding.key)
    whole = [replace(binding, key=",".join(keys[name])) for name, binding in named.items()]
    effective = effective_keys(whole, keymap)
    result: dict[str, list[Binding]] = {}
    for name, binding in named.items():
        for key in effective[name]:
            result.setdefault(key, []).append(replace(binding, key=key, id=None))
    for binding in everything:
        if not binding.id:
            result.setdefault(binding.key, []).append(binding)
    return BindingsMap.from_keys(result)
