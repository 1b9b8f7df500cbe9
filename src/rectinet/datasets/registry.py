"""The data sets by name: description, source, required files and loader of each.

This module holds only strings; a loader's module is imported when its data set is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from rectinet.datasets._base import Dataset
from rectinet.datasets._files import Home, locate
from rectinet.datasets._memory import memory_errors_named
from rectinet.datasets.errors import UnknownDatasetError


@dataclass(frozen=True)
class Entry:
    """One line of the registry.

    Parameters
    ----------
    name, what, size, licence, source : str
        For display: the name to load it by, its content, size on disk, licence and origin.
    loader : str
        "module:function"; called with the keyword `data_home`.
    files : tuple of tuple of str
        Alternative sets of files, each sufficient, relative to the data folder; ".gz" is accepted. Empty if no file is
        needed.
    arguments : tuple of str
        Further arguments of the loader.
    """

    name: str
    what: str
    size: str
    licence: str
    source: str
    loader: str
    files: tuple[tuple[str, ...], ...] = ()
    arguments: tuple[str, ...] = ()

    def wanted(self, data_home: Home = None) -> tuple[str, ...]:
        """The required files, of the alternative with the fewest missing; none for data that need no file."""
        return min(self.files, key=lambda files: len(_absent(files, data_home)), default=())

    def missing(self, data_home: Home = None) -> tuple[str, ...]:
        """The files of `wanted` that are not found; none if the data set is complete."""
        return _absent(self.wanted(data_home), data_home)


def _absent(files: tuple[str, ...], data_home: Home) -> tuple[str, ...]:
    return tuple(file for file in files if locate(file, data_home) is None)


_IDX_FILES = tuple(
    f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
)
_CIFAR_BATCHES = tuple(f"cifar-10-batches-bin/data_batch_{k}.bin" for k in range(1, 6))


def _norb_files(start: str, parts: int = 0) -> tuple[str, ...]:
    names = [f"{start}-{k:02d}" for k in range(1, parts + 1)] or [start]
    return tuple(f"{name}-{kind}.mat" for name in names for kind in ("dat", "cat"))


_AMAZON_FOLDERS = {"books": "books", "dvd": "dvd", "electronics": "electronics", "kitchen": "kitchen_&_housewares"}


def _generated(kind: str, deformations: str) -> Entry:
    return Entry(
        kind,
        f"32 x 32 characters, 62 classes, {deformations} deformations, 50,000 / 10,000 / 10,000 of an endless set",
        "generated",
        "BSD-3-Clause",
        "fonts of this machine, handwriting/ and emnist/ where present",
        "rectinet.datasets.generated:load_generated",
        arguments=(kind,),
    )


def _amazon(product: str, folder: str) -> Entry:
    return _amazon_entry(
        f"amazon-{product}",
        f"reviews of {product}, positive or negative, 5,000 binary words, 1,600 / 200 / 200",
        "load_amazon",
        product,
        tuple(f"amazon/sorted_data_acl/{folder}/{name}.review" for name in ("negative", "positive")),
    )


def _amazon_processed(product: str) -> Entry:
    return _amazon_entry(
        f"amazon-{product}-processed",
        f"the same from feature:count lines, words and pairs of words of {product}",
        "load_amazon_processed",
        product,
        tuple(f"amazon/processed_acl/{product}/{name}.review" for name in ("negative", "positive")),
    )


def _amazon_svmlight(product: str) -> Entry:
    return _amazon_entry(
        f"amazon-{product}-svmlight",
        f"the same from 5,000 term counts of {product}, 1,600 / 200 / 3,500 to 6,000",
        "load_amazon_svmlight",
        product,
        tuple(f"amazon/svmlight5000/{product}_{part}.svmlight" for part in ("train", "test")),
    )


def _amazon_entry(name: str, what: str, function: str, product: str, files: tuple[str, ...]) -> Entry:
    source = "www.cs.jhu.edu/~mdredze/datasets/sentiment"
    loader = f"rectinet.datasets.amazon:{function}"
    return Entry(name, what, "2 MB", "research use", source, loader, (files,), (product,))


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
    Entry(
        "norb",
        "jittered-cluttered stereo pictures of toys, 2 x 32 x 32, 233,172 / 58,428 / 58,320",
        "8 GB",
        "research use",
        "cs.nyu.edu/~ylclab/data/norb-v1.0",
        "rectinet.datasets.norb:load_norb",
        (
            _norb_files("norb/norb-5x46789x9x18x6x2x108x108-training", 10)
            + _norb_files("norb/norb-5x01235x9x18x6x2x108x108-testing", 2),
        ),
    ),
    Entry(
        "small-norb",
        "stereo pictures of toys on plain ground, 2 x 32 x 32, 19,440 / 4,860 / 24,300",
        "900 MB",
        "research use",
        "cs.nyu.edu/~ylclab/data/norb-v1.0-small",
        "rectinet.datasets.norb:load_small_norb",
        (
            _norb_files("small-norb/smallnorb-5x46789x9x18x6x2x96x96-training")
            + _norb_files("small-norb/smallnorb-5x01235x9x18x6x2x96x96-testing"),
        ),
    ),
    Entry(
        "emnist",
        "28 x 28 handwritten characters, 62 classes, 581,609 / 116,323 / 116,323",
        "540 MB",
        "public domain",
        "www.nist.gov/itl/products-and-services/emnist-dataset",
        "rectinet.datasets.nist:load_emnist",
        (
            tuple(
                f"emnist/emnist-byclass-{part}-{kind}-ubyte"
                for part in ("train", "test")
                for kind in ("images-idx3", "labels-idx1")
            ),
        ),
    ),
    Entry(
        "nist-sd19",
        "32 x 32 handwritten characters, 62 classes, split by writers",
        "1 GB",
        "public domain",
        "www.nist.gov/srd/nist-special-database-19",
        "rectinet.datasets.nist:load_nist",
        (("by_class",),),
    ),
    *(_generated(kind, what) for kind, what in (("nistp", "five"), ("p07", "thirteen"))),
    Entry(
        "imdb",
        "film reviews with 1-10 stars, 5,000 binary words, 10,000 / 5,000 / 10,000 and 50,000 unlabelled",
        "230 MB",
        "none stated, research use",
        "ai.stanford.edu/~amaas/data/sentiment",
        "rectinet.datasets.imdb:load_imdb",
        (
            ("aclImdb/train/pos", "aclImdb/train/neg", "aclImdb/train/unsup"),
            ("imdb/train.jsonl", "imdb/unlabeled.jsonl"),
        ),
    ),
    Entry(
        "opentable",
        "your own reviews with stars in OpenTable's shape, 5,000 binary words",
        "yours",
        "yours",
        "not public",
        "rectinet.datasets.reviews:load_opentable",
        (("opentable/train.jsonl", "opentable/unlabeled.jsonl", "opentable/test.jsonl"),),
    ),
    *(_amazon(product, folder) for product, folder in _AMAZON_FOLDERS.items()),
    *(_amazon_processed(product) for product in _AMAZON_FOLDERS),
    *(_amazon_svmlight(product) for product in _AMAZON_FOLDERS),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}


def entry(name: str) -> Entry:
    """The registry's entry for `name`; UnknownDatasetError lists the valid names."""
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
        The folder that contains the data sets' folders. Default: $RECTINET_DATA, then the cache ($RECTINET_CACHE, or
        `rectinet` in the platform's cache folder).

    Raises
    ------
    DataError
        A subclass for every fault in a name or a file; MissingFileError, also a FileNotFoundError, says which file to
        put where. Nothing is downloaded: use `rectinet data fetch`.
    """
    found = entry(name)
    module, function = found.loader.split(":")
    loader = cast(Callable[..., Dataset], getattr(import_module(module), function))
    with memory_errors_named(name):
        return loader(*found.arguments, data_home=data_home)
