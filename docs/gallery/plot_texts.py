"""
Short texts, most of them without a label
=========================================

`TextModel` takes raw strings. Texts without a label (``None``) help to learn which words go together.
"""

# %%
# A toy corpus of two kinds of reviews; of 400 texts, 24 are labelled.
import matplotlib.pyplot as plt
import numpy as np
from rectinet import SemiSupervisedClassifier, TextModel

rng = np.random.default_rng(0)
words = {
    "good": "moving funny brilliant warm gripping tender clever charming superb lively".split(),
    "bad": "dull clumsy boring shallow tedious noisy stale flat dreary lazy".split(),
}
filler = (
    "the a film story cast scene music ending camera plot of and with it was".split()
)


def review(kind):
    return " ".join(
        rng.permutation([*rng.choice(words[kind], 3), *rng.choice(filler, 8)])
    )


kinds = rng.choice(["good", "bad"], 600)
texts = [review(kind) for kind in kinds]
labels = [kind if k < 24 else None for k, kind in enumerate(kinds[:400])]
settings = {
    "hidden_layer_sizes": (100,),
    "learning_rate": 0.03,
    "decay_from": 0.1,
    "max_epochs": 60,
    "early_stopping": False,
    "random_state": 0,
}
alone = TextModel(SemiSupervisedClassifier(**settings)).fit(texts[:24], labels[:24])
learner = SemiSupervisedClassifier(
    pretrain_epochs=20, reconstruction="sigmoid", tied=True, **settings
)
model = TextModel(learner).fit(texts[:400], labels)
for name, one in [("24 labelled texts", alone), ("and 376 without a label", model)]:
    print(
        f"{name}: {one.score(texts[400:], kinds[400:]):.1%} right on 200 further texts"
    )

# %%
# The words that speak for "good" in one text, and how much:
text = "a clever plot and a charming cast but the ending was flat"
explanation = model.explain([text])
row = explanation.contributions[0][[0]].toarray()[0]
names = np.array(model.bag_.words)
order = np.argsort(-np.abs(row))[:8]
figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
axes.barh(
    names[order][::-1],
    row[order][::-1],
    color=np.where(row[order][::-1] > 0, "tab:blue", "tab:red"),
)
axes.set(xlabel=f"added to the output for {model.classes_[-1]!r}")
print(text, "->", model.predict([text])[0])
