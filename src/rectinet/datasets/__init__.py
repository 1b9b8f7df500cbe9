"""The study's data sets, read from their original files.

    from rectinet.datasets import load
    mnist = load("mnist")
    mnist.train.X, mnist.train.y, mnist.valid, mnist.test

`rectinet data list` shows their names. Each data set has a module; the format readers (`idx`, `text`, `tables`) are
separate modules.
"""

from rectinet.datasets._base import Dataset as Dataset
from rectinet.datasets._base import Split as Split
from rectinet.datasets.digits import load_digits_dataset as load_digits_dataset
from rectinet.datasets.errors import DataError as DataError
from rectinet.datasets.errors import MissingFileError as MissingFileError
from rectinet.datasets.registry import load as load
from rectinet.datasets.shards import shards as shards
