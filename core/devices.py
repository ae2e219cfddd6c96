"""What training computes on: the device, the precision that is faster there, and what it is called.

Needs no screen.
"""

import platform

import torch

from core.machine import processor

SMALL = 128
"""Layers below this width gain nothing from bfloat16."""


def choose_device() -> torch.device:
    """Return CUDA or MPS where present, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


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
        return torch.cuda.get_device_name(device)
    return f"{processor()}, {torch.get_num_threads()} threads, {platform.system()}"
