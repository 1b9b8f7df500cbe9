"""PyTorch as people write it: nn.Linear, autograd, torch.optim.SGD."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.contenders._worker import Options, main
from benchmarks.problem import BATCH_SIZE, Array, Labels, Parameters

UNITS = {"relu": nn.ReLU, "tanh": nn.Tanh, "softplus": nn.Softplus}
SGD = {
    "fused": {"fused": True},
    "foreach": {"foreach": True},
    "loop": {"foreach": False, "fused": False},
}


def build_model(options: Options) -> nn.Sequential:
    """Linear layers with the unit between them."""
    modules: list[nn.Module] = []
    for n_in, n_out in zip(options.sizes, options.sizes[1:], strict=False):
        modules += [nn.Linear(n_in, n_out), UNITS[options.activation]()]
    return nn.Sequential(*modules[:-1])


class TorchModel:
    """A torch module as a contender; the subclass says what one step is."""

    def __init__(self, options: Options, parameters: Parameters) -> None:
        torch.set_num_threads(options.threads)
        self.model = build_model(options)
        self.linear = [m for m in self.model if isinstance(m, nn.Linear)]
        self.load(parameters)

    def predict(self, X: Array) -> Array:
        with torch.inference_mode():
            return self.model(torch.from_numpy(X)).numpy()

    def load(self, parameters: Parameters) -> None:
        with torch.no_grad():
            for layer, (W, b) in zip(self.linear, parameters, strict=True):
                layer.weight.copy_(torch.from_numpy(W.T.copy()))
                layer.bias.copy_(torch.from_numpy(b))

    def parameters(self) -> Parameters:
        return [
            (np.ascontiguousarray(layer.weight.detach().numpy().T), layer.bias.detach().numpy().copy())
            for layer in self.linear
        ]

    def report(self) -> dict[str, Any]:
        return {}


class TorchEager(TorchModel):
    """Autograd, one of the ways `torch.optim.SGD` walks over the parameters."""

    def __init__(self, options: Options, parameters: Parameters) -> None:
        super().__init__(options, parameters)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=options.learning_rate, **SGD[options.variant])

    def train(self, X: Array, y: Labels) -> None:
        inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
        for i in range(0, len(X), BATCH_SIZE):
            self.optimizer.zero_grad(set_to_none=True)
            self.loss(self.model(inputs[i : i + BATCH_SIZE]), targets[i : i + BATCH_SIZE]).backward()
            self.optimizer.step()


if __name__ == "__main__":
    main(TorchEager, variants=tuple(SGD), description=__doc__)
