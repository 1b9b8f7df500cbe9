"""One named error for every possible fault of a data file.

Every message names the file, the offending value, what was expected and what to do, so no traceback is needed.
"""

from __future__ import annotations


class DataError(Exception):
    """Something about a data set is wrong; the subclasses say what."""


class UnknownDatasetError(DataError, ValueError):
    """No data set of that name."""


class MissingFileError(DataError, FileNotFoundError):
    """A file or folder of the data set is not there."""


class UnreadableFileError(DataError, OSError):
    """The file exists but cannot be read: a folder in its place, no permission, a failing disk."""


class CorruptGzipError(DataError):
    """The gzip stream is truncated or damaged."""


class CorruptXzError(DataError):
    """The xz stream is truncated or damaged."""


class ChecksumError(DataError):
    """The content differs from the one that was distributed."""


class BadMagicError(DataError):
    """The first bytes are not those of the format."""


class BadShapeError(DataError):
    """The header declares dimensions that differ from those of the data set."""


class TruncatedFileError(DataError):
    """The file ends before its declared content."""


class TrailingBytesError(DataError):
    """The file continues after its declared content."""


class TooLargeError(DataError):
    """The content needs more memory than there is."""


class CountMismatchError(DataError):
    """Two files that belong together hold different numbers of examples."""


class SplitSizeError(DataError):
    """A part of the data set does not have its known size."""


class LabelOutOfRangeError(DataError):
    """A label is not one of the classes."""


class UnknownLabelError(DataError):
    """A target that the model does not know."""


class BadValueError(DataError):
    """A value is not a number, or not a finite one."""


class BadRecordError(DataError):
    """A line or record violates the format."""


class EncodingError(DataError):
    """The bytes are not text in the encoding of the format."""


class MissingColumnError(DataError):
    """The named column, field or array does not exist."""


class EmptyTextError(DataError):
    """A text is empty but must not be."""


class EmptyFileError(DataError):
    """The file contains no example."""


class NoLabelledRowError(DataError):
    """A target was requested, but no row has one."""


class FormatError(DataError):
    """The file's name ends in no format that can be read here."""


class DownloadError(DataError, OSError):
    """No mirror delivered the file."""
