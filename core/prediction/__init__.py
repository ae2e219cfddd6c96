"""From a model and a draft to what may come next: sessions, search, ghosts, and how good they are."""
