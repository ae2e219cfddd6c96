"""What the command palette (Ctrl+P) offers: every action of the app, by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.app import SystemCommand

if TYPE_CHECKING:
    from tui.app import ForetypeApp


def commands(app: ForetypeApp) -> Iterable[SystemCommand]:
    """Every command there is at the moment."""
    writing = app.writing
    editor = writing.editor
    yield SystemCommand("Save", "Save the draft", app.action_save)
    yield SystemCommand("Save as", "Save the draft under another name", app.action_save_as)
    yield SystemCommand("Open", "Open another file", app.action_open)
    yield SystemCommand("New draft", "Begin a draft without a name", app.action_new)
    yield SystemCommand("Recover", "See whether a crash left unsaved text", app.action_recover)
    yield SystemCommand("Quit", "Leave Foretype", app.action_quit)
    yield SystemCommand("Undo", "Take the last change back", editor.action_undo)
    yield SystemCommand("Redo", "Do it again", editor.action_redo)
    yield SystemCommand("Select all", "Select the whole draft", editor.action_select_all)
    yield SystemCommand("Ask for a ghost", "Suggest at the cursor", editor.action_ask_ghost)
    if editor.shown_ghost:
        yield SystemCommand("Take the ghost", "Take all that is suggested", editor.action_accept_ghost)
        yield SystemCommand("Take a word", "Take a word of the ghost", editor.action_accept_word)
        yield SystemCommand("Take a sentence", "Take the ghost's sentence", editor.action_accept_sentence)
        yield SystemCommand("Next alternative", "Show another ghost", lambda: editor.action_turn_ghost(1))
        yield SystemCommand(
            "Previous alternative", "Show the ghost before", lambda: editor.action_turn_ghost(-1)
        )
        yield SystemCommand(
            "Dismiss the ghost", "Show none before the next word", editor.action_dismiss_ghost
        )
    if writing.ghosting.paused:
        yield SystemCommand("Ghosts by themselves", "Suggest while you type", app.action_toggle_ghosts)
    else:
        yield SystemCommand("Ghosts only on request", "Suggest when asked to", app.action_toggle_ghosts)
    yield SystemCommand("Side panel", "Open or close the side panel", app.action_panel)
    yield SystemCommand(
        "Suggestions", "Temperature, eagerness, next words", lambda: app.action_tab("suggest")
    )
    yield SystemCommand("Train a model", "Teach a model your voice", lambda: app.action_tab("train"))
    yield SystemCommand("Explore", "A tree of ways to go on", lambda: app.action_explore("explorer"))
    yield SystemCommand(
        "Surprise", "How little each word was expected", lambda: app.action_explore("surprise")
    )
    yield SystemCommand(
        "Compare models", "Two models at the same place", lambda: app.action_explore("models")
    )
    for name in app.model_names():
        if name != app.settings.model:
            yield SystemCommand(
                f"Write with {name}", "Switch to this model", lambda name=name: app.use_model(name)
            )
    yield SystemCommand("Prose: narrow", "Rows of 60 cells", lambda: app.set_prose_width(60))
    yield SystemCommand("Prose: medium", "Rows of 76 cells", lambda: app.set_prose_width(76))
    yield SystemCommand("Prose: wide", "Rows as wide as the window", lambda: app.set_prose_width(0))
    yield SystemCommand("Theme", "Choose colours", app.action_change_theme)
    yield SystemCommand("Help", "The keys and what they do", app.action_help)
