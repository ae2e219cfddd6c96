"""The models on this machine: their versions, what they learnt from, and what they must not learn."""
