"""Figure 2's graph is the active path of the network that was trained."""

from __future__ import annotations

import itertools
import json

import numpy as np
from scipy.sparse import csr_array

from rectinet.inside.paths import active_path
from rectinet.runs import Configuration
from rectinet.study.experiments._path import Paths, graph, width

HIDDEN = (5, 4, 6)


def test_rows_are_paths_taken_apart() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((40, 7), dtype=np.float32), np.arange(40) % 3
    configuration = Configuration(hidden_layer_sizes=HIDDEN, max_epochs=3, early_stopping=False, random_state=0)
    one = Paths(json.dumps(configuration.document()), "", 0).fit(X, y)
    rows = one.predict(X[:6])
    assert rows.shape == (6, width(HIDDEN))
    np.testing.assert_array_equal(one.predict(csr_array(X[:6])), rows)
    for x, row in zip(X, rows, strict=False):
        path = active_path(one.network, x)
        codes, contributions, flows = graph(row, HIDDEN)
        for level, n in enumerate(HIDDEN):
            assert codes[level].shape == (n,)
            np.testing.assert_allclose(codes[level], path.codes[level + 1], rtol=1e-6)
            np.testing.assert_allclose(contributions[level], path.contributions[level + 1], rtol=1e-6, atol=1e-7)
        for level, (below, above) in enumerate(itertools.pairwise(HIDDEN)):
            assert flows[level].shape == (below, above)
            np.testing.assert_allclose(flows[level].sum(axis=1), contributions[level], rtol=1e-4, atol=1e-6)
