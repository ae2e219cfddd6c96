"""What a training run reads and keeps on disk: its tokens and tokenizer, its state, its place in the library.

Needs no screen. A run's folder holds `job.json`, `prepared.json`, `tokens.npy`, `held_out.npy`, `proof.json` and, once
there is something to resume, `state.safetensors`; it is removed when the model is in the library.
"""

import json
import math
import re
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from safetensors import SafetensorError

from core.disk import refusal
from core.errors import UserError
from core.events import Reading, TrainingEvent
from core.jobs import BASE, TrainingJob
from core.library.learning import forgotten_by
from core.library.library import Library, ModelEntry
from core.library.lineage import in_weights, learnt_by, remembered_by, told
from core.paths import training_folder
from core.prediction.folding import are_plain, fold
from core.reading.corpus import Corpus, TextDocument, Texts, read_paths
from core.reading.report import corpus_read
from core.sources import kept_as
from core.training.holding_out import halves, hold_out, note_ends, version_in_use
from core.training.recipe import recipe_for
from core.training.remembering import newest, remember
from core.training.run import TrainingRun
from core.training.streams import Tokens, encode_documents, texts_of
from models.checkpoint import load_checkpoint
from models.config import Cell, ModelConfig
from models.errors import ModelError
from models.gate import Mixture
from models.personal import Personal, load_personal, save_personal
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Level, Tokenizer, tokenizer_from_json, train_tokenizer

TOKENIZER_CHARACTERS = 60_000_000
"""How much text a new vocabulary is learnt from; more does not change it enough to be worth the time."""
PROMPT_CHARACTERS = 40
MEASURED_TOKENS = 65_536
"""Held-out tokens that a network is measured on by itself."""
STATE_FILE = "state.safetensors"


@dataclass
class Prepared:
    """Texts made ready to train on."""

    tokens: Tokens
    """What is learnt."""
    held_out: Tokens
    """The part of the held-out text by which the best weights are chosen."""
    tokenizer: Tokenizer
    facts: "Facts"
    proof: list[str]
    """The other part, as it was written: nothing is chosen by it, so it tells what the training brought."""
    personal: Personal | None
    """What the new version is to remember; None where that would be in the way (see `_remembers`)."""

    @cached_property
    def parent_mixture(self) -> Mixture | None:
        """The parent's memory, which goes with its child."""
        folder = self.facts.parent_folder
        return load_checkpoint(Path(folder)).mixture if folder is not None else None

    @cached_property
    def measured(self) -> Tokens:
        """What is measured of the held-out text, while training and at the end."""
        return self.held_out[:MEASURED_TOKENS]

    @cached_property
    def _measured_characters(self) -> int:
        return max(1, sum(map(len, texts_of(self.measured, self.tokenizer))))

    def bits_per_character(self, loss: float) -> float:
        """Turn the mean loss over what is measured, nats a token, into bits per character."""
        return loss / math.log(2) * (len(self.measured) - 1) / self._measured_characters

    def make_model(self, job: TrainingJob) -> RecurrentLanguageModel:
        """Return the parent's network, or a fresh one of the sizes that the job says."""
        if self.facts.parent_folder is not None:
            model = load_checkpoint(Path(self.facts.parent_folder)).model
            model.dropout.p = model.recurrent.dropout = recipe_for(job).dropout
            return model
        chosen = recipe_for(job)
        config = ModelConfig(
            self.tokenizer.size,
            cast("Cell", job.cell),
            job.layers,
            chosen.hidden,
            job.embedding or 0,
            chosen.dropout,
            residual=job.residual,
        )
        return RecurrentLanguageModel(config)


