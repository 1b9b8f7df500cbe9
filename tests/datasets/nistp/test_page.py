"""The code of docs/nistp.md, on made-up handwriting and a shorter stream."""

from pathlib import Path

import pytest

from rectinet import RectifierClassifier
from tests import pages


def test_the_code_of_the_page_runs(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTINET_DATA", str(data_home))
    clf = RectifierClassifier((5,), learning_rate=0.1, random_state=0)
    shorter = {'split="train"': 'split="train", sources={"handwriting": 1}', "81_920_000": "200", "10_000": "100"}
    names = pages.run("nistp.md", {"clf": clf}, shorter)
    assert names["image"].shape == (32, 32)
    assert names["X"].shape == (100, 1024)
    assert clf.n_features_in_ == 1024
