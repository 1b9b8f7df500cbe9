"""What the experiments on images share: the paper's protocol, and how much of it each budget affords.

Settings of the paper (section 4): minibatches of 10, constant rates from {0.1, 0.01, 0.001, 0.0001} chosen on the
validation set, the parameters of the best validation epoch, L1 on activations with coefficient 0.001 in pre-training
and fine-tuning, half of the rectifiers and softplus units with the sign turned. Assumed, because the paper does not
say: the L1 term is the mean over the units of a layer (see the experiment open-l1), and training stops after `patience`
epochs without a better validation error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from rectinet.datasets import registry
from rectinet.runs import Configuration
from rectinet.study.characters import Characters
from rectinet.study.errors import StudyError
from rectinet.study.grid import Grid, Rung
from rectinet.study.paper import paper
from rectinet.study.planned import DataSource, Planned
from rectinet.study.sources import Inputs, Whole

UNITS: Final = ("rectifier", "tanh", "softplus")
SETS: Final = {  # of the paper: what stands for each, the best first
    "mnist": ("mnist",),
    "cifar10": ("cifar10", "cifar10-train-only"),
    "nistp": ("nistp",),
    "norb": ("norb",),
}
N_CHARACTERS: Final = {"standard": 2_000_000, "paper": 81_920_000}  # NISTP's training part; quick: as in `load`
SIGNED: Final = ("norb", "small-norb")  # inputs in [-1, 1]: no unit that is never negative can reconstruct them
RUNGS: Final = (Rung(10, 3.0), Rung(50, 2.0))  # of the whole grid; the paper trained every rate to its end
LEARNING_RATES: Final = {"rectifier": 0.1, "tanh": 0.01, "softplus": 0.1}  # that table1 chose at the standard budget
BETWEEN: Final = 0.03  # half-way between the paper's two highest rates, on a logarithmic scale

Rates = float | tuple[float, ...]
RATES: Final[dict[str, Rates]] = {  # of pre-training on MNIST in minibatches of 10; by validation error
    "rectifier": (0.03, 0.003, 0.003),
    "softplus": (0.01, 0.01, 0.001),
    "tanh": 0.01,
    "logistic": 0.01,
}


@dataclass(frozen=True)
class Size:
    """What a budget affords.

    Attributes
    ----------
    hidden : tuple of int
    rates : tuple of float
        Of the paper's grid; left out are those that are hopeless in so few epochs.
    max_epochs, patience : int
    pretrain : dict
        Epochs, minibatch and rates of pre-training; the rates by unit, or "auto".
    rungs : tuple of Rung
        Where hopeless rates are stopped; none: every rate is trained to its end.
    seeds : int
    n_characters : int
        Of NISTP, to learn from; 0: the training part is that of the data set.
    """

    hidden: tuple[int, ...]
    rates: tuple[float, ...]
    max_epochs: int
    patience: int
    pretrain: dict[str, Any]
    seeds: int
    rungs: tuple[Rung, ...] = ()
    n_characters: int = 0

    @property
    def grid(self) -> Grid | None:
        """The rates as competitors, where hopeless ones are stopped."""
        return Grid(self.rates, self.rungs) if self.rungs else None

    def seed_numbers(self, seeds: int | None) -> range:
        return range(seeds or self.seeds)


def size(data: str, budget: str) -> Size:
    """What a budget affords on a data set."""
    facts = paper().data.get(original(data))
    hidden = facts.hidden if facts is not None else (1000, 1000, 1000)
    small = data == "digits"
    pretrain: dict[str, Any]
    rates: Any
    if data == "nistp" and budget in N_CHARACTERS:  # an epoch has more examples than another set's whole training
        characters, sized = N_CHARACTERS[budget], size("mnist", budget)
        epochs = 1 if budget == "paper" else 3
        pretrain = sized.pretrain | {"pretrain_epochs": 1, "pretrain_learning_rate": "auto"}
        return replace(sized, max_epochs=epochs, patience=epochs, pretrain=pretrain, rungs=(), n_characters=characters)
    if budget == "paper":  # the whole grid, and searched rates in pre-training too
        pretrain = {"pretrain_epochs": 50, "pretrain_learning_rate": "auto", "pretrain_batch_size": 10}
        return Size(hidden, paper().protocol.learning_rates, 300, 50, pretrain, 5, RUNGS)
    if budget == "standard":
        hidden, epochs = (tuple(n // 4 for n in hidden), 200) if small else (hidden, 50)
        # Colour pictures and characters are brighter: at these rates every unit of the first layer died on CIFAR-10.
        rates = "auto" if original(data) in SETS and data != "mnist" else RATES
        pretrain = {"pretrain_epochs": 10, "pretrain_learning_rate": rates, "pretrain_batch_size": 10}
        return Size(hidden, (0.1, 0.01), epochs, 15, pretrain, 3)
    hidden = tuple(n // 10 for n in hidden)
    higher = (0.03, *[0.01] * (len(hidden) - 1))  # narrow layers take it
    rates = {"rectifier": higher, "softplus": higher, "tanh": 0.1, "logistic": 0.1}
    if small:
        pretrain = {"pretrain_epochs": 60, "pretrain_learning_rate": rates, "pretrain_batch_size": 10}
        return Size(hidden, (0.1, 0.01), 40, 40, pretrain, 3)
    pretrain = {"pretrain_epochs": 2, "pretrain_learning_rate": rates, "pretrain_batch_size": 100}
    return Size(hidden, (0.1, 0.01), 4, 4, pretrain, 3)


def examples(data: str, sized: Size) -> DataSource:
    """A data set as it is split."""
    return Characters(sized.n_characters) if sized.n_characters else Whole(data)


def inputs(data: str, sized: Size) -> DataSource:
    """The inputs of its training part, for pre-training."""
    return Characters(sized.n_characters, inputs_only=True) if sized.n_characters else Inputs(data)


def original(data: str) -> str:
    """The paper's name of a data set that is a variant of one of its own."""
    return next((name for name, variants in SETS.items() if data in variants), data)


