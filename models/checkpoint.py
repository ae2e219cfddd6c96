"""A checkpoint: a folder of weights (safetensors), tokenizer and card (readable JSON), written whole or not.

Loading runs no code from the folder. Everything that a file claims is held against the config before memory
is taken for it, so a truncated, foreign or hostile folder costs one line and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file as save_arrays  # pyright: ignore[reportUnknownVariableType]
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from torch import Tensor
from torch.nn import init
from torch.overrides import TorchFunctionMode

from models.config import ModelConfig
from models.errors import ModelError
from models.folder import CARD, MAX_CARD_BYTES, TOKENIZER, WEIGHTS, open_regular, read_json, shown, write_json
from models.gate import Gate, Mixture
from models.memory import load_memory
from models.personal import Personal, load_personal, save_personal, sweep
from models.placing import (
    FILES,
    GATE,
    MEMORY,
    MIXTURE_FILES,
    OPTIONAL_FILES,
    PERSONAL,
    finish,
    link,
    reason,
    replacing,
    restore_replaced,
    sync,
)
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Tokenizer, tokenizer_from_json

__all__ = [
    "FILES",
    "GATE",
    "MEMORY",
    "MIXTURE_FILES",
    "OPTIONAL_FILES",
    "PERSONAL",
    "Checkpoint",
    "Stored",
    "derive_checkpoint",
    "load_checkpoint",
    "read_card",
    "replace_personal",
    "save_checkpoint",
]

FORMAT: Final = 1
MAX_GATE_BYTES: Final = 1 << 20
MAX_WEIGHTS: Final = 1_000_000_000
MAX_TOKENIZER_BYTES: Final = 64 << 20
MAX_HEADER_BYTES: Final = 1 << 20

Stored = Literal["float32", "float16", "bfloat16"]
"""Type in which weights lie on disk; they are float32 when loaded."""

_DTYPES: Final[dict[Stored, torch.dtype]] = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
_BYTES: Final = {"F32": 4, "F16": 2, "BF16": 2}


@dataclass(frozen=True)
class Checkpoint:
    """A trained network with its tokenizer and its card."""

    model: RecurrentLanguageModel
    """The network, float32, in evaluation mode."""
    tokenizer: Tokenizer
    """The tokenizer it was trained with."""
    card: dict[str, Any]
    """What model.json says."""
    folder: Path
    """Where it was loaded from."""
    mixture: Mixture | None = None
    """The memory that is mixed into the network's predictions, if it has one."""
    personal: Personal | None = None
    """What it remembers of a person's own documents, if it does."""


def save_checkpoint(
    folder: Path | str,
    model: RecurrentLanguageModel,
    tokenizer: Tokenizer,
    card: Mapping[str, Any],
    *,
    weights: Stored = "float32",
    mixture: Mixture | None = None,
    personal: Personal | None = None,
) -> None:
    """Write a checkpoint so that `folder` holds all of it or what it held before.

    Args:
        folder: where to; a checkpoint that is there is replaced.
        model: the network.
        tokenizer: its tokenizer, of the same vocabulary.
        card: what model.json shall say; format, config, level and weights are added.
        weights: type of the weights on disk. Half the bytes of float32 cost no measurable accuracy.
        mixture: a memory of the same vocabulary to go with the network.
        personal: what to remember of a person's documents, in the same vocabulary.

    Raises:
        ModelError: when model and tokenizer do not fit together, a weight is not finite, something else than
            a checkpoint is in the way, or it cannot be written; what was there before is intact.
    """
    folder = Path(os.path.abspath(folder))
    if tokenizer.size != model.config.vocabulary:
        sizes = f"{model.config.vocabulary:,} tokens and a tokenizer of {tokenizer.size:,}"
        raise ModelError(f"cannot save {shown(folder)}: the network is of {sizes}")
    if mixture is not None and mixture.memory.vocabulary != tokenizer.size:
        raise ModelError(f"cannot save {shown(folder)}: the memory is of another vocabulary")
    if personal is not None and personal.phrases.vocabulary != tokenizer.size:
        raise ModelError(f"cannot save {shown(folder)}: the person's memory is of another vocabulary")
    tensors = _stored_tensors(folder, model, _DTYPES[weights])
    whole_card = {**card, "format": FORMAT, "config": model.config.as_json()}
    whole_card |= {"level": tokenizer.level, "weights": weights}
    with replacing(folder) as partial:
        save_file(tensors, partial / WEIGHTS, {"format": "pt"})
        finish(partial / WEIGHTS)
        write_json(partial / TOKENIZER, tokenizer.as_json(), MAX_TOKENIZER_BYTES)
        write_json(partial / CARD, whole_card, MAX_CARD_BYTES)
        if mixture is not None:
            save_arrays(mixture.memory.arrays, partial / MEMORY)
            finish(partial / MEMORY)
            write_json(partial / GATE, mixture.gate.as_json(), MAX_GATE_BYTES)
        if personal is not None:
            save_personal(partial, personal)


