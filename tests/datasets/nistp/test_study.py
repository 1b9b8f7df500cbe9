"""Characters for the study: a file that is made once and read where it lies."""

from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets.nistp import NISTP
from rectinet.study.characters import Characters
from rectinet.study.experiments import _images, table1

N = 40


@pytest.fixture
def cache(tmp_path: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new cache; the only characters are made-up handwriting, for lack of fonts."""
    monkeypatch.setenv("RECTINET_CACHE", str(tmp_path))
    monkeypatch.setenv("RECTINET_DATA", str(data_home))
    make = NISTP.__init__

    def handwritten(self: NISTP, *args: object, **kwargs: object) -> None:
        make(self, *args, **{"sources": {"handwriting": 1}, **kwargs})  # type: ignore[arg-type]

    monkeypatch.setattr(NISTP, "__init__", handwritten)
    return tmp_path


def test_the_characters_are_those_of_the_stream(cache: Path) -> None:
    data = Characters(N, n_validation=30, n_test=20).load()
    X, y = NISTP(0, "train").batch(0, N)
    np.testing.assert_allclose(data.train.X[:], X, rtol=1e-6)
    assert (data.train.y == y).all()
    assert data.validation is not None
    assert data.test is not None
    for part, split, n in ((data.validation, "valid", 30), (data.test, "test", 20)):
        X, y = NISTP(0, split).batch(0, n)
        assert (part.X == X).all()
        assert (part.y == y).all()


def test_they_are_written_once(cache: Path) -> None:
    first = Characters(N, n_validation=1, n_test=1).load()
    (file,) = cache.glob("*/*images*")
    written = file.stat().st_mtime_ns
    again = Characters(N, inputs_only=True).load()
    assert file.stat().st_mtime_ns == written
    assert again.train.y is None
    assert (again.train.X[:] == first.train.X[:]).all()


def test_the_study_learns_from_two_million_of_them() -> None:
    plans = list(table1.runs("standard", 1, "nistp"))
    assert {plan.source for plan in plans} == {Characters(2_000_000)}
    starts = {plan.start.source for plan in plans if plan.start is not None}
    assert starts == {Characters(2_000_000, inputs_only=True)}
    assert {plan.configuration.hidden_layer_sizes for plan in plans} == {_images.size("mnist", "standard").hidden}
