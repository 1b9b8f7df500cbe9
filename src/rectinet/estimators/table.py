"""Models of mixed tables: an encoder of named columns and a rectifier network, fitted and saved together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length

from rectinet.arrays import Matrix
from rectinet.datasets.frame import Frame
from rectinet.encoders import TableEncoder, read_frame
from rectinet.encoders.frames import joined, name_of, same_cells
from rectinet.encoders.scaling import SCALINGS, Scaling
from rectinet.estimators._explainable import Method
from rectinet.estimators._raw import ESTIMATORS, Estimator, FittedRaw
from rectinet.estimators._raw_inside import ExplainableRaw
from rectinet.export._features import Table as ExportedTable
from rectinet.export.onnx import Before
from rectinet.inside.difference import Difference
from rectinet.inside.explanation import Explanation
from rectinet.shown import shown
from rectinet.suggestion import did_you_mean
from rectinet.targets import ReadTargets, Task
from rectinet.warning import warn

DataFrame = Any  # of pandas, polars or pyarrow, none of which need be installed; an array; or a Frame
By = Literal["column", "encoded"]
Accounted = TypeVar("Accounted", bound=Explanation)
HIDDEN: Final = (200, 100)
HIDDEN_OF_MANY: Final = (400, 200)
MANY_ROWS: Final = 10_000
UPDATES: Final = 20_000  # intended number of steps, within the limits on epochs
MOST_EPOCHS: Final = 100
FEWEST_EPOCHS: Final = 10
BATCH_SIZE: Final = 32


def table_estimator(task: Task, n_rows: int, **params: Any) -> Estimator:
    """An estimator with the defaults for an encoded table of `n_rows` rows, which `params` override.

    docs/tables.md describes how the defaults were chosen.
    """
    usual = table_defaults(n_rows)
    sizes = params.get("hidden_layer_sizes", usual["hidden_layer_sizes"])
    n_hidden = len(sizes) if isinstance(sizes, Sequence) else 1
    usual["reconstruction"] = _reconstructions(n_hidden)
    return ESTIMATORS[task](**{**usual, **params})


def table_defaults(n_rows: int) -> dict[str, Any]:
    """The defaults for encoded tables, where they differ from the estimators' own."""
    hidden = HIDDEN if n_rows < MANY_ROWS else HIDDEN_OF_MANY
    epochs = round(UPDATES * BATCH_SIZE / n_rows)
    return {
        "hidden_layer_sizes": hidden,
        "learning_rate": 0.05,
        "decay_from": 0.1,
        "batch_size": BATCH_SIZE,
        "max_epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
        "early_stopping": False,
        "activity_l1": 0.01,
        "reconstruction": _reconstructions(len(hidden)),
    }


def _reconstructions(n_hidden: int) -> tuple[str, ...]:
    """Scaled columns may be negative, codes may not."""
    return ("linear", *["softplus"] * n_hidden)[:n_hidden]


