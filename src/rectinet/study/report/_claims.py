"""What is claimed of sparse codes, each with its numbers; and open questions, each with what the runs say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rectinet.study.experiments._looked import DISCARDED, PROBE_LABELS, SMALL_CHANGES, columns
from rectinet.study.experiments._moved import MOVES
from rectinet.study.records import Record
from rectinet.study.report._numbers import Number, Sentence, number, sentence
from rectinet.study.report._odd import odd_target
from rectinet.study.report._runs import Cell, cells, finished, of_experiment
from rectinet.study.report._section import Section, command
from rectinet.study.report._tables import Table

Of = Callable[[str], Number]  # a number of one network by the name of its column


def claims(records: Sequence[Record]) -> Section:
    """A table and its sentences for each data set."""
    found = cells(finished(of_experiment(records, "claims")), ("data", "network"))
    blocks, said = [], []
    for data in dict.fromkeys(data for data, _ in found):
        networks = {network: cell for (of, network), cell in found.items() if of == data}
        labels = next(iter(networks.values())).runs[0].labels
        depth, images = labels["layers"], labels.get("images", False)
        rows = [
            [name, *(_number(measure, column, depth, cell) for cell in networks.values())]
            for name, measure, column in _rows(depth, images)
        ]
        notes = ["Means over test examples and seeds. Networks of equal size, trained without pre-training."]
        blocks.append(Table(f"Inside trained networks, {data}", ["measure", *networks], rows, notes, f"claims-{data}"))
        said += _sentences(data, depth, networks)
        said += _invariance(data, depth, networks) if images else []
    if not blocks:
        blocks = [Table("Inside trained networks", ["not run"], [[command("claims")]], (), "claims")]
    odd, said_of_odd = odd_target(records)
    blocks.append(odd)
    said += said_of_odd
    return Section(
        "Claims about sparse codes",
        "What the paper and its notes say of rectifier codes, measured on networks of equal size beside tanh and "
        "logistic units.",
        blocks,
        said,
    )


def _number(measure: str, column: str, depth: int, cell: Cell) -> Number:
    return number(measure, cell, arguments=(columns(depth, images=True).index(column),))


def _rows(depth: int, images: bool) -> list[tuple[str, str, str]]:
    """Name, measure and column of each row."""
    top = f"layer {depth}"
    return [
        ("test error, %", "column-error", "class"),
        *((f"share of zeros before training, layer {k + 1}", "column", f"zeros at the start, layer {k + 1}")
          for k in range(depth)),
        (f"mean activity before training, {top}", "column", f"mean activity at the start, {top}"),
        (f"active units, {top}: mean", "column", f"active units, {top}"),
        (f"active units, {top}: standard deviation over examples", "column-spread", f"active units, {top}"),
        *((f"units that stay on or off under noise {change:g}, {top}", "column",
           f"active set kept at {change:g}, {top}") for change in SMALL_CHANGES),
        *((f"gradient norm, layer {k + 1}", "column", f"gradient norm, layer {k + 1}") for k in range(depth)),
        *((f"error with {share:.0%} of the code lost, %", "column-error", f"class without {share:g} of the code")
          for share in DISCARDED),
        *((f"error of a linear model on {of}, {n} labels, %", "column-error", f"class by {of}, {n} labels")
          for n in PROBE_LABELS for of in ("inputs", "codes")),
        ("bytes of an example's codes, dense", "column", "bytes, dense"),
        ("bytes of an example's codes, CSR", "column", "bytes, CSR"),
        ("relative change under rescaling of layers", "column", "rescaling"),
        ("relative departure from intensity equivariance, no biases", "column", "intensity"),
        *((f"change under {move}, {level}", "column", f"change under {move}, {level}")
          for move in MOVES for level in ("inputs", *(f"layer {k + 1}" for k in range(depth))) if images),
    ]  # fmt: skip


SPARSE: Final = ("rectifier", "rectifier, L1")


def _sentences(data: str, depth: int, networks: dict[str, Cell]) -> list[Sentence]:
    """Each claim, whether it holds, and by which numbers."""
    if not {"rectifier", "tanh"} <= set(networks):
        return []
    rectifier, tanh = networks["rectifier"], networks["tanh"]

    def of(cell: Cell, column: str, measure: str = "column") -> Number:
        return _number(measure, column, depth, cell)

    top, first = f"layer {depth}", "layer 1"
    zeros = of(rectifier, f"zeros at the start, {first}")
    kept = of(rectifier, f"active set kept at {SMALL_CHANGES[0]:g}, {top}")
    few = f"{PROBE_LABELS[0]} labels"
    inputs, codes = (of(rectifier, f"class by {which}, {few}", "column-error") for which in ("inputs", "codes"))
    half = f"class without {DISCARDED[1]:g} of the code"
    lost = [of(cell, half, "column-error") for cell in (rectifier, tanh)]
    whole = [of(cell, "class", "column-error") for cell in (rectifier, tanh)]
    norms = [of(rectifier, f"gradient norm, {layer}") for layer in (first, top)]
    bytes_ = [of(rectifier, f"bytes, {form}") for form in ("CSR", "dense")]
    units = [of(rectifier, f"active units, {top}", measure) for measure in ("column", "column-spread")]
    rescaled = [of(cell, "rescaling") for cell in (rectifier, tanh)]
    brighter = [of(cell, "intensity") for cell in (rectifier, tanh)]
    robust = lost[0].value - whole[0].value <= lost[1].value - whole[1].value
    return [
        sentence(f"{data}. Half of the units are exact zeros at the start ", _holds(abs(zeros.value - 0.5) < 0.05),
                 ": the share in the first layer is ", zeros, "."),
        sentence("The active set changes little under small input changes ", _holds(kept.value > 0.95),
                 ": a share of ", kept, f" of the units stay on or off under noise of {SMALL_CHANGES[0]:g}."),
        sentence("The number of active units varies with the input ", _holds(units[1].value > 0.01 * units[0].value),
                 ": ", units[0], ", with a standard deviation of ", units[1], "."),
        sentence("Codes are more linearly separable than inputs ", _holds(codes.value < inputs.value),
                 f": with {few} a linear model on the codes has ", codes, " % wrong, on the inputs ", inputs, " %."),
        sentence("Sparse codes lose less than dense ones when values are discarded ", _holds(robust),
                 ": with half of the code lost the rectifier's error goes from ", whole[0], " to ", lost[0],
                 " %, tanh's from ", whole[1], " to ", lost[1], " %."),
        sentence("Gradients keep their size through the layers ", _holds(0.2 < norms[0].value / norms[1].value < 5),
                 ": the norm is ", norms[0], " at the first layer, ", norms[1], " at the last."),
        sentence("Sparse storage pays ", _holds(bytes_[0].value < bytes_[1].value), ": ", bytes_[0],
                 " bytes as CSR, ", bytes_[1], " dense; it pays where more than half are zeros."),
        sentence("Layers can be rescaled against each other ", _holds(rescaled[0].value < 1e-4),
                 ": rectifier outputs change by ", rescaled[0], ", those of tanh by ", rescaled[1], " (relative)."),
        sentence("Without biases outputs follow the input's intensity ", _holds(brighter[0].value < 1e-4),
                 ": they depart by ", brighter[0], ", those of tanh by ", brighter[1], " (relative)."),
    ]  # fmt: skip


def _invariance(data: str, depth: int, networks: dict[str, Cell]) -> list[Sentence]:
    """Whether the last layer changes less than the first one when pictures are moved a little."""
    said = []
    for network, cell in networks.items():
        ends = [
            (move, _number("column", f"change under {move}, layer 1", depth, cell),
             _number("column", f"change under {move}, layer {depth}", depth, cell))
            for move in MOVES
        ]  # fmt: skip
        holds = all(last.value < first.value for _, first, last in ends)
        parts = [part for move, first, last in ends for part in (f"; under {move} ", first, " and ", last)]
        start = f"{data}, {network}. Higher layers change less when pictures are moved {_holds(holds)}"
        said.append(sentence(start, ", first and last layer, 1 as far as another example", *parts, "."))
    return said


def _holds(whether: bool) -> str:
    return "(holds)" if whether else "(does not hold)"
