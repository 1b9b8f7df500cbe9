"""What torchrun starts: one network, trained with the engine named, its numbers written to a folder.

python tests/peers/torchrun_driver.py ENGINE FOLDER CASE
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

from rectinet import RectifierClassifier

CASES = {
    "supervised": {"activity_l1": 1e-3, "signs": "balanced"},
    "pretrained": {"pretrain_epochs": 2, "reconstruction": "linear", "corruption": "gaussian", "activity_l1": 1e-3},
    "too many": {"batch_size": 1},
    "other seeds": {"random_state": None},
}


def examples() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """103 of them, 93 trained on: of the last minibatch, 3 examples, one process gets 2 and the other 1."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(103, 12)), rng.integers(3, size=103), rng.uniform(0.1, 3, 103)


def main(engine: str, folder: Path, case: str) -> None:
    rank = os.environ.get("RANK", "alone")
    X, y, weight = examples()
    settings = {"learning_rate": 0.1, "decay_from": 1.0, "early_stopping": True, "max_epochs": 3, "dtype": "float64"}
    settings |= {"random_state": 0} | CASES[case]
    clf = RectifierClassifier((17, 9), engine=engine, **settings)
    try:
        clf.fit(X, y, sample_weight=weight)
    except ValueError as error:
        (folder / f"{rank}.txt").write_text(str(error))
        return
    np.savez(folder / f"{rank}.npz", **dict(clf.network_.parameters()))
    history = [{k: v for k, v in entry.items() if k != "seconds"} for entry in clf.history_]
    (folder / f"{rank}.json").write_text(json.dumps(history))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
