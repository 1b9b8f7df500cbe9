"""The table of parameters: name, type, default, rule and help text of each, defined once.

The fields of these dataclasses define the constructors of the estimators, the configuration of a run, the options of
the command line, the parameters in docstrings and those stored in files. A new parameter needs one field here and the
code that uses it.
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
        The allowed values.
    help : str
        One sentence, also the help text on the command line.
    more : str
        Further sentences for the docstrings.
    changes_numbers : bool
        False if the parameter does not affect the results of a run.
    neutral : optional
        For a parameter added in a later version: the value that reproduces runs from before. It is left out of a
        configuration's document, so that a new parameter does not change the keys of old runs.
    """
    about = {RULE: rule, HELP: help, MORE: more, CHANGES_NUMBERS: changes_numbers, NEUTRAL: neutral}
    return field(default=default, metadata=about)


def renamed(of: type, name: str, default: Any) -> Any:
    """The same parameter under another name or default."""
    found = next(entry for entry in fields(of) if entry.name == name)
    return field(default=default, metadata=found.metadata)


@dataclass(eq=False, repr=False)
class NetworkParameters:
    """The network and the penalty on its activations."""

    hidden_layer_sizes: Sequence[int] = parameter(
        (1000, 1000, 1000), rules.SIZES, "Number of units in each hidden layer; () gives a linear model."
    )
    activation: str = parameter("rectifier", one_of(*activations.NAMES), "Activation function of the hidden units.")
    softplus_alpha: float = parameter(
        1.0,
        rules.POSITIVE,
        "Sharpness of softplus units, (1 / alpha) log(1 + e^(alpha z)).",
        "Large values approach the rectifier.",
    )
    signs: Signs = parameter(
        "positive",
        one_of(*get_args(Signs)),
        "Which hidden units output -f(z) instead of f(z).",
        '"balanced": exactly half of the units in every hidden layer (section 3.3); "random": each with probability '
        "1/2.",
    )
    derivative_at_zero: float = parameter(
        0.0,
        number(lambda d: d in (0, 1), "0 or 1"),
        'Derivative of the rectifier at z = 0; 1 needs engine="reference".',
    )
    activity_l1: float | Sequence[float] = parameter(
        0.0,
        each_layer(rules.AT_LEAST_0),
        "Coefficient of the L1 penalty on activations, sum abs(h) over the hidden units of an example.",
        'With "sum", 1e-4 is a mild penalty for layers of 1000 units.',
    )
    activity_l1_normalization: Literal["sum", "mean"] = parameter(
        "sum", one_of("sum", "mean"), "Whether the L1 penalty is the sum or the mean over the units of a layer."
    )


