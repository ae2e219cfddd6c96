"""A book of few words, jobs that train a tiny network on it, and what came of them."""

from pathlib import Path

from core.jobs import TrainingJob
from models.checkpoint import load_checkpoint

WORDS = [
    "the", "cat", "sat", "on", "a", "mat", "and", "saw", "the", "dog", "who", "ran", "to", "the",
    "old", "house", "by", "the", "sea",
]  # fmt: skip


def job_for(path: Path, **changes: object) -> TrainingJob:
    values: dict[str, object] = {
        "paths": [str(path)],
        "name": "mine",
        "parent": None,
        "level": "char",
        "layers": 1,
        "hidden": 24,
        "epochs": 2.0,
        "streams": 4,
        "window": 16,
        "learning_rate": 0.01,
        "threads": 1,
    }
    return TrainingJob.from_json(values | changes)


def remembered(folder: str | Path) -> list[str]:
    personal = load_checkpoint(folder).personal
    return sorted(Path(document.path).stem for document in personal.documents) if personal is not None else []
