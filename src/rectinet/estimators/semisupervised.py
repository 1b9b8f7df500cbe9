"""Classification where only some examples have a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rectinet.estimators._labels import Labels, SomeClassLabels
from rectinet.estimators.classifier import RectifierClassifier
from rectinet.runs.parameters import PretrainingParameters, documented, renamed


@documented
@dataclass(eq=False, repr=False)
class SemiSupervisedClassifier(RectifierClassifier):
    """A classifier that takes y = -1 (or None) as unlabelled, scikit-learn's convention.

    All examples pre-train the hidden layers, the labelled ones fine-tune them: `RectifierClassifier` with the
    unlabelled examples as `X_unlabeled`. A class can therefore not be called -1. After `pretrain`, and in
    `partial_fit`, unlabelled rows are left out.

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
