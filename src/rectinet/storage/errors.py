"""One named error per way a file can be wrong."""

from __future__ import annotations


class ModelFileError(ValueError):
    """A model file or checkpoint cannot be used; the message names the file and what to do."""


class NotAModelFile(ModelFileError):
    """The file was not written by rectinet."""


class DamagedModelFile(ModelFileError):
    """The file was written by rectinet, and its bytes have changed since."""


class NewerFormat(ModelFileError):
    """The file was written by a later version whose format this one does not know."""


class WrongKind(ModelFileError):
    """The file holds something else than what was asked for, for example a checkpoint instead of a model."""
