"""Settings: defaults, errors with line and key, and changes that keep a person's comments."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from core import paths
from core.eagerness import THRESHOLDS
from core.errors import UserError
from core.profiles import PROFILES
from core.settings import Loaded, Settings, change_setting, load_settings
from core.settings_text import MEANINGS, make_settings_file


def write(text: str) -> None:
    paths.settings_file().write_text(text, encoding="utf-8")


def test_without_a_file_all_is_default() -> None:
    assert load_settings().settings == Settings()
    assert load_settings().problems == ()


def test_what_is_set_is_read() -> None:
    write(
        'model = "mine"\ntemperature = 1\neagerness = "low"\nwords = 3\nwidth = 0\n[keys]\naccept = "ctrl+l"\n'
    )
    loaded = load_settings()
    assert loaded.problems == ()
    settings = loaded.settings
    assert (settings.model, settings.temperature, settings.eagerness, settings.words) == (
        "mine",
        1.0,
        THRESHOLDS["low"],
        3,
    )
    assert settings.width == 0
    assert settings.keys == {"accept": "ctrl+l"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("temperature = 9", "temperature must be a number from 0 to 2"),
        ("temperature = nan", "temperature must be a number from 0 to 2"),
        ("temperature = true", "temperature must be a number from 0 to 2"),
        ('eagerness = "huge"', "eagerness must be low, medium, high, always or a number from 0 to 1"),
        ("words = 1.5", "words must be a whole number from 1 to 12"),
        ("width = 5", "width must be 0"),
        ('panel = "yes"', "panel must be true or false"),
        ("theme = 3", "theme must be a name in quotes"),
        ("colour = 3", "colour is not a setting: known are model"),
        ("temprature = 1", "temprature is not a setting: did you mean temperature?"),
        ("keys = 3", "keys must be a table"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_the_rest_is_used(line: str, problem: str) -> None:
    write(f'# mine\n\nmodel = "mine"\n{line}\n')
    loaded = load_settings()
    assert loaded.settings == Settings(model="mine")
    (said,) = loaded.problems
    assert said.startswith("settings.toml, line 4: " + problem)


def test_a_file_that_is_no_toml_is_reported_with_the_place_and_never_overwritten() -> None:
    write("model = \n")
    loaded = load_settings()
    assert loaded.settings == Settings()
    assert "line 1" in loaded.problems[0]
    with pytest.raises(UserError, match="not changed because it is not TOML"):
        change_setting("words", 3)
    assert paths.settings_file().read_text() == "model = \n"


def test_a_change_keeps_comments_and_order() -> None:
    write('# my settings\nwords = 6  # enough\n\n[keys]\naccept = "ctrl+l"\n')
    change_setting("words", 4)
    change_setting("temperature", 0.5)
    text = paths.settings_file().read_text()
    assert "# my settings\nwords = 4" in text
    assert "# enough" in text
    loaded = load_settings()
    assert loaded.problems == ()
    assert (loaded.settings.words, loaded.settings.temperature) == (4, 0.5)
    assert loaded.settings.keys == {"accept": "ctrl+l"}


def test_the_first_change_makes_the_file() -> None:
    change_setting("model", "mine")
    assert load_settings().settings.model == "mine"


def test_a_line_is_the_one_of_its_own_table() -> None:
    write('theme = "x"\n[keys]\nwords = "f5"\n"width" = "f6"\n')
    loaded = load_settings()
    assert loaded.lines == {"words": 3, "width": 4}
    write("theme = 3\nkeys.words = 5\n")
    assert [problem.split(":")[0] for problem in load_settings().problems] == [
        "settings.toml, line 1",
        "settings.toml, line 2",
    ]


def test_a_profile_says_whether_ghosts_come_where_nothing_else_does() -> None:
    write('profile = "quiet"\n')
    assert not load_settings().settings.ghosts
    write('profile = "quiet"\nghosts = true\n')
    assert load_settings().settings.ghosts
    write('profile = "loud"\n')
    assert load_settings().problems == (
        "settings.toml, line 1: profile must be one of prose, tab-word, quiet",
    )


def test_each_setting_has_a_meaning() -> None:
    assert {*MEANINGS, "keys"} == {item.name for item in fields(Settings)}
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text for name in (*MEANINGS, *PROFILES))


def test_the_file_of_comments_says_what_holds_and_changes_nothing() -> None:
    file = make_settings_file([("accept", "tab")])
    assert load_settings().settings == Settings()
    assert load_settings().problems == ()
    text = file.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("# ") and " = " in line]
    file.write_text("\n".join(line.removeprefix("# ") for line in lines if "accept" not in line))
    assert load_settings() == Loaded(Settings())
    change_setting("words", 4)
    assert make_settings_file().read_text(encoding="utf-8").count("words") == 1


@pytest.mark.parametrize(
    ("threshold", "line"), [(THRESHOLDS["medium"], 'eagerness = "medium"'), (0.3, "eagerness = 0.3")]
)
def test_eagerness_stands_in_the_file_as_a_person_says_it(threshold: float, line: str) -> None:
    change_setting("eagerness", threshold)
    assert line in paths.settings_file().read_text().splitlines()
    assert load_settings().settings.eagerness == threshold


def test_the_documents_say_the_thresholds_that_hold() -> None:
    for name in ("README.md", "docs/settings.md"):
        text = (Path(__file__).parents[2] / name).read_text("utf-8")
        for word, least in THRESHOLDS.items():
            said = re.search(rf"`\"?{word}\"?`[^`]*?(\d+) %", text)
            assert least == 0 or (said and int(said[1]) == round(100 * least)), (name, word)
