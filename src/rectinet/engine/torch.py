"""Networks computed and trained by PyTorch's autograd, on any device of it that has float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch.nn import functional as F

from rectinet.activations import Activation
from rectinet.arrays import Array, Matrix, Rows
from rectinet.autoencoder import Autoencoder
from rectinet.engine.protocol import AffineMaps, Problem, Steps, Totals
from rectinet.engine.reference.denoising import minibatch
from rectinet.engine.reference.maps import affine_maps
from rectinet.losses import CrossEntropy
from rectinet.network import Layer, Network
from rectinet.problems import Denoising, Supervised

Tensor = Any  # PyTorch is an extra, so its types are unknown where it is not installed

CHUNK_VALUES: Final = 1 << 22  # of the inputs, held dense at once
CHUNK_ROWS: Final = 4096
LINEAR_FROM: Final = 40.0  # above, log(1 + e^z) and z are one number in float64; PyTorch's own 20 is 2e-9 off


class Processes(Protocol):
    """Who trains the network together, and with whom this process shares every minibatch."""

    @property
    def block_steps(self) -> int | None:
        """See `rectinet.engine.Engine.block_steps`."""
        ...

    def check(self, problem: Problem, steps: Steps) -> None:
        """Raise unless every process is about to take the same steps."""
        ...

    @property
    def number(self) -> int:
        """How many they are."""
        ...

    def share(self, rows: Rows) -> Rows:
        """The examples of a minibatch that this process looks at."""
        ...

    def joined(self, model: Any) -> Any:
        """The model whose gradients are the means over all processes."""
        ...

    def total(self, values: Tensor) -> Tensor:
        """The sum over all processes."""
        ...


@dataclass(frozen=True)
class Alone:
    """This process is the only one."""

    block_steps: None = None
    number: int = 1

    def check(self, problem: Problem, steps: Steps) -> None:
        pass

    def share(self, rows: Rows) -> Rows:
        return rows

    def joined(self, model: Any) -> Any:
        return model

    def total(self, values: Tensor) -> Tensor:
        return values


@dataclass(frozen=True)
class TorchEngine:
    """Computes with every unit, in the network's dtype; results agree with the other engines' to rounding.

    Parameters go to the device for the length of a call, examples a few minibatches at a time. Noise and sampled
    outputs are drawn on the CPU, by the code of the reference engine, and so are explanations computed.

    Parameters
    ----------
    n_threads : int
        Of PyTorch on the CPU. Its sums may depend on it.
    skip_zeros
        As every engine takes it; it changes nothing here.
    device : str
        As PyTorch names it.
    processes : Processes
        With whom a network is trained.

    Raises
    ------
    ValueError
        For a device that is not there or has no float64, in which losses are summed.
    """

    n_threads: int = 1
    skip_zeros: bool = True
    device: str = "cpu"
    processes: Processes = Alone()
    name: str = field(default="torch", init=False)
    row_exact: bool = field(default=False, init=False)  # sums are rounded by the rows beside them

    def __post_init__(self) -> None:
        try:
            torch.zeros(1, dtype=torch.float64, device=self.device)
        except (RuntimeError, TypeError, AssertionError, NotImplementedError) as problem:
            why = str(problem).strip().partition("\n")[0]
            raise ValueError(
                f'engine="torch:{self.device}" needs a device that PyTorch has here, with float64 ({why:.150}); '
                'engine="torch" computes on the CPU'
            ) from problem

    @property
    def block_steps(self) -> int | None:
        return self.processes.block_steps

    def outputs(self, network: Network, X: Matrix) -> Array:
        return self._forward(network.layers, X, keep=1)[0]

    def codes(self, layers: Sequence[Layer], X: Matrix) -> list[Array]:
        return self._forward(layers, X, keep=len(layers))

    def affine_maps(
        self, layers: Sequence[Layer], readout: Array, X: Matrix, *, contributions: bool = False
    ) -> AffineMaps:
        return replace(affine_maps(layers, readout, X, contributions), values=self._forward(layers, X, keep=1)[0])

    def predictor(self, network: Network, *, softmax: bool) -> Callable[[Array], Array]:
        layers, n_inputs = _on_device(network.layers, self.device), network.n_inputs

        def predict(x: Array) -> Array:
            if x.shape != (n_inputs,):
                raise ValueError(f"a predictor takes one example of shape ({n_inputs},); got shape {x.shape}")
            with self._threads(), torch.no_grad():
                values = _values(layers, _tensor(x[np.newaxis], self.device))[-1][0]
                return _array(values.softmax(0) if softmax else values)

        return predict

    def train(self, problem: Problem, steps: Steps, totals: Totals | None = None) -> Totals:
        totals = Totals() if totals is None else totals
        if steps.rule.constants:
            raise ValueError(f'engine="torch" knows plain gradient descent alone; got the rule {steps.rule!r}')
        self.processes.check(problem, steps)
        with self._threads():
            model = _model(problem, self.device)
            joined = self.processes.joined(model)
            for some in steps.cut(CHUNK_VALUES, int(problem.examples.X.shape[1])):
                self._take(problem, some, joined, model, totals)
            for (_, values), trained in zip(problem.parameters(), model.parameters(), strict=True):
                values[...] = _array(trained)
        return totals

    def _take(self, problem: Problem, steps: Steps, joined: Any, model: Any, totals: Totals) -> None:
        """The steps of one chunk."""
        minibatches = steps.minibatches()
        mine = [self.processes.share(rows) for rows in minibatches]
        seen = model.examples(problem, np.concatenate(mine), steps.epoch)
        ends = np.cumsum([len(rows) for rows in mine]).tolist()
        sums, counts = [], []
        for start, end, rows, rate in zip([0, *ends], ends, minibatches, steps.rates, strict=False):
            # Parts may differ in size, so each is divided by the same number: the mean of the gradients over processes
            # is then their sum over examples, divided by the examples there are.
            cost, found, on = joined([values[start:end] for values in seen], len(rows) / self.processes.number)
            cost.backward()
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.sub_(parameter.grad, alpha=float(rate))
                    parameter.grad = None
            sums.append(found)
            counts.append(on)
        by_step = self.processes.total(torch.stack(sums)).tolist()
        on_by_layer = [self.processes.total(torch.stack(layer)) for layer in zip(*counts, strict=True)]
        active = np.stack([_array(on.sum(dim=1)) for on in on_by_layer], axis=1)
        union = np.stack([_array((on > 0).sum(dim=1)) for on in on_by_layer], axis=1)
        for k, (rows, (loss, penalty, error, reconstructed)) in enumerate(zip(minibatches, by_step, strict=True)):
            totals.add(Totals(1, len(rows), loss, penalty, error, int(reconstructed), active[k], union[k]))

    def _forward(self, layers: Sequence[Layer], X: Matrix, *, keep: int) -> list[Array]:
        """Values of the topmost layers, of a bounded number of rows at a time."""
        if not layers:
            return []
        step = max(1, min(CHUNK_ROWS, CHUNK_VALUES // max(1, X.shape[1])))
        with self._threads(), torch.no_grad():
            mine = _on_device(layers, self.device)
            parts = []
            for start in range(0, max(1, X.shape[0]), step):
                values = _values(mine, _tensor(_dense(X[start : start + step]), self.device))
                parts.append([_array(h) for h in values[len(layers) - keep :]])
        return [np.concatenate(piece) for piece in zip(*parts, strict=True)]

    @contextmanager
    def _threads(self) -> Iterator[None]:
        """As many threads as are asked for: PyTorch keeps one number for the whole process."""
        before = torch.get_num_threads()
        if before == self.n_threads or not self.device.startswith("cpu"):
            yield
            return
        torch.set_num_threads(self.n_threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


# -- from arrays to tensors and back -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layer:
    """A layer on the device."""

    W: Tensor
    b: Tensor
    unit: Callable[[Tensor], Tensor]
    signs: Tensor | None


def _on_device(layers: Sequence[Layer], device: str) -> list[_Layer]:
    return [
        _Layer(_tensor(layer.W, device), _tensor(layer.b, device), _unit(layer.activation), _signs(layer, device))
        for layer in layers
    ]


def _signs(layer: Layer, device: str) -> Tensor | None:
    return None if layer.signs is None else _tensor(layer.signs, device)


def _tensor(values: NDArray[Any], device: str) -> Tensor:
    return torch.tensor(values, device=device)


def _array(values: Tensor) -> NDArray[Any]:
    """A copy, so that no tensor's memory is shared."""
    return np.array(values.detach().cpu().numpy())


