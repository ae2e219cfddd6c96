"""Where Foretype keeps its own files: models, settings, recovery copies, the log. Needs no screen and no torch.

The system's usual folders (platformdirs), or data/, config/, cache/ and state/ below $FORETYPE_HOME where that is set.
Folders are made when they are asked for and are for their owner only: what people write is nobody else's business.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from core.errors import UserError

APP = "foretype"


def data_folder() -> Path:
    """The folder of models and of what else is worth a backup."""
    return _made(_base("data"))


def config_folder() -> Path:
    """The folder of the settings file."""
    return _made(_base("config"))


def state_folder() -> Path:
    """The folder of what belongs to this machine only: recovery copies, training runs, the log."""
    return _made(_base("state"))


def models_folder() -> Path:
    """The folder with a folder for each personal model."""
    return _made(data_folder() / "models")


def recovery_folder() -> Path:
    """The folder of recovery copies of unsaved drafts."""
    return _made(state_folder() / "recovery")


def versions_folder() -> Path:
    """The folder of earlier versions of drafts."""
    return _made(state_folder() / "versions")


def open_folder() -> Path:
    """The folder of markers of what a running Foretype holds: open files, models, training runs (core.locks)."""
    return _made(state_folder() / "open")


def training_folder() -> Path:
    """The folder of training runs that can be resumed."""
    return _made(state_folder() / "training")


def log_file() -> Path:
    """The file that the engine's and the trainer's complaints go to; its folder exists."""
    return state_folder() / "foretype.log"


def settings_file() -> Path:
    """The settings file; it need not exist."""
    return config_folder() / "settings.toml"


def _base(kind: str) -> Path:
    home = os.environ.get("FORETYPE_HOME")
    if home:
        return Path(home).expanduser() / kind
    find = {
        "data": platformdirs.user_data_path,
        "config": platformdirs.user_config_path,
        "state": platformdirs.user_state_path,
    }[kind]
    return find(APP, appauthor=False)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be made ({error.strerror}): make room for it, or set FORETYPE_HOME to a folder of yours"
        ) from error
    return folder
