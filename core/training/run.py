"""One training run's moving parts: network, optimizer, schedule, place in the text; steps, measures, saves, resumes.

Needs no screen. Nothing here reads documents or knows the library: see core/training/pipeline.py.
"""

import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import safe_open
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from torch import Tensor, nn

from core.errors import UserError
from core.training.ranks import Order, Ranks
from core.training.streams import Tokens, TokenStreams
from models.loss import cross_entropy
from models.recurrent import RecurrentLanguageModel, State
from models.tokenizers import BOUNDARY

WARM_UP = 0.02
"""Share of a cycle in which the learning rate rises."""
FLOOR = 0.02
"""Learning rate at the end of a cycle, as a share of its peak."""
LATER_PEAK = 0.6
"""Peak of each cycle's learning rate after the first, as a share of the one before."""
RESET = 0.02
"""Chance that a stream begins anew with a window: the network must also know how to begin, anywhere in a text."""
MEASURE_STREAMS = 32
MEASURE_WINDOW = 128


@dataclass(frozen=True)
class Hyperparameters:
    """What decides how a run learns; kept with its state, so that a resumed run goes on the same way."""

    learning_rate: float
    streams: int
    """Of all ranks together."""
    window: int
    seed: int
    weight_decay: float = 0.01
    clip: float = 1.0
    precision: str = "float32"
    """Type of the products: "float32" or "bfloat16" (sums and weights stay float32)."""
    cycles: int = 1
    """How often the learning rate rises and decays."""


@dataclass
class Progress:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    best_loss: float = math.inf
    best_step: int = 0
    measures_since_best: int = 0
    next_measure: float = 0.0
    measured_at: int = 0
    history: list[tuple[int, float, float]] = field(default_factory=list[tuple[int, float, float]])
    """(step, held-out loss in nats a token, bits per character) of each measure."""


def learning_rate(fraction: float, peak: float, cycles: int = 1) -> float:
    """Return the learning rate at a share of the budget: in each cycle a linear warm-up, then cosine decay.

    Cosine decay with restarts is from Loshchilov and Hutter 2017 (SGDR), section 3; later cycles peak lower here.
    """
    cycle = min(cycles - 1, int(fraction * cycles))
    peak *= LATER_PEAK**cycle
    fraction = fraction * cycles - cycle
    if fraction < WARM_UP:
        return peak * (FLOOR + (1 - FLOOR) * fraction / WARM_UP)
    done = min(1.0, (fraction - WARM_UP) / (1 - WARM_UP))
    return peak * (FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * done)) / 2)


class _Learner(nn.Module):
    """A network and its loss on a window, as one module."""

    def __init__(self, model: RecurrentLanguageModel, precision: str) -> None:
        super().__init__()
        self.model = model
        self._dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32

    def forward(self, ids: Tensor, targets: Tensor, state: State) -> tuple[Tensor, State]:
        """Return the mean loss in nats a token and the state after the window."""
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=self._dtype == torch.bfloat16):
            x, new_state = self.model.features(ids, state)
        output = self.model.output
        loss = cross_entropy(x.flatten(0, 1), output.weight, output.bias, targets.flatten(), self._dtype)
        return loss, new_state


