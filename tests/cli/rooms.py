"""Tables of rooms and of people, and what a model of them answers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from .conftest import Run

TRAIN = ("--hidden", "16", "--learning-rate", "0.3", "--max-epochs", "40", "--seed", "0", "--quiet", "--force")
SHORT = ("--hidden", "8", "--max-epochs", "2", "--seed", "0", "--quiet", "--force")


def rooms(n: int = 80, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"height": rng.random(n), "width": rng.random(n)})
    frame["kind"] = np.where(frame["height"] > frame["width"], "tall", "wide")
    return frame


def people(n: int = 200, seed: int = 0) -> pd.DataFrame:
    """Half of it categories and gaps."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "income": rng.exponential(5e4, n).round(),
            "town": rng.choice(["Rome", "Oslo"], n),
            "flat": rng.random(n) < 0.5,
        }
    )
    frame["kind"] = np.where((frame["income"] > 3e4) ^ (frame["town"] == "Rome"), "a", "b")
    frame["town"] = frame["town"].where(rng.random(n) > 0.1, "?")
    return frame


def answers(run: Run, *words: str) -> list[list[str]]:
    return list(csv.reader(run("predict", *words).stdout.splitlines()))
