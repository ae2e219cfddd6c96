"""Growing: an unfinished training goes on with more layers, `python -P -m core.training.growth NAME [--layers N]`.

The layers are residual and silent at first, so the network predicts what it did before (Chen et al. 2016, "Net2Net:
Accelerating Learning via Knowledge Transfer", section 2.3), and learns from there: as in progressive stacking (Gong et
al. 2019), most of the time went into a smaller and faster network. `foretype train --resume` then goes on.
"""

import argparse
import json
import math
import sys
from dataclasses import replace
from typing import Any, cast

from safetensors import safe_open

from core.errors import UserError
from core.jobs import TrainingJob
from core.library.unfinished import no_training
from core.training.run import Hyperparameters, TrainingRun
from core.training.store import RunFolder


def grow(name: str, layers: int) -> TrainingJob:
    """Give the network of an unfinished training more layers, and a new optimizer; return its job as it is now.

    Args:
        name: of the model that is being trained.
        layers: how many more.

    Raises:
        UserError: when there is no such run, it has not begun to learn, or it is under way.
    """
    folder = RunFolder.of(name)
    with no_training([name]):
        job, prepared = folder.load(TrainingJob(paths=("kept with the run",), name=name, minutes=1))
        if not folder.state.exists():
            raise UserError(
                f"the training of {name!r} has not learnt anything yet: train it for a while first"
            )
        with safe_open(folder.state, "pt") as file:  # pyright: ignore[reportUnknownVariableType]
            chosen = Hyperparameters(**json.loads(cast("Any", file).metadata()["chosen"]))
        before = TrainingRun(prepared.make_model(job), prepared.tokens, chosen)
        before.load(folder.state)
        grown = replace(job, layers=job.layers + layers, residual=job.residual + layers)
        model = prepared.make_model(grown)
        model.load_state_dict(before.model.state_dict(), strict=False)
        after = TrainingRun(model, prepared.tokens, chosen)
        # What it measured before was of another network: the best of this one is still to come.
        after.progress = replace(before.progress, best_loss=math.inf, measures_since_best=0)
        folder.save_state(after)
        (folder.path / "job.json").write_text(json.dumps(grown.as_json()), encoding="utf-8")
    return grown


def main() -> int:
    """Grow the run that the command line names."""
    parser = argparse.ArgumentParser(prog="python -P -m core.training.growth", description=__doc__)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--layers", type=int, default=1, choices=range(1, 9), metavar="N")
    options = parser.parse_args()
    try:
        job = grow(options.name, options.layers)
    except UserError as error:
        print(f"growth: {error}", file=sys.stderr)
        return 1
    print(f"{options.name} has {job.layers} layers now: foretype train --resume --name {options.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
