"""Estimators whose parameters are written otherwise."""

import numpy as np
import pytest

from rectinet import RatingRegressor, RectifierClassifier, RectifierRegressor, load

SMALL = {"hidden_layer_sizes": (30, 20), "learning_rate": 0.05, "max_epochs": 2, "random_state": 0}


@pytest.mark.parametrize("kind", [RectifierClassifier, RatingRegressor, RectifierRegressor])
def test_a_new_estimator_answers_the_same(kind, digits, tmp_path):
    X, y = digits
    model = kind(**SMALL, signs="balanced").fit(X, y)
    before = [values.tobytes() for _, values in model.network_.parameters()]
    for other in (model.rescale([4.0, 0.5, 0.5]), model.balance()):
        assert type(other) is kind
        assert other.get_params() == model.get_params()
        assert other.history_ == model.history_
        np.testing.assert_allclose(other.predict(X), model.predict(X), rtol=1e-5)
        np.testing.assert_array_equal(other.sparsity(X), model.sparsity(X))
    assert model.rescale([4.0, 0.5, 0.5]).predict(X).tobytes() == model.predict(X).tobytes()
    assert [values.tobytes() for _, values in model.network_.parameters()] == before
    norms = [np.linalg.norm(layer.W) for layer in model.balance().network_.layers]
    np.testing.assert_allclose(norms, norms[0], rtol=1e-5)
    model.balance().save(tmp_path / "balanced.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "balanced.safetensors").predict(X), model.balance().predict(X))


def test_another_product_scales_the_logits(digits):
    X, y = digits
    model = RectifierClassifier(**SMALL).fit(X, y)
    np.testing.assert_array_equal(model.rescale([1, 1, 0.5]).decision_function(X), 2 * model.decision_function(X))


def test_an_unfitted_estimator_has_nothing_to_rescale(digits):
    for call in (lambda model: model.rescale([1.0]), lambda model: model.balance()):
        with pytest.raises(ValueError, match="not fitted yet"):
            call(RectifierClassifier())
    with pytest.raises(ValueError, match="factors must be 3 finite numbers above 0"):
        RectifierClassifier(**SMALL).fit(*digits).rescale([1, 1])
