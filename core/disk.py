"""Files that are replaced whole, and what a disk that refuses says, for a person. Needs no screen and no torch.

Not every library passes the system's error on: numpy tells only how much of an array was written, safetensors makes
a text of it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from core.errors import UserError

NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CODE: Final = re.compile(r"(?:code:|os error) (\d+)")
_SHORT: Final = re.compile(r"\d+ requested and \d+ written")


def refusal(error: Exception, what: str, where: Path) -> UserError:
    """Return the error for a person: what could not be done, and where there is no room or why else.

    Args:
        error: what was raised while writing.
        what: what was being done, as in "the training cannot be kept".
        where: the file or folder that was written to.
    """
    number = error.errno if isinstance(error, OSError) else None
    if number is None and (found := _CODE.search(str(error))):
        number = int(found.group(1))
    if number in NO_SPACE or (number is None and _SHORT.search(str(error))):
        return UserError(f"no space left on the disk of {where}: {what}; make room and try again")
    why = os.strerror(number) if number is not None else str(error) or type(error).__name__
    return UserError(f"{what}: {where}: {why}")


def replace_json(file: Path, value: object) -> None:
    """Write a JSON value to a file, for its owner alone: the file is replaced whole, or stays as it was.

    Raises:
        OSError: when it cannot be written.
    """
    handle, partial = tempfile.mkstemp(prefix=f".{file.stem}-", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            json.dump(value, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise
