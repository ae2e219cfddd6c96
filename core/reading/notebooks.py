"""Jupyter notebooks to prose: their Markdown cells. Needs no screen and no torch."""

from __future__ import annotations

import json
from typing import Any, cast

from core.reading import markdown
from core.reading.limits import MAX_MARKUP_BYTES, Unusable


def prose_of(data: bytes) -> str:
    """Return the prose of a notebook, of format 3 or 4.

    Raises:
        Unusable: when it is damaged or too large.
    """
    if len(data) > 8 * MAX_MARKUP_BYTES:  # most of a notebook is pictures
        raise Unusable(f"more than {8 * MAX_MARKUP_BYTES >> 20} MB of notebook")
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unusable("damaged: it is no sound notebook") from error
    if not isinstance(notebook, dict):
        raise Unusable("damaged: it is no sound notebook")
    table = cast("dict[str, Any]", notebook)
    sheets = table.get("worksheets")
    lists = [table.get("cells"), *(sheet.get("cells") for sheet in _tables(sheets))]
    return "\n\n".join(
        markdown.prose_of(_source(cell)) for cells in lists for cell in _tables(cells) if _is_text(cell)
    )


def _tables(value: object) -> list[dict[str, Any]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def _is_text(cell: dict[str, Any]) -> bool:
    return cell.get("cell_type") in ("markdown", "heading")


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        return "".join(part for part in cast("list[object]", source) if isinstance(part, str))
    return source if isinstance(source, str) else ""
