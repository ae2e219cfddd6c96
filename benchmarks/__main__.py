"""Run the benchmarks, each in a process of its own: `make bench`, or `python -P -m benchmarks`.

A benchmark is a module beside this one that runs as a program, prints tables and takes --json.
"""

from __future__ import annotations

import argparse
import json
import pkgutil
import subprocess
import sys
import time

import benchmarks
from benchmarks.common import machine


def names() -> list[str]:
    """Return the benchmarks that there are."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return sorted(name for name in found if name not in ("common", "terminal", "__main__"))


def main() -> int:
    """Run the named benchmarks, or all; the status is 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"of {', '.join(names())}; default: all")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(names())):
        parser.error(f"there is no benchmark {unknown[0]}: choose from {', '.join(names())}")
    chosen = options.names or names()
    if options.json:
        results = {name: _run(name, as_json=True) for name in chosen}
        print(json.dumps({"machine": machine(), "benchmarks": results}, indent=2))
        return 1 if None in results.values() else 0
    print(f"# {machine()}\n", flush=True)
    return 1 if [name for name in chosen if _run(name, as_json=False) is None] else 0


def _run(name: str, *, as_json: bool) -> object:
    """Run one benchmark and return what it printed, as JSON, or the empty string; None where it failed."""
    if not as_json:
        print(f"# {name}\n", flush=True)
    command = [sys.executable, "-P", "-m", f"benchmarks.{name}", *(["--json"] if as_json else [])]
    begun = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE if as_json else None, check=False)
    if done.returncode:
        print(f"{name}: ended with status {done.returncode}", file=sys.stderr)
        return None
    if not as_json:
        print(f"\n{name} took {time.monotonic() - begun:.0f} s.\n", flush=True)
    return json.loads(done.stdout) if as_json else ""


if __name__ == "__main__":
    sys.exit(main())
