"""Key maps over the editor: the ghost's keys move, and what keys do without a ghost stays."""

from __future__ import annotations

from textual.binding import Binding, BindingsMap

from core import paths
from core.settings import load_settings
from tests.tui.seat import seat
from tui.keymap import action_names, check_keymap
from tui.rebinding import effective_keys, is_key, rebound, split_keys

BINDINGS = [
    Binding("tab", "all", id="all"),
    Binding("ctrl+n,alt+down", "next", id="next"),
    Binding("ctrl+right", "word", id="word"),
    Binding("tab", "indent"),
    Binding("ctrl+right", "right"),
]


def actions(keymap: dict[str, str]) -> dict[str, list[str]]:
    found = rebound(BindingsMap(BINDINGS), keymap).key_to_bindings
    return {key: [binding.action for binding in bindings] for key, bindings in found.items()}


def test_without_a_map_all_stays() -> None:
    assert actions({}) == {
        "tab": ["all", "indent"],
        "ctrl+n": ["next"],
        "alt+down": ["next"],
        "ctrl+right": ["word", "right"],
    }


def test_a_key_goes_to_the_action_it_is_given_to_and_keeps_its_usual_work() -> None:
    changed = actions({"word": "tab", "all": "ctrl+right,f5"})
    assert changed["tab"] == ["word", "indent"]
    assert changed["ctrl+right"] == ["all", "right"]
    assert changed["f5"] == ["all"]
    assert actions({"all": "alt+down"})["ctrl+n"] == ["next"]
    assert actions({"all": "alt+down"})["alt+down"] == ["all"]
    assert actions({"all": "alt+down"})["tab"] == ["indent"]


def test_help_tells_the_same_keys() -> None:
    assert effective_keys(BINDINGS, {"word": " tab , f6"}) == {
        "all": [],
        "next": ["ctrl+n", "alt+down"],
        "word": ["tab", "f6"],
    }


async def test_a_remapped_tab_still_indents() -> None:
    paths.settings_file().write_text('[keys]\naccept = "ctrl+l"\n')
    async with seat() as at:
        await at.press("tab")
        assert at.text == "    "
        assert at.app.writing.editor.has_focus


async def test_tab_takes_a_word() -> None:
    async with seat() as at:
        await at.press(*"forgot")
        at.app.preferences.use_profile("tab-word")
        await at.press("tab")
        assert at.text == "forgotten"
        await at.press("ctrl+right")
        assert at.text == "forgotten how the light falls"
        await at.press("tab")
        assert at.text.endswith("falls")
        keys = {hint.label: hint.key for hint in at.app.writing.keys.hints}
        assert (keys["word"], keys["accept"]) == ("⇥", "^→")
    assert load_settings().settings.profile == "tab-word"


async def test_a_persons_own_key_goes_before_the_profiles() -> None:
    paths.settings_file().write_text('profile = "tab-word"\n[keys]\naccept-word = "f6"\n')
    async with seat() as at:
        await at.press(*"forgot", "f6")
        assert at.text == "forgotten"


async def test_quiet_shows_no_ghost_but_on_request() -> None:
    async with seat() as at:
        at.app.preferences.use_profile("quiet")
        await at.press(*"forgot")
        assert not at.app.writing.editor.ghost
        assert at.app.writing.status.status.silence == "paused"
        await at.press("ctrl+space")
        await at.until(lambda: at.app.writing.editor.ghost)
        at.app.preferences.use_profile("prose")
        assert not at.app.writing.ghosting.paused


def test_keys_that_no_terminal_sends_are_told_and_the_action_keeps_its_own() -> None:
    keys = {
        "save": "ctlr+s",
        "find": "f7, ctrl+, shift+f9",
        "quit": "x",
        "open": "ctrl+full_stop,é,ctrl+slash",
    }
    good, problems = check_keymap(keys, {"save": 2, "find": 3})
    assert good == {"find": "f7,shift+f9", "quit": "x", "open": "ctrl+full_stop,é,ctrl+slash"}
    assert problems == [
        "settings.toml, line 2, [keys]: ctlr+s is not a key: say it as ctrl+s, alt+right or f5",
        "settings.toml, line 3, [keys]: ctrl+ is not a key: say it as ctrl+s, alt+right or f5",
    ]


def test_every_key_that_is_bound_is_a_key() -> None:
    assert all(is_key(key) for _, keys in action_names() for key in split_keys(keys))