def derive_checkpoint(
    folder: Path | str, parent: Path | str, card: Mapping[str, Any], personal: Personal | None
) -> None:
    """Write a checkpoint with another's network, and with what it remembers of a person's documents given anew.

    Weights, tokenizer and corpus memory are the parent's files under a second name, or copies where the file system
    has no such names: a version that only remembers more costs what it remembers.

    Args:
        folder: where to; a checkpoint that is there is replaced.
        parent: the other checkpoint's folder.
        card: what model.json shall say; what describes the parent's files is added.
        personal: what to remember; None for nothing.

    Raises:
        ModelError: when the parent is no checkpoint, or it cannot be written; what was there before is intact.
    """
    folder, parent = Path(os.path.abspath(folder)), Path(parent)
    known = read_card(parent)
    whole_card = {
        **card,
        **{key: known[key] for key in ("format", "config", "level", "weights") if key in known},
    }
    with replacing(folder) as partial:
        for name in (WEIGHTS, TOKENIZER, MEMORY, GATE):
            if name in FILES or (parent / name).exists():
                link(parent / name, partial / name)
        write_json(partial / CARD, whole_card, MAX_CARD_BYTES)
        if personal is not None:
            save_personal(partial, personal)


def replace_personal(folder: Path | str, personal: Personal | None) -> None:
    """Have a checkpoint remember something else of a person's documents; None for nothing.

    Nobody else may change the folder meanwhile.

    Raises:
        ModelError: when it cannot be written; what it remembered before is intact.
    """
    folder = Path(folder)
    read_card(folder)
    try:
        sweep(folder)
        if personal is None:
            (folder / PERSONAL).unlink(missing_ok=True)
        else:
            save_personal(folder, personal)
        sync(folder)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"cannot save {shown(folder)}: {reason(error)}") from error


def read_card(folder: Path | str) -> dict[str, Any]:
    """Return what a checkpoint's model.json says, without loading the network.

    Raises:
        ModelError: when there is none, or it is not one that this version of Foretype can read.
    """
    folder = Path(folder)
    with _naming(folder):
        restore_replaced(folder)
        if not folder.is_dir():
            raise ModelError("there is no such folder: name a model's folder")
        card = read_json(folder / CARD, MAX_CARD_BYTES)
        if not isinstance(card, dict) or "format" not in card:
            raise ModelError(f"{CARD} is not the card of a Foretype model")
        if card["format"] != FORMAT:
            raise ModelError(f"{CARD} is of a format that this Foretype does not know: update Foretype")
        return cast("dict[str, Any]", card)


def load_checkpoint(folder: Path | str) -> Checkpoint:
    """Load a checkpoint, its weights as float32.

    Raises:
        ModelError: when anything is missing, damaged, or not as the config says; it names the folder.
    """
    folder = Path(folder)
    card = read_card(folder)
    with _naming(folder):
        config = ModelConfig.from_json(card.get("config"))
        tokenizer = tokenizer_from_json(read_json(folder / TOKENIZER, MAX_TOKENIZER_BYTES))
        if tokenizer.size != config.vocabulary:
            sizes = f"{tokenizer.size:,} tokens and the network {config.vocabulary:,}"
            raise ModelError(f"{TOKENIZER} has {sizes}: the files are not of the same model")
        model = _empty_model(config)
        _check_header(folder / WEIGHTS, _shapes(model))
        _fill(model, folder / WEIGHTS)
        mixture = _load_mixture(folder, tokenizer.size)
        personal = load_personal(folder, tokenizer.size)
    return Checkpoint(model, tokenizer, card, folder, mixture, personal)


def _load_mixture(folder: Path, vocabulary: int) -> Mixture | None:
    if not (folder / MEMORY).exists() and not (folder / GATE).exists():
        return None
    memory = load_memory(folder / MEMORY)
    if memory.vocabulary != vocabulary:
        raise ModelError(f"{MEMORY} is of another vocabulary: the files are not of the same model")
    return Mixture(memory, Gate.from_json(read_json(folder / GATE, MAX_GATE_BYTES)))


