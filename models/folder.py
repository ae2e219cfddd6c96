"""The files of a checkpoint's folder: their names, and reading and writing their JSON within limits."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final, cast

from models.errors import ModelError

WEIGHTS: Final = "model.safetensors"
TOKENIZER: Final = "tokenizer.json"
CARD: Final = "model.json"
MAX_CARD_BYTES: Final = 64 << 20


def shown(text: object) -> str:
    """Return text fit for one line: what cannot be printed is escaped."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in str(text)
    )


def open_regular(file: Path) -> BinaryIO:
    """Open a file to read its bytes, never waiting as a pipe or device could have one do.

    Raises:
        ModelError: when it is not there or no ordinary file.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ModelError(f"{file.name} is missing") from None
    except OSError as error:
        raise ModelError(f"{file.name} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ModelError(f"{file.name} is not an ordinary file")
    return os.fdopen(handle, "rb")


def read_json(file: Path, limit: int) -> object:
    """Return a file's JSON value.

    Raises:
        ModelError: when the file is missing, longer than `limit` bytes, or not JSON (NaN is not).
    """
    with open_regular(file) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ModelError(f"{file.name} is longer than {limit:,} bytes")
    try:
        value: object = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
        return value
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{file.name} is not JSON: it is damaged or foreign") from error


def write_json(file: Path, value: object, limit: int) -> None:
    """Write a JSON value, for its owner alone, and flush it to the disk; NaN and infinities become null.

    Raises:
        ValueError: when it takes more than `limit` bytes.
        OSError: when it cannot be written.
    """
    data = _encode(_finite(value))
    if len(data) > limit:
        raise ValueError(f"{file.name} would be longer than {limit:,} bytes")
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _encode(value: object) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).encode("utf-8") + b"\n"
    except UnicodeEncodeError:  # a lone surrogate, as in the name of a file that is no UTF-8, must be escaped
        return json.dumps(value, allow_nan=False, indent=1).encode("ascii") + b"\n"


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in cast("list[object]", value)]
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
