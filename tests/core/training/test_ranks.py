"""Training on several ranks: two processes that average their gradients learn as one with twice the streams does."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributed as dist

from core.errors import UserError
from core.training.followers import begin, follow
from core.training.ranks import Order, Ranks
from core.training.run import Hyperparameters, TrainingRun
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel

STEPS = 24
HALF = 11
TOKENS = np.random.default_rng(0).integers(3, 40, 900).astype(np.uint16)

needs_gloo = pytest.mark.skipif(
    not (dist.is_available() and dist.is_gloo_available()),
    reason="this build of torch has no gloo: processes cannot train together",
)

RANK = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_ranks import HALF, STEPS, TOKENS, make_run
from core.training.followers import end, follow
from core.training.ranks import together
with together() as ranks:
    if not ranks.leads:
        print(json.dumps(follow(ranks)))
    else:
        state = Path(sys.argv[2])
        first = make_run(ranks)
        losses = [first.step(step / STEPS) for step in range(HALF)]
        first.save(state)
        again = make_run(ranks, seed=99)
        again.load(state)
        losses += [again.step(step / STEPS) for step in range(HALF, STEPS)]
        held_out = again.measure(TOKENS)
        end(ranks, "ended")
        print(json.dumps([losses, held_out, again.progress.tokens]))
"""


def make_run(ranks: Ranks, streams: int = 8, seed: int = 5) -> TrainingRun:
    torch.manual_seed(seed)
    model = RecurrentLanguageModel(ModelConfig(300, "lstm", layers=2, hidden=12, dropout=0.0))
    return begin(model, TOKENS, Hyperparameters(0.01, streams, window=8, seed=1), ranks)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start_rank(rank: int, port: int, folder: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    command = [sys.executable, "-P", "-c", RANK, str(Path(__file__).parent), str(folder / "state")]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


@needs_gloo
def test_two_ranks_learn_and_resume_as_one_process_with_twice_the_streams(tmp_path: Path) -> None:
    port = free_port()
    processes = [start_rank(rank, port, tmp_path) for rank in range(2)]
    try:
        alone = make_run(Ranks())
        expected = [alone.step(step / STEPS) for step in range(STEPS)]
        told = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    losses, held_out, tokens = told[0]
    assert losses == pytest.approx(expected, abs=1e-4)
    assert expected[-1] < expected[0] - 0.01
    assert held_out == pytest.approx(alone.measure(TOKENS), abs=1e-4)
    assert tokens == alone.progress.tokens
    assert told[1] == "ended"


def test_each_rank_has_streams_of_its_own() -> None:
    parts = [Ranks(rank, 3).part(12) for rank in range(3)]
    assert [index for part in parts for index in range(12)[part]] == list(range(12))


def test_a_state_that_ranks_cannot_share_is_not_taken(tmp_path: Path) -> None:
    saved = make_run(Ranks(), streams=8)
    saved.step(0.0)
    saved.save(tmp_path / "state")
    fewer = make_run(Ranks(), streams=8)
    fewer.streams.streams = 6  # as 3 ranks would have it
    with pytest.raises(UserError, match=r"8 streams cannot be shared .* resume it with"):
        fewer.load(tmp_path / "state")


class Scripted(Ranks):
    """A rank that follows, and what it is told."""

    def __init__(self, ending: object) -> None:
        super().__init__(rank=1, size=2)
        self._ending = ending

    def hear(self) -> tuple[Order, float]:
        return Order.END, 0.0

    def share(self, value: Any = None) -> Any:
        return self._ending


def test_a_rank_that_follows_ends_as_the_leader_does() -> None:
    assert follow(Scripted("done")) == "done"
    with pytest.raises(UserError, match="too short"):
        follow(Scripted(UserError("the text is too short")))
