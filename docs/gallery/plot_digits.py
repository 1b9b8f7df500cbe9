"""
Zeros while a network learns
============================

A rectifier network learns to read scikit-learn's digits, with and without a penalty on its activations. The penalty
makes more of the hidden units exactly zero; the error hardly changes.
"""

# %%
# Two networks of three hidden layers. ``activity_l1`` is the coefficient of the L1 penalty on the outputs of the units.
from rectinet import RectifierClassifier
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, random_state=0, stratify=y
)
settings = {
    "hidden_layer_sizes": (200, 200, 200),
    "learning_rate": 0.1,
    "max_epochs": 30,
    "early_stopping": False,
    "random_state": 0,
}
plain = RectifierClassifier(**settings).fit(X_train, y_train)
sparse = RectifierClassifier(activity_l1=0.001, **settings).fit(X_train, y_train)
for name, clf in [("plain", plain), ("sparse", sparse)]:
    error, zeros = 1 - clf.score(X_test, y_test), clf.sparsity(X_test).mean()
    print(f"{name}: test error {error:.1%}, hidden zeros {zeros:.0%}")

# %%
# The share of zeros in each layer, epoch by epoch:
from rectinet import plots

plots.zeros_by_epoch(sparse.history_)

# %%
# and of both networks, on images they have not seen:
plots.zeros_by_layer(
    {"plain": plain.sparsity(X_test), "sparse": sparse.sparsity(X_test)}
)
