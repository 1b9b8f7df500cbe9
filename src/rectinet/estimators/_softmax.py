"""What estimators with a softmax over classes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from rectinet.estimators._base import RectifierBase
from rectinet.estimators._fitted import fact
from rectinet.estimators._inputs import Input
from rectinet.runs.parameters import SoftmaxParameters


@dataclass(eq=False, repr=False)
class SoftmaxBase(RectifierBase, SoftmaxParameters):
    """One output per class, two for binary problems."""

    classes_ = fact(lambda fitted: fitted.classes.labels, "The classes, in ascending order.")
    class_weight_ = fact(lambda fitted: fitted.classes.weights, "The weights of the classes.")

    def partial_fit(
        self,
        X: Input,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one more epoch on these examples, starting from the current parameters; none are held out.

        k calls give, bit for bit, the result of one ``fit`` with max_epochs=k and early_stopping=False. If a call
        diverges, the estimator keeps its previous state.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        classes : array-like of shape (n_classes,), optional
            All classes that will ever occur, needed in the first call only; default: the classes in its y.
        sample_weight : array-like of shape (n_samples,), optional
            Normalised to mean 1 within this call.

        Returns
        -------
        self
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                'class_weight="balanced" cannot be told from one part of the data; for partial_fit give a dict, for '
                "example by sklearn.utils.class_weight.compute_class_weight"
            )
        listed, fitted = None if classes is None else np.unique(np.asarray(classes)), self._fitted
        if listed is not None and fitted is not None and not np.array_equal(listed, fitted.classes.labels):
            raise ValueError(
                f"classes={listed.tolist()!r} differ from those of the first call, {fitted.classes.labels.tolist()!r}"
            )
        return self._one_more_epoch(X, y, sample_weight, listed)
