"""
How sparse before it hurts
==========================

Figure 3 of the paper in miniature: the same network with penalties from none to one that hurts.
"""

# %%
# Every network is trained alike but for ``activity_l1``.
import numpy as np
from rectinet import RectifierClassifier, plots
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, random_state=0, stratify=y
)
zeros, errors = [], []
for penalty in [0, *np.geomspace(1e-4, 4e-3, 8)]:
    clf = RectifierClassifier(
        (200, 200, 200),
        activity_l1=penalty,
        learning_rate=0.1,
        decay_from=0.1,
        max_epochs=12,
        early_stopping=False,
        random_state=0,
    ).fit(X_train, y_train)
    zeros.append(clf.sparsity(X_test).mean())
    errors.append(1 - clf.score(X_test, y_test))
    print(f"L1 {penalty:.4f}: {zeros[-1]:.0%} zeros, test error {errors[-1]:.1%}")

# %%
# Up to some share of zeros the error stays where it was; beyond, it rises steeply. One seed a point: small differences
# mean nothing.
plots.error_by_sparsity(zeros, errors)
