"""An editor's way: the example client of the documentation and `foretype serve`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "docs" / "example_client.py"


def test_the_example_client_gets_its_suggestions(home: Path) -> None:
    command = [sys.executable, "-P", str(EXAMPLE), sys.executable, "-P", "-m", "tui", "serve"]
    environment = {**os.environ, "FORETYPE_HOME": str(home), "OMP_NUM_THREADS": "1"}
    typed = "I had almost forgo\ntten how the li\n"
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, check=True, env=environment, cwd=home
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("I had almost forgo[tten how the")
    assert second.startswith("I had almost forgotten how the li[ght falls")
