"""What the command palette (Ctrl+P) offers: every action of the app, by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from core.drafts.encodings import READINGS, Encoding
from core.profiles import PROFILES

if TYPE_CHECKING:
    from tui.app import ForetypeApp


def commands(app: ForetypeApp) -> Iterable[SystemCommand]:
    """Every command there is at the moment."""
    writing = app.writing
    editor, settings = writing.editor, app.preferences
    yield SystemCommand("Save", "Save the draft", app.action_save)
    yield SystemCommand("Save as", "Save the draft under another name", app.action_save_as)
    yield SystemCommand("Open", "Open another file", app.action_open)
    yield SystemCommand("New draft", "Begin a draft without a name", writing.action_new_draft)
    yield SystemCommand("Close draft", "Close the draft that is shown", writing.action_close_draft)
    yield SystemCommand("Drafts", "Open drafts and recent files", writing.action_drafts)
    yield SystemCommand("Next draft", "Show the next open draft", lambda: writing.action_step_draft(1))
    yield SystemCommand("Draft before", "Show the open draft before", lambda: writing.action_step_draft(-1))
    yield SystemCommand("Earlier versions", "Compare them, bring one back", writing.action_versions)
    yield SystemCommand(
        "Open what is on disk", "Show the file as another program left it", writing.action_reload_draft
    )
    if writing.keeper.fingerprint is not None and writing.keeper.encoding != Encoding():
        for label, codec in READINGS.items():
            yield SystemCommand(
                f"Read as {label}",
                "Read the file anew in this encoding",
                lambda codec=codec: writing.action_reload_draft(codec),
            )
    yield SystemCommand("Recover", "See whether a crash left unsaved text", app.action_recover)
    yield SystemCommand("Quit", "Leave Foretype", app.action_quit)
    yield SystemCommand("Undo", "Take the last change back", editor.action_undo)
    yield SystemCommand("Redo", "Do it again", editor.action_redo)
    yield SystemCommand("Select all", "Select the whole draft", editor.action_select_all)
    yield SystemCommand("Find", "Find a text in the draft", writing.action_find)
    yield SystemCommand("Find and replace", "Replace one match or all of them", writing.action_replace)
    yield SystemCommand("Go to heading", "Pick a heading of the draft", writing.action_headings)
    yield SystemCommand("Ask for a ghost", "Suggest at the cursor", editor.action_ask_ghost)
    yield SystemCommand(
        "List alternatives", "The ways to go on, with how likely each is", editor.action_list_alternatives
    )
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
    for control in ("temperature", "eagerness", "words"):
        name = "Words ahead" if control == "words" else control.capitalize()
        yield SystemCommand(
            name, f"Of what is suggested: {name.lower()}", lambda at=control: app.action_control(at)
        )
    yield SystemCommand("Train a model", "Teach a model your voice", lambda: app.action_tab("train"))
    yield SystemCommand(
        "Models", "Rename, roll back, forget a file, export, delete", lambda: app.action_tab("models")
    )
    yield SystemCommand("Statistics", "What the ghosts saved you", lambda: app.action_tab("stats"))
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
    yield SystemCommand("Prose: narrow", "Rows of 60 cells", lambda: settings.remember(width=60))
    yield SystemCommand("Prose: medium", "Rows of 76 cells", lambda: settings.remember(width=76))
    yield SystemCommand("Prose: wide", "Rows as wide as the window", lambda: settings.remember(width=0))
    yield SystemCommand(
        "Focus mode", "Only the paragraph you are in is in the light", lambda: settings.toggle("focus")
    )
    yield SystemCommand(
        "Typewriter scrolling", "Your row stays in the middle", lambda: settings.toggle("typewriter")
    )
    yield SystemCommand(
        "Markdown",
        "Tell headings, emphasis and links apart and go on with lists at Enter, or not",
        lambda: settings.toggle("markdown"),
    )
    for name, profile in PROFILES.items():
        yield SystemCommand(
            f"Profile: {profile.label}", profile.help, lambda name=name: settings.use_profile(name)
        )
    yield SystemCommand("Settings", "Edit the settings file; it holds when it is saved", settings.edit)
    yield SystemCommand("Theme", "Choose colours", app.action_change_theme)
    yield SystemCommand("Help", "The keys and what they do", app.action_help)
    if app.touring.on:
        yield SystemCommand("End the tour", "It does not come again by itself", app.touring.end)
    else:
        yield SystemCommand("Tour", "Things to try, one after the other", app.touring.begin)