def found(data: str | None) -> list[str]:
    """The data sets to run on: the one asked for, or those of the paper whose files are there.

    Raises
    ------
    StudyError
        Where there is none.
    """
    if data is not None:
        registry.entry(data)
        return [data]
    there = [next((v for v in variants if not registry.entry(v).missing()), None) for variants in SETS.values()]
    # Characters can always be generated, and that takes long: they are run when they are asked for.
    names = [name for name in there if name not in (None, "nistp")]
    if not names:
        raise StudyError("none of the paper's image sets is here: rectinet data fetch mnist, or --data digits")
    return [name for name in names if name is not None]


def supervised(unit: str, sized: Size, rate: float, seed: int, **changes: Any) -> Configuration:
    """Supervised training of an image network as the paper has it, but for `changes`."""
    settings: dict[str, Any] = {
        "hidden_layer_sizes": sized.hidden,
        "activation": unit,
        "signs": "positive" if unit in ("tanh", "logistic") else "balanced",  # tanh is antisymmetric
        "activity_l1": paper().protocol.activity_l1,
        "activity_l1_normalization": "mean",
        "learning_rate": rate,
        "batch_size": paper().protocol.batch_size,
        "max_epochs": sized.max_epochs,
        "patience": sized.patience,
        "output_init": "uniform",
        "random_state": seed,
    }
    return Configuration(task="classify", **settings | changes)


def pretraining(data: str, unit: str, sized: Size, seed: int, **changes: Any) -> Planned:
    """Denoising auto-encoders layer by layer: masked inputs, untied decoders; one for all fine-tuning rates."""
    reconstruction = ["sigmoid" if unit in ("tanh", "logistic") else "softplus"] * len(sized.hidden)
    if data in SIGNED:
        reconstruction[0] = "linear"
    rates = sized.pretrain["pretrain_learning_rate"]
    base = supervised(unit, sized, 0.01, seed)
    settings: dict[str, Any] = {
        "corruption": "masking",
        "corruption_level": paper().protocol.masking,
        "reconstruction": tuple(reconstruction),
        "tied": False,
        "max_epochs": 1,
    }
    settings |= sized.pretrain | {"pretrain_learning_rate": rates if rates == "auto" else rates[unit]} | changes
    layers = slice(len(sized.hidden))  # tuples are stated for three; NORB's networks have two
    settings = {name: value[layers] if isinstance(value, tuple) else value for name, value in settings.items()}
    configuration = replace(base, task="encode", **settings)
    return Planned(configuration, inputs(data, sized), labels={"data": data, "unit": unit, "seed": seed})
