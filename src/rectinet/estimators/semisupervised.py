"""Classification when only some examples have a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_consistent_length

from rectinet.estimators._inputs import Input
from rectinet.estimators._labels import Labels, SomeClassLabels
from rectinet.estimators.classifier import RectifierClassifier
from rectinet.runs.parameters import PretrainingParameters, documented, renamed


@documented
@dataclass(eq=False, repr=False)
class SemiSupervisedClassifier(RectifierClassifier):
    """A classifier for partly labelled data: -1 (scikit-learn's convention), None, NaN, NA, NaT or blank is unlabelled.

    All examples pre-train the hidden layers and the labelled ones fine-tune them, as in a `RectifierClassifier` given
    the unlabelled examples as `X_unlabeled`. A class can therefore not be called -1 (nor "-1", which NumPy makes of -1
    in an array of strings). `fit` after `pretrain`, `partial_fit` and `score` ignore unlabelled rows.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_, network_, history_, pretrain_history_, pretrained_network_, n_epochs_, best_epoch_, seed_, \
class_weight_, n_features_in_, feature_names_in_
        As in `RectifierClassifier`.
    """

    pretrain_epochs: int | Sequence[int] = renamed(PretrainingParameters, "pretrain_epochs", 10)

    _labels: ClassVar[Labels] = SomeClassLabels()

    def score(self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Accuracy on the labelled examples.

        Raises
        ------
        ValueError
            When there are none.
        """
        labels, known = self._labels.read(self._labels.prepare(y))
        if not len(labels):
            raise ValueError("y has no label to score by: every one is -1, None or missing in another way")
        assert known is not None
        predicted = self.predict(X)
        check_consistent_length(predicted, known, sample_weight)
        weight = None if sample_weight is None else np.asarray(sample_weight)[known]
        return float(accuracy_score(labels, predicted[known], sample_weight=weight))