@dataclass
class Facts:
    """What is known about a run's texts and its parent, apart from the tokens."""

    parent: str | None
    parent_version: int | None
    parent_folder: str | None
    paths: list[str]
    """What the model and those that it descends from were told to learn."""
    folding: str
    characters: int
    held_out_characters: int
    """Of both parts."""
    held_out_how: str
    prompt: str
    left_out: int
    sources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    held_out_paths: list[str] = field(default_factory=list[str])
    """Files that are held out, in whole or in part."""
    remembered: dict[str, str] | None = None
    """What the version that was in use remembered when texts were read: files with their hashes. None of a run that
    an earlier Foretype began."""

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Facts":
        """Return what a run keeps on disk; what an older Foretype kept besides is not needed."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in known})


def prepare(job: TrainingJob, report: Callable[[TrainingEvent], None]) -> Prepared:
    """Read, split and tokenize what a job names.

    Raises:
        UserError: when nothing readable is there, it is too short, or the parent is unknown.
    """
    parent = Library().find(job.parent) if job.parent is not None else None
    checkpoint = load_checkpoint(parent.folder) if parent is not None else None
    used = version_in_use(job.name)
    remembered = (
        remembered_by(used) if used is not None else {}
    )  # before texts are read: more may be saved meanwhile
    exclude = (*job.exclude, *forgotten_by(job.name), *((job.held_out,) if job.held_out else ()))

    def tell(files: int, characters: int) -> None:
        report(Reading(files, characters))

    corpus = read_paths(job.paths, exclude, tell)
    learnt, held_out, how = hold_out(job, corpus, parent)
    texts: Sequence[str] = Texts(learnt)
    choosing, proof = halves([document.text for document in held_out])
    if checkpoint is not None:
        folding = str(checkpoint.card.get("folding", "none"))
    else:
        folding = "ascii" if are_plain(texts) else "none"
    if folding == "ascii":
        texts, choosing = Texts(learnt, fold), [fold(text) for text in choosing]
    tokenizer = checkpoint.tokenizer if checkpoint is not None else _learn_tokenizer(job, texts)
    facts = Facts(
        parent=parent.name.removesuffix(f"@{parent.version}") if parent else None,
        parent_version=parent.version if parent else None,
        parent_folder=str(parent.folder) if parent else None,
        paths=_paths(job, parent),
        folding=folding,
        characters=sum(map(len, texts)),
        held_out_characters=sum(document.characters for document in held_out),
        held_out_how=how,
        prompt=_prompt(choosing[0]),
        left_out=corpus.left_out_count,
        sources=_sources(corpus, learnt, held_out, parent, exclude),
        held_out_paths=sorted({str(document.path) for document in held_out}),
        remembered=remembered,
    )
    tokens, held_out_tokens = encode_documents(texts, tokenizer), encode_documents(choosing, tokenizer)
    to_remember = newest(learnt, corpus.files) if _remembers(job) else []
    if 0 < len(to_remember) < len(learnt):
        files = f"the {len({document.path for document in to_remember}):,} files that were changed last"
        corpus.remarks.insert(0, (Path("memory"), f"there is too much text for all of it: {files} are in it"))
    report(corpus_read(corpus, facts.characters, facts.held_out_characters, len(tokens), how))
    personal = None
    if to_remember:
        known = checkpoint.personal if checkpoint is not None else None
        unwanted = (*facts.held_out_paths, *exclude)
        personal = remember(known, to_remember, corpus.files, unwanted, tokenizer, folding=folding == "ascii")
    return Prepared(tokens, held_out_tokens, tokenizer, facts, proof, personal)


def _remembers(job: TrainingJob) -> bool:
    """Whether a model gets a memory of the text.

    One that is trained from nothing on characters or words is there to show what a network learns, and one with a
    corpus memory is not a person's.
    """
    return job.parent is not None or (job.level == "subword" and not job.memory)


def _paths(job: TrainingJob, parent: ModelEntry | None) -> list[str]:
    """What is learnt, and what a personal parent was told to learn before."""
    earlier = told(parent) if parent is not None else []
    return list(dict.fromkeys([*earlier, *map(kept_as, job.paths)]))


def _sources(
    corpus: Corpus,
    learnt: list[TextDocument],
    held_out: list[TextDocument],
    parent: ModelEntry | None,
    exclude: Collection[str],
) -> list[dict[str, Any]]:
    """The files as the card names them.

    It says what is held out of each, which only the parent learnt, and which are in the parent's weights already:
    whatever comes of this training, its weights descend from those.
    """
    paths, measured = ({str(document.path) for document in part} for part in (learnt, held_out))
    found = [
        source if source["path"] in paths else {**source, "held_out": True} for source in corpus.sources()
    ]
    for source in found:
        if source["path"] in paths & measured:
            note_ends(source, held_out)
    if parent is None or parent.name == BASE:
        return found
    before, named = in_weights(parent), {source["path"] for source in found}
    unwanted = set(map(kept_as, exclude)) - before
    earlier = [source for source in learnt_by(parent) if source["path"] not in named | unwanted]
    return [
        *({**source, "from_parent": True} for source in earlier),
        *({**source, "parent_learnt": True} if source["path"] in before else source for source in found),
    ]


def _learn_tokenizer(job: TrainingJob, texts: Sequence[str]) -> Tokenizer:
    """Learn a vocabulary; a small text gets a small one of subwords, each of which must be seen often enough."""
    characters = sum(map(len, texts))
    size = job.vocabulary
    if job.level == "subword":
        size = min(size, max(512, characters // 100))
    step = max(1, characters // TOKENIZER_CHARACTERS)
    return train_tokenizer(texts[::step], cast("Level", job.level), size)


def _prompt(text: str) -> str:
    """Return the first words of the held-out text: what every sample of the run goes on from."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    words = re.match(rf"(?s).{{0,{PROMPT_CHARACTERS}}}(?=\s|$)", line)
    return words.group() if words and words.group() else line[:PROMPT_CHARACTERS]


