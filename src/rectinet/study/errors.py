"""One named error per way a study can be stopped; each says what to do."""

from __future__ import annotations


class StudyError(ValueError):
    """The study cannot go on as asked."""


class UnknownExperiment(StudyError):
    """There is no experiment of this name."""


class Unguarded(StudyError):
    """A script that runs a study in several processes has no guard: every process would run the script again."""


class StoreError(StudyError):
    """The store cannot be used."""


class NotAStore(StoreError):
    """The file is not a store of the study."""


class NewerStore(StoreError):
    """The store was written by a later version of rectinet."""


class StoreInUse(StoreError):
    """Another process is writing to the store."""


class StoreNotWritable(StoreError):
    """The store, or the disk it is on, takes no more: full, read-only, or forbidden."""


class DamagedStore(StoreError):
    """The store's bytes have changed since they were written."""


class DamagedArrays(StoreError):
    """Predictions or targets are not those that were stored."""


class ExportError(StudyError):
    """An exported folder cannot be imported."""


class NotAnExport(ExportError):
    """The folder holds no exported experiments."""


class NewerExport(ExportError):
    """The folder was written by a later version of rectinet."""


class DamagedExport(ExportError):
    """A line or a file of the export is not what was written."""


class MissingArrays(ExportError):
    """A run of the export lacks the file of its predictions or targets."""
