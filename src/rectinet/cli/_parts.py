"""What `rectinet train` learns from: a named data set, tables, or raw texts, each as the same parts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse

from rectinet.cli import _sources
from rectinet.cli._sources import Labels
from rectinet.datasets.text import read_texts
from rectinet.estimators.text import Task, task_of


@dataclass(frozen=True)
class Files:
    """What was typed of where the examples are."""

    data: str
    target: str | None = None
    text: str | None = None
    validation: str | None = None
    test: str | None = None
    unlabeled: str | None = None

    @property
    def others(self) -> dict[str, str]:
        """The files of labelled examples besides the first."""
        named = {"validation": self.validation, "test": self.test}
        return {name: source for name, source in named.items() if source is not None}


@dataclass(frozen=True)
class Parts:
    """Examples, and what they ask for.

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
    """

    task: Task
    labelled: dict[str, tuple[Any, Labels]]
    unlabeled: Any = None
    raw: bool = False
    bags: bool = False

    @property
    def train(self) -> tuple[Any, Labels]:
        return self.labelled["train"]


def read(files: Files, task: Task | None) -> Parts:
    """The parts; whatever is wrong with a file is a DataError."""
    if _sources.is_named(files.data):
        return _named(files, task)
    if files.text is not None or _sources.is_text(files.data):
        return _texts(files, task)
    return _tables(files, task)


def _named(files: Files, task: Task | None) -> Parts:
    for option in ("target", "text", "unlabeled"):
        if getattr(files, option) is not None:
            raise ValueError(f"--{option} has no meaning for the data set {files.data}, which knows its own")
    dataset = _sources.named(files.data)
    parts = {"train": dataset.train, "validation": dataset.valid, "test": dataset.test}
    labelled: dict[str, tuple[Any, Labels]] = {name: (part.X, part.y) for name, part in parts.items()}
    for name, source in files.others.items():
        labelled[name] = _sources.table(source, None, dataset.train.X.shape[1]).labelled(source)
    stars = dataset.train.y.dtype.kind == "f"  # classes are integers there
    inferred: Task = "rate" if stars else "classify"
    return Parts(task or inferred, labelled, dataset.unlabeled, bags=_binary(dataset.train.X))


def _tables(files: Files, task: Task | None) -> Parts:
    """All of them have the columns of the first."""
    labelled = {"train": _sources.table(files.data, files.target).labelled(files.data)}
    X, y = labelled["train"]
    for name, source in files.others.items():
        labelled[name] = _sources.table(source, files.target, X.shape[1]).labelled(source)
    more = None
    if files.unlabeled is not None:
        more = _sources.without_target(files.unlabeled, files.target, X.shape[1])
    return Parts(task or _sources.infer_task(y), labelled, more)


def _texts(files: Files, task: Task | None) -> Parts:
    """Rows without a target join the unlabelled texts; validation and test have no class of their own."""
    text = files.text or _sources.TEXT
    if files.target is None:
        raise ValueError(f"say which field of {files.data} is to be predicted: --target NAME")
    texts, labels, more = _split(files.data, text, files.target)
    task = task or task_of(labels)
    known = None if task == "regress" else np.unique(labels).tolist()
    labelled = {"train": (texts, labels)}
    for name, source in files.others.items():
        labelled[name] = _split(source, text, files.target, known)[:2]
    if files.unlabeled is not None:
        more += read_texts(files.unlabeled, text).texts
    return Parts(task, labelled, more or None, raw=True, bags=True)


def _split(
    source: str, text: str, target: str, known: Collection[Any] | None = None
) -> tuple[list[str], Labels, list[str]]:
    """Texts with a target, their targets, and the texts without."""
    read = read_texts(source, text, target, labels=known)
    rows = list(zip(read.texts, read.targets or [], strict=True))
    labels = np.array([label for _, label in rows if label is not None])
    return [text for text, label in rows if label is not None], labels, [text for text, label in rows if label is None]


def _binary(X: Any) -> bool:
    return bool(issparse(X)) and bool((X.data == 1).all())
