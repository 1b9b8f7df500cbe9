"""What every module owes its user."""

import numpy as np
import pytest

from rectinet.datasets.nistp.modules import NISTP_MODULES, P07_MODULES, Contrast, apply_modules


def uniform(module, n, seed=0):
    u = np.random.default_rng(seed).random((n, module.uniforms), np.float32)
    if hasattr(module, "probability"):
        u[:, 0] = 0
    return u


@pytest.fixture(params=P07_MODULES, ids=lambda module: module.name)
def module(request):
    return request.param


def test_p07_goes_on_where_nistp_ends_but_for_the_blur():
    """Thirteen modules in the original, motion blur and pinch being one of them: fourteen classes here."""
    assert [m.name for m in NISTP_MODULES] == ["slant", "thickness", "affine", "elastic", "pinch"]
    assert [m.name for m in P07_MODULES[:6]] == ["slant", "thickness", "affine", "elastic", "motion blur", "pinch"]
    assert len(P07_MODULES) == 14
    assert len({m.name for m in P07_MODULES}) == 14


def test_complexity_zero_leaves_the_image_alone(module, clean, supply):
    u = uniform(module, len(clean))
    if module is Contrast:
        u[:, 1] = 0.9  # black and white are exchanged whatever the complexity
    out = apply_modules([module.draw(np.zeros(len(clean), np.float32), u, supply)], clean)
    assert np.abs(out - clean).max() < 1e-6


def test_the_argument_is_not_changed_and_the_result_is_grey(module, clean, supply):
    before = clean.copy()
    for seed in range(5):
        c = np.linspace(0.1, 1, len(clean), dtype=np.float32)
        out = apply_modules([module.draw(c, uniform(module, len(clean), seed), supply)], clean)
        assert out.dtype == np.float32
        assert out.shape == clean.shape
        assert np.isfinite(out).all()
        assert out.min() >= -1e-6
        assert out.max() <= 1 + 1e-6
    assert np.array_equal(clean, before)


def test_full_complexity_changes_most_images(module, clean, supply):
    clean = clean[:, :, ::-1] * np.float32(0.95)
    c = np.ones(len(clean), np.float32)
    out = apply_modules([module.draw(c, uniform(module, len(clean)), supply)], clean)
    assert (np.abs(out - clean).max(axis=(1, 2)) > 0.02).sum() >= len(clean) // 2


@pytest.mark.parametrize("grey", [0, 1])
def test_an_even_image_makes_no_nonsense(module, supply, grey):
    even = np.full((4, 32, 32), grey, np.float32)
    out = apply_modules([module.draw(np.ones(4, np.float32), uniform(module, 4), supply)], even)
    assert np.isfinite(out).all()
    assert out.min() >= -1e-6
    assert out.max() <= 1 + 1e-6


def test_an_image_does_not_depend_on_its_neighbours(module, clean, supply):
    n = len(clean)
    u, c = uniform(module, n), np.linspace(0.2, 1, n, dtype=np.float32)
    together = apply_modules([module.draw(c, u, supply)], clean)
    for i in range(n):
        alone = apply_modules([module.draw(c[i : i + 1], u[i : i + 1], supply)], clean[i : i + 1])
        assert np.array_equal(alone[0], together[i])


def test_an_empty_batch_stays_empty(module, supply):
    none = np.zeros((0, 32, 32), np.float32)
    drawn = module.draw(np.zeros(0, np.float32), uniform(module, 0), supply)
    assert apply_modules([drawn], none).shape == (0, 32, 32)
