"""What a person touches: the Textual app, its screens and widgets, and the command line. No torch here."""
