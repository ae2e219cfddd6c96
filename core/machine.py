"""What torch finds on this machine, as one JSON object on standard output. Needs no screen.

`foretype doctor` and the benchmarks run it as a child, `python -P -m core.machine`: they load no torch.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from core.launch import local_world_size


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


def threads_for_training() -> int:
    """Return how many threads training takes: half of the cores, shared among the processes that train here."""
    return max(1, cores() // 2 // local_world_size())


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
