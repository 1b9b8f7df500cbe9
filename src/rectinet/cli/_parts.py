"""The training data of `rectinet train`: a named data set, tables or raw texts, in one form."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import issparse

from rectinet.cli import _sources, _tables
from rectinet.cli._sources import Labels
from rectinet.datasets.frame import Frame
from rectinet.datasets.text import read_texts
from rectinet.targets import ReadTargets, Task, read_targets

OPTION: Final = "--task {}"  # how a task is given on the command line


@dataclass(frozen=True)
class Files:
    """The files and columns given on the command line."""

    data: str
    target: str | None = None
    text: str | None = None
    validation: str | None = None
    test: str | None = None
    unlabeled: str | None = None
    quiet: bool = False

    @property
    def others(self) -> dict[str, str]:
        """The files with further labelled examples, by part."""
        named = {"validation": self.validation, "test": self.test}
        return {name: source for name, source in named.items() if source is not None}


@dataclass(frozen=True)
class Parts:
    """The examples and their task.

    Attributes
    ----------
    task : {"classify", "rate", "regress"}
    labelled : dict
        Inputs (a matrix or a list of texts) and targets of "train", and of "validation" and "test" where there are any.
    unlabeled : matrix, list of texts, or None
    raw : bool
        Whether inputs are texts.
    bags : bool
        Whether inputs are texts or binary bags of words.
    note : str or None
        How the targets were read, and which option changes that.
    table : Frame or None
        For inputs with named columns: the whole training table with the target's column and the rows without a target;
        `labelled` then holds frames.
    target : str or None
        Name of the target's column.
    index_base : int or None
        For .svm files: the index of the first column.
    """

    task: Task
    labelled: dict[str, tuple[Any, Labels]]
    unlabeled: Any = None
    raw: bool = False
    bags: bool = False
    note: str | None = None
    table: Frame | None = None
    target: str | None = None
    index_base: int | None = None

    @property
    def train(self) -> tuple[Any, Labels]:
        return self.labelled["train"]


def read(files: Files, task: Task | None) -> Parts:
    """Read all parts; any fault in a file is a DataError."""
    if _sources.is_named(files.data):
        return _named(files, task)
    if files.text is not None or _sources.is_text(files.data):
        return _texts(files, task)
    if _tables.is_table(files.data):
        return _frames(files, task)
    return _matrices(files, task)


def _named(files: Files, task: Task | None) -> Parts:
    for option in ("target", "text", "unlabeled"):
        if getattr(files, option) is not None:
            raise ValueError(f"--{option} has no meaning for the data set {files.data}, which knows its own")
    dataset = _sources.named(files.data)
    parts = {"train": dataset.train, "validation": dataset.valid, "test": dataset.test}
    labelled: dict[str, tuple[Any, Labels]] = {name: (part.X, part.y) for name, part in parts.items()}
    for name, source in files.others.items():
        labelled[name] = _sources.table(source, None, dataset.train.X.shape[1]).labelled(source)
    stars = dataset.train.y.dtype.kind == "f"  # classes are integers
    known: Task = task or ("rate" if stars else "classify")
    labelled = {name: (X, _read(y, known, name).targets) for name, (X, y) in labelled.items()}
    return Parts(known, labelled, dataset.unlabeled, bags=_binary(dataset.train.X))


def _frames(files: Files, task: Task | None) -> Parts:
    """Parts with columns found by name; rows without a target are not scored."""
    frame, target = _tables.with_target(_tables.read(files.data, files.quiet), files.target)
    read = _read_column(frame, target, task)
    labelled: dict[str, tuple[Any, Labels]] = {"train": (frame[np.flatnonzero(read.labelled)], read.targets)}
    for name, source in files.others.items():
        other, _ = _tables.with_target(_tables.read(source, files.quiet), target)
        found = _read_column(other, target, read.task, read.targets)
        labelled[name] = (other[np.flatnonzero(found.labelled)], found.targets)
    more = None if files.unlabeled is None else _tables.read(files.unlabeled, files.quiet)
    return Parts(read.task, labelled, more, note=read.note, table=frame, target=target)


def _read_column(frame: Frame, target: str, task: Task | None, classes: Labels | None = None) -> ReadTargets:
    values = frame.columns[target].values
    return read_targets(values, task, name=target, option=OPTION, place=frame.where, classes=classes)


def _matrices(files: Files, task: Task | None) -> Parts:
    """Parts with columns found by position, as in the first file."""
    first = _sources.table(files.data, files.target)
    labelled = {"train": first.labelled(files.data)}
    X, y = labelled["train"]
    known = {"n_features": X.shape[1], "index_base": first.index_base}
    for name, source in files.others.items():
        labelled[name] = _sources.table(source, files.target, **known).labelled(source)
    more = None
    if files.unlabeled is not None:
        more = _sources.without_target(files.unlabeled, files.target, **known)
    read = _read(y, task, files.target or "y")
    targets = {"train": read.targets}
    for name, source in files.others.items():
        targets[name] = _read(labelled[name][1], read.task, f"{source}: target", read.targets).targets
    labelled = {name: (X, targets[name]) for name, (X, _) in labelled.items()}
    return Parts(read.task, labelled, more, note=read.note, index_base=first.index_base)


def _texts(files: Files, task: Task | None) -> Parts:
    """Parts of texts: rows without a target join the unlabelled texts; validation and test may have no new classes."""
    text = files.text or _sources.TEXT
    if files.target is None:
        raise ValueError(f"say which field of {files.data} is to be predicted: --target NAME")
    texts, labels, more = _split(files.data, text, files.target)
    read = _read(labels, task, files.target)
    known = None if read.task == "regress" else np.unique(read.targets).tolist()
    labelled = {"train": (texts, read.targets)}
    for name, source in files.others.items():
        some, answers, _ = _split(source, text, files.target, known)
        labelled[name] = (some, _read(answers, read.task, name).targets)
    if files.unlabeled is not None:
        more += read_texts(files.unlabeled, text).texts
    return Parts(read.task, labelled, more or None, raw=True, bags=True, note=read.note)


def _split(
    source: str, text: str, target: str, known: Collection[Any] | None = None
) -> tuple[list[str], list[Any], list[str]]:
    """Texts with a target, their targets, and the texts without one."""
    read = read_texts(source, text, target, labels=known)
    rows = list(zip(read.texts, read.targets or [], strict=True))
    labels = [label for _, label in rows if label is not None]
    return [text for text, label in rows if label is not None], labels, [text for text, label in rows if label is None]


def _read(y: Any, task: Task | None, name: str, classes: Labels | None = None) -> ReadTargets:
    return read_targets(y, task, name=name, option=OPTION, classes=classes)


def _binary(X: Any) -> bool:
    return bool(issparse(X)) and bool((X.data == 1).all())
