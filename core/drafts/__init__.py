"""The text being written: its files, its copies, its earlier versions, and what its lines are."""
