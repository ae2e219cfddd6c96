"""The widgets: what is on the screen, each in its module; none knows the app."""
