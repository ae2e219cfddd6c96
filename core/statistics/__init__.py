"""What ghosts saved: counted, kept and told."""