class TrainingRun:
    """Trains a network on token streams, a step at a time; of several ranks each takes its part of the streams.

    What all ranks must do together (step, load, save) is called on the one that leads, and the others hear of it.
    """

    def __init__(
        self,
        model: RecurrentLanguageModel,
        tokens: Tokens,
        chosen: Hyperparameters,
        ranks: Ranks | None = None,
    ) -> None:
        """Start at the weights of the leader's model; the model is trained in place.

        Raises:
            ValueError: when the text is too short for so many ranks.
        """
        self.model = model
        self.chosen = chosen
        self.ranks = ranks or Ranks()
        self.progress = Progress()
        self.streams = TokenStreams(tokens, chosen.streams, chosen.window, chosen.seed, self.ranks.size)
        self._part = self.ranks.part(self.streams.streams)
        self.device = model.embedding.weight.device
        self.current_learning_rate = 0.0
        """Learning rate of the last update."""
        self._learner = _Learner(model, chosen.precision)
        self._joined = self.ranks.join(self._learner, self.device)
        self._optimizer = _make_optimizer(model, chosen)
        self._generator = torch.Generator().manual_seed(chosen.seed)
        self._state: State = model.initial_state(self.streams.streams // self.ranks.size)
        self.best: dict[str, Tensor] = _copy(model.state_dict())

    def step(self, fraction: float) -> float:
        """Make one update on the next window and return its loss in nats a token.

        Args:
            fraction: share of the budget that is spent, which sets the learning rate.
        """
        if self.ranks.leads:
            self.ranks.order(Order.STEP, fraction)
        index = self.progress.step
        ids, targets = self.streams.window(index, self._part)
        ids = self._begin_anew(ids, self.streams.starts_epoch(index)).to(self.device)
        targets = targets.to(self.device)
        self.current_learning_rate = learning_rate(fraction, self.chosen.learning_rate, self.chosen.cycles)
        for group in self._optimizer.param_groups:
            group["lr"] = self.current_learning_rate
        self._joined.train()
        loss, state = cast("tuple[Tensor, State]", self._joined(ids, targets, self._state))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.chosen.clip)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._state = tuple(part.detach().float() for part in state)
        self.progress.step += 1
        self.progress.tokens += ids.numel() * self.ranks.size
        return self.ranks.mean(loss)

    def _begin_anew(self, ids: Tensor, all_streams: bool) -> Tensor:
        """Have some streams begin as a text does: with the initial state and a boundary for their first token."""
        drawn = torch.rand(self.streams.streams, generator=self._generator)[self._part]
        anew = torch.ones_like(drawn, dtype=torch.bool) if all_streams else drawn < RESET
        kept = (~anew).to(self.device, torch.float32).view(1, -1, 1)
        self._state = tuple(part * kept for part in self._state)
        ids[0, anew] = BOUNDARY
        return ids

    def measure(self, tokens: Tokens) -> float:
        """Return the mean loss over `tokens`, nats a token, without learning from them."""
        streams = TokenStreams(tokens, MEASURE_STREAMS, MEASURE_WINDOW, 0)
        state = self.model.initial_state(streams.streams)
        total, count = 0.0, 0
        self.model.eval()
        with torch.inference_mode():
            for index in range(streams.windows):
                ids, targets = (part.to(self.device) for part in streams.window(index))
                loss, state = self._learner(ids, targets, state)
                state = tuple(part.float() for part in state)
                total += loss.item() * ids.numel()
                count += ids.numel()
        return total / count

    def note_measure(self, loss: float, bits_per_character: float) -> bool:
        """Write a held-out measure down; return whether it is the best so far, whose weights are kept."""
        progress = self.progress
        progress.history.append((progress.step, loss, bits_per_character))
        progress.measured_at = progress.step
        if loss < progress.best_loss:
            progress.best_loss, progress.best_step, progress.measures_since_best = loss, progress.step, 0
            self.best = _copy(self.model.state_dict())
            return True
        progress.measures_since_best += 1
        return False

    def give(self) -> list[tuple[State, Tensor]]:
        """Return, to the leader alone, what only each rank knows: its streams' state and its random state."""
        return self.ranks.gather((tuple(part.cpu() for part in self._state), torch.get_rng_state()))

    def save(self, path: Path) -> None:
        """Write all that a resumed run needs, in one file that appears whole or not at all."""
        self.ranks.order(Order.SAVE)
        given = self.give()
        tensors: dict[str, Tensor] = {}
        tensors.update({f"weights.{name}": value for name, value in _named(self.model.state_dict())})
        tensors.update({f"best.{name}": value for name, value in _named(self.best)})
        for index, entry in self._optimizer.state_dict()["state"].items():
            tensors.update({f"optimizer.{index}.{name}": value for name, value in entry.items()})
        for index in range(self.model.config.parts):
            tensors[f"state.{index}"] = torch.cat([state[index] for state, _ in given], 1)
        tensors.update({f"random.torch.{rank}": state for rank, (_, state) in enumerate(given)})
        tensors["random.streams"] = self._generator.get_state()
        contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        metadata = {"progress": json.dumps(asdict(self.progress)), "chosen": json.dumps(asdict(self.chosen))}
        partial = path.with_name(path.name + ".partial")
        try:
            save_file(contiguous, partial, metadata)
            with partial.open("rb+") as written:
                os.fsync(written.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def load(self, path: Path) -> None:
        """Go on exactly where `save` left off.

        Raises:
            UserError: when the run was made with other hyperparameters, or these ranks cannot share its streams.
            OSError, SafetensorError, LookupError, TypeError, ValueError: when the file is damaged.
        """
        with safe_open(path, framework="pt", device="cpu") as file:  # pyright: ignore[reportUnknownVariableType]
            reader = cast("Any", file)
            metadata: dict[str, str] = reader.metadata()
            chosen = {"cycles": 1, **json.loads(metadata["chosen"])}  # older runs do not say
            if chosen != asdict(self.chosen):
                raise UserError(
                    "this training was begun with other settings or on another kind of processor: "
                    "resume it where it was begun, or train anew"
                )
            tensors: dict[str, Tensor] = {name: reader.get_tensor(name) for name in reader.keys()}  # noqa: SIM118
        saved, streams = tensors["state.0"].shape[1], self.streams.streams
        if saved != streams:
            raise UserError(
                f"this training's {saved} streams cannot be shared by {self.ranks.size} processes alike: "
                f"resume it with a number of processes that divides {saved}"
            )
        self.ranks.order(Order.LOAD)
        self.take(tensors, metadata["progress"])

    def take(self, tensors: dict[str, Tensor] | None = None, progress: str | None = None) -> None:
        """Go on from what the leader has read; it alone gives it."""
        tensors, progress = self.ranks.share((tensors or {}, progress or ""))
        values: dict[str, Any] = json.loads(progress)
        values["history"] = [tuple(entry) for entry in values["history"]]
        self.progress = Progress(**values)
        self.model.load_state_dict(_below(tensors, "weights."), strict=False)
        self.best = _below(tensors, "best.")
        self._load_optimizer(_below(tensors, "optimizer."))
        self._state = tuple(
            tensors[f"state.{index}"][:, self._part].to(self.device)
            for index in range(self.model.config.parts)
        )
        if (random := tensors.get(f"random.torch.{self.ranks.rank}")) is not None:
            torch.set_rng_state(random)  # a rank that was not there before goes on from its seed
        self._generator.set_state(tensors["random.streams"])

    def _load_optimizer(self, tensors: dict[str, Tensor]) -> None:
        entries: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            index, _, key = name.partition(".")
            entries.setdefault(int(index), {})[key] = value
        whole = self._optimizer.state_dict()
        whole["state"] = entries
        self._optimizer.load_state_dict(whole)


def _make_optimizer(model: RecurrentLanguageModel, chosen: Hyperparameters) -> torch.optim.AdamW:
    matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    others = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    groups = [
        {"params": matrices, "weight_decay": chosen.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, chosen.learning_rate, betas=(0.9, 0.99), fused=True)


def _copy(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in _named(weights)}


def _named(weights: dict[str, Tensor]) -> list[tuple[str, Tensor]]:
    """Return the weights by name, shared ones once."""
    seen: set[int] = set()
    unique: list[tuple[str, Tensor]] = []
    for name, value in weights.items():
        if value.data_ptr() not in seen:
            seen.add(value.data_ptr())
            unique.append((name, value))
    return unique


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