def _dense(X: Matrix) -> Array:
    return X.toarray() if isinstance(X, csr_array) else X


# -- the formulas ------------------------------------------------------------------------------------------------------


def _unit(unit: Activation) -> Callable[[Tensor], Tensor]:
    """f of a unit; autograd knows its derivative."""
    if unit.derivative_at_zero != 0:
        raise ValueError('derivative_at_zero=1 needs engine="reference": PyTorch has a derivative of 0 there')
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "rectifier": torch.relu,
        "softplus": lambda z: F.softplus(z, beta=unit.alpha, threshold=LINEAR_FROM),
        "tanh": torch.tanh,
        "logistic": torch.sigmoid,
        "linear": lambda z: z,
    }
    return functions[unit.name]


def _values(layers: Sequence[_Layer], X: Tensor) -> list[Tensor]:
    """h = signs * f(x W + b) of every layer."""
    found: list[Tensor] = []
    for layer in layers:
        h = layer.unit((found[-1] if found else X) @ layer.W + layer.b)
        found.append(h if layer.signs is None else h * layer.signs)
    return found


def _on(inputs: Sequence[Tensor]) -> list[Tensor]:
    """For how many examples each input of each layer is not 0."""
    return [torch.count_nonzero(h.detach(), dim=0) for h in inputs]