class RunFolder:
    """The folder of one unfinished run."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is made yet."""
        self.path = path
        self.state = path / STATE_FILE

    @classmethod
    def of(cls, name: str) -> "RunFolder":
        """Return the folder of the unfinished run that makes the model `name`."""
        return cls(training_folder() / name)

    def create(self, job: TrainingJob, prepared: Prepared) -> None:
        """Write down all that a resume needs, in place of an earlier unfinished run of the same name.

        Raises:
            UserError: when it cannot be written; then nothing is left of it.
        """
        self.remove()
        try:
            self.path.mkdir(mode=0o700, parents=True)
            np.save(self.path / "tokens.npy", prepared.tokens)
            np.save(self.path / "held_out.npy", prepared.held_out)
            self._write("tokenizer.json", prepared.tokenizer.as_json())
            self._write("proof.json", prepared.proof)
            if prepared.personal is not None:
                save_personal(self.path, prepared.personal)
            self._write("prepared.json", asdict(prepared.facts))
            self._write("job.json", job.as_json())
        except (OSError, SafetensorError) as error:
            self.remove()
            raise refusal(error, "the training cannot begin", self.path) from error

    def load(self, job: TrainingJob) -> tuple[TrainingJob, Prepared]:
        """Return the unfinished run's own job and texts.

        Raises:
            UserError: when there is no such run, or its files are damaged.
        """
        if not (self.path / "job.json").exists():
            raise UserError(f"there is no unfinished training of {job.name!r} to resume")
        try:
            kept = TrainingJob.from_json(self._read("job.json"))
            tokenizer = tokenizer_from_json(self._read("tokenizer.json"))
            prepared = Prepared(
                np.load(self.path / "tokens.npy", mmap_mode="r", allow_pickle=False),
                np.load(self.path / "held_out.npy", allow_pickle=False),
                tokenizer,
                Facts.of(self._read("prepared.json")),
                [str(text) for text in self._read("proof.json")],
                load_personal(self.path, tokenizer.size),
            )
        except (OSError, ValueError, TypeError, ModelError) as error:
            raise UserError(
                f"the unfinished training of {job.name!r} is damaged: train anew ({error})"
            ) from error
        return kept, prepared

    def save_state(self, run: TrainingRun) -> None:
        """Keep what a resume needs.

        Raises:
            UserError: when it cannot be written; the state saved before is intact.
        """
        try:
            run.save(self.state)
        except (OSError, SafetensorError) as error:
            raise refusal(error, "the training's state cannot be saved", self.path) from error

    def remove(self) -> None:
        """Delete the folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self, name: str, value: object) -> None:
        partial = self.path / f"{name}.partial"
        try:
            text = json.dumps(value, ensure_ascii=False)
            partial.write_text(text, encoding="utf-8", errors="surrogatepass")
            partial.replace(self.path / name)
        finally:
            partial.unlink(missing_ok=True)

    def _read(self, name: str) -> Any:
        return json.loads((self.path / name).read_text(encoding="utf-8", errors="surrogatepass"))
