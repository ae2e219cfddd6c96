"""The house's rules, proved by running: no torch where the app paints, nobody else's package of our names."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"tui", "core", "models"}
HEAVY = ("torch", "numpy", "tokenizers", "safetensors", "models")


def _modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["tui.app", "tui.cli", "core.client", "core.library.library"])
def test_what_paints_does_not_load_torch(module: str) -> None:
    loaded = _modules_after(f"import {module}")
    assert module in loaded
    assert not [name for name in HEAVY if name in loaded]


def test_the_command_line_answers_without_textual_or_asyncio() -> None:
    loaded = _modules_after("import tui.cli")
    assert not {"textual", "asyncio", "rich"} & loaded


def test_no_dependency_brings_a_package_of_our_names() -> None:
    for name, distributions in importlib.metadata.packages_distributions().items():
        if name in OURS:
            assert set(distributions) == {"foretype"}, f"{name} also comes with {distributions}"


@pytest.mark.parametrize("floor", sorted(OURS))
def test_every_module_says_what_it_is_about(floor: str) -> None:
    for path in sorted((ROOT / floor).rglob("*.py")):
        assert path.read_text(encoding="utf-8").lstrip("r").startswith('"""'), (
            f"{path.relative_to(ROOT)} has no docstring"
        )


def test_files_stay_short_enough_to_read() -> None:
    for floor in sorted(OURS):
        for path in sorted((ROOT / floor).rglob("*.py")):
            lines = path.read_text(encoding="utf-8").count("\n")
            assert lines <= 400, f"{path.relative_to(ROOT)} has {lines} lines"


def test_everything_installed_is_pinned() -> None:
    """What pyproject.toml asks for has a line in constraints.txt, so a fresh machine gets the tested set."""
    pinned = {
        re.split("==", line)[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    }
    asked = {
        re.split(r"[ ;<>=!~\[]", requirement)[0].lower().replace("_", "-")
        for requirement in importlib.metadata.requires("foretype") or []
    }
    assert asked
    assert asked <= pinned
