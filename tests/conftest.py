"""What every test gets: folders of its own, so that no test touches a person's models, settings or drafts."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples at every run: what fails once fails always. HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(autouse=True)
def foretype_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point all of Foretype's folders below the test's temporary folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("FORETYPE_HOME", str(home))
    return home
