"""`python -m tui` is the foretype command."""

from tui.cli import entry

if __name__ == "__main__":
    entry()
