"""The configuration of a run: every parameter that changes a number, resolved, frozen and hashed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from rectinet.activations import Activation
from rectinet.arrays import Matrix
from rectinet.engine import Engine, get_engine, registry
from rectinet.network import Network, initialise
from rectinet.optimisers import Sgd
from rectinet.randomness import Purpose, stream
from rectinet.runs.checks import check, hidden_sizes
from rectinet.runs.parameters import (
    CHANGES_NUMBERS,
    NEUTRAL,
    RULE,
    CodeScaling,
    Epochs,
    Parameters,
    Rate,
    SoftmaxParameters,
    StackParameters,
    TrainingParameters,
    renamed,
    table,
)
from rectinet.runs.rules import SEQUENCES
from rectinet.storage.values import decode, encode
from rectinet.stored import Stored, facts_of, is_sparse
from rectinet.warning import warn
from rectinet.wording import setting, shown

Task = Literal["classify", "rate", "regress", "encode"]

FALLS_FROM: Final = 0.1  # of a learning rate chosen by trials: as good as any on images, tables and texts
PRETRAIN_UPDATES: Final = (30_000, 22_500)  # of the first layer, of each other one, by "auto"
PRETRAIN_EPOCHS: Final = (2, 30)  # at least and at most
SAMPLED_ZEROS: Final = 0.1  # share of the zeros that sampled reconstruction draws, by default
STACK_NAMES: Final = {  # of the parameters of a stack of auto-encoders, in a configuration
    "epochs": "pretrain_epochs",
    "learning_rate": "pretrain_learning_rate",
    "decay_from": "pretrain_decay_from",
}
BY_LAYER: Final = (  # one value for all layers is written out for each
    "activity_l1",
    "corruption",
    "corruption_level",
    "pretrain_epochs",
    "pretrain_learning_rate",
    "reconstruction",
    "tied",
    "code_scaling",
    "sampled_reconstruction",
)


@dataclass(kw_only=True, eq=False, repr=False)
class Configuration(SoftmaxParameters):
    """What is trained and how. Not the data, and not where and how visibly it runs.

    Its fields are the table of `rectinet.runs.parameters`, and further `task`. A dataclass that is frozen by hand: the
    table is also the constructor of the estimators, which are not frozen, and Python lets no frozen dataclass inherit
    from one that is not. Where estimators decide by trials, its own defaults are numbers: the paper's protocol.

    Attributes
    ----------
    task : {"classify", "rate", "regress", "encode"}
        What the outputs mean; "encode" learns codes alone.
    classes : tuple of float or None
        The ratings there are, for "rate"; None: those in the training examples.
    """

    learning_rate: Rate = renamed(TrainingParameters, "learning_rate", 0.01)
    max_epochs: Epochs = renamed(TrainingParameters, "max_epochs", 100)
    early_stopping: bool | Literal["auto"] = renamed(TrainingParameters, "early_stopping", True)
    task: Task = "classify"
    classes: ArrayLike | None = None
    _frozen: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        """Bring equal wishes into one form: one value for each layer, plain tuples, the engine's own name."""
        check(self)
        if self.task not in get_args(Task):
            raise ValueError(f"task must be one of {', '.join(get_args(Task))}; got {self.task!r}")
        for name, entry in table(self).items():
            setattr(self, name, entry.metadata[RULE].normal(getattr(self, name)))
        self.hidden_layer_sizes = hidden_sizes(self.hidden_layer_sizes)
        if self.corruption == "salt_and_pepper":  # masking above the first layer: codes are not binary (2010 text runs)
            pairs = [isinstance(level, tuple) for level in self.per_layer(self.corruption_level)]
            self.corruption = tuple("salt_and_pepper" if k == 0 or pair else "masking" for k, pair in enumerate(pairs))
        for name in BY_LAYER:
            setattr(self, name, self.per_layer(getattr(self, name)))
        if self.pretrain_activity_l1 is not None:
            self.pretrain_activity_l1 = self.per_layer(self.pretrain_activity_l1)
        self.engine = registry.DEFAULT if self.engine == "auto" else self.engine
        if isinstance(self.class_weight, dict):
            self.class_weight = dict(sorted(self.class_weight.items(), key=repr))
        if self.classes is not None:
            self.classes = tuple(sorted({float(value) for value in np.ravel(np.asarray(self.classes, dtype=float))}))
        self._frozen = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._frozen:
            raise FrozenInstanceError(f"a configuration never changes; use dataclasses.replace to set {name}")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"a configuration never changes; {name} cannot be deleted")

    @classmethod
    def of(cls, parameters: Parameters, task: Task, **more: Any) -> Configuration:
        """The configuration that an estimator's parameters ask for."""
        check(parameters)
        given = {name: getattr(parameters, name) for name in table(parameters)}
        return cls.from_parameters(given | more, task, stack=isinstance(parameters, StackParameters))

    @classmethod
    def from_parameters(cls, given: dict[str, Any], task: Task, stack: bool) -> Configuration:
        """The configuration of an estimator's parameters by name; a `stack` of auto-encoders has shorter names."""
        if stack:
            given = {STACK_NAMES.get(name, name): value for name, value in given.items()}
        return cls(task=task, **given)

    # -- what it is known by ------------------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """Every value that changes a number, as JSON values by name; a changed default changes no document."""
        free = {name for name, entry in table(self).items() if not entry.metadata[CHANGES_NUMBERS]}
        values = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name != "_frozen"}
        neutral = {name: entry.metadata[NEUTRAL] for name, entry in table(self).items()}
        return {
            name: encode(_plain(value))
            for name, value in values.items()
            if name not in free and (neutral.get(name) is None or value != neutral[name])
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Configuration:
        """The configuration of a document; what it does not know yet keeps its neutral default."""
        neutral = {name: entry.metadata[NEUTRAL] for name, entry in table(cls).items()}
        unknown = {name: value for name, value in neutral.items() if value is not None}
        return cls(**unknown | {name: decode(value) for name, value in document.items()})

    def key(self, checksum: str) -> str:
        """SHA-256 of the configuration and of the data's checksum: the name of a run."""
        text = json.dumps({"configuration": self.document(), "data": checksum}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    # -- what it comes to ---------------------------------------------------------------------------------------------

    @property
    def n_hidden(self) -> int:
        """Number of hidden layers."""
        return len(self.hidden_layer_sizes)

    @property
    def pretrains(self) -> bool:
        """Whether any layer is pre-trained."""
        return self.task == "encode" or any(epochs != 0 for epochs in self.per_layer(self.pretrain_epochs))

    def per_layer(self, value: Any) -> tuple[Any, ...]:
        """One value for each hidden layer."""
        return tuple(value) if isinstance(value, SEQUENCES) else (value,) * self.n_hidden

    def resolved(self, X: Matrix | Stored) -> Configuration:
        """With everything written out that was left to be decided by the data or by another parameter.

        Parameters
        ----------
        X : ndarray, csr_array or Stored, of shape (n, n_inputs)
            What the first layer is pre-trained on: its density, and whether it is sparse.
        """
        l1 = self.activity_l1 if self.pretrain_activity_l1 is None else self.pretrain_activity_l1
        known = replace(
            self,
            pretrain_activity_l1=self.per_layer(l1),
            pretrain_batch_size=self.pretrain_batch_size or self.batch_size,
            pretrain_epochs=tuple(self._pretrain_epochs(k, X.shape[0]) for k in range(self.n_hidden)),
        )
        if not self.pretrains:
            return known
        corruption = [self._corruption(k, X) for k in range(self.n_hidden)]
        return replace(
            known,
            corruption=tuple(kind for kind, _ in corruption),
            corruption_level=tuple(level for _, level in corruption),
            code_scaling=tuple(map(self._code_scaling, range(self.n_hidden))),
            sampled_reconstruction=tuple(
                (SAMPLED_ZEROS if k == 0 and is_sparse(X) else None) if wanted == "auto" else wanted
                for k, wanted in enumerate(self.per_layer(self.sampled_reconstruction))
            ),
        )

    def _pretrain_epochs(self, k: int, n_examples: int) -> int:
        """Of hidden layer k: a number of updates, not of epochs, is what a layer needs to be learned."""
        wanted = self.per_layer(self.pretrain_epochs)[k]
        if wanted != "auto":
            return int(wanted)
        examples = PRETRAIN_UPDATES[min(k, 1)] * (self.pretrain_batch_size or self.batch_size)
        fewest, most = PRETRAIN_EPOCHS
        return max(fewest, min(most, round(examples / max(1, n_examples))))

    def _corruption(self, k: int, X: Matrix | Stored) -> tuple[str, float | tuple[float, float]]:
        """Kind and level of the noise on the input of hidden layer k."""
        kind, level = self.per_layer(self.corruption)[k], self.per_layer(self.corruption_level)[k]
        pair = isinstance(level, SEQUENCES)
        if kind != "salt_and_pepper":
            if pair:
                raise ValueError(
                    f"{setting('corruption_level', level)} of hidden layer {k} is a pair, which only "
                    f'"salt_and_pepper" takes; its corruption is {kind!r}'
                )
            return kind, float(level)
        if pair:
            return kind, (float(level[0]), float(level[1]))
        if k == 0:  # as many ones appear as disappear, by the data's density (2010 text runs)
            density = facts_of(X).n_nonzero / max(1, X.shape[0] * X.shape[1])
            return kind, (float(level), float(level) * density)
        raise ValueError(
            f"{setting('corruption', 'salt_and_pepper')} of hidden layer {k} needs both probabilities in "
            f"{setting('corruption_level')}, (p_zero, p_one), since the density of its codes is not known beforehand; "
            f"got {shown(level)}"
        )

    def _code_scaling(self, k: int) -> CodeScaling:
        """Of the codes of hidden layer k, as the layer above wants them; above the last there is none."""
        if k == self.n_hidden - 1:
            return "none"
        wanted: CodeScaling | Literal["auto"] = self.per_layer(self.code_scaling)[k]
        if wanted != "auto":
            return wanted
        needed = self.per_layer(self.reconstruction)[k + 1] == "sigmoid" and self.activation == "rectifier"
        return "per-unit" if needed else "none"

    def l1(self, coefficients: float | Sequence[float]) -> tuple[float, ...]:
        """Coefficients of the sum over units, one for each hidden layer."""
        per_unit = self.hidden_layer_sizes if self.activity_l1_normalization == "mean" else (1,) * self.n_hidden
        return tuple(float(c) / n for c, n in zip(self.per_layer(coefficients), per_unit, strict=True))

    def initial_network(self, n_inputs: int, n_outputs: int, seed: int) -> Network:
        """A network as it is drawn, its output layer included."""
        at_zero = float(self.derivative_at_zero) if self.activation == "rectifier" else 0.0
        unit = Activation(self.activation, float(self.softplus_alpha), at_zero)
        sizes = (n_inputs, *self.hidden_layer_sizes, n_outputs)
        rng = stream(seed, Purpose.INITIALISATION)
        return initialise(sizes, unit, signs=self.signs, rng=rng, dtype=self.dtype)

    def computed_by(self) -> Engine:
        """The engine, with as many threads as are wanted and can run."""
        if self.n_threads is not None and self.n_threads > n_cores():
            wanted = setting("n_threads", self.n_threads)
            warn(f"{wanted} is more than the {n_cores()} cores there are; {n_cores()} are used")
        return get_engine(self.engine, n_threads=usable_threads(self.n_threads))

    @property
    def falls_from(self) -> float:
        """Share of supervised training after which its rate falls; a rate that is chosen by trials always does."""
        chosen = self.learning_rate == "auto" and self.decay_from >= 1
        return FALLS_FROM if chosen else float(self.decay_from)

    @property
    def may_go_longer(self) -> bool:
        """Whether a run of more epochs begins with the same steps, so that this one may be taken up by it."""
        return self.falls_from >= 1 and self.early_stopping != "auto" and self.max_epochs != "auto"

    @property
    def rule(self) -> Sgd:
        """How parameters follow the gradient, in pre-training and supervised training alike."""
        return Sgd()


def n_cores() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0))


def usable_threads(n_threads: int | None) -> int:
    """Of a number that is wanted: None is 1, -1 all cores, and never more than there are cores."""
    if n_threads is None:
        return 1
    return n_cores() if n_threads == -1 else min(n_threads, n_cores())


def _plain(value: Any) -> Any:
    """Numbers of NumPy and sequences of any kind as Python's own, so that equal values have equal documents."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, SEQUENCES):
        return tuple(map(_plain, value))
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    return value
