"""A checkpoint: a folder of weights (safetensors), tokenizer and card (readable JSON), written whole or not.

Loading runs no code from the folder. Everything that a file claims is held against the config before memory
is taken for it, so a truncated, foreign or hostile folder costs one line and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import tempfile
import time
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
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Tokenizer, tokenizer_from_json

FORMAT: Final = 1
MEMORY: Final = "memory.safetensors"
GATE: Final = "gate.json"
FILES: Final = frozenset({WEIGHTS, TOKENIZER, CARD})
MIXTURE_FILES: Final = frozenset({MEMORY, GATE})
"""Files of models that have a memory."""
MAX_GATE_BYTES: Final = 1 << 20
MAX_WEIGHTS: Final = 1_000_000_000
MAX_TOKENIZER_BYTES: Final = 64 << 20
MAX_HEADER_BYTES: Final = 1 << 20
DEBRIS_SECONDS: Final = 3600.0
"""Age at which what a killed process left half-written is removed."""

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


def save_checkpoint(
    folder: Path | str,
    model: RecurrentLanguageModel,
    tokenizer: Tokenizer,
    card: Mapping[str, Any],
    *,
    weights: Stored = "float32",
    mixture: Mixture | None = None,
) -> None:
    """Write a checkpoint so that `folder` holds all of it or what it held before.

    Args:
        folder: where to; a checkpoint that is there is replaced.
        model: the network.
        tokenizer: its tokenizer, of the same vocabulary.
        card: what model.json shall say; format, config, level and weights are added.
        weights: type of the weights on disk. Half the bytes of float32 cost no measurable accuracy.
        mixture: a memory of the same vocabulary to go with the network.

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
    tensors = _stored_tensors(folder, model, _DTYPES[weights])
    whole_card = {**card, "format": FORMAT, "config": model.config.as_json()}
    whole_card |= {"level": tokenizer.level, "weights": weights}
    partial: Path | None = None
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_debris(folder.parent)
        _check_replaceable(folder)
        partial = Path(
            tempfile.mkdtemp(prefix=".saving-", dir=folder.parent)
        )  # a sibling: the same file system
        save_file(tensors, partial / WEIGHTS, {"format": "pt"})
        _finish(partial / WEIGHTS)
        write_json(partial / TOKENIZER, tokenizer.as_json(), MAX_TOKENIZER_BYTES)
        write_json(partial / CARD, whole_card, MAX_CARD_BYTES)
        if mixture is not None:
            save_arrays(mixture.memory.arrays, partial / MEMORY)
            _finish(partial / MEMORY)
            write_json(partial / GATE, mixture.gate.as_json(), MAX_GATE_BYTES)
        _sync(partial)
        _put_in_place(partial, folder)
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelError(f"cannot save {shown(folder)}: {_reason(error)}") from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def read_card(folder: Path | str) -> dict[str, Any]:
    """Return what a checkpoint's model.json says, without loading the network.

    Raises:
        ModelError: when there is none, or it is not one that this version of Foretype can read.
    """
    folder = Path(folder)
    with _naming(folder):
        _restore_replaced(folder)
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
    return Checkpoint(model, tokenizer, card, folder, mixture)


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
        raise ModelError(f"{WEIGHTS} has an unreadable header: {_reason(error)}") from error
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
        raise ModelError(f"{WEIGHTS} cannot be read: {_reason(error)}") from error
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
        raise ModelError(f"{shown(folder)} cannot be loaded: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return shown(words or type(error).__name__)[:300]


def _check_replaceable(folder: Path) -> None:
    """Refuse to replace anything but a checkpoint."""
    _restore_replaced(folder)
    if not folder.is_symlink() and not folder.exists():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise ValueError("something that is not a model is in the way; choose another name")
    if foreign := sorted({entry.name for entry in folder.iterdir()} - FILES - MIXTURE_FILES):
        raise ValueError(f"the folder holds what is not a model's ({foreign[0]!r}); choose another name")


def _put_in_place(partial: Path, folder: Path) -> None:
    """Rename the finished folder to its place; an old one steps aside, as none can be renamed over."""
    aside = _aside(folder)
    replaced = folder.exists()
    if replaced:
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
    try:
        partial.rename(folder)
    except OSError:
        if replaced:
            aside.rename(folder)
        raise
    _sync(folder.parent)
    if replaced:
        shutil.rmtree(aside, ignore_errors=True)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".replaced-{folder.name}")


def _restore_replaced(folder: Path) -> None:
    """Bring back the old checkpoint where a process was killed between the renames of `_put_in_place`."""
    if not folder.exists() and _aside(folder).is_dir():
        _aside(folder).rename(folder)


def _remove_debris(parent: Path) -> None:
    for left in parent.glob(".saving-*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > DEBRIS_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _finish(file: Path) -> None:
    """Make a file that a library wrote its owner's alone, and flush it to the disk."""
    file.chmod(0o600)
    _sync(file)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
