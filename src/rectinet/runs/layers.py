"""How each hidden layer is pre-trained, and which choices go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rectinet.activations import Activation
from rectinet.arrays import Matrix
from rectinet.autoencoder import RECONSTRUCTIONS, Reconstruction
from rectinet.losses import CrossEntropy
from rectinet.network import Network
from rectinet.noise import Corruption
from rectinet.optimisers import Schedule, Sgd
from rectinet.problems import Sampling
from rectinet.runs.config import Configuration
from rectinet.runs.parameters import CodeScaling, Rate, TargetKind
from rectinet.stored import Stored, facts_of, is_sparse
from rectinet.wording import only_in_python, setting

MASKING = Corruption("masking", 0.25)


@dataclass(frozen=True)
class LayerConfiguration:
    """One hidden layer as the encoder of a denoising auto-encoder.

    Attributes
    ----------
    epochs : int
        0 leaves the layer as it is.
    learning_rate : float or "auto"
        "auto" tries each rate of `rectinet.runs.rates.GRID` in a short run from the same start and takes the one with
        the lowest reconstruction error on held-out examples.
    activity_l1 : float
        Coefficient of sum |h| over the units of the clean code.
    reconstruction : {"softplus", "sigmoid", "linear", "rectifier"}
        "sigmoid" wants targets in [0, 1]: an X in that range, and below it logistic units, tanh units (whose codes
        are mapped by (h + 1) / 2) or rectifiers with scaled codes.
    tied : bool
        Whether the decoder is the transpose of the encoder.
    sampling : Sampling or None
        Sampled reconstruction, for sparse inputs; None reconstructs every input.
    code_scaling : {"none", "global", "per-unit"}
        Scale of this layer's codes for the layer above, settled when this one is trained: divided by the largest
        clean training code, of all units or of each. It is folded into W and b, so the unit must be homogeneous.
    target : {"code", "pre-activation"}
        Whether the code of the layer below is reconstructed after or before its nonlinearity; the latter for
        "linear" reconstruction alone. The first layer reconstructs X either way.
    decay_from : float
        Share of the layer's training after which the rate falls linearly to 0; 1 keeps it constant, as in the paper.
    """

    epochs: int
    learning_rate: Rate = 0.01
    batch_size: int = 10
    corruption: Corruption = MASKING
    activity_l1: float = 0.0
    reconstruction: Reconstruction = "softplus"
    tied: bool = False
    sampling: Sampling | None = None
    code_scaling: CodeScaling = "none"
    target: TargetKind = "code"
    decay_from: float = 1.0
    rule: Sgd = Sgd()

    @property
    def bounded(self) -> bool:
        """Whether targets must lie in [0, 1]."""
        return isinstance(RECONSTRUCTIONS[self.reconstruction][1], CrossEntropy)

    def schedule(self, rate: float) -> Schedule:
        """Of the layer's training at a rate."""
        return Schedule(rate, self.decay_from)


def layer_configurations(resolved: Configuration) -> tuple[LayerConfiguration, ...]:
    """One for each hidden layer of a resolved configuration."""
    r = resolved
    if r.reconstruction_target == "pre-activation" and r.n_hidden and "linear" not in r.per_layer(r.reconstruction):
        raise ValueError(
            f"{setting('reconstruction_target', 'pre-activation')} goes with {setting('reconstruction', 'linear')}: "
            f"other output units cannot answer with any number; got {setting('reconstruction', r.reconstruction)}"
        )
    levels, l1 = r.per_layer(r.corruption_level), r.l1(r.per_layer(r.pretrain_activity_l1))
    zeros, reconstructions = r.per_layer(r.sampled_reconstruction), r.per_layer(r.reconstruction)
    return tuple(
        LayerConfiguration(
            epochs=int(r.per_layer(r.pretrain_epochs)[k]),
            learning_rate=r.per_layer(r.pretrain_learning_rate)[k],
            batch_size=int(r.pretrain_batch_size or r.batch_size),
            corruption=_corruption(r.per_layer(r.corruption)[k], levels[k]),
            activity_l1=l1[k],
            reconstruction=reconstructions[k],
            tied=bool(r.per_layer(r.tied)[k]),
            sampling=None if zeros[k] is None else Sampling(float(zeros[k])),
            code_scaling=r.per_layer(r.code_scaling)[k],
            target=r.reconstruction_target if reconstructions[k] == "linear" else "code",
            decay_from=float(r.pretrain_decay_from),
            rule=r.rule,
        )
        for k in range(r.n_hidden)
    )


def _corruption(kind: str, level: float | tuple[float, float]) -> Corruption:
    p_zero, p_one = level if isinstance(level, tuple) else (level, 0.0)
    return Corruption(kind, 0.0 if kind == "none" else p_zero, p_one)  # type: ignore[arg-type]


def check_layers(network: Network, X: Matrix | Stored, layers: Sequence[LayerConfiguration]) -> None:
    """Raise for choices that the network's units or X cannot serve.

    Raises
    ------
    ValueError
        Names the layer, the value and what to do.
    """
    if len(layers) != len(network.hidden):
        raise ValueError(f"pre-training needs settings for {len(network.hidden)} hidden layers; got {len(layers)}")
    if X.shape[0] == 0:
        raise ValueError("pre-training needs at least one example; X has none")
    if X.shape[1] != network.n_inputs:
        raise ValueError(f"X has {X.shape[1]} features; the network takes {network.n_inputs}")
    for k, settings in enumerate(layers):
        unit = network.hidden[k].activation
        if settings.code_scaling != "none" and not unit.homogeneous:
            raise ValueError(
                f"{setting('code_scaling', settings.code_scaling)} folds a scale into W and b, which needs units with "
                f"f(c z) = c f(z); hidden layer {k} has {unit.name} units. Use {setting('code_scaling', 'none')}"
            )
        if settings.corruption.kind == "gaussian" and k == 0 and is_sparse(X):
            raise ValueError(
                f"{setting('corruption', 'gaussian')} leaves no entry at 0, so it needs a dense X; got a sparse one. "
                f'Use "masking" or "salt_and_pepper" for the first layer{only_in_python(", or pass X.toarray()")}'
            )
        if settings.bounded and k > 0:
            _check_bounded(network.hidden[k - 1].activation, layers[k - 1].code_scaling, k)
    if layers and layers[0].bounded and layers[0].epochs:
        facts = facts_of(X)
        if facts.lowest < 0 or facts.highest > 1:
            raise ValueError(
                f"{setting('reconstruction', 'sigmoid')} needs X in [0, 1]; got values from {facts.lowest:g} to "
                f"{facts.highest:g}. Scale X ({setting('scaling', 'minmax')}), or use another reconstruction"
            )


def _check_bounded(below: Activation, scaling: CodeScaling, k: int) -> None:
    """Whether codes of the layer below can be brought into [0, 1]."""
    if below.name == "rectifier" and scaling == "none":
        raise ValueError(
            f"{setting('reconstruction', 'sigmoid')} of hidden layer {k} needs the codes below it in [0, 1]; those of "
            f"rectifiers are unbounded. Use {setting('code_scaling', 'per-unit')} or "
            f"{setting('code_scaling', 'global')}"
        )
    if below.name in ("softplus", "linear"):
        raise ValueError(
            f"{setting('reconstruction', 'sigmoid')} of hidden layer {k} needs the codes below it in [0, 1], and "
            f"{below.name} units cannot be scaled into it: use another reconstruction for that layer, or other units"
        )
