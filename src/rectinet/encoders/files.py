"""Reading table files as named columns."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rectinet.datasets._numbers import Progress
from rectinet.datasets.errors import MissingFileError, UnreadableFileError
from rectinet.datasets.frame import Frame
from rectinet.datasets.table_files import TEXT_SUFFIXES, read_text_table, table_suffix
from rectinet.encoders.frames import read_frame

PARQUET: Final = ".parquet"
TABLE_SUFFIXES: Final = (*TEXT_SUFFIXES, PARQUET)


def read_table_file(path: str | Path, progress: Progress = lambda n_rows: None) -> Frame:
    """The columns of a .csv, .tsv (see `read_text_table`) or .parquet file.

    Raises
    ------
    DataError
        For any fault in the file.
    ImportError
        For a .parquet file when pyarrow is not installed.
    """
    if table_suffix(path) != PARQUET:
        return read_text_table(path, progress)
    if not Path(path).exists():
        raise MissingFileError(f"{path} does not exist")
    if find_spec("pyarrow") is None:
        raise ImportError(f"{path}: .parquet files are read by pyarrow: pip install 'rectinet[tables]'")
    from pyarrow import ArrowException, parquet

    try:
        return read_frame(parquet.read_table(path), str(path))
    except (ArrowException, OSError) as error:
        raise UnreadableFileError(f"{path} cannot be read as .parquet: {error}") from error
