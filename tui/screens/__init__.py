"""The screens: the one to write on, and the dialogs above it."""
