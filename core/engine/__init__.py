"""The engine: the child process that holds a model and answers for every open draft."""
