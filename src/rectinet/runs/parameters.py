"""The table of parameters: name, type, default, rule and help of each, once.

The fields of these dataclasses are the constructors of the estimators, the configuration of a run, the options of the
command line, the parameters documented in docstrings and those kept in files: all of them are read from here. A new
parameter is one field here and the place that uses it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, Final, Literal, get_args

import numpy as np

from rectinet import activations, noise
from rectinet.autoencoder import RECONSTRUCTIONS, Reconstruction
from rectinet.network import Signs
from rectinet.runs import rules
from rectinet.runs.rules import Rule, each_layer, none_or, number, one_of, whole, word_or

CodeScaling = Literal["none", "global", "per-unit"]
TargetKind = Literal["code", "pre-activation"]
Rate = float | Literal["auto"]
Epochs = int | Literal["auto"]
Scaling = Literal["standard", "minmax", "rank"]

RULE: Final = "rule"  # keys of a field's metadata
HELP: Final = "help"
MORE: Final = "more"
CHANGES_NUMBERS: Final = "changes numbers"
NEUTRAL: Final = "neutral"


def parameter(
    default: Any, rule: Rule, help: str, more: str = "", *, changes_numbers: bool = True, neutral: Any = None
) -> Any:
    """A field of the table.

    Parameters
    ----------
    rule : Rule
        What is allowed.
    help : str
        One sentence; the help of the command line.
    more : str
        What the documentation adds.
    changes_numbers : bool
        False for what two runs may differ in and still give the same bytes.
    neutral : optional
        Of a parameter that came later: the value with which runs compute what they computed before there was one. It is
        left out of a configuration's document, so that a new parameter moves no key of an old run.
    """
    about = {RULE: rule, HELP: help, MORE: more, CHANGES_NUMBERS: changes_numbers, NEUTRAL: neutral}
    return field(default=default, metadata=about)


def renamed(of: type, name: str, default: Any) -> Any:
    """The same parameter under another name or default."""
    found = next(entry for entry in fields(of) if entry.name == name)
    return field(default=default, metadata=found.metadata)


@dataclass(eq=False, repr=False)
class NetworkParameters:
    """The network, and what its hidden units are penalised with."""

    hidden_layer_sizes: Sequence[int] = parameter(
        (1000, 1000, 1000), rules.SIZES, "Units per hidden layer; () is the linear model."
    )
    activation: str = parameter("rectifier", one_of(*activations.NAMES), "Activation function of the hidden units.")
    softplus_alpha: float = parameter(
        1.0,
        rules.POSITIVE,
        "Sharpness of softplus units, (1 / alpha) log(1 + e^(alpha z)).",
        "The rectifier is the limit.",
    )
    signs: Signs = parameter(
        "positive",
        one_of(*get_args(Signs)),
        "Which hidden units output -f(z) instead of f(z).",
        '"balanced": exactly half of every hidden layer (section 3.3); "random": each with probability 1/2.',
    )
    derivative_at_zero: float = parameter(
        0.0,
        number(lambda d: d in (0, 1), "0 or 1"),
        'Derivative of the rectifier at z = 0; 1 needs engine="reference".',
    )
    activity_l1: float | Sequence[float] = parameter(
        0.0,
        each_layer(rules.AT_LEAST_0),
        "Coefficient of sum abs(h) over the hidden units of an example.",
        'With "sum", 1e-4 is a mild choice for layers of 1000 units.',
    )
    activity_l1_normalization: Literal["sum", "mean"] = parameter(
        "sum", one_of("sum", "mean"), "Whether the L1 term sums over the units of a layer or takes their mean."
    )


@dataclass(eq=False, repr=False)
class TrainingParameters:
    """Supervised training."""

    learning_rate: Rate = parameter(
        "auto",
        word_or("auto", rules.POSITIVE),
        "Learning rate of supervised training.",
        "A number is constant, as in section 4, unless decay_from says otherwise; 0.1 often works well on scaled data. "
        '"auto" tries 0.1, 0.03, 0.01 and so on in short runs, until lower rates make it worse, and takes '
        "the one with the lowest error on examples held out for that; it falls linearly to 0 over the last nine tenths "
        "of training. `partial_fit` chooses on the first part, and keeps the rate.",
    )
    decay_from: float = parameter(
        1.0,
        rules.SHARE,
        "Share of max_epochs after which the learning rate falls linearly to 0; 1: never.",
        "Useful with few epochs: 0.1 with max_epochs=6 is a good choice for images. Early stopping counts patience "
        "from where the rate begins to fall. An interrupted run can only be continued with the same max_epochs. "
        "`partial_fit`, whose length is unknown, keeps the rate constant.",
        neutral=1.0,
    )
    batch_size: int = parameter(10, whole(1), "Examples per step.")
    max_epochs: Epochs = parameter(
        "auto",
        word_or("auto", whole(1)),
        "Maximum number of epochs.",
        '"auto": 100 at a constant rate; with one that falls, as many as make 20 n_samples^(2/3) updates, and at least '
        "1,000: 20 epochs of 1,000 examples in minibatches of 10, 5 of 50,000.",
    )
    shuffle: bool = parameter(True, rules.FLAG, "Whether every epoch visits the examples in a new order.")
    early_stopping: bool | Literal["auto"] = parameter(
        "auto",
        word_or("auto", rules.FLAG),
        "Whether to validate after every epoch, stop early and keep the best parameters.",
        "On `X_val`, or on a part held out; after `patience` epochs without a better validation error (ties: smaller "
        "validation loss). With True and too few examples to hold some out, a warning is given and "
        "all epochs run on all examples. "
        '"auto": with fewer than 2,000 examples, and without `X_val`, none are held out; three-fold cross-validation '
        "chooses the number of epochs, and the network is trained for that many on all examples.",
    )
    validation_fraction: float = parameter(
        0.1,
        number(lambda f: 0 < f < 1, "a number between 0 and 1, both excluded"),
        "Share of every class that is held out for validation.",
    )
    patience: int = parameter(
        10,
        whole(1),
        "Epochs without a better validation error before stopping.",
        "An equal error with a smaller loss counts as better: where no validation error is left, training continues "
        "while the loss falls, up to `max_epochs`.",
    )
    warm_start: bool = parameter(
        False,
        rules.FLAG,
        "Whether fit continues from the network of the previous fit, its output layer included.",
        neutral=False,
    )
    output_init: Literal["uniform", "zeros"] = parameter(
        "uniform",
        one_of("uniform", "zeros"),
        "Initial weights of the output layer.",
        '"zeros" suits fine-tuning on few labels.',
    )


@dataclass(eq=False, repr=False)
class PretrainingParameters:
    """How long and how fast hidden layers are pre-trained."""

    pretrain_epochs: Epochs | Sequence[Epochs] = parameter(
        0,
        each_layer(word_or("auto", whole(0))),
        "Epochs of unsupervised pre-training of each hidden layer; 0 is none.",
        "Layer by layer, each as a denoising auto-encoder (section 3.2), before labels are used. "
        '"auto": as many as make about 30,000 updates of the first layer and 22,500 of each other one, from 2 to 30.',
    )
    pretrain_learning_rate: Rate | Sequence[Rate] = parameter(
        0.01,
        each_layer(word_or("auto", rules.POSITIVE)),
        "Learning rate of pre-training.",
        '"auto" tries 0.1, 0.01, 0.001 and 0.0001 for every layer in short runs, and takes the one with the lowest '
        "reconstruction error on held-out examples.",
    )
    pretrain_batch_size: int | None = parameter(
        None,
        none_or(whole(1)),
        "Examples per step of pre-training; None: as batch_size.",
        "100 is several times faster on large data and needs a rate about three times higher.",
    )
    pretrain_activity_l1: float | Sequence[float] | None = parameter(
        None, none_or(each_layer(rules.AT_LEAST_0)), "Activity L1 of pre-training; None: as activity_l1."
    )
    pretrain_decay_from: float = parameter(
        1.0,
        rules.SHARE,
        "Share of a layer's pre-training after which the learning rate falls linearly to 0; 1: never.",
    )


@dataclass(eq=False, repr=False)
class DenoisingParameters:
    """The auto-encoder that pre-trains a layer."""

    corruption: str | Sequence[str] = parameter(
        "masking",
        each_layer(one_of(*get_args(noise.Kind))),
        "Noise on a layer's input.",
        'One "salt_and_pepper" for all layers means masking above the first.',
    )
    corruption_level: float | Sequence[float | tuple[float, float]] = parameter(
        0.25,
        each_layer(rules.NOISE_LEVEL),
        "Probability that an input becomes 0, or standard deviation of Gaussian noise.",
        "Salt and pepper turns zeros of the clean input to 1 with probability level x density of X; a pair (p_zero, "
        "p_one) in a sequence sets both.",
    )
    reconstruction: Reconstruction | Sequence[Reconstruction] = parameter(
        "softplus",
        each_layer(one_of(*RECONSTRUCTIONS)),
        "Output unit of the auto-encoder.",
        '"sigmoid" with cross-entropy, for inputs in [0, 1] (binary words); the others with squared error, "linear" '
        "where inputs may be negative. Visible biases start at the data's mean.",
    )
    tied: bool | Sequence[bool] = parameter(
        False, each_layer(rules.FLAG), "Whether decoders are the transposed encoders."
    )
    code_scaling: Literal["auto"] | CodeScaling | Sequence[Literal["auto"] | CodeScaling] = parameter(
        "auto",
        each_layer(one_of("auto", *get_args(CodeScaling))),
        "Scale of a trained layer's codes for the layer above.",
        'Divided by their largest value, of all units or of each, folded into the weights. "auto": per unit where '
        'the reconstruction above is "sigmoid" and the units are rectifiers, else none.',
    )
    reconstruction_target: TargetKind = parameter(
        "code",
        one_of(*get_args(TargetKind)),
        'What layers above the first reconstruct with "linear": the code below after or before its nonlinearity.',
    )
    sampled_reconstruction: float | Literal["auto"] | Sequence[float | Literal["auto"] | None] | None = parameter(
        "auto",
        each_layer(word_or("auto", none_or(number(lambda z: 0 < z <= 1, "a number in (0, 1]")))),
        "Share of the zeros of an input that are reconstructed; None: all.",
        "They are drawn anew for every example and weighted so that the gradient is right on average (Dauphin et al. "
        '2011). "auto": 0.1 where the layer\'s input is sparse (the first layer, when X is), else None.',
    )


@dataclass(eq=False, repr=False)
class MachineParameters:
    """On what and how visibly it is computed, and from which seed."""

    engine: str = parameter(
        "auto",
        rules.ENGINE,
        'What computes: "auto" is the native engine, "reference" plain NumPy, "torch" PyTorch.',
        '"torch:cuda" is PyTorch on a GPU, "torchrun" in all processes that torchrun started (docs/scaling-out.md).',
    )
    dtype: Literal["float32", "float64"] = parameter(
        "float32", one_of("float32", "float64"), "Type of the parameters and of the computation."
    )
    n_threads: int | None = parameter(
        None,
        rules.THREADS,
        "Threads; None means 1, -1 all cores.",
        "More threads than cores are reduced to as many as cores, with a warning. Results do not depend on it.",
        changes_numbers=False,
    )
    random_state: int | np.random.Generator | np.random.RandomState | None = parameter(
        None,
        rules.RANDOM_STATE,
        "Seed of everything drawn: initial weights, order of examples, noise, validation split.",
        "An integer gives the same result every time.",
    )
    verbose: int = parameter(0, rules.VERBOSITY, "1 shows a progress bar.", changes_numbers=False)
    checkpoint: str | os.PathLike[str] | None = parameter(
        None,
        none_or(rules.PATH),
        "File that holds the state of a run, so that an interrupted run can be continued; or a folder of such files.",
        "Written at the end of every epoch, every half minute and on Ctrl-C. If it exists, `fit` continues from it, "
        "and the result is that of an uninterrupted fit, byte for byte; parameters and data must be the same (except "
        "max_epochs, verbose and n_threads), and both processors must have AVX2 or neither, or the last bits differ. "
        "The file is kept: delete it before a new fit. In an existing folder every run has its own file, so that "
        "cross-validation can have checkpoints.",
        changes_numbers=False,
    )


@dataclass(eq=False, repr=False)
class FeatureParameters:
    """What an estimator does with features before a run sees them, and with codes after it.

    A run is known by the data it is given, which are scaled already.
    """

    scaling: Scaling | None = parameter(
        None,
        none_or(one_of(*get_args(Scaling))),
        "Scaling of the features, learned in fit and kept in the model.",
        '"standard": mean 0 and standard deviation 1; "minmax": from 0 to 1; "rank": quantiles of a normal '
        "distribution, ties at their mean rank, a value in over half of the rows at exactly 0, and 50 or more "
        "non-negative features on one scale (pixels, counts) only divided by their common maximum. Sparse X keeps its "
        "zeros: features are divided and not shifted.",
        changes_numbers=False,
    )
    transform_layer: int | Literal["all"] = parameter(
        -1,
        rules.LAYER,
        "Hidden layer whose codes are returned by transform.",
        '0 is the first, -1 the last; "all": those of all layers, side by side.',
        changes_numbers=False,
    )


@dataclass(eq=False, repr=False)
class RectifierParameters(
    FeatureParameters,
    MachineParameters,
    DenoisingParameters,
    PretrainingParameters,
    TrainingParameters,
    NetworkParameters,
):
    """What classifiers and regressors have in common."""


@dataclass(eq=False, repr=False)
class SoftmaxParameters(RectifierParameters):
    """What estimators with a softmax over classes have in common."""

    class_weight: dict[Any, float] | Literal["balanced"] | None = parameter(
        None,
        rules.CLASS_WEIGHT,
        "Multiplies the sample weights, in training and validation.",
        '"balanced" uses the class frequencies of the training part.',
    )


@dataclass(eq=False, repr=False)
class StackParameters(FeatureParameters, MachineParameters, DenoisingParameters, NetworkParameters):
    """A stack of auto-encoders: pre-training alone, under shorter names."""

    epochs: Epochs | Sequence[Epochs] = renamed(PretrainingParameters, "pretrain_epochs", 10)
    learning_rate: Rate | Sequence[Rate] = renamed(PretrainingParameters, "pretrain_learning_rate", 0.01)
    batch_size: int = renamed(TrainingParameters, "batch_size", 10)
    decay_from: float = renamed(PretrainingParameters, "pretrain_decay_from", 1.0)


Parameters = RectifierParameters | StackParameters


def table(parameters: Any) -> dict[str, Field[Any]]:
    """The fields of a class of parameters, or of one of its instances, by name."""
    return {entry.name: entry for entry in fields(parameters) if RULE in entry.metadata}


def documented(cls: type) -> type:
    """Put the parameters of a class into its docstring, where it says {parameters}."""
    if cls.__doc__:
        entries = []
        for name, entry in table(cls).items():
            kind = entry.metadata[RULE].allowed.removeprefix("a ").removeprefix("an ")
            text = " ".join(filter(None, (entry.metadata[HELP], entry.metadata[MORE])))
            entries.append(f"{name} : {kind}, default={entry.default!r}\n        {text}")
        cls.__doc__ = cls.__doc__.replace("{parameters}", "\n    ".join(entries))
    return cls
