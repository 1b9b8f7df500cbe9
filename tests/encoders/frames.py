"""A table with a column of each kind, and what becomes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from rectinet.encoders import TableEncoder, read_frame

N = 60


def people(n: int = N, seed: int = 0) -> pd.DataFrame:
    """A column of each kind, each with something missing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(17, 90, n).astype(float),
            "city": rng.choice(["Rome", "Oslo", "Lima"], n),
            "member": rng.choice([True, False], n),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), "D"),
            "gain": np.where(rng.random(n) < 0.8, 0, rng.integers(1, 999, n)),
        }
    )
    frame["member"] = frame["member"].astype(object)
    for k, name in enumerate(["age", "city", "member", "since"]):
        frame.loc[k, name] = None
    return frame


def fitted(frame: Any, **wishes: Any) -> TableEncoder:
    return TableEncoder.fit(read_frame(frame), **wishes)


def encoded(encoder: TableEncoder, frame: Any) -> np.ndarray:
    X, _ = encoder.encode(read_frame(frame))
    return X.toarray() if isinstance(X, csr_array) else np.asarray(X)


def column(encoder: TableEncoder, frame: Any, name: str) -> np.ndarray:
    return encoded(encoder, frame)[:, encoder.feature_names_out.index(name)]
