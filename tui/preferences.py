"""The person's settings while the app runs: taken from the file, changed live, and written back a moment later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from core import paths, profiles
from core.errors import UserError
from core.settings import Loaded, Settings, change_setting, load_settings
from core.settings_text import make_settings_file
from core.text import one_line
from tui.keymap import action_names, check_keymap

if TYPE_CHECKING:
    from tui.app import ForetypeApp

SETTLE_SECONDS = 0.4
"""A setting is written when it was left alone for so long."""


class Preferences:
    """Knows the settings and lets a change of them be seen at once."""

    def __init__(self, app: ForetypeApp) -> None:
        self._app = app
        self._unwritten: dict[str, object] = {}
        self.problems: list[str] = []
        """What was wrong in the file, one line each."""
        self.keys: dict[str, str] = {}
        """The key map: the person's keys over those of the profile. Always the same object, which others keep."""
        self.settings = self._read()

    def _read(self) -> Settings:
        loaded: Loaded = load_settings()
        own, unknown = check_keymap(loaded.settings.keys, loaded.lines)
        self.problems = [*loaded.problems, *unknown]
        self._lay_keys(loaded.settings.profile, own)
        settings = loaded.settings
        if settings.theme not in self._app.available_themes:
            self.problems.append(f"settings: there is no theme {one_line(settings.theme)}")
            settings = replace(settings, theme=Settings().theme)
        return settings

    def _lay_keys(self, profile: str, own: Mapping[str, str]) -> None:
        self.keys.clear()
        self.keys.update({**profiles.PROFILES[profile].keys, **own})

    def remember(self, **changes: Any) -> None:
        """Take settings over, and write them a moment later."""
        changed = {name: value for name, value in changes.items() if getattr(self.settings, name) != value}
        if changed:
            self._take(replace(self.settings, **changed))
            self._unwritten |= changed
            self._app.set_timer(SETTLE_SECONDS, self.write)

    def try_out(self, **changes: Any) -> None:
        """Take settings over for as long as the app runs, however it ends."""
        self._take(replace(self.settings, **changes))

    def write(self) -> None:
        """Write what is not written yet."""
        changes, self._unwritten = self._unwritten, {}
        for name, value in changes.items():
            try:
                change_setting(name, value)
            except UserError as error:
                self._app.notify(str(error), severity="warning", markup=False)
                return

    def _take(self, settings: Settings) -> None:
        self.settings = settings
        self._app.writing.take_settings(settings)

    def toggle(self, name: str) -> None:
        """Turn a setting that is on or off."""
        self.remember(**{name: not getattr(self.settings, name)})

    def use_profile(self, name: str) -> None:
        """Work with ghosts in another way: its keys, the person's own before them, and whether ghosts come."""
        self.remember(profile=name, ghosts=profiles.PROFILES[name].ghosts)
        own, _ = check_keymap(self.settings.keys)
        self._lay_keys(name, own)
        self._app.take_keys()

    def reload(self) -> None:
        """Take over what the file says now, because it was edited here; say what is wrong in it."""
        before = self.settings
        self._unwritten.clear()
        settings = self._read()
        self._app.take_keys()
        self._app.theme = settings.theme
        self._take(settings)
        if settings.model != before.model:
            self._app.use_model(settings.model)
        changed = [
            item.name
            for item in fields(Settings)
            if getattr(before, item.name) != getattr(settings, item.name)
        ]
        for line in self.problems:
            self._app.notify(one_line(line), severity="warning", markup=False, timeout=10)
        if changed and not self.problems:
            self._app.notify(f"The settings hold: {', '.join(changed)}.", markup=False)

    def edit(self) -> None:
        """Open the settings file as a draft; what it says holds when it is saved."""
        self.write()
        try:
            file = make_settings_file(action_names())
        except (OSError, UserError) as error:
            self._app.notify(one_line(str(error)), severity="error", markup=False)
            return
        self._app.writing.flow.load(file)

    def saved(self, name: str) -> None:
        """A file was saved: if it is that of the settings, they hold."""
        if name == str(paths.settings_file().resolve()):
            self.reload()
