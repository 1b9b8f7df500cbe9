"""What estimators with a softmax over classes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from rectinet.engine import Array, Loss
from rectinet.estimators._base import RectifierBase
from rectinet.estimators._data import Input
from rectinet.estimators._parameters import check_parameters


@dataclass(eq=False, repr=False)
class SoftmaxBase(RectifierBase):
    """One output per class, two for binary problems."""

    class_weight: dict[Any, float] | Literal["balanced"] | None = None

    _loss: ClassVar[Loss] = "softmax"

    def partial_fit(
        self,
        X: Input,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """One more epoch over these examples, on top of what was learned before; nothing is held out.

        k calls are, bit for bit, one ``fit`` with max_epochs=k and early_stopping=False. A call that diverges leaves
        the estimator as it was before.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        classes : array-like of shape (n_classes,), optional
            All classes that will ever come, at the first call; default: those in its y.
        sample_weight : array-like of shape (n_samples,), optional
            Normalised to mean 1 over this call.

        Returns
        -------
        self
        """
        check_parameters(self)
        if self.class_weight == "balanced":
            raise ValueError(
                'class_weight="balanced" cannot be told from one part of the data; for partial_fit give a dict, for '
                "example by sklearn.utils.class_weight.compute_class_weight"
            )
        if classes is not None:
            listed = np.unique(np.asarray(classes))
            if not self.__sklearn_is_fitted__():
                self._listed_classes = listed
            elif not np.array_equal(listed, self.classes_):
                raise ValueError(
                    f"classes={listed.tolist()!r} differ from those of the first call, {self.classes_.tolist()!r}"
                )
        try:
            return self._one_more_epoch(X, y, sample_weight)
        finally:
            self.__dict__.pop("_listed_classes", None)

    def _check_targets(self, y: ArrayLike, reset: bool) -> NDArray[Any]:
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        return np.asarray(y)

    def _strata(self, y: NDArray[Any]) -> NDArray[np.int64] | None:
        return np.asarray(np.unique(y, return_inverse=True)[1], dtype=np.int64)

    def _learn_targets(self, y: NDArray[Any], weight: Array | None) -> None:
        classes = self.__dict__.get("_listed_classes")
        self.classes_ = np.unique(y) if classes is None else classes
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise ValueError(f"a classifier needs examples of at least 2 classes; got one class, {only!r}")
        self._encode(y)  # or an error that names the unknown class
        self.class_weight_ = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        if not (np.isfinite(self.class_weight_).all() and (self.class_weight_ >= 0).all()):
            raise ValueError(f"class_weight must have finite weights of at least 0; got {self.class_weight!r}")

    def _encode(self, y: NDArray[Any]) -> NDArray[np.int32]:
        codes = np.searchsorted(self.classes_, y)
        known = self.classes_[np.minimum(codes, len(self.classes_) - 1)] == y
        if not known.all():
            unknown = np.unique(y[~known]).tolist()
            raise ValueError(f"y has the unknown class {unknown[0]!r}; the classes are {self.classes_.tolist()!r}")
        return codes.astype(np.int32)

    def _weigh(self, y: NDArray[Any], weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return weight
        per_example: Array = self.class_weight_[np.searchsorted(self.classes_, y)]
        return per_example if weight is None else per_example * weight

    def _n_outputs(self) -> int:
        return len(self.classes_)
