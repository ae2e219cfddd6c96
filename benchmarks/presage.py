"""Debian's presage as a typist's helper, to compare with: trained on an author's files, typing their held-out text.

presage is not a dependency. Where its library and text2ngram are found (installed, or their folder named by --root, for
example one that `dpkg -x` unpacked presage, libpresage1v5, libpresage-data and libtinyxml2.6.2v5 into), its top
suggestion and a space after it are taken as the ghost. Configured as shipped, with English as shipped and the
author's files counted into the user's database; it goes on learning what is typed, as it does. It has one suggestion
to make, and does not make it again when it was typed past: that suits the typist best, who is shown one.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.common import Table, show
from benchmarks.personal import ENGLISH, authors_folder
from core.prediction.scoring import Typed, finish, interval, paragraph_starts, type_through
from core.training.proof import Piece, pieces
from core.words import in_word

Callback = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
GRAMS = (1, 2, 3)


class Presage:
    """presage's predictions after a text."""

    def __init__(self, root: Path, user: Path, *, again: bool) -> None:
        """Load the library, and have it use a database; `again`: suggest words again that were typed past.

        Raises:
            OSError: when it is not there.
        """
        for name in ("libtinyxml.so.2.6.2", "libpresage.so.1"):
            found = sorted(root.glob(f"usr/lib/*/{name}"))
            loaded = ctypes.CDLL(str(found[0]) if found else name, mode=ctypes.RTLD_GLOBAL)
        self._library = loaded
        self._before = ctypes.create_string_buffer(b"")
        self._after = ctypes.create_string_buffer(b"")
        # Kept, as the library calls them for as long as it lives.
        self._callbacks = (
            Callback(lambda _: ctypes.addressof(self._before)),
            Callback(lambda _: ctypes.addressof(self._after)),
        )
        self._handle = ctypes.c_void_p()
        past, future = self._callbacks
        config = user.with_name("presage.xml")
        config.write_text(_config(root, user), encoding="utf-8")
        made = self._library.presage_new_with_config(
            past, None, future, None, os.fsencode(config), ctypes.byref(self._handle)
        )
        if made:
            raise OSError(f"presage does not start: error {made}")
        chosen = {b"SUGGESTIONS": b"1", b"REPEAT_SUGGESTIONS": b"yes" if again else b"no"}
        for name, value in chosen.items():
            self._library.presage_config_set(self._handle, b"Presage.Selector." + name, value)

    def best(self, before: str) -> str:
        """Return the first word that is suggested; empty for none."""
        self._before = ctypes.create_string_buffer(before.encode())
        suggestions = ctypes.POINTER(ctypes.c_char_p)()
        if self._library.presage_predict(self._handle, ctypes.byref(suggestions)) or not suggestions:
            return ""
        first = suggestions[0]
        self._library.presage_free_string_array(suggestions)
        return first.decode("utf-8", "replace") if first else ""

    def ghost(self, before: str) -> str:
        """Return what taking the suggestion would insert, as its own programs do: the rest of the word and a space."""
        at = len(before)
        while at and (in_word(before[at - 1]) or before[at - 1] in "'’"):
            at -= 1
        prefix, word = before[at:], self.best(before[-1000:])
        return f"{word[len(prefix) :]} " if word.lower().startswith(prefix.lower()) and word else ""


def _config(root: Path, user: Path) -> str:
    """Return the configuration that ships, with the files where they are."""
    shipped = (root / "etc/presage.xml").read_text(encoding="utf-8")
    moved = shipped.replace("/usr/share/presage", str(root / "usr/share/presage"))
    return moved.replace("${HOME}/.presage/lm.db", str(user))


def count(root: Path, files: Sequence[Path], database: Path) -> None:
    """Count an author's files into presage's database, with its own program."""
    program = root / "usr/bin/text2ngram"
    libraries = {**os.environ, "LD_LIBRARY_PATH": ":".join(str(found) for found in root.glob("usr/lib/*"))}
    for grams in GRAMS:
        command = [
            str(program),
            "-n",
            str(grams),
            "-f",
            "sqlite",
            "-l",
            "-a",
            "-o",
            str(database),
            *map(str, files),
        ]
        subprocess.run(command, env=libraries, check=True, capture_output=True)


def row(root: Path, name: str, characters: int, *, again: bool) -> list[str]:
    """Type pieces of one author's held-out text: those that benchmarks/learning.py types."""
    folder = authors_folder() / name
    text = (folder / "heldout.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "user.db"
        count(root, sorted((folder / "train").iterdir()), database)
        presage = Presage(root, database, again=again)
        whole, starts = Typed(0), list[int]()
        for piece in pieces([text], characters):
            typed = finish(
                type_through(piece.text, partial(presage_ghost, presage, piece), piece.start, piece.end)
            )
            moved = whole.end - piece.start
            starts += [start + moved for start in paragraph_starts(piece.text, piece.start, piece.end)]
            whole.places += [place + moved for place in typed.places]
            whole.end += typed.characters
    low, high = interval(whole, starts)
    line = [name, f"{whole.keys_saved:.1%}", f"{low:.1%} to {high:.1%}"]
    print(" | ".join(line), file=sys.stderr, flush=True)
    return line


def presage_ghost(presage: Presage, piece: Piece, at: int) -> str:
    """Return presage's ghost at a place in a piece."""
    return presage.ghost(piece.text[:at])


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.presage", description=__doc__)
    parser.add_argument(
        "--root", type=Path, default=Path("/"), help="where presage is unpacked (default: installed)"
    )
    parser.add_argument("--authors", nargs="*", default=ENGLISH)
    parser.add_argument("--chars", type=int, default=6000, help="characters typed for each (default: 6000)")
    parser.add_argument("--again", action="store_true", help="words that were typed past are suggested again")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not authors_folder().is_dir() or not (options.root / "usr/bin/text2ngram").is_file():
        print("skipped: presage or the authors' texts are not there", file=sys.stderr)
        return 0

    def tables() -> list[Table]:
        rows = [row(options.root, name, options.chars, again=options.again) for name in options.authors]
        title = f"presage, trained on the author's files: {options.chars:,} characters typed"
        return [Table(title, ("author", "keys saved", "interval"), rows)]

    return show(tables)


if __name__ == "__main__":
    sys.exit(main())
