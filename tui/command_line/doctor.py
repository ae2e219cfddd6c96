"""Tell what Foretype runs on, what is fast and what is missing.

The exit status is 1 where something that is needed is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tui.command_line.arguments import add_json

SECONDS = 120
"""How long torch may take to say what it finds."""
GHOSTS = 30
"""Suggestions that are asked for to tell how long one takes."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `ok` is False only where Foretype cannot do its work."""

    what: str
    found: str
    ok: bool = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `foretype doctor`."""
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Run `foretype doctor`."""
    from tui.console import print_json, waiting

    findings: list[Finding] = []
    with waiting("looking"):
        for look in (_python, _packages, _documents, _torch, _models, _speed, _folders, _terminal):
            said = {finding.found for finding in findings if not finding.ok}
            findings.extend(finding for finding in _safely(look) if finding.ok or finding.found not in said)
    well = all(finding.ok for finding in findings)
    if options.json:
        print_json({"ok": well, "findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings)
    return 0 if well else 1


def _safely(look: Callable[[], list[Finding]]) -> list[Finding]:
    """Look; a look that itself fails is a finding."""
    from core.errors import UserError

    try:
        return look()
    except (UserError, OSError) as error:
        return [Finding(look.__name__.strip("_"), str(error), ok=False)]


def _show(findings: list[Finding]) -> None:
    from rich.text import Text

    from tui.console import console, is_terminal, visible

    wide = max(len(finding.what) for finding in findings)
    out = console()
    for finding in findings:
        mark, style = ("ok", "green") if finding.ok else ("missing", "bold red")
        line = Text.assemble(
            (mark.ljust(7), style), "  ", finding.what.ljust(wide), "  ", visible(finding.found)
        )
        if is_terminal(sys.stdout):
            out.print(line, soft_wrap=True)
        else:
            print(line.plain)


def _python() -> list[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    return [Finding("python", f"{version}, {sys.executable}", sys.version_info >= (3, 11))]


def _packages() -> list[Finding]:
    """Look for what the installed foretype asks for."""
    import re
    from importlib.metadata import PackageNotFoundError, requires, version

    try:
        asked = requires("foretype") or []
    except PackageNotFoundError:
        return [Finding("foretype", "not installed as a package: run it with `make run` or pipx", ok=False)]
    findings = [Finding("foretype", version("foretype"))]
    for requirement in asked:
        if "extra ==" in requirement or requirement.startswith("pypandoc"):
            continue  # pandoc may be there without its package: _documents tells
        name = re.split(r"[ ;<>=!~\[]", requirement)[0]
        try:
            version(name)
        except PackageNotFoundError:
            findings.append(Finding(name, f"not there; pip install '{requirement}'", ok=False))
    return findings


def _documents() -> list[Finding]:
    """Look for what reads documents; without it plain text, Markdown, notebooks, PDF and mail are read all the same."""
    from core.reading.pandoc import MISSING, program

    return [Finding("documents", program() or f"DOCX, ODT, HTML and others are left out: {MISSING}")]


def _torch() -> list[Finding]:
    """Ask a child what torch finds: it is never loaded into this process."""
    command = [sys.executable, "-P", "-m", "core.machine"]
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False
        )
        facts: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return [Finding("torch", "it cannot be imported: install Foretype again", ok=False)]
    device = str(facts["training_device"])
    fast = f"int8 ({facts['int8_engine']})" if facts["int8"] else "float32: int8 is not available here"
    return [
        Finding("torch", str(facts["torch"])),
        Finding("processor", f"{facts['processor']}, {facts['cores']} cores, {facts['capability']}"),
        Finding("threads", f"{facts['threads']} by default; the engine takes 1"),
        Finding("training on", f"{device} {facts['device_name']}".strip()),
        Finding("suggesting with", fast),
    ]


def _models() -> list[Finding]:
    from core.library.library import Library

    entries = Library().entries()
    names = [entry.name for entry in entries]
    if not names:
        return [
            Finding("models", "none, not even base: train one (foretype train PATH --from nothing)", ok=False)
        ]
    without = "" if "base" in names else "; the base model is missing: train with --from nothing"
    damaged = ", ".join(entry.name for entry in entries if not entry.card)
    return [
        Finding("models", ", ".join(names) + without),
        *(
            [Finding("damaged", f"{damaged}: model.json cannot be read; delete it and train anew")]
            if damaged
            else []
        ),
    ]


def _speed() -> list[Finding]:
    """Measure suggestions by the first model there is, over the engine's real pipes."""
    from core.library.library import Library
    from tui.command_line.engine import engine, run_with_engine

    entries = Library().entries()
    if not entries:
        return []
    name = entries[0].name

    async def ask() -> list[Finding]:
        async with engine(name) as (client, loaded):
            before = (
                "Dear Anna, thank you for the photographs. I had almost forgotten how the light falls on "
            )
            times: list[float] = []
            for end in range(len(before) - GHOSTS, len(before)):
                answer = await client.request("suggest", {"before": before[:end]})
                times.append(float(answer["milliseconds"]))
            times.sort()
            median, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
            return [
                Finding("model", f"{name}: {loaded['weights']:,} weights, {loaded['form']}"),
                Finding(
                    "a suggestion takes",
                    f"{median:.1f} ms median, {p95:.1f} ms 95th percentile (of {GHOSTS})",
                ),
            ]

    return run_with_engine(ask())


def _folders() -> list[Finding]:
    from core import paths

    findings: list[Finding] = []
    for what, folder in (
        ("models in", paths.models_folder()),
        ("settings in", paths.config_folder()),
        ("recovery copies in", paths.recovery_folder()),
    ):
        writable = _writable(folder)
        findings.append(
            Finding(what, str(folder) if writable else f"{folder} cannot be written to", writable)
        )
    return findings


def _writable(folder: Path) -> bool:
    """Say whether `folder` can be written to, or made."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def _terminal() -> list[Finding]:
    from tui.console import console, is_terminal

    if not is_terminal(sys.stdout):
        return [Finding("terminal", "none: output goes to a pipe or a file")]
    out = console()
    colours = {
        None: "no colours",
        "standard": "16 colours",
        "256": "256 colours",
        "truecolor": "16 million colours",
    }
    width, height = out.size
    depth = colours.get(out.color_system, str(out.color_system))
    return [Finding("terminal", f"{os.environ.get('TERM', 'TERM is not set')}, {width} x {height}, {depth}")]
