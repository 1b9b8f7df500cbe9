"""
Density and union
=================

What a training step costs is decided by the units that fire for *any* example of its minibatch, the union. It is larger
than the density, the share that fire for one example, and smaller than it would be if examples had nothing in common.
"""

# %%
# The history of a fit has both, layer by layer: ``zeros`` is 1 minus the density.
import matplotlib.pyplot as plt
import numpy as np
from rectinet import RectifierClassifier
from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True)
figure, axes = plt.subplots(figsize=(5.5, 4), layout="constrained")
for batch_size, colour in [(1, "tab:green"), (10, "tab:blue"), (50, "tab:orange")]:
    for penalty in [0, 3e-4, 1e-3, 3e-3]:
        clf = RectifierClassifier(
            (200, 200),
            activity_l1=penalty,
            batch_size=batch_size,
            learning_rate=0.03 * min(batch_size, 10) ** 0.5,
            max_epochs=6,
            early_stopping=False,
            random_state=0,
        ).fit(X / 16, y)
        last = clf.history_[-1]
        density, union = 1 - np.array(last["zeros"]), np.array(last["union"])[-2:]
        label = f"minibatches of {batch_size}" if penalty == 0 else None
        axes.plot(100 * density, 100 * union, "o", color=colour, label=label)

# %%
# Lines show what independent examples would give, 1 - (1 - density)^n. Every dot of 10 or 50 examples lies below its
# line: examples share units. With small steps on sparse layers most rows of weights are never touched.
share = np.linspace(0, 1, 200)
for batch_size, colour in [(1, "tab:green"), (10, "tab:blue"), (50, "tab:orange")]:
    axes.plot(
        100 * share,
        100 * (1 - (1 - share) ** batch_size),
        color=colour,
        linewidth=1,
        alpha=0.6,
    )
axes.set(
    xlabel="density: units on for one example, %", ylabel="union: units on in a step, %"
)
axes.legend(loc="lower right")
figure
