"""What torch finds on this machine, as one JSON object on standard output. Needs no screen.

`foretype doctor` and the benchmarks run it as a child, `python -P -m core.machine`: they load no torch.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path


def processor() -> str:
    """Return the processor's name as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def world_size() -> int:
    """Return how many processes torchrun started to train together, on all machines; 1 without it."""
    return max(1, _told("WORLD_SIZE", 1))


def rank() -> int:
    """Return which of them this one is; 0 leads."""
    return _told("RANK", 0)


def local_rank() -> int:
    """Return which of those on this machine this one is."""
    return _told("LOCAL_RANK", 0)


def threads_for_training() -> int:
    """Return how many threads training takes: half of the cores, shared among the processes that train here."""
    return max(1, cores() // 2 // max(1, _told("LOCAL_WORLD_SIZE", 1)))


def _told(name: str, alone: int) -> int:
    """Return what torchrun wrote into the environment; others use some of these names too, without an address."""
    value = os.environ.get(name, "")
    return int(value) if "MASTER_ADDR" in os.environ and value.isdecimal() else alone


def describe() -> dict[str, object]:
    """Return torch's version, devices, threads and fast arithmetic. Imports torch."""
    import torch

    from models.stepper import int8_available

    cuda = torch.cuda.is_available()
    mps = torch.backends.mps.is_available()
    return {
        "torch": torch.__version__,
        "processor": processor(),
        "cores": cores(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "int8": int8_available(),
        "int8_engine": torch.backends.quantized.engine,
        "training_device": "cuda" if cuda else "mps" if mps else "cpu",
        "device_name": torch.cuda.get_device_name() if cuda else "",
    }


if __name__ == "__main__":
    print(json.dumps(describe()))
