"""Few labels: networks whose hidden layers saw all images before any label, beside networks that did not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from rectinet.demo.experiment import N_CLASSES, Contender, Result
from rectinet.runs import Data, Part, run
from rectinet.runs.run import Watch

UNITS: Final = ("rectifier", "softplus", "tanh")  # the columns of Table 1
N_LABELS: Final = (50, 100, 200, 500)  # and all
FEWEST_UPDATES: Final = 600
PRETRAINING: Final[dict[str, Any]] = {  # the best of a few settings on the validation digits
    "task": "encode",
    "pretrain_epochs": 20,
    "pretrain_learning_rate": 0.05,
    "pretrain_decay_from": 0.5,
}


@dataclass(frozen=True)
class Planned:
    """One run.

    Attributes
    ----------
    n : int
        Examples to learn from: with their labels, or without in pre-training.
    pretrained : bool
        Whether it starts from the hidden layers of the pre-training before it.
    """

    contender: Contender
    n: int
    pretrained: bool = False

    @property
    def visits(self) -> int:
        """Examples times epochs, of every layer where layers are trained one by one."""
        c = self.contender.configuration
        return self.n * (sum(c.per_layer(c.pretrain_epochs)) if c.task == "encode" else int(c.max_epochs))


@dataclass(frozen=True)
class Comparison:
    """What came of it: results by unit, whether it was pre-trained, and number of labels."""

    results: dict[tuple[str, bool, int], Result]

    def curve(self, pretrained: bool) -> list[tuple[int, Result]]:
        """Rectifiers: numbers of labels, ascending, and results."""
        numbers = sorted({n for _, _, n in self.results})
        return [(n, self.results["rectifier", pretrained, n]) for n in numbers]

    def cell(self, unit: str, pretrained: bool) -> Result:
        """With all labels: Table 1 of the paper in miniature."""
        return self.results[unit, pretrained, max(n for _, _, n in self.results)]


def plan(contenders: Mapping[str, Contender], n_all: int) -> list[Planned]:
    """The runs in order: each kind of unit is pre-trained and learns again, rectifiers from fewer labels too."""
    runs = [_supervised(contenders["rectifier"], n, n_all, False) for n in N_LABELS]
    for unit in UNITS:
        runs.append(Planned(_pretraining(contenders[unit]), n_all))
        some = N_LABELS if unit == "rectifier" else ()
        runs += [_supervised(contenders[unit], n, n_all, True) for n in (*some, n_all)]
    return runs


def compare(
    trained: Mapping[str, Result], planned: list[Planned], data: Data, watcher: Callable[[Planned], Watch]
) -> Comparison:
    """Carry out the plan, beside what is trained already.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    results, start = {(unit, False, len(data.train)): trained[unit] for unit in UNITS}, None
    for this in planned:
        contender, watch = this.contender, watcher(this)
        if contender.configuration.task == "encode":
            start = run(contender.configuration, Data(Part(data.train.X)), watch=watch).network
        else:
            some = replace(data, train=fewer(data.train, this.n), start=start if this.pretrained else None)
            results[contender.style, this.pretrained, this.n] = contender.learn(some, watch)
    return Comparison(results)


def fewer(part: Part, n: int) -> Part:
    """n examples, the first of every class; all, where n is their number."""
    rows = [np.flatnonzero(part.targets == k)[: n // N_CLASSES] for k in range(N_CLASSES)]
    return part if n == len(part) else part.take(np.concatenate(rows))


def _pretraining(contender: Contender) -> Contender:
    """As in the paper on images: tanh by cross-entropy, the others with a softplus and the squared error."""
    more = PRETRAINING | {"reconstruction": "sigmoid" if contender.style == "tanh" else "softplus"}
    return replace(contender, configuration=replace(contender.configuration, **more))


def _supervised(contender: Contender, n: int, n_all: int, pretrained: bool) -> Planned:
    """As many epochs as with all labels, more where that would be fewer than 600 updates."""
    c = contender.configuration
    epochs = int(c.max_epochs) if n == n_all else max(int(c.max_epochs), FEWEST_UPDATES * c.batch_size // n)
    output = "zeros" if pretrained else c.output_init
    configuration = replace(c, max_epochs=epochs, patience=epochs, output_init=output)
    return Planned(replace(contender, configuration=configuration), n, pretrained)
