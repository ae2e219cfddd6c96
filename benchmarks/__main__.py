"""Run the benchmarks and print their tables: `make bench`, or `python -P -m benchmarks NAME... [--json]`."""

from __future__ import annotations

import argparse
import json
import pkgutil
import sys
import time
from importlib import import_module

import benchmarks
from benchmarks.common import Table, machine


def names() -> list[str]:
    """Return the benchmarks that there are."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return sorted(name for name in found if name not in ("common", "__main__"))


def main() -> int:
    """Run the named benchmarks, or all; the status is 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"of {', '.join(names())}; default: all")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(names())):
        parser.error(f"there is no benchmark {unknown[0]}: choose from {', '.join(names())}")
    ran_on = machine()
    if not options.json:
        print(f"# Measured on {time.strftime('%Y-%m-%d')}: {ran_on}\n", flush=True)
    tables: list[Table] = []
    failed = False
    for name in options.names or names():
        try:
            made: list[Table] = import_module(f"benchmarks.{name}").run()
        except Exception as error:  # one benchmark that cannot run does not take the others' results
            print(f"{name}: {type(error).__name__}: {error}\n", file=sys.stderr)
            failed = True
            continue
        tables.extend(made)
        if not options.json:
            for table in made:
                print(table.text() + "\n", flush=True)
    if options.json:
        print(json.dumps({"machine": ran_on, "tables": [table.as_json() for table in tables]}, indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
