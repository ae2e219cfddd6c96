"""What is looked at in a draft besides writing it: trees of continuations, and surprise."""
