"""
Cut away what never fires
=========================

Units that are off for every example can be removed without changing a single answer, and rarely used ones at a cost
that is reported.
"""

# %%
# A penalty leaves some units without any use.
from rectinet import RectifierClassifier, plots
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, random_state=0, stratify=y
)
clf = RectifierClassifier(
    (300, 300),
    activity_l1=0.003,
    learning_rate=0.1,
    max_epochs=20,
    early_stopping=False,
    random_state=0,
).fit(X_train, y_train)

# %%
# Pruned on the training images, the network answers them as before.
pruned = clf.prune(X_train)
sizes = [[layer.n_out for layer in one.network_.hidden] for one in (clf, pruned)]
same = (clf.predict(X_train) == pruned.predict(X_train)).all()
print(f"units {sizes[0]} -> {sizes[1]}; the same answers: {same}")
print(
    f"test error {1 - clf.score(X_test, y_test):.1%} -> {1 - pruned.score(X_test, y_test):.1%}"
)

# %%
# How the shares of examples that each unit fires for are spread:
plots.sparsity_histograms(clf.sparsity_report(X_test))
