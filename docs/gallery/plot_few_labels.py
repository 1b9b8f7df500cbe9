"""
Few labels, many images
=======================

Fifty digits have a label, the others have none. Pre-training reads all of them: each hidden layer learns to restore
inputs from which a part was erased, before the labels are used.
"""

# %%
# ``-1`` means "no label", as elsewhere in scikit-learn.
import matplotlib.pyplot as plt
import numpy as np
from rectinet import RectifierClassifier, SemiSupervisedClassifier
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, random_state=0, stratify=y
)
settings = {
    "hidden_layer_sizes": (300, 300),
    "learning_rate": 0.03,
    "decay_from": 0.1,
    "max_epochs": 60,
}
errors = {"50 labels alone": [], "and 1,297 images without": []}
for seed in range(3):
    labelled = np.random.default_rng(seed).choice(len(X_train), 50, replace=False)
    few = np.full(len(y_train), -1)
    few[labelled] = y_train[labelled]
    alone = RectifierClassifier(early_stopping=False, random_state=seed, **settings)
    alone.fit(X_train[labelled], y_train[labelled])
    both = SemiSupervisedClassifier(
        early_stopping=False,
        random_state=seed,
        pretrain_epochs=30,
        pretrain_learning_rate=0.03,
        **settings,
    ).fit(X_train, few)
    for name, clf in zip(errors, [alone, both], strict=True):
        errors[name].append(1 - clf.score(X_test, y_test))

# %%
# Three draws of the fifty labels, joined by lines:
figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
axes.plot(
    list(errors),
    np.transpose([np.array(found) for found in errors.values()]).T * 100,
    "o-",
    color="tab:blue",
)
axes.set(ylabel="test error in %", ylim=(0, None), xlim=(-0.3, 1.3))
for name, found in errors.items():
    print(f"{name}: {np.mean(found):.1%}")
