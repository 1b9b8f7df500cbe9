"""PyTorch training one denoising auto-encoder on words present: an EmbeddingBag as first layer, gradients sparse.

"sampled" also reconstructs like rectinet's sampled decoder: only the words in some of the ten reviews, clean or
corrupted, and a tenth of the others, so that the algorithm and the kernels are credited apart.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from benchmarks.contenders._denoising import ZEROS, Parameters, Problem, main
from benchmarks.contenders.torch_autoencoder import corrupted, cost, dense_rows, linear
from benchmarks.problem import BATCH_SIZE

VARIANTS = ("loop", "fused", "sampled")


class TorchSparseAutoencoder:
    """Autograd; torch's SGD takes sparse gradients in its plain loop only, so "fused" has two optimisers."""

    def __init__(self, problem: Problem, start: Parameters, variant: str) -> None:
        torch.set_num_threads(problem.threads)
        torch.manual_seed(problem.seed)
        self.problem = problem
        self.n_examples = problem.X.shape[0]
        W, b, V, c = map(torch.from_numpy, (start.W, start.b, start.V, start.c))
        self.words = nn.EmbeddingBag.from_pretrained(W, freeze=False, mode="sum", sparse=True)
        self.bias = nn.Parameter(b)
        sparse, dense = [self.words.weight], [self.bias]
        self.sampled = variant == "sampled"
        if self.sampled:
            self.V = nn.Embedding.from_pretrained(V.T.contiguous(), freeze=False, sparse=True)
            self.c = nn.Embedding.from_pretrained(c[:, None].clone(), freeze=False, sparse=True)
            sparse += [self.V.weight, self.c.weight]
        else:
            self.decoder = linear(V, c)
            dense += self.decoder.parameters()
        loop = {"foreach": False, "fused": False}
        self.optimizers = [
            torch.optim.SGD(sparse, lr=problem.learning_rate, **loop),
            torch.optim.SGD(dense, lr=problem.learning_rate, **({"fused": True} if variant == "fused" else loop)),
        ]
        self.sum, self.steps = 0.0, 0

    def prepare(self, rows: slice) -> torch.Tensor:
        return dense_rows(self.problem, rows)

    def train(self, examples: torch.Tensor) -> None:
        for x in examples.split(BATCH_SIZE):
            for optimizer in self.optimizers:
                optimizer.zero_grad(set_to_none=True)
            corrupt = corrupted(x, self.problem)
            example, word = corrupt.nonzero(as_tuple=True)
            offsets = torch.searchsorted(example, torch.arange(len(x)))
            H = torch.relu(self.words(word, offsets) + self.bias)
            loss = self._sampled_cost(H, x, corrupt) if self.sampled else cost(self.decoder(H), x, self.problem)
            loss.backward()
            for optimizer in self.optimizers:
                optimizer.step()
            self.sum += loss.item()
            self.steps += 1

    def _sampled_cost(self, H: torch.Tensor, x: torch.Tensor, corrupt: torch.Tensor) -> torch.Tensor:
        """Words one example needs are computed for all ten and weighted by 0 for the others, unless drawn."""
        needed, drawn = (x + corrupt) != 0, torch.rand(x.shape[1]) < ZEROS
        outputs = (needed.any(0) | drawn).nonzero(as_tuple=True)[0]
        z = torch.addmm(self.c(outputs).T, H, self.V(outputs).T)
        weight = torch.where(needed[:, outputs], 1.0, drawn[outputs] / ZEROS)
        losses = nn.functional.binary_cross_entropy_with_logits(z, x[:, outputs], weight=weight, reduction="sum")
        return losses / len(x)

    def report(self) -> dict[str, Any]:
        loss, self.sum, self.steps = self.sum / self.steps, 0.0, 0
        return {"loss": loss}


if __name__ == "__main__":
    main(TorchSparseAutoencoder, variants=VARIANTS, description=__doc__)
