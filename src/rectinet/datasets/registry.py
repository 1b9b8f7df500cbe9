"""The data sets by name: what each is, where it comes from, which files it needs, and who reads it.

Only strings live here; a loader's module is imported when its data set is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from rectinet.datasets._base import Dataset
from rectinet.datasets._files import Home, locate
from rectinet.datasets.errors import UnknownDatasetError


@dataclass(frozen=True)
class Entry:
    """One line of the registry.

    Parameters
    ----------
    name, what, size, licence, source : str
        For people: the name to load it by, what it holds, its size on disk, licence and origin.
    loader : str
        "module:function"; called with the keyword `data_home`.
    files : tuple of tuple of str
        Alternatives, each a set of files that suffices, relative to the data folder; ".gz" is understood.
        Empty where no file is needed.
    """

    name: str
    what: str
    size: str
    licence: str
    source: str
    loader: str
    files: tuple[tuple[str, ...], ...] = ()

    def missing(self, data_home: Home = None) -> tuple[str, ...]:
        """The files not found, for the alternative that lacks fewest; empty when the data set is there."""
        lacking = [tuple(f for f in needed if locate(f, data_home) is None) for needed in self.files]
        return min(lacking, key=len, default=())


_IDX_FILES = tuple(
    f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
)
_CIFAR_BATCHES = tuple(f"cifar-10-batches-bin/data_batch_{k}.bin" for k in range(1, 6))

ENTRIES = (
    Entry(
        "digits",
        "8 x 8 handwritten digits, 1,000 / 297 / 500",
        "bundled",
        "CC BY 4.0",
        "scikit-learn",
        "rectinet.datasets.digits:load_digits_dataset",
    ),
    Entry(
        "mnist",
        "28 x 28 handwritten digits, 50,000 / 10,000 / 10,000",
        "12 MB",
        "CC BY-SA 3.0",
        "yann.lecun.com/exdb/mnist",
        "rectinet.datasets.mnist:load_mnist",
        (tuple(f"mnist/{name}" for name in _IDX_FILES),),
    ),
    Entry(
        "fashion-mnist",
        "28 x 28 pictures of clothes, 50,000 / 10,000 / 10,000",
        "31 MB",
        "MIT",
        "github.com/zalandoresearch/fashion-mnist",
        "rectinet.datasets.mnist:load_fashion_mnist",
        (tuple(f"fashion-mnist/{name}" for name in _IDX_FILES),),
    ),
    Entry(
        "cifar10",
        "32 x 32 colour pictures, 10 classes, 50,000 / 5,000 / 5,000",
        "170 MB",
        "none stated",
        "www.cs.toronto.edu/~kriz/cifar.html",
        "rectinet.datasets.cifar10:load_cifar10",
        ((*_CIFAR_BATCHES, "cifar-10-batches-bin/test_batch.bin"),),
    ),
    Entry(
        "cifar10-train-only",
        "the five training batches of CIFAR-10, 40,000 / 5,000 / 5,000",
        "170 MB",
        "none stated",
        "www.cs.toronto.edu/~kriz/cifar.html",
        "rectinet.datasets.cifar10:load_cifar10_train_only",
        (_CIFAR_BATCHES,),
    ),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}


def entry(name: str) -> Entry:
    """The registry's line for `name`, or an UnknownDatasetError listing the names there are."""
    if name not in BY_NAME:
        raise UnknownDatasetError(f"there is no data set {name!r}; the names are {', '.join(BY_NAME)}")
    return BY_NAME[name]


def load(name: str, *, data_home: Home = None) -> Dataset:
    """Load a data set by name, with the split of the study.

    Parameters
    ----------
    name : str
        One of `rectinet data list`: "digits", "mnist", "cifar10", ...
    data_home : path, optional
        The folder that holds the data sets' folders. By default $RECTINET_DATA, then the cache ($RECTINET_CACHE, or
        `rectinet` in the platform's cache folder).

    Raises
    ------
    DataError
        A subclass for every way a name or a file can be wrong; MissingFileError, also a FileNotFoundError, says
        which file to put where. Nothing is downloaded here: that is `rectinet data fetch`.
    """
    module, function = entry(name).loader.split(":")
    loader = cast(Callable[..., Dataset], getattr(import_module(module), function))
    return loader(data_home=data_home) if entry(name).files else loader()
