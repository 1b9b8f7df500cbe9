"""What is measured: who takes part, and what each of them does in a round.

A contender's count is the same work for everyone: a training step on ten examples, or a call that predicts a batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

STEPS_PER_EPOCH = 5000
REFERENCE_SIZES = (784, 1000, 1000, 1000, 10)
RATE = ("--rate", "0.1")
# Of the run with L1, chosen by validation error. Upper layers take more of it: their units are the least sparse.
REFERENCE_RATE, REFERENCE_L1 = ("--rate", "0.05"), "1e-4,4e-4,6e-4"
DENSITIES = (1.0, 0.5, 0.2, 0.1, 0.05)
WIDTHS = (500, 1000, 2000, 4000)
ACTIVE_UNITS = 50  # per hidden layer, in the experiment on widths: few enough that ten examples share few of them
STILL = ("--rate", "1e-6")  # so small that the density set by the biases stays what it is


@dataclass(frozen=True)
class Entrant:
    """A contender with its options. `count` is its work per round where it differs from the experiment's."""

    label: str
    module: str
    arguments: tuple[str, ...] = ()
    count: int | None = None


@dataclass(frozen=True)
class Experiment:
    """Contenders taking turns for some rounds.

    Attributes
    ----------
    count : int
        Steps or calls per round.
    batch_size : int or None
        None trains; a number predicts batches of this many examples with the network of the reference run.
    evaluate_rounds : bool
        Ask every contender for its test error after each round, not just at the end.
    parameter : float or None
        Place on the horizontal axis of the experiment's plot.
    """

    name: str
    title: str
    entrants: tuple[Entrant, ...]
    rounds: int
    count: int
    batch_size: int | None = None
    evaluate_rounds: bool = False
    parameter: float | None = None


@dataclass(frozen=True)
class Script:
    """A measurement that is a program of its own and writes `NAME.json`."""

    name: str
    title: str
    module: str


def entrant(label: str, module: str, variant: str, *arguments: str) -> Entrant:
    return Entrant(label, module, ("--variant", variant, *arguments))


def autograd(*arguments: str) -> tuple[Entrant, ...]:
    """Every way through torch's autograd that is timed; bars are held against the quickest."""
    return (
        entrant("torch eager, foreach", "torch_eager", "foreach", *arguments),
        entrant("torch eager, fused", "torch_eager", "fused", *arguments),
        entrant("torch eager, loop", "torch_eager", "loop", *arguments),
        entrant("torch compile, fused update", "torch_compile", "fused-update", *arguments),
        entrant("torch compile, compiled update", "torch_compile", "compiled-update", *arguments),
        entrant("torch compile, autotune", "torch_compile", "autotune", *arguments),
    )


def handfused(*arguments: str) -> tuple[Entrant, ...]:
    """PyTorch without autograd, in three layouts."""
    return tuple(
        entrant(f"torch hand-fused, {variant}", "torch_handfused", variant, *arguments)
        for variant in ("transposed", "in-out", "out-in")
    )


