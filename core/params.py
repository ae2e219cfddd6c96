"""The parameters of a call to the engine or the librarian, read with their checks. Needs no screen and no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from core.protocol import INVALID_PARAMS, Position, ProtocolError


class Params:
    """The parameters of a call, read with their checks: ProtocolError(INVALID_PARAMS) names the wrong one."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A string; required where there is no default."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise ProtocolError(INVALID_PARAMS, f'"{name}" must be a string')
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ProtocolError(INVALID_PARAMS, f'"{name}" must be a number')
        if not low <= value <= high:
            raise ProtocolError(INVALID_PARAMS, f'"{name}" must be from {low:g} to {high:g}')
        return float(value)

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ProtocolError(INVALID_PARAMS, f'"{name}" must be a whole number')
        if not low <= value <= high:
            raise ProtocolError(INVALID_PARAMS, f'"{name}" must be from {low} to {high}')
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise ProtocolError(INVALID_PARAMS, f'"{name}" must be true or false')
        return value

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """A list of strings, `most` at most; none by default."""
        value = self._value(name, [])
        items = cast("list[object]", value) if isinstance(value, list) else [None]
        texts = tuple(item for item in items if isinstance(item, str))
        if len(texts) != len(items) or len(texts) > most:
            raise ProtocolError(INVALID_PARAMS, f'"{name}" must be a list of strings, {most} at most')
        return texts

    def position(self, name: str) -> Position:
        """A place in a draft: [row, column]."""
        value = self._value(name, None)
        pair = cast("list[object]", value) if isinstance(value, list) else []
        numbers = [
            item for item in pair if isinstance(item, int) and not isinstance(item, bool) and item >= 0
        ]
        if len(pair) != 2 or len(numbers) != 2:
            raise ProtocolError(INVALID_PARAMS, f'"{name}" must be [row, column], both from 0')
        return numbers[0], numbers[1]

    def _value(self, name: str, default: object) -> object:
        value = self._fields.get(name, default)
        if value is None and (value := default) is None:
            raise ProtocolError(INVALID_PARAMS, f'"{name}" is missing')
        return value
