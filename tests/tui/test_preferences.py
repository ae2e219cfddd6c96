"""Settings while the app runs: edited in the app itself, they hold when they are saved."""

from __future__ import annotations

from core import paths
from core.settings import load_settings
from tests.tui.seat import seat


async def test_the_settings_file_is_a_draft_and_holds_when_it_is_saved() -> None:
    async with seat() as at:
        at.app.preferences.edit()
        assert "# width = 76" in at.text
        editor = at.app.writing.editor
        editor.become(
            'width = 50\ntheme = "foretype-light"\nwords = 2\ntypewriter = true\n[keys]\nfind = "f12"\n'
        )
        await at.press("ctrl+s")
        await at.until(lambda: editor.prose_width == 50)
        assert at.app.theme == "foretype-light"
        assert editor.typewriter
        assert at.app.settings.words == 2
        await at.press("f12")
        assert at.app.writing.find_bar.shown
        await at.press("escape", "ctrl+f")
        assert not at.app.writing.find_bar.shown
    assert load_settings().settings.words == 2


async def test_what_is_wrong_is_told_with_its_line_and_the_rest_holds() -> None:
    async with seat() as at:
        at.app.preferences.edit()
        at.app.writing.editor.become('width = 50\nwords = 99\n[keys]\nfly = "f"\n')
        await at.press("ctrl+s")
        await at.until(lambda: at.app.writing.editor.prose_width == 50)
        said = "\n".join(at.notices)
        assert "settings.toml, line 2: words must be" in said
        assert "settings.toml, line 4, [keys]: fly is not an action" in said


async def test_a_file_that_is_no_toml_is_told_and_nothing_breaks() -> None:
    async with seat() as at:
        at.app.preferences.edit()
        at.app.writing.editor.become("width = \n")
        await at.press("ctrl+s")
        await at.until(lambda: any("not TOML" in notice for notice in at.notices))
        assert at.app.writing.editor.prose_width == 76


async def test_a_change_in_the_app_keeps_the_comments_of_the_file() -> None:
    file = paths.settings_file()
    file.write_text("# mine\nfocus = false  # for now\n")
    async with seat() as at:
        await at.press("f9", "shift+f9")
        assert at.app.writing.editor.focus_mode
        assert at.app.writing.editor.typewriter
    assert file.read_text() == "# mine\nfocus = true  # for now\ntypewriter = true\n"
