"""Runs the engine: `python -P -m core.engine`."""

from core.engine.process import main

if __name__ == "__main__":
    main()
