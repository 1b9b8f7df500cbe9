"""Regions: one affine map, borders where units switch, and who shares one."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import make_moons
from sklearn.exceptions import NotFittedError

from rectinet import RatingRegressor, RectifierClassifier, RectifierRegressor

SMALL = {"hidden_layer_sizes": (12, 8), "learning_rate": 0.1, "random_state": 0, "dtype": "float64"}


@pytest.fixture(scope="module")
def moons():
    X, y = make_moons(300, noise=0.15, random_state=0)
    return X, y


@pytest.fixture(scope="module")
def clf(moons):
    return RectifierClassifier(**SMALL, signs="balanced", max_epochs=40).fit(*moons)


@pytest.fixture(scope="module")
def many(digits):
    return RectifierClassifier(**SMALL, max_epochs=10).fit(*digits)


def pattern(model, x):
    """Which hidden units are on."""
    layers = range(len(model.network_.hidden))
    return np.concatenate([model.transform(x[None], layer=k).toarray()[0] != 0 for k in layers])


def test_the_map_of_a_region_is_that_of_the_explanation(many, digits):
    X, _ = digits
    explained = many.explain(X[:30])
    for k in range(30):
        region = many.region(X[k])
        np.testing.assert_allclose(region.A * X[k], explained.of(k), atol=1e-12)
        np.testing.assert_allclose(region.c, explained.constants[k], atol=1e-12)
        assert region.output_names == explained.output_names
        assert np.concatenate(region.active).tolist() == pattern(many, X[k]).tolist()


def test_the_nearest_border_is_where_it_is_said_to_be(clf, moons):
    rng = np.random.default_rng(3)
    for x in moons[0][:40]:
        region = clf.region(x)
        assert np.linalg.norm(region.direction) == pytest.approx(1)
        before, after = (x + share * region.distance * region.direction for share in (1 - 1e-6, 1 + 1e-6))
        assert clf.same_region(x, before)
        changed = np.flatnonzero(pattern(clf, before) != pattern(clf, after))
        place = region.switch.unit + (0 if region.switch.layer == 0 else 12)
        assert place in changed
        assert pattern(clf, after)[place] == region.switch.turns_on
        for _ in range(20):  # nothing is nearer, in any direction
            somewhere = rng.normal(size=2)
            somewhere *= 0.999 * region.distance / np.linalg.norm(somewhere)
            assert clf.same_region(x, x + somewhere)
            inside = x + somewhere
            difference = clf.decision_function(inside[None])[0]
            assert (region.A @ inside + region.c)[0] == pytest.approx(difference, abs=1e-12)


def test_limits_are_how_far_one_input_can_go(clf, moons):
    for x in moons[0][:40]:
        region = clf.region(x)
        for i in range(2):
            for limit in region.limits[i]:
                if np.isinf(limit):
                    assert clf.same_region(x, x + np.eye(2)[i] * np.sign(limit) * 1e6)
                    continue
                assert clf.same_region(x, x + np.eye(2)[i] * limit * (1 - 1e-6))
                assert not clf.same_region(x, x + np.eye(2)[i] * limit * (1 + 1e-6))


def changes_by_search(model, x, limits):
    """The smallest step of one input inside its limits after which the class is another, among a million steps."""
    found = np.inf
    for i in range(len(x)):
        low, high = np.maximum(limits[i, 0], -10), np.minimum(limits[i, 1], 10)
        steps = np.linspace(low, high, 20_001)[1:-1]
        moved = x + steps[:, None] * np.eye(len(x))[i]
        other = model.predict(moved) != model.predict(x[None])[0]
        found = min(found, np.abs(steps[other]).min(initial=np.inf))
    return found


def test_the_smallest_change_of_one_input_that_changes_the_class(clf, moons):
    found = 0
    for x in moons[0][:60]:
        region = clf.region(x)
        expected = changes_by_search(clf, x, region.limits)
        if region.change is None:
            assert expected == np.inf
            continue
        found += 1
        change = region.change
        assert abs(change.change) == pytest.approx(expected, rel=0.02, abs=2e-3)
        moved = x + np.eye(2)[change.index] * change.change * (1 + 1e-6)
        assert clf.same_region(x, moved)
        assert clf.predict(moved[None])[0] == change.label != clf.predict(x[None])[0]
        before = x + np.eye(2)[change.index] * change.change * (1 - 1e-6)
        assert clf.predict(before[None])[0] == clf.predict(x[None])[0]
    assert 5 < found < 60


def test_a_network_without_hidden_layers_is_one_region(digits):
    X, y = digits
    linear = RectifierClassifier((), learning_rate=0.1, max_epochs=5, random_state=0, dtype="float64").fit(X, y)
    region = linear.region(X[0])
    assert region.distance == np.inf
    assert region.switch is None
    assert not region.direction.any()
    assert region.active == ()
    assert linear.same_region(X[0], -X[1])
    assert linear.regions(X, y).n_regions == 1
    moved = X[0].copy()
    moved[region.change.index] += region.change.change * (1 + 1e-9)
    assert linear.predict(moved[None])[0] == region.change.label != linear.predict(X[:1])[0]


def test_regressors_and_ratings_have_regions(curve, digits):
    X, Y = curve
    regressor = RectifierRegressor(**SMALL, max_epochs=5).fit(X, Y)
    region = regressor.region(X[0])
    np.testing.assert_allclose(region.A @ X[0] + region.c, regressor.predict(X[:1])[0])
    assert region.change is None
    stars = RatingRegressor(**SMALL, max_epochs=5).fit(digits[0], digits[1] % 4)
    assert stars.region(digits[0][0]).output_names == ("0", "1", "2", "3")


def test_a_sparse_example_and_one_row_are_examples_too(many, digits):
    x = digits[0][3]
    regions = [many.region(given) for given in (x, x[None], csr_array(x[None]), list(x))]
    for other in regions[1:]:
        np.testing.assert_array_equal(other.A, regions[0].A)
        assert other.distance == regions[0].distance


def test_with_scaling_a_region_is_of_the_features_after_it(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL, scaling="standard", max_epochs=5).fit(X * 16, y)
    region, found = clf.region(X[0] * 16), clf.explain(X[:1] * 16)
    np.testing.assert_allclose(region.A @ region.x + region.c, clf.decision_function(X[:1] * 16)[0], atol=1e-12)
    np.testing.assert_array_equal(found.inputs[0], region.x)
    np.testing.assert_allclose(found.of(0), region.A * region.x, atol=1e-12)
    assert np.abs(region.x - X[0] * 16).max() > 1


def test_who_shares_a_region(clf, moons):
    X, y = moons
    found = clf.regions(X, y)
    patterns = [tuple(pattern(clf, x)) for x in X]
    assert found.n_regions == len(set(patterns)) == len(found.sizes)
    for a in range(0, 300, 7):
        for b in range(0, 300, 11):
            assert (found.index[a] == found.index[b]) == (patterns[a] == patterns[b])
            assert clf.same_region(X[a], X[b]) == (patterns[a] == patterns[b])
    assert found.index[0] == 0
    assert found.sizes.tolist() == np.bincount(found.index).tolist()
    assert found.n_sharing == sum(patterns.count(p) > 1 for p in patterns)
    majority = sum(
        max(sum(1 for q, label in zip(patterns, y, strict=True) if (q, label) == (p, c)) for c in (0, 1))
        for p in set(patterns)
        if patterns.count(p) > 1
    )
    assert found.purity == pytest.approx(majority / found.n_sharing)
    assert 0.5 < found.purity <= 1
    assert clf.regions(X).purity is None
    named = clf.regions(csr_array(X), np.where(y == 1, "upper", "lower"))
    assert named.purity == found.purity


def test_the_purity_of_regions_nobody_shares_is_not_a_number(many, digits):
    found = many.regions(digits[0][:2], digits[1][:2])
    assert found.n_regions == 2
    assert found.n_sharing == 0
    assert np.isnan(found.purity)


def test_paths_are_counted(many, digits):
    X, _ = digits
    found = many.n_paths(X)
    codes = [many.transform(X, layer=k).toarray() for k in (0, 1)]
    counts = [np.count_nonzero(each, axis=1) for each in (X, *codes)]
    np.testing.assert_allclose(np.exp(found), np.prod(counts, axis=0))
    sparse = csr_array(X)
    sparse.data[::2] = 0
    np.testing.assert_allclose(many.n_paths(sparse), many.n_paths(sparse.toarray()))
    assert many.n_paths(np.zeros((1, 64)))[0] == -np.inf


def test_the_number_of_paths_does_not_overflow(digits):
    X, y = digits
    deep = RectifierClassifier((40,) * 300, activation="linear", max_epochs=0 + 1, learning_rate=1e-9, dtype="float64")
    found = deep.fit(X[:20], y[:20] % 2).n_paths(np.ones((1, 64)))[0]
    assert found == pytest.approx(np.log(64) + 300 * np.log(40))  # 10 to the power of 482


def test_what_has_no_region_is_named(clf, moons, digits):
    X, y = moons
    with pytest.raises(NotFittedError):
        RectifierClassifier().region(X[0])
    with pytest.raises(ValueError, match=r"x must be one example of 2 features; got an array of shape \(3, 2\)"):
        clf.region(X[:3])
    with pytest.raises(ValueError, match=r"other must be one example of 2 features; got an array of shape \(2, 2\)"):
        clf.same_region(X[0], X[:2])
    with pytest.raises(ValueError, match="X has 3 features, but RectifierClassifier is expecting 2"):
        clf.region([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="Found input variables with inconsistent numbers of samples"):
        clf.regions(X, y[1:])
    tanh = RectifierClassifier(**SMALL, activation="tanh", max_epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="tanh units are not linear where they are on"):
        tanh.region(X[0])
