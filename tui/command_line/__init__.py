"""The commands beside the app, a module each: `add_arguments(parser)` and `run(options) -> exit status`.

A module imports what it needs inside its functions, so that --help and mistakes are answered at once.
"""
