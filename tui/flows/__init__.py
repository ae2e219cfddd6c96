"""What happens while one writes: each module follows one thing, between the widgets that show it and core."""
