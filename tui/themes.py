"""Foretype's own two colour themes, beside Textual's."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="foretype-dark",
    primary="#7aa2c8",
    secondary="#9a8fc4",
    accent="#e0b46c",
    warning="#e0915a",
    error="#d9706b",
    success="#8fb573",
    foreground="#d8d4cb",
    background="#16181c",
    surface="#1b1e23",
    panel="#21252b",
    dark=True,
    variables={"border": "#3a4049", "border-blurred": "#2b3037", "footer-key-foreground": "#e0b46c"},
)
LIGHT = Theme(
    name="foretype-light",
    primary="#2f6690",
    secondary="#6a5aa0",
    accent="#96591a",
    warning="#a4501a",
    error="#b03a37",
    success="#4d7a2f",
    foreground="#2c2a26",
    background="#faf8f3",
    surface="#f4f1ea",
    panel="#ebe7dd",
    dark=False,
    variables={"border": "#c4bcab", "border-blurred": "#d9d3c6"},
)
THEMES = (DARK, LIGHT)
