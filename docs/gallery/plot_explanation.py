"""
Why this answer
===============

A rectifier network is linear around every input: the units that are on form a linear network. What each pixel adds to
each output is therefore known exactly, at the cost of one more pass.
"""

# %%
from rectinet import RectifierClassifier, plots
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, random_state=0, stratify=y
)
clf = RectifierClassifier(
    (200, 200), learning_rate=0.1, max_epochs=20, random_state=0
).fit(X_train, y_train)

# %%
# Contributions and the constant sum up to the outputs; the sum is checked on every call.
explanation = clf.explain(X_test[:3])
gap = abs(
    explanation.contributions.sum(2) + explanation.constants - explanation.outputs
).max()
print(
    f"largest difference: {gap:.1e}; predicted {clf.predict(X_test[:3])}, in truth {y_test[:3]}"
)

# %%
# Of one image, the two most probable digits: blue pixels speak for the digit, orange ones against it.
best, second = explanation.outputs[0].argsort()[::-1][:2]
of = explanation.contributions[0]
plots.heat_maps(
    X_test[0], {f"for {best}": of[best], f"for {second}": of[second]}, (8, 8)
)

# %%
# Figure 2 of the paper: the units that are on for one input, and what flows through them.
small = RectifierClassifier(
    (12, 12), activity_l1=0.001, learning_rate=0.1, max_epochs=20, random_state=0
)
plots.active_path(small.fit(X_train, y_train).network_, X_test[0])
