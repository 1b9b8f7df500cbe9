"""
What a denoising auto-encoder looks for
=======================================

A hidden layer learns to restore digits from which pixels were erased. Its weights, drawn as images, show what each unit
responds to.
"""

# %%
import matplotlib.pyplot as plt
from rectinet import StackedDenoisingAutoencoder, plots
from sklearn.datasets import load_digits

X = load_digits().data / 16
encoder = StackedDenoisingAutoencoder(
    (64,),
    epochs=40,
    learning_rate=0.02,
    corruption="masking",
    corruption_level=0.4,
    activity_l1=0.001,
    random_state=0,
).fit(X)
print(f"zeros in the codes: {encoder.sparsity(X).mean():.0%}")

# %%
plots.first_layer_filters(encoder.network_, (8, 8))

# %%
# Codes are sparse matrices, ready for any other estimator.
codes = encoder.transform(X)
print(
    type(codes).__name__,
    codes.shape,
    f"{codes.nnz / codes.shape[0]:.1f} units on per image",
)
figure, axes = plt.subplots(figsize=(6, 2.5), layout="constrained")
axes.spy(codes[:60], markersize=2, aspect="auto", color="black")
axes.set(xlabel="hidden unit", ylabel="image")