def _sums(*terms: Tensor | float, like: Tensor) -> Tensor:
    """Loss, penalty, error and reconstructed entries of some examples, in float64."""
    return torch.stack([torch.as_tensor(t, dtype=torch.float64, device=like.device).detach() for t in terms])


class _SupervisedModel(torch.nn.Module):  # type: ignore[misc]
    """A network whose value is the cost of some examples."""

    def __init__(self, problem: Supervised, device: str) -> None:
        super().__init__()
        self.device, self.softmax, self.activity_l1 = device, problem.loss == "softmax", problem.activity_l1
        self.weights = torch.nn.ParameterList(_tensor(values, device) for _, values in problem.parameters())
        self.units = [(_unit(layer.activation), _signs(layer, device)) for layer in problem.network.layers]

    def examples(self, problem: Supervised, rows: Rows, epoch: int) -> list[Tensor]:
        """Inputs, targets and weights of some examples."""
        some, dtype = problem.examples.take(rows), problem.network.dtype
        Y = some.Y.astype(np.int64) if self.softmax else some.Y.astype(dtype, copy=False)
        weight = np.ones(len(rows), dtype) if some.weight is None else some.weight
        return [_tensor(values, self.device) for values in (_dense(some.X), Y, weight)]

    def forward(self, examples: list[Tensor], n: float) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Their cost divided by n, sums for the totals, and what is on."""
        X, Y, weight = examples
        W, b = self.weights[::2], self.weights[1::2]
        layers = [_Layer(W[k], b[k], unit, signs) for k, (unit, signs) in enumerate(self.units)]
        *hidden, outputs = _values(layers, X)
        if self.softmax:
            losses = F.cross_entropy(outputs, Y, reduction="none")
            error = (outputs.detach().argmax(dim=1) != Y).sum()
        else:
            losses = (outputs - Y).square().sum(dim=1)
            error = (outputs.detach().double() - Y).square().sum()
        penalties = sum(
            (l1 * h.abs().sum(dim=1) for l1, h in zip(self.activity_l1, hidden, strict=True) if l1),
            torch.zeros_like(losses),
        )
        cost = (weight * (losses + penalties)).sum() / n
        loss, penalty = (weight.double() @ terms.detach().double() for terms in (losses, penalties))
        return cost, _sums(loss, penalty, error, 0, like=cost), _on([X, *hidden])


class _DenoisingModel(torch.nn.Module):  # type: ignore[misc]
    """An auto-encoder whose value is the cost of some examples."""

    def __init__(self, problem: Denoising, device: str) -> None:
        super().__init__()
        model: Autoencoder = problem.autoencoder
        self.device, self.activity_l1 = device, problem.activity_l1
        self.tied, self.by_output = model.tied, model.by_output
        self.unit, self.signs = _unit(model.encoder.activation), _signs(model.encoder, device)
        self.decoding, self.cross_entropy = _unit(model.unit), isinstance(model.loss, CrossEntropy)
        self.weights = torch.nn.ParameterList(_tensor(values, device) for _, values in problem.parameters())

    def examples(self, problem: Denoising, rows: Rows, epoch: int) -> list[Tensor]:
        """Clean and corrupted inputs, targets, and how much each entry counts: what the reference engine draws."""
        seen = minibatch(problem, rows, epoch)
        found = (_dense(seen.clean), _dense(seen.noisy), seen.targets, seen.importance)
        return [_tensor(values, self.device) for values in found]

    def forward(self, examples: list[Tensor], n: float) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Their cost divided by n, sums for the totals, and what is on."""
        clean, noisy, targets, importance = examples
        W, b, *V, c = self.weights
        encoder = [_Layer(W, b, self.unit, self.signs)]
        decoder = V[0] if V else W
        (H,) = _values(encoder, noisy)
        Z = H @ (decoder.T if self.by_output else decoder) + c
        if self.cross_entropy:
            losses = F.binary_cross_entropy_with_logits(Z, targets.clip(0, 1), reduction="none")
        else:
            losses = (self.decoding(Z) - targets).square()
        loss = (importance * losses).sum()
        cost, penalty = loss / n, 0.0
        if self.activity_l1 > 0:
            (clean_H,) = _values(encoder, clean)
            cost = cost + self.activity_l1 * clean_H.abs().sum() / n
            penalty = self.activity_l1 * clean_H.detach().abs().sum(dtype=torch.float64)
        total = (importance * losses.detach()).sum(dtype=torch.float64)
        return cost, _sums(total, penalty, 0, torch.count_nonzero(importance), like=cost), _on([noisy, H])


def _model(problem: Problem, device: str) -> Any:
    return _SupervisedModel(problem, device) if isinstance(problem, Supervised) else _DenoisingModel(problem, device)
