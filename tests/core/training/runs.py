"""A book of few words, and jobs that train a tiny network on it."""

from pathlib import Path

from core.jobs import TrainingJob

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