def reference(epochs: int) -> Experiment:
    """The whole training run; rivals are timed for a twentieth of an epoch within each of ours."""
    ours = (
        Entrant("rectinet, L1", "rectinet_classifier", (*REFERENCE_RATE, "--l1", REFERENCE_L1), STEPS_PER_EPOCH),
        Entrant("rectinet, no L1", "rectinet_classifier", RATE, STEPS_PER_EPOCH),
        entrant("rectinet, dense control", "rectinet_engine", "dense", *RATE),
    )
    slow = replace(entrant("scikit-learn MLPClassifier", "sklearn_mlp", "sgd", *RATE), count=STEPS_PER_EPOCH // 50)
    return Experiment(
        "reference",
        "Training, 784-1000-1000-1000-10, minibatch 10",
        (*ours, *autograd(*RATE), *handfused(*RATE), slow),
        rounds=epochs,
        count=STEPS_PER_EPOCH // 20,
        evaluate_rounds=True,
    )


def dense_units(activation: str, rounds: int, count: int) -> Experiment:
    """Units with nothing to skip."""
    options = (*RATE, "--activation", activation)
    ours = (Entrant("rectinet", "rectinet_classifier", options),)
    return Experiment(activation, f"Training, {activation} units", (*ours, *autograd(*options)), rounds, count)


def prediction(batch_size: int, rounds: int, count: int) -> Experiment:
    """The trained reference network, asked again and again."""
    return Experiment(
        f"predict-{batch_size}",
        f"Prediction, {batch_size} example{'s' if batch_size > 1 else ''} per call, trained with L1",
        (
            Entrant("rectinet", "rectinet_classifier"),
            entrant("rectinet, dense control", "rectinet_engine", "dense"),
            entrant("ONNX Runtime, in-out", "onnxruntime", "in-out"),
            entrant("ONNX Runtime, out-in", "onnxruntime", "out-in"),
            entrant("torch, nn.Linear", "torch_eager", "foreach"),
            entrant("torch, addmm in-out", "torch_handfused", "in-out"),
        ),
        rounds,
        count,
        batch_size=batch_size,
    )


def synthetic(
    name: str, title: str, parameter: float, width: int, density: float, rounds: int, count: int
) -> Experiment:
    """Networks of three equal hidden layers whose biases set the density."""
    options = (*STILL, "--hidden", f"{width},{width},{width}", "--density", str(density))
    entrants = (
        entrant("rectinet", "rectinet_engine", "skipping", *options),
        entrant("rectinet, dense control", "rectinet_engine", "dense", *options),
        entrant("torch eager, foreach", "torch_eager", "foreach", *options),
        entrant("torch hand-fused", "torch_handfused", "transposed", *options),
    )
    return Experiment(name, title, entrants, rounds, count, parameter=parameter)


def denoising(data: str, title: str, hidden: int, rounds: int, count: int) -> Experiment:
    """One auto-encoder layer; ten examples a step, their noise drawn in it. Slow rivals take fewer steps."""
    words = data == "imdb"
    options = ("--data", data, "--hidden", str(hidden))
    few = max(count // 10, 2)

    def contender(label: str, module: str, variant: str, steps: int) -> Entrant:
        return replace(entrant(label, module, variant, *options), count=steps)

    ours = [
        contender(f"rectinet, {kind}{text}", "rectinet_autoencoder", f"{kind}{control}", count)
        for kind in (("dense", "sampled") if words else ("dense",))
        for text, control in (("", ""), (", control", "-control"))
    ]
    dense = ("foreach", "fused", "loop", "compile-fused-update", "compile-compiled-update")
    sparse = ("loop", "fused", "sampled") if words else ()
    rivals = [
        *(contender(f"torch dense, {variant}", "torch_autoencoder", variant, few) for variant in dense),
        *(contender(f"torch EmbeddingBag, {variant}", "torch_sparse_autoencoder", variant, few) for variant in sparse),
    ]
    return Experiment(f"denoising-{data}", title, (*ours, *rivals), rounds, count)


def ratings(rounds: int, count: int) -> Experiment:
    """Supervised training on bags of words."""
    ours = (
        entrant("rectinet", "rectinet_text", "skipping"),
        entrant("rectinet, dense control", "rectinet_text", "dense"),
    )
    dense = ("dense-foreach", "dense-fused", "dense-loop", "dense-compile")
    rivals = (
        *(entrant(f"torch dense, {variant.removeprefix('dense-')}", "torch_text", variant) for variant in dense),
        entrant("torch EmbeddingBag, loop", "torch_text", "embedding-loop"),
        entrant("torch EmbeddingBag, fused", "torch_text", "embedding-fused"),
    )
    few = tuple(replace(rival, count=max(count // 5, 2)) for rival in rivals)
    return Experiment("ratings", "Training on text, 5000-5000-5000-5000-5, minibatch 10", (*ours, *few), rounds, count)


def all_experiments(*, quick: bool) -> tuple[Experiment, ...]:
    """Everything `make bench` measures; `quick` shows within minutes that it all works, its numbers are rough."""
    epochs, rounds, count = (2, 2, 50) if quick else (20, 5, 300)
    densities = tuple(
        synthetic(f"density-{d:g}", f"{d:.0%} of hidden units on", d, 1000, d, rounds, count) for d in DENSITIES
    )
    widths = tuple(
        synthetic(
            f"width-{w}", f"{ACTIVE_UNITS} of {w} units on", w, w, ACTIVE_UNITS / w, rounds, max(count * 500 // w, 20)
        )
        for w in WIDTHS
    )
    return (
        reference(epochs),
        prediction(1, rounds, 10 * count),
        prediction(256, rounds, count // 5),
        dense_units("tanh", rounds, count),
        dense_units("softplus", rounds, count),
        *densities,
        *widths,
        denoising("imdb", "Denoising auto-encoder 5000-5000 on text, minibatch 10", 5000, rounds, count // 5),
        denoising("mnist", "Denoising auto-encoder 784-1000 on digits, minibatch 10", 1000, rounds, 2 * count),
        ratings(rounds, count // 10),
    )


def all_scripts() -> tuple[Script, ...]:
    """What is a program of its own."""
    return (
        Script("memory", "Pre-training on 310,000 reviews", "memory"),
        Script("falling_rate", "Six epochs on MNIST while the rate falls", "falling_rate"),
        Script("explain", "Explanations of images and of reviews", "explain"),
        Script("serving", "The reference network as an ONNX file, one example at a time", "serving"),
        Script("stored", "Training on 10 GB of rows that stay on disk", "stored"),
        Script("pruning", "Units cut away from a network on MNIST", "pruning"),
    )
