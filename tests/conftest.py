"""What every test gets: folders of its own, so that no test touches a person's models, settings or drafts."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def foretype_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point all of Foretype's folders below the test's temporary folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("FORETYPE_HOME", str(home))
    return home