@dataclass(eq=False, repr=False)
class TrainingParameters:
    """Supervised training."""

    learning_rate: Rate = parameter(
        "auto",
        word_or("auto", rules.POSITIVE),
        "Learning rate of supervised training.",
        "A number is a constant rate, as in section 4, unless decay_from is set; 0.1 often works well on scaled "
        'data. "auto" tries 0.1, 0.03, 0.01 and so on in short runs until lower rates give worse results, takes the '
        "rate with the lowest error on examples held out for this purpose, and lets it fall linearly to 0 over the "
        "last nine tenths of training. `partial_fit` chooses the rate on the first part and keeps it.",
    )
    decay_from: float = parameter(
        1.0,
        rules.SHARE,
        "Share of the maximum number of epochs after which the learning rate falls linearly to 0; 1: it stays "
        "constant.",
        "Useful with few epochs: 0.1 with max_epochs=6 is a good choice for images. Early stopping counts patience "
        "only once the rate has begun to fall. A stopped run can be resumed only with the same max_epochs. "
        "`partial_fit`, which has no last epoch, keeps the rate constant.",
        neutral=1.0,
    )
    batch_size: int = parameter(10, whole(1), "Number of examples in a minibatch.")
    max_epochs: Epochs = parameter(
        "auto",
        word_or("auto", whole(1)),
        "Maximum number of epochs.",
        '"auto": 100 at a constant learning rate; at a falling one, as many as it takes for 20 n_samples^(2/3) '
        "updates, and for at least 1,000: 20 epochs for 1,000 examples in minibatches of 10, 5 epochs for 50,000.",
    )
    shuffle: bool = parameter(True, rules.FLAG, "Whether to shuffle the examples before every epoch.")
    early_stopping: bool | Literal["auto"] = parameter(
        "auto",
        word_or("auto", rules.FLAG),
        "Whether to validate after every epoch, stop early and keep the best parameters.",
        "Validates on `X_val` or on a held-out part, and stops after `patience` epochs without a lower validation "
        "error (ties: lower validation loss). If there are too few examples to hold some out, True warns and runs "
        'all epochs on all examples. "auto", with fewer than 2,000 examples and without `X_val`, holds none out: '
        "three-fold cross-validation chooses the number of epochs, and the network is trained for that number on "
        "all examples.",
    )
    validation_fraction: float = parameter(
        0.1,
        number(lambda f: 0 < f < 1, "a number between 0 and 1, both excluded"),
        "Share of the examples of each class to hold out for validation.",
    )
    patience: int = parameter(
        10,
        whole(1),
        "Number of epochs without a better validation error after which training stops.",
        "An equal error with a lower loss counts as better, too: if the validation error soon reaches 0, training "
        "continues as long as the loss falls, up to `max_epochs`.",
    )
    warm_start: bool = parameter(
        False,
        rules.FLAG,
        "Whether fit continues from the network of the previous fit, including its output layer.",
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
    """Epochs, learning rate, minibatches and penalty of pre-training."""

    pretrain_epochs: Epochs | Sequence[Epochs] = parameter(
        0,
        each_layer(word_or("auto", whole(0))),
        "Epochs of unsupervised pre-training for each hidden layer; 0 for none.",
        "Layers are pre-trained one after the other, each as a denoising auto-encoder (section 3.2), before any "
        'label is used. "auto": from 2 to 30 epochs, for about 30,000 updates of the first layer and 22,500 of '
        "every other layer.",
    )
    pretrain_learning_rate: Rate | Sequence[Rate] = parameter(
        0.01,
        each_layer(word_or("auto", rules.POSITIVE)),
        "Learning rate of pre-training.",
        '"auto" tries 0.1, 0.01, 0.001 and 0.0001 for every layer in short runs and takes the rate with the lowest '
        "reconstruction error on held-out examples.",
    )
    pretrain_batch_size: int | None = parameter(
        None,
        none_or(whole(1)),
        "Number of examples in a minibatch of pre-training; default: as in supervised training.",
        "100 is several times faster on large data and needs a learning rate about three times higher.",
    )
    pretrain_activity_l1: float | Sequence[float] | None = parameter(
        None,
        none_or(each_layer(rules.AT_LEAST_0)),
        "Coefficient of the L1 penalty on activations in pre-training; default: as in supervised training.",
    )
    pretrain_decay_from: float = parameter(
        1.0,
        rules.SHARE,
        "Share of a layer's pre-training after which the learning rate falls linearly to 0; 1: it stays constant.",
    )


@dataclass(eq=False, repr=False)
class DenoisingParameters:
    """The auto-encoder that pre-trains a layer."""

    corruption: str | Sequence[str] = parameter(
        "masking",
        each_layer(one_of(*get_args(noise.Kind))),
        "Corruption of a layer's input in pre-training.",
        'If "salt_and_pepper" is given for all layers, those above the first use masking.',
    )
    corruption_level: float | Sequence[float | tuple[float, float]] = parameter(
        0.25,
        each_layer(rules.NOISE_LEVEL),
        "Probability that an input is set to 0, or standard deviation of Gaussian noise.",
        "Salt and pepper also sets zeros of the clean input to 1, with probability level x density of X; in a "
        "sequence, a pair (p_zero, p_one) gives both probabilities explicitly.",
    )
    reconstruction: Reconstruction | Sequence[Reconstruction] = parameter(
        "softplus",
        each_layer(one_of(*RECONSTRUCTIONS)),
        "Output units of the auto-encoder.",
        '"sigmoid" uses cross-entropy, for inputs in [0, 1] such as binary bags of words; the others use squared '
        'error, "linear" for inputs that may be negative. Visible biases start from the data\'s mean.',
    )
    tied: bool | Sequence[bool] = parameter(
        False, each_layer(rules.FLAG), "Whether decoders use the transposed weights of the encoders."
    )
    code_scaling: Literal["auto"] | CodeScaling | Sequence[Literal["auto"] | CodeScaling] = parameter(
        "auto",
        each_layer(one_of("auto", *get_args(CodeScaling))),
        "How the codes of a trained layer are scaled for the layer above.",
        'Codes are divided by their largest value, over all units ("global") or for each unit; the division is '
        'folded into the weights. "auto": per unit if the layer above reconstructs with "sigmoid" and the units are '
        "rectifiers, else none.",
    )
    reconstruction_target: TargetKind = parameter(
        "code",
        one_of(*get_args(TargetKind)),
        'With "linear", what layers above the first reconstruct: the codes below, or their pre-activations.',
    )
    sampled_reconstruction: float | Literal["auto"] | Sequence[float | Literal["auto"] | None] | None = parameter(
        "auto",
        each_layer(word_or("auto", none_or(number(lambda z: 0 < z <= 1, "a number in (0, 1]")))),
        "Share of the zeros of an input that are reconstructed; None: all.",
        "The zeros are drawn anew for every example and weighted so that the gradient is unbiased (Dauphin et al. "
        '2011). "auto": 0.1 for a layer with sparse input (the first layer, if X is sparse), else None.',
    )


@dataclass(eq=False, repr=False)
class MachineParameters:
    """Engine, precision, threads, seed, progress bar and checkpoint."""

    engine: str = parameter(
        "auto",
        rules.ENGINE,
        'Computing engine: "auto" is the native engine, "reference" plain NumPy, "torch" PyTorch.',
        '"torch:cuda" is PyTorch on a GPU, "torchrun" uses all processes started by torchrun (docs/scaling-out.md).',
    )
    dtype: Literal["float32", "float64"] = parameter(
        "float32", one_of("float32", "float64"), "Floating-point type of parameters and computation."
    )
    n_threads: int | None = parameter(
        None,
        rules.THREADS,
        "Number of threads, 1 by default; -1: as many as there are cores.",
        "Results do not depend on it. If it exceeds the number of cores, a fit warns and uses one thread per core.",
        changes_numbers=False,
    )
    random_state: int | np.random.Generator | np.random.RandomState | None = parameter(
        None,
        rules.RANDOM_STATE,
        "Seed of all random numbers: initial weights, order of examples, noise, validation split.",
        "With an integer, every fit gives the same result.",
    )
    verbose: int = parameter(0, rules.VERBOSITY, "1 shows a progress bar.", changes_numbers=False)
    checkpoint: str | os.PathLike[str] | None = parameter(
        None,
        none_or(rules.PATH),
        "File with the state of a run, to resume it after it was stopped; or a folder of such files.",
        "Written after every epoch, every half minute and on Ctrl-C. If the file exists, `fit` resumes the run and "
        "ends with bit for bit the result of a fit that was never stopped. Data and parameters must be the same, "
        "except verbose and n_threads, and max_epochs where it, learning_rate and early_stopping are given and the "
        "rate is constant; between a processor with AVX2 and one without, the last bits differ. The file is kept: "
        "delete it before another fit. In an existing folder every run has its own file, so that cross-validation "
        "can use checkpoints.",
        changes_numbers=False,
    )


@dataclass(eq=False, repr=False)
class FeatureParameters:
    """Scaling of the features before a run, and the choice of codes after it.

    Neither is part of a run's configuration: the data of a run are already scaled.
    """

    scaling: Scaling | None = parameter(
        None,
        none_or(one_of(*get_args(Scaling))),
        "Scaling of the features, learned in fit and stored in the model.",
        '"standard": mean 0 and standard deviation 1; "minmax": from 0 to 1; "rank": quantiles of a normal '
        "distribution, with ties at their mean rank and a value in over half of a feature's rows at exactly 0; 50 "
        "or more non-negative features on one scale (pixels, counts) are only divided by their common maximum. "
        "Sparse X keeps its zeros: features are divided but not shifted.",
        changes_numbers=False,
    )
    transform_layer: int | Literal["all"] = parameter(
        -1,
        rules.LAYER,
        "Hidden layer whose codes transform returns.",
        '0 is the first, -1 the last; "all" puts the codes of all layers side by side.',
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
        "Class weights, which multiply the sample weights in training and validation.",
        '"balanced" computes them from the class frequencies in the training part.',
    )


@dataclass(eq=False, repr=False)
class StackParameters(FeatureParameters, MachineParameters, DenoisingParameters, NetworkParameters):
    """Parameters of a stack of auto-encoders: those of pre-training, under shorter names."""

    epochs: Epochs | Sequence[Epochs] = renamed(PretrainingParameters, "pretrain_epochs", 10)
    learning_rate: Rate | Sequence[Rate] = renamed(PretrainingParameters, "pretrain_learning_rate", 0.01)
    batch_size: int = renamed(TrainingParameters, "batch_size", 10)
    decay_from: float = renamed(PretrainingParameters, "pretrain_decay_from", 1.0)


Parameters = RectifierParameters | StackParameters


def table(parameters: Any) -> dict[str, Field[Any]]:
    """The fields of a class of parameters, or of one of its instances, by name."""
    return {entry.name: entry for entry in fields(parameters) if RULE in entry.metadata}


def documented(cls: type) -> type:
    """Replace {parameters} in the docstring of a class by its parameters."""
    if cls.__doc__:
        entries = []
        for name, entry in table(cls).items():
            kind = entry.metadata[RULE].allowed.removeprefix("a ").removeprefix("an ")
            text = " ".join(filter(None, (entry.metadata[HELP], entry.metadata[MORE])))
            entries.append(f"{name} : {kind}, default={entry.default!r}\n        {text}")
        cls.__doc__ = cls.__doc__.replace("{parameters}", "\n    ".join(entries))
    return cls
