"""The error that models raise: one line that names the thing at fault and says what to do."""


class ModelError(Exception):
    """A model, tokenizer or checkpoint that cannot be used; its message is one line fit for a person."""
