"""Processes that train together: who leads, what it orders, and what they tell each other.

Needs no screen. `torchrun` starts the processes and tells each its rank in the environment. Rank 0 leads: it alone
reads texts, keeps time, measures, saves and reports, and before each thing that all must do together it says so.
The others decide nothing, so they cannot part ways with it; a pause is an order that does not come.
"""

import contextlib
from collections.abc import Generator
from datetime import timedelta
from enum import IntEnum
from typing import TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from core.errors import UserError
from core.launch import local_rank, rank, world_size
from core.training.devices import choose_device

T = TypeVar("T")

PATIENCE = timedelta(days=7)
"""How long a rank waits for the others: a run may stand still over a weekend."""


class Order(IntEnum):
    """What the leader has all ranks do."""

    BEGIN = 0
    """Make the run that it describes."""
    STEP = 1
    """Make an update."""
    LOAD = 2
    """Take the state that it has read."""
    SAVE = 3
    """Give it what it has not of the state."""
    END = 4
    """End, as it does."""


class Ranks:
    """The processes of one training; alone, all that concerns others costs nothing."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        """Say which of how many this one is."""
        self.rank = rank
        self.size = size

    @property
    def leads(self) -> bool:
        """Whether this process decides."""
        return self.rank == 0

    def part(self, streams: int) -> slice:
        """Return which of all streams are this rank's."""
        each = streams // self.size
        return slice(self.rank * each, (self.rank + 1) * each)

    def order(self, order: Order, fraction: float = 0.0) -> None:
        """Have the others do what this one, which leads, is about to do."""
        if self.size > 1:
            dist.broadcast(torch.tensor([order, fraction], dtype=torch.float64), 0)

    def hear(self) -> tuple[Order, float]:
        """Wait for an order; return it and the share of the budget that is spent."""
        told = torch.empty(2, dtype=torch.float64)
        dist.broadcast(told, 0)
        return Order(int(told[0].item())), told[1].item()

    def share(self, value: T | None = None) -> T:
        """Return what the leader gave."""
        box = [value]
        if self.size > 1:
            dist.broadcast_object_list(box, 0)
        return cast("T", box[0])

    def gather(self, value: T) -> list[T]:
        """Return what each rank gave to the leader, and to the others nothing."""
        if self.size == 1:
            return [value]
        box: list[object] = [None] * self.size if self.leads else []
        dist.gather_object(value, box if self.leads else None, 0)
        return cast("list[T]", box)

    def mean(self, loss: Tensor) -> float:
        """Return the mean of a number over all ranks."""
        value = loss.detach().clone()
        if self.size > 1:
            dist.all_reduce(value)
        return value.item() / self.size

    def join(self, learner: nn.Module, device: torch.device) -> nn.Module:
        """Return a module that does what `learner` does and averages gradients over the ranks.

        The others' weights become the leader's.
        """
        if self.size == 1:
            return learner
        where = [device] if device.type == "cuda" else None
        return DistributedDataParallel(learner, device_ids=where, broadcast_buffers=False)


@contextlib.contextmanager
def together() -> Generator[Ranks]:
    """Join the processes that torchrun started; alone where it did not.

    Raises:
        UserError: when these processes cannot speak to each other here.
    """
    if world_size() == 1:
        yield Ranks()
        return
    if not dist.is_available() or not dist.is_gloo_available():
        raise UserError("this build of torch cannot spread a training: run it without torchrun")
    device = choose_device()
    if device.type == "cuda":
        if local_rank() >= torch.cuda.device_count():
            found = torch.cuda.device_count()
            raise UserError(f"torchrun has more processes here than GPUs: say --nproc-per-node {found}")
        torch.cuda.set_device(device)
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, timeout=PATIENCE, rank=rank(), world_size=world_size())
    try:
        yield Ranks(rank(), world_size())
    finally:
        dist.destroy_process_group()
