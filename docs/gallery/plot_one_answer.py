"""
One answer at a time
====================

Servers ask for one example at a time. `predictor` is validated once and then does nothing but compute, skipping the
weights of units that are off.
"""

# %%
import statistics
import time

import matplotlib.pyplot as plt
from rectinet import RectifierClassifier
from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")
fits = {
    f"L1 {penalty:g}": RectifierClassifier(
        (1000, 1000, 1000),
        activity_l1=penalty,
        learning_rate=0.1,
        max_epochs=3,
        early_stopping=False,
        random_state=0,
    ).fit(X, y)
    for penalty in (0.0, 0.0003, 0.001)
}


def microseconds(answer):
    """Median of single calls."""
    times = []
    for x in X[:500]:
        began = time.perf_counter()
        answer(x)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


# %%
# The more zeros, the fewer weights are read. (Times are of the machine that made this page.)
zeros = [clf.sparsity(X).mean() for clf in fits.values()]
times = [microseconds(clf.predictor()) for clf in fits.values()]
for name, share, one in zip(fits, zeros, times, strict=True):
    print(f"{name}: {share:.0%} zeros, {one:.0f} microseconds an answer")
figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
axes.plot([100 * share for share in zeros], times, "o-")
axes.set(xlabel="hidden zeros in %", ylabel="microseconds an answer", ylim=(0, None))
