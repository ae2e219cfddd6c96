"""What a network writes while it is being trained: several temperatures side by side from one prompt.

Needs no screen. Steps go through the training network itself, so a sample shows the weights of this moment.
"""

from collections.abc import Sequence

import torch

from core.prediction.sampling import sample
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Tokenizer

SAMPLE_TOKENS = {"char": 160, "word": 60, "subword": 40}


def sample_texts(
    model: RecurrentLanguageModel,
    tokenizer: Tokenizer,
    prompt: str,
    temperatures: Sequence[float],
    seed: int,
) -> list[str]:
    """Return the prompt continued at each temperature, the prompt included.

    Args:
        model: the network; left in evaluation mode.
        tokenizer: the network's tokenizer.
        prompt: what every text begins with.
        temperatures: one text each; 0 takes the likeliest token.
        seed: decides what is drawn, without touching torch's global random state.
    """
    device = model.embedding.weight.device
    generator = torch.Generator().manual_seed(seed)
    primed = [tokenizer.boundary, *tokenizer.encode(prompt)]
    rows = len(temperatures)
    drawn: list[list[int]] = [[] for _ in temperatures]
    model.eval()
    with torch.inference_mode():
        ids = torch.tensor(primed, device=device).unsqueeze(1).expand(-1, rows)
        logits, state = model(ids)
        for _ in range(SAMPLE_TOKENS[tokenizer.level]):
            last = logits[-1].float().cpu()
            last[:, tokenizer.boundary] = -torch.inf
            picked = [
                int(sample(last[row : row + 1], temperature, 1.0, generator))
                for row, temperature in enumerate(temperatures)
            ]
            for row, token in enumerate(picked):
                drawn[row].append(token)
            logits, state = model(torch.tensor([picked], device=device), state)
    return [prompt + tokenizer.decode(ids) for ids in drawn]
