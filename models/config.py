"""The shape of a recurrent language model: a validated, frozen configuration."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, cast, get_args

from models.errors import ModelError

Cell = Literal["lstm", "gru", "rnn"]
CELLS: tuple[Cell, ...] = get_args(Cell)

_STATE_PARTS: dict[Cell, int] = {"lstm": 2, "gru": 1, "rnn": 1}
_LIMITS = {"vocabulary": (2, 200_000), "layers": (1, 16), "hidden": (1, 8192), "embedding": (1, 8192)}


@dataclass(frozen=True)
class ModelConfig:
    """Everything that decides the shapes of a network's weights.

    Raises:
        ModelError: when a value is of the wrong type or out of its range.
    """

    vocabulary: int
    """Number of tokens the network reads and predicts."""
    cell: Cell = "lstm"
    """Kind of recurrent cell."""
    layers: int = 2
    """Number of recurrent layers, one above the other."""
    hidden: int = 512
    """Width of each layer's state."""
    embedding: int = 0
    """Width of a token's embedding; 0 stands for `hidden`. When it differs, a projection leads to the output."""
    dropout: float = 0.1
    """Share of values dropped after the embedding, between layers and before the output, while training."""
    tied: bool = True
    """Whether the output layer shares the embedding's weights (Press and Wolf 2017)."""
    residual: int = 0
    """How many of the layers, from the top down, add what they make to what they read (Prakash et al. 2016,
    "Neural Paraphrase Generation with Stacked Residual LSTM Networks")."""

    def __post_init__(self) -> None:
        """Check every value and fill in the embedding's width."""
        if self.cell not in CELLS:
            raise ModelError(f"cell must be one of {', '.join(CELLS)}, not {self.cell!r}")
        if self.embedding == 0 and not isinstance(self.embedding, bool):
            object.__setattr__(self, "embedding", self.hidden)
        for name, (least, most) in _LIMITS.items():
            value: object = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                raise ModelError(f"{name} must be a whole number from {least} to {most}, not {value!r}")
        dropout: object = self.dropout
        if not isinstance(dropout, (int, float)) or isinstance(dropout, bool) or not 0 <= dropout < 1:
            raise ModelError(f"dropout must be a number from 0 to below 1, not {dropout!r}")
        residual: object = self.residual
        if not isinstance(residual, int) or isinstance(residual, bool) or not 0 <= residual < self.layers:
            below = f"from 0 to below the {self.layers} layers"
            raise ModelError(f"residual must be a whole number {below}, not {residual!r}")
        tied: object = self.tied
        if not isinstance(tied, bool):
            raise ModelError(f"tied must be true or false, not {tied!r}")

    @property
    def parts(self) -> int:
        """Tensors in the state of one layer: hidden and cell state for an LSTM, hidden alone else."""
        return _STATE_PARTS[self.cell]

    @property
    def plain(self) -> int:
        """Layers of which each reads the one below it alone: all but the residual ones."""
        return self.layers - self.residual

    @property
    def projected(self) -> bool:
        """Whether a projection leads from the top layer's width to the embedding's."""
        return self.embedding != self.hidden

    def as_json(self) -> dict[str, Any]:
        """Return the configuration as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "ModelConfig":
        """Read a configuration from a JSON object.

        Raises:
            ModelError: when it is no object, has unknown or missing keys, or a value is out of its range.
        """
        if not isinstance(value, Mapping):
            raise ModelError("the config is not a JSON object")
        entries = cast("Mapping[str, Any]", value)
        unknown = sorted(set(entries) - {field.name for field in fields(cls)})
        if unknown:
            raise ModelError(f"the config has unknown keys: {', '.join(unknown)}")
        if "vocabulary" not in entries:
            raise ModelError("the config lacks the key 'vocabulary'")
        return cls(**entries)
