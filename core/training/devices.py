"""What training computes on: the device, the precision that is faster there, and what it is called.

Needs no screen.
"""

import platform

import torch

from core.launch import local_rank, world_size
from core.machine import processor
from core.training.footprint import available_memory

SMALL = 128
"""Layers below this width gain nothing from bfloat16."""


def choose_device() -> torch.device:
    """Return CUDA or MPS where present, else the CPU; of several GPUs that of this process, if torchrun started it."""
    if torch.cuda.is_available():
        return torch.device("cuda", local_rank())
    if torch.backends.mps.is_available() and world_size() == 1:  # gradients there cannot be averaged
        return torch.device("mps")
    return torch.device("cpu")


def free_memory(device: torch.device) -> int | None:
    """Return the bytes that training may take on a device; None where nobody knows."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return available_memory()


def choose_precision(device: torch.device, hidden: int) -> str:
    """Return "bfloat16" where the device multiplies it natively and layers are wide enough, else "float32"."""
    if hidden < SMALL:
        return "float32"
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported()
    elif device.type == "cpu":
        native = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    else:
        native = False
    return "bfloat16" if native else "float32"


def describe_hardware(device: torch.device) -> str:
    """Name what a model was trained on, for its card."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    else:
        name = f"{processor()}, {torch.get_num_threads()} threads, {platform.system()}"
    processes = world_size()
    return name if processes == 1 else f"{processes} processes, each on {name}"
