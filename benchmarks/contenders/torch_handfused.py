"""PyTorch as an expert would push it: no autograd, no gradient buffers, every result in a preallocated place.

The rank-10 update goes straight into the weights (``W.addmm_``), so each weight is read three times and written once.
"transposed" also hands MKL each product in the shape it is quickest at with ten rows, found by timing them one by one:
``delta W^T`` as ``W delta^T`` with the columns padded to 16 takes less than half the time, and the update likes its
left factor contiguous.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from benchmarks.contenders._worker import Options, main
from benchmarks.problem import BATCH_SIZE, Array, Labels, Parameters

aten = torch.ops.aten
VARIANTS = ("transposed", "in-out", "out-in")
PADDED = 16  # columns of a transposed delta; the last six stay 0


class TorchHandfused:
    """Rectifier networks only. "out-in" stores W as nn.Linear does, the others row by input."""

    def __init__(self, options: Options, parameters: Parameters) -> None:
        if options.activation != "relu":
            raise SystemExit(f"torch_handfused is written for relu; got --activation {options.activation}")
        torch.set_num_threads(options.threads)
        torch.set_grad_enabled(False)
        self.rate = options.learning_rate
        self.by_output = options.variant == "out-in"
        self.transposed = options.variant == "transposed"
        self.load(parameters)
        widths = options.sizes[1:]
        self.H = [torch.empty(BATCH_SIZE, n) for n in widths]  # activations; the last one holds the outputs
        self.delta = [torch.empty(BATCH_SIZE, n) for n in widths]
        self.H_T = [torch.empty(n, BATCH_SIZE) for n in options.sizes[:-1]]  # inputs of each layer
        self.delta_T = [torch.zeros(n, PADDED) for n in widths]
        self.db = [torch.empty(n) for n in widths]
        self.classes = torch.arange(widths[-1])

    def load(self, parameters: Parameters) -> None:
        self.b = [torch.from_numpy(b.copy()) for _, b in parameters]
        stored = [torch.from_numpy((W.T if self.by_output else W).copy()) for W, _ in parameters]
        self.W = [W.t() if self.by_output else W for W in stored]  # always (n_in, n_out) to the eye

    def train(self, X: Array, y: Labels) -> None:
        inputs = torch.from_numpy(X).split(BATCH_SIZE)
        one_hot = torch.nn.functional.one_hot(torch.from_numpy(y), len(self.classes)).float().split(BATCH_SIZE)
        for x, target in zip(inputs, one_hot, strict=True):
            self.step(x, target)

    def step(self, x: torch.Tensor, target: torch.Tensor) -> None:
        """One SGD step on the mean negative log-likelihood."""
        W, b, H, delta, last = self.W, self.b, self.H, self.delta, len(self.W) - 1
        below = x
        for k in range(last):
            torch.addmm(b[k], below, W[k], out=H[k])
            below = H[k].relu_()
        torch.addmm(b[last], below, W[last], out=H[last])
        torch.softmax(H[last], 1, out=delta[last]).sub_(target)
        alpha = -self.rate / len(x)
        for k in range(last, -1, -1):
            below = H[k - 1] if k else x
            if k:
                self.propagate(k)  # before the update
                aten.threshold_backward.grad_input(delta[k - 1], below, 0, grad_input=delta[k - 1])
            below_T = self.H_T[k].copy_(below.t()) if self.transposed else below.t()
            W[k].addmm_(below_T, delta[k], alpha=alpha)
            b[k].add_(torch.sum(delta[k], 0, out=self.db[k]), alpha=alpha)

    def propagate(self, k: int) -> None:
        """delta[k - 1] = delta[k] W[k]^T, not yet masked."""
        if self.transposed:
            self.delta_T[k][:, :BATCH_SIZE].copy_(self.delta[k].t())
            torch.mm(self.W[k], self.delta_T[k], out=self.delta_T[k - 1])
            self.delta[k - 1].copy_(self.delta_T[k - 1][:, :BATCH_SIZE].t())
        else:
            torch.mm(self.delta[k], self.W[k].t(), out=self.delta[k - 1])

    def predict(self, X: Array) -> Array:
        H = torch.from_numpy(X)
        for k, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            H = torch.addmm(b, H, W)
            if k < len(self.W) - 1:
                H.relu_()
        return H.numpy()

    def parameters(self) -> Parameters:
        return [(np.ascontiguousarray(W.numpy()), b.numpy().copy()) for W, b in zip(self.W, self.b, strict=True)]

    def report(self) -> dict[str, Any]:
        return {}


if __name__ == "__main__":
    main(TorchHandfused, variants=VARIANTS, description=__doc__)
