"""What predicts: tokenizers, recurrent networks, their packed form for steps, and checkpoints."""
