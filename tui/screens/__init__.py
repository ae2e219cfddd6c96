"""The screens: where one writes, and the dialogs on top of it."""
