"""One named error for every way a data file can be wrong.

Every message names the file, the offending value, what was expected and what to do, so that none needs a traceback.
"""

from __future__ import annotations


class DataError(Exception):
    """Something about a data set is wrong; the subclasses say what."""


class UnknownDatasetError(DataError, ValueError):
    """No data set of that name."""


class MissingFileError(DataError, FileNotFoundError):
    """A file or folder of the data set is not there."""


class UnreadableFileError(DataError, OSError):
    """The file is there and cannot be read: a folder in its place, no permission, a failing disk."""


class CorruptGzipError(DataError):
    """The gzip stream is cut or damaged."""


class CorruptXzError(DataError):
    """The xz stream is cut or damaged."""


class ChecksumError(DataError):
    """The content is not the one that was distributed."""


class BadMagicError(DataError):
    """The first bytes are not those of the format."""


class BadShapeError(DataError):
    """The header declares other dimensions than the data set has."""


class TruncatedFileError(DataError):
    """The file ends before its declared content does."""


class TrailingBytesError(DataError):
    """The file goes on after its declared content."""


class TooLargeError(DataError):
    """The content needs more memory than there is."""


class CountMismatchError(DataError):
    """Two files that belong together hold different numbers of examples."""


class SplitSizeError(DataError):
    """A part of the data set does not have the size it is known to have."""


class LabelOutOfRangeError(DataError):
    """A label is none of the classes."""


class UnknownLabelError(DataError):
    """A target that the model does not know."""


class BadValueError(DataError):
    """A number is not one, or not a finite one."""


class BadRecordError(DataError):
    """A line or record is not in the format."""


class EncodingError(DataError):
    """The bytes are not text in the encoding of the format."""


class MissingColumnError(DataError):
    """The named column, field or array is not there."""


class EmptyTextError(DataError):
    """A text is empty where one is needed."""


class EmptyFileError(DataError):
    """There is not a single example in the file."""


class NoLabelledRowError(DataError):
    """A target was asked for and not one row has it."""


class FormatError(DataError):
    """The file's name says no format that can be read here."""


class DownloadError(DataError, OSError):
    """No mirror gave the file."""
