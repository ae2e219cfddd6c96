"""Answer suggestion requests of editors and scripts: JSON-RPC 2.0, a message a line, on standard streams.

The app speaks to the same server. For simple clients there is one method, "suggest":

  {"jsonrpc": "2.0", "id": 1, "method": "suggest", "params": {"before": "Dear Anna, thank you for the ph"}}

It ends when its input ends. Standard error has what is not an answer.
"""

from __future__ import annotations

import argparse
import os
import sys

from tui.command_line.arguments import add_model, model_of, whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `foretype serve`."""
    add_model(parser)
    parser.add_argument(
        "--threads", type=whole(1, 256), default=1, metavar="N", help="threads for the network (default: 1)"
    )


def run(options: argparse.Namespace) -> int:
    """Become the engine: this process is replaced, so signals and streams reach it directly."""
    from core.library.library import Library

    model = model_of(options)
    Library().find(model)  # a name that is not there is told here, before anything is started
    sys.stdout.flush()
    # -P: the folder that a person happens to stand in is not searched for modules.
    arguments = ["--model", model, "--threads", str(options.threads)]
    os.execv(sys.executable, [sys.executable, "-P", "-m", "core.engine", *arguments])
