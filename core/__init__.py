"""What the app does without a screen: reading, training, sampling, drafts, the processes and their protocol."""
