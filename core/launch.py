"""Whether PyTorch's launcher started this process, and which of those that it started this is.

Needs no screen and no torch.
"""

from __future__ import annotations

import os


def world_size() -> int:
    """Return how many processes torchrun started to train together, on all machines; 1 without it."""
    return max(1, _told("WORLD_SIZE", 1))


def rank() -> int:
    """Return which of them this one is; 0 leads."""
    return _told("RANK", 0)


def local_rank() -> int:
    """Return which of those on this machine this one is."""
    return _told("LOCAL_RANK", 0)


def local_world_size() -> int:
    """Return how many processes train together on this machine."""
    return max(1, _told("LOCAL_WORLD_SIZE", 1))


def _told(name: str, alone: int) -> int:
    """Return what torchrun wrote into the environment; others use some of these names too, without an address."""
    value = os.environ.get(name, "")
    return int(value) if "MASTER_ADDR" in os.environ and value.isdecimal() else alone