def _stored_tensors(folder: Path, model: RecurrentLanguageModel, dtype: torch.dtype) -> dict[str, Tensor]:
    state = model.state_dict()
    if model.config.tied:
        del state["output.weight"]  # it is the embedding's
    tensors = {name: value.detach().to("cpu", dtype).contiguous() for name, value in state.items()}
    for name, value in tensors.items():
        if not torch.isfinite(value).all():
            raise ModelError(f"cannot save {shown(folder)}: the weights {name} are not finite; train again")
    return tensors


class _Undrawn(TorchFunctionMode):
    """Draws no weights: torch loads its compiler for that, where a tensor has no memory (seconds, and 80 MB)."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        named: dict[str, Any] = kwargs or {}
        if func in (Tensor.normal_, init.normal_):
            return args[0] if args else named["tensor"]
        return func(*args, **named)


def _empty_model(config: ModelConfig) -> RecurrentLanguageModel:
    """Return a network that has shapes and no memory."""
    with torch.device("meta"), _Undrawn():
        model = RecurrentLanguageModel(config)
    total = sum(math.prod(shape) for shape in _shapes(model).values())
    if total > MAX_WEIGHTS:
        raise ModelError(f"{CARD} describes a network of {total:,} weights; {MAX_WEIGHTS:,} are the most")
    return model


def _shapes(model: RecurrentLanguageModel) -> dict[str, tuple[int, ...]]:
    names = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    if model.config.tied:
        del names["output.weight"]
    return names


def _check_header(file: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Hold a weights file's header and size against the shapes that the config asks for."""
    with open_regular(file) as stream:
        size = os.fstat(stream.fileno()).st_size
        length = int.from_bytes(stream.read(8), "little")
        if size < 8 or length > min(MAX_HEADER_BYTES, size - 8):
            raise ModelError(f"{WEIGHTS} is truncated or no safetensors file")
        header = stream.read(length)
    try:
        parsed: object = json.loads(header, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{WEIGHTS} has an unreadable header: {reason(error)}") from error
    entries = dict(cast("dict[str, object]", parsed)) if isinstance(parsed, dict) else {}
    entries.pop("__metadata__", None)
    if missing := sorted(shapes.keys() - entries.keys()):
        raise ModelError(f"{WEIGHTS} lacks the weights {missing[0]}")
    if foreign := sorted(entries.keys() - shapes.keys()):
        raise ModelError(f"{WEIGHTS} holds weights that the config does not know: {foreign[0]!r}")
    spans = sorted(_span(name, entries[name], shape) for name, shape in shapes.items())
    end = 0
    for first, last in spans:
        if first != end:
            raise ModelError(f"{WEIGHTS} has weights that overlap or leave gaps")
        end = last
    if size != 8 + length + end:
        raise ModelError(
            f"{WEIGHTS} is of {size:,} bytes and should be of {8 + length + end:,}: copy it again"
        )


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("it names something twice")
    return entries


def _span(name: str, entry: object, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return where a tensor's bytes begin and end, once type, shape and length are as they must be."""
    fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    dtype, stored, offsets = (fields.get(key) for key in ("dtype", "shape", "data_offsets"))
    if not isinstance(dtype, str) or dtype not in _BYTES:
        raise ModelError(f"{WEIGHTS} stores {name} as {dtype!r}, not as one of {', '.join(_BYTES)}")
    if stored != list(shape):
        raise ModelError(f"{WEIGHTS} has {name} of shape {stored}, and the config asks for {list(shape)}")
    match offsets:
        case [int() as first, int() as last] if last - first == math.prod(shape) * _BYTES[dtype]:
            return first, last
        case _:
            raise ModelError(f"{WEIGHTS} gives {name} a place of the wrong length")


def _fill(model: RecurrentLanguageModel, file: Path) -> None:
    try:
        with safe_open(file, framework="pt", device="cpu") as opened:  # pyright: ignore[reportUnknownVariableType]
            stored = cast("Any", opened)
            # Copies: a tensor of the mapped file would end the process when the file is cut short under it.
            tensors: dict[str, Tensor] = {
                name: stored.get_tensor(name).to(torch.float32, copy=True) for name in _shapes(model)
            }
    except SafetensorError as error:
        raise ModelError(f"{WEIGHTS} cannot be read: {reason(error)}") from error
    for name, value in tensors.items():
        if not torch.isfinite(value).all():
            raise ModelError(f"{WEIGHTS} has weights that are not finite in {name}")
    model.load_state_dict(tensors, strict=False, assign=True)
    if model.config.tied:
        model.output.weight = model.embedding.weight
    model.eval()


@contextlib.contextmanager
def _naming(folder: Path) -> Generator[None]:
    """Have every failure within name the folder, in one line."""
    try:
        yield
    except (ModelError, OSError) as error:
        raise ModelError(f"{shown(folder)} cannot be loaded: {reason(error)}") from error