class TableModel(ExplainableRaw[DataFrame, TableEncoder]):
    """A rectifier network for tables of numbers, categories, booleans and dates, whose columns are found by name.

    Numbers and dates are scaled; a missing value is replaced by the median and marked in an indicator column.
    Categories are one-hot encoded: a missing one is zero everywhere except in its indicator; one that was not in the
    training data is zero everywhere, and a warning counts these. Constant columns, row numbers, identifiers and names
    that are all different are left out with a warning. New tables need the same columns by name, in any order; extra
    columns are ignored with a warning.

    Parameters
    ----------
    estimator : RectifierClassifier, RatingRegressor, RectifierRegressor, SemiSupervisedClassifier or None, default=None
        The estimator trained on the encoded table; it is cloned and must have scaling=None. None: the one for `task`,
        with the defaults of `table_estimator`.
    task : {"classify", "rate", "regress"} or None, default=None
        What the targets are: classes, ratings (stars or grades, of which the expected one is predicted) or values. None
        takes the task of `estimator` or, without one, infers it from the targets: names, booleans and up to 20 distinct
        whole numbers are classes, other numbers are values; ratings are never inferred. Set `task` or `estimator` for
        scikit-learn tools that need to know before `fit` whether a model is a classifier: scorers, stratified folds,
        calibration, stacking.
    drop : collection of str, default=()
        Columns to leave out.
    categorical : collection of str, default=()
        Columns to treat as categories, whatever they look like.
    scaling : {"rank", "standard", "minmax"} or None, default="rank"
        Scaling of numbers and dates. "rank": quantiles of a normal distribution, ties at their mean rank; a value in
        over half of a column's rows becomes exactly 0; 50 or more non-negative columns on one scale (pixels, counts)
        are only divided by their common maximum, so that zeros stay zeros. "standard": mean 0 and standard deviation 1.
        "minmax": from 0 to 1. None: not scaled.
    keep : collection of str, default=()
        Columns to keep though they look like row numbers, names or identifiers, or are constant.
    missing : collection of str or None, default=None
        Cells that mean a missing value, besides empty ones. None: NA, N/A, NaN and null in any case, ? in categories,
        and entries such as - and ? in columns of numbers.

    Attributes
    ----------
    estimator_ : fitted estimator
        The trained estimator, with its `history_`, `network_`, `classes_` and so on.
    encoder_ : TableEncoder
        Its `columns` describe how each column is encoded, its `left_out` which columns are not used and why.
    classes_ : ndarray
        The classes or ratings, in ascending order.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        The columns of the training table without the target.

    Examples
    --------
    >>> from rectinet import TableModel, load
    >>> model = TableModel().fit(people, "income")  # doctest: +SKIP
    >>> model.save("income.safetensors")  # doctest: +SKIP
    >>> load("income.safetensors").predict(new_people)  # doctest: +SKIP
    """

    _fact = "table_model"

    def __init__(
        self,
        estimator: Estimator | None = None,
        *,
        task: Task | None = None,
        drop: Collection[str] = (),
        categorical: Collection[str] = (),
        scaling: Scaling | None = "rank",
        keep: Collection[str] = (),
        missing: Collection[str] | None = None,
    ) -> None:
        self.estimator = estimator
        self.task = task
        self.drop = drop
        self.categorical = categorical
        self.scaling = scaling
        self.keep = keep
        self.missing = missing

    def fit(
        self,
        X: DataFrame,
        y: Any,
        sample_weight: ArrayLike | None = None,
        X_val: DataFrame | None = None,
        y_val: Any = None,
        X_unlabeled: DataFrame | None = None,
    ) -> Self:
        """Learn what each column holds, and train the network.

        Parameters
        ----------
        X : data frame of pandas, polars or pyarrow, or array of shape (n_samples, n_columns)
        y : str, or sequence of n_samples targets
            A str names the target's column in X. None, NaN, NA or empty (with a `SemiSupervisedClassifier` also -1)
            marks a row without a target: it is used for pre-training if the estimator does any, else left out with a
            warning.
        sample_weight : array-like of shape (n_samples,), optional
        X_val, y_val : optional
            A validation table; the encoder learns nothing from it. If y is a str, its target is in the column of that
            name.
        X_unlabeled : data frame, optional
            Further rows for pre-training; a column with the target's name is ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            When X is not a table, a named column is missing, a column of numbers has a few cells that are not numbers,
            no row has a target, targets are of mixed kinds, or the estimator refuses its parameters or data.

        Warns
        -----
        UserWarning
            For columns that are left out or read in a possibly unexpected way, for rows without a target and, when
            `task` is not given, for targets that could be read differently.
        """
        self._check_parameters()
        frame, targets, target = self._with_target(read_frame(X), y)
        task = self._known_task()
        read = self._read(targets, task, "y" if target is None else target)
        check_consistent_length(range(frame.n_rows), read.labelled, sample_weight)
        more = None if X_unlabeled is None else read_frame(X_unlabeled, "X_unlabeled")
        encoder = TableEncoder.fit(
            frame if more is None else joined(frame, more, () if target is None else (target,)),
            drop=self.drop,
            categorical=self.categorical,
            keep=self.keep,
            missing=self.missing,
            scaling=self.scaling,
            target=target,
        )
        for note in encoder.notes:
            warn(note)
        n_labelled = int(read.labelled.sum())
        estimator = table_estimator(read.task, n_labelled) if self.estimator is None else clone(self.estimator)
        validation = self._validation(encoder, X_val, target if y_val is None else y_val, read.task)
        unlabelled = None if more is None else self._encode(encoder, more)
        self._fit_behind(estimator, self._encode(encoder, frame), read, sample_weight, validation, unlabelled)
        self._fitted = FittedRaw(estimator, encoder)
        return self

    @property
    def encoder_(self) -> TableEncoder:
        """The fitted encoder of the columns."""
        return self._part().encoder

    @property
    def n_features_in_(self) -> int:
        """Number of columns of the training table without the target."""
        return len(self._part().encoder.names)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Names of the columns of the training table without the target."""
        return np.array(self._part().encoder.names, dtype=object)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """Names of the encoded columns, the network's inputs: "age", "job=clerk", "age is missing".

        Parameters
        ----------
        input_features : ignored
        """
        return np.array(self._part_checked().encoder.feature_names_out, dtype=object)

    def explain(
        self,
        X: DataFrame,
        *,
        by: By = "column",
        layer: int | None = None,
        units: int | Sequence[int] | None = None,
        contrast: tuple[Any, Any] | None = None,
        method: Method = "exact",
    ) -> Explanation:
        """The exact contribution of every column to every output; see `RectifierClassifier.explain`.

        Parameters
        ----------
        by : {"column", "encoded"}, default="column"
            "column": contributions are summed over everything that a column of the table is encoded as (its categories,
            the indicator of missing values), and `inputs` are the table's cells. "encoded": one contribution per
            encoded column.
        layer, units, contrast, method
            See `RectifierClassifier.explain`.
        """
        _check_by(by)
        found = super().explain(X, layer=layer, units=units, contrast=contrast, method=method)
        return self._by_column(found, X) if by == "column" and (layer is None or units is not None) else found

    @available_if(lambda self: self._is_rating())  # type: ignore[untyped-decorator]
    def explain_expected(self, X: DataFrame, *, by: By = "column") -> Explanation:
        """A first-order explanation of the expected rating; see `RatingRegressor.explain_expected` and `explain`."""
        _check_by(by)
        fitted = self._part_checked()
        found: Explanation = fitted.estimator.explain_expected(self._encode(fitted.encoder, X))
        named = self._by_name(found, fitted)
        return self._by_column(named, X) if by == "column" else named

    def explain_difference(
        self, x: DataFrame, baseline: DataFrame, *, by: By = "column", contrast: tuple[Any, Any] | None = None
    ) -> Difference:
        """The exact contribution of every column to the difference between two rows, given as tables; see `explain`.

        The straight line joins the encoded rows: see `RectifierClassifier.explain_difference`.
        """
        _check_by(by)
        found = super().explain_difference(x, baseline, contrast=contrast)
        return self._by_column(found, x) if by == "column" else found

    def _by_column(self, found: Accounted, X: DataFrame) -> Accounted:
        """The same, with contributions summed by column of the table."""
        encoder, frame = self._part().encoder, read_frame(X)
        names = [column.name for column in encoder.columns]
        groups = np.repeat(np.arange(len(names)), np.diff(encoder.starts))
        cells = np.empty((frame.n_rows, len(names)), dtype=object)
        for j, name in enumerate(names):
            cells[:, j] = frame.columns[name].values.tolist()
        return found.grouped(groups, names, cells)

    def _check_parameters(self) -> None:
        if self.scaling is not None and self.scaling not in SCALINGS:
            near = did_you_mean(self.scaling, SCALINGS)
            raise ValueError(f"scaling must be None or one of {', '.join(SCALINGS)}; got {self.scaling!r}{near}")
        if self.estimator is not None and self.estimator.scaling is not None:
            raise ValueError(
                f"the estimator has scaling={self.estimator.scaling!r}, and the table is scaled already: set the "
                "scaling of the TableModel, which knows its columns, and leave the estimator's at None"
            )

    def _with_target(self, frame: Frame, y: Any) -> tuple[Frame, Any, str | None]:
        """The table, its targets, and the name of the target's column, also when a column merely equals y."""
        if isinstance(y, str):
            if y not in frame.columns:
                raise ValueError(
                    f"{frame.source} has no column {shown(y)} for the target; it has {frame.listed_names}"
                    f"{did_you_mean(y, frame.columns)}"
                )
            return frame, frame.columns[y].values, y
        column = name_of(y)
        found = None if column is None or column in self.drop else frame.columns.get(column)
        if found is not None and same_cells(found, y):
            warn(f"column {shown(column)} of {frame.source} holds the targets themselves and is left out")
            return frame, y, column
        return frame, y, None

    def _validation(
        self, encoder: TableEncoder, X_val: Any, y_val: Any, task: Task
    ) -> tuple[Matrix, ReadTargets] | None:
        """The encoded validation table and its targets."""
        if X_val is None:
            if y_val is not None and not isinstance(y_val, str):
                raise ValueError("X_val and y_val go together; X_val is missing")
            return None
        if y_val is None:
            raise ValueError("X_val and y_val go together; y_val is missing")
        frame, targets, _ = self._with_target(read_frame(X_val, "X_val"), y_val)
        read = self._read(targets, task, "y_val")
        check_consistent_length(range(frame.n_rows), read.labelled)
        return self._encode(encoder, frame), read

    def _encode(self, encoder: TableEncoder, X: Any, name: str = "X") -> Matrix:
        matrix, notes = encoder.encode(read_frame(X, name))
        for note in notes:
            warn(note)
        return matrix

    def _input_names(self, encoder: TableEncoder) -> list[str]:
        return encoder.feature_names_out

    def _documents(self, encoder: TableEncoder) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"encoder": encoder.document()}, encoder.arrays()

    @classmethod
    def _encoder_from(cls, document: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> TableEncoder:
        return TableEncoder.from_document(document["encoder"], arrays)

    def _before(self, encoder: TableEncoder, dtype: np.dtype[np.floating]) -> Before:
        return ExportedTable(encoder, dtype)

    def _own_params(self) -> dict[str, Any]:
        """Parameters with collections as lists, which files can hold."""
        params = super()._own_params()
        lists = {name: list(params[name]) for name in ("drop", "categorical", "keep", "missing") if params[name]}
        return params | lists

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.categorical = tags.input_tags.allow_nan = True
        return tags


def _check_by(by: object) -> None:
    if by not in ("column", "encoded"):
        raise ValueError(f'by must be "column" or "encoded"; got {by!r}')
