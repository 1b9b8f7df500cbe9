"""
A table with names, categories and gaps
=======================================

`TableModel` takes a data frame as it is: it finds columns by name, turns categories and dates into numbers, fills gaps,
scales, and remembers all of it for the next table.
"""

# %%
# A made-up table of flats: what a spreadsheet holds, with cells that are missing.
import numpy as np
import pandas as pd
from rectinet import TableModel

rng = np.random.default_rng(0)
n = 1200
flats = pd.DataFrame(
    {
        "area": rng.uniform(25, 140, n).round(1),
        "built": rng.integers(1900, 2024, n),
        "district": rng.choice(["centre", "harbour", "north", "hills"], n),
        "lift": rng.choice([True, False], n),
    }
)
price_of = {"centre": 4200, "harbour": 3600, "north": 2500, "hills": 3100}
per_metre = flats["district"].map(price_of) * (1 + 0.1 * flats["lift"])
price = flats["area"] * per_metre * rng.normal(1, 0.08, n)
flats["price"] = price.round(-3)
flats.loc[rng.random(n) < 0.1, "area"] = np.nan
flats.loc[rng.random(n) < 0.1, "district"] = None
flats.head()

# %%
# One call learns from it. The second table has its columns in another order, which makes no difference.
model = TableModel(task="regress").fit(flats[:1000], "price")
later = flats[1000:][["lift", "price", "district", "built", "area"]]
print(f"R² on 200 further flats: {model.score(later, later['price']):.3f}")

# %%
# What each column adds to the price of one flat, exactly; with the constant it sums up to the answer.
from rectinet import plots

explanation = model.explain(later[:1])
amounts = explanation.contributions[0, 0]
for name, amount in zip(explanation.input_names, amounts, strict=True):
    print(f"{name}: {amount:+,.0f}")
plots.contribution_bars(explanation.input_names, amounts)
