"""Units: values, derivatives, and the facts study and engines rely on."""

import numpy as np
import pytest

from rectinet.activations import NAMES, Activation, lif_rate, logistic, softplus

UNITS = [*(Activation(name) for name in NAMES), Activation("softplus", alpha=3.0), Activation("softplus", alpha=0.2)]
Z = np.linspace(-6, 6, 48)  # an even count: 0 is not among them

units = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: f"{unit.name}-{unit.alpha:g}")
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@units
def test_derivatives_are_central_differences(unit) -> None:
    step = 1e-5
    expected = (unit.value(Z + step) - unit.value(Z - step)) / (2 * step)
    np.testing.assert_allclose(unit.derivative(Z), expected, rtol=1e-6, atol=1e-9)


@units
@dtypes
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_dtype_and_shape_are_kept_and_the_argument_is_not_touched(unit, dtype, shape) -> None:
    z = np.full(shape, 0.5, dtype=dtype)
    for result in (unit.value(z), unit.derivative(z)):
        assert (result.dtype, result.shape) == (dtype, shape)
        assert not np.shares_memory(result, z)
    assert (z == 0.5).all()


@units
@dtypes
def test_nothing_overflows_far_from_zero(unit, dtype) -> None:
    z = np.array([-1e4, -800, -100, 100, 800, 1e4], dtype=dtype)
    assert np.isfinite(unit.value(z)).all()
    assert np.isfinite(unit.derivative(z)).all()


@units
@dtypes
def test_nan_stays_nan(unit, dtype) -> None:
    assert np.isnan(unit.value(np.array([np.nan], dtype=dtype))).all()


@pytest.mark.parametrize("name", ["rectifier", "softplus", "linear"])
def test_infinity_is_carried(name) -> None:
    low, high = Activation(name).value(np.array([-np.inf, np.inf]))
    assert high == np.inf
    assert low == (-np.inf if name == "linear" else 0)


def test_known_values() -> None:
    z = np.array([-1.5, 0.0, 2.0])
    assert Activation("rectifier").value(z).tolist() == [0, 0, 2]
    np.testing.assert_allclose(Activation("softplus").value(z), np.logaddexp(0, z), rtol=1e-14)
    np.testing.assert_allclose(Activation("softplus", alpha=3).value(z), np.logaddexp(0, 3 * z) / 3, rtol=1e-14)
    np.testing.assert_allclose(Activation("logistic").value(z), 1 / (1 + np.exp(-z)), rtol=1e-14)
    np.testing.assert_allclose(Activation("tanh").value(z), np.tanh(z), rtol=1e-14)
    assert Activation("linear").value(z).tolist() == z.tolist()
    assert softplus(np.array([40.0])).item() == 40.0
    assert logistic(np.array([0.0])).item() == 0.5


@units
def test_exact_zeros_are_the_rectifiers_alone(unit) -> None:
    off = (unit.value(Z) == 0).mean()
    assert unit.exact_zeros == (off > 0)
    assert off == (0.5 if unit.exact_zeros else 0)


@units
def test_one_sided_units_never_answer_below_zero(unit) -> None:
    assert unit.one_sided == bool((unit.value(Z) >= 0).all())


@units
def test_homogeneous_units_let_scales_through(unit) -> None:
    assert unit.homogeneous == np.allclose(unit.value(3.7 * Z), 3.7 * unit.value(Z), rtol=1e-12, atol=0)


def test_a_sharp_softplus_approaches_the_rectifier() -> None:
    distance = [
        np.abs(Activation("softplus", alpha=a).value(Z) - Activation("rectifier").value(Z)).max() for a in (1, 10, 100)
    ]
    assert distance[0] > distance[1] > distance[2]
    assert distance[2] <= np.log(2) / 100  # the largest gap lies at 0 and is log(2) / alpha


def test_two_rectifiers_make_a_line_and_an_absolute_value() -> None:
    f = Activation("rectifier").value
    np.testing.assert_array_equal(f(Z) - f(-Z), Z)
    np.testing.assert_array_equal(f(Z) + f(-Z), np.abs(Z))


@pytest.mark.parametrize("at_zero", [0.0, 1.0])
def test_the_derivative_of_the_rectifier_at_zero_is_a_choice(at_zero) -> None:
    unit = Activation("rectifier", derivative_at_zero=at_zero)
    assert unit.derivative(np.array([-1.0, -0.0, 0.0, 1.0])).tolist() == [0, at_zero, at_zero, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "relu"}, "activation must be one of rectifier, .*'relu'"),
        ({"name": "softplus", "alpha": 0.0}, "softplus_alpha must be a positive finite number; got 0.0"),
        ({"name": "softplus", "alpha": -1.0}, "softplus_alpha"),
        ({"name": "softplus", "alpha": np.inf}, "softplus_alpha"),
        ({"name": "softplus", "alpha": np.nan}, "softplus_alpha"),
        ({"derivative_at_zero": 0.5}, "derivative_at_zero must be 0 or 1; got 0.5"),
    ],
)
def test_bad_units_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        Activation(**arguments)


def test_the_integrate_and_fire_rate_is_one_sided_and_saturates() -> None:
    current = np.array([-5.0, 0.0, 0.99, 1.0, 1.01, 2.0, 10.0, 1e9])
    rate = lif_rate(current)
    assert (rate[:4] == 0).all()
    assert (np.diff(rate[3:]) > 0).all()
    assert rate[-1] == pytest.approx(500, rel=1e-6)  # 1 / t_ref
    assert lif_rate(np.array([2.0])).item() == pytest.approx(1 / (2e-3 + 20e-3 * np.log(2)))
    assert lif_rate(np.array([1.0]), v_rest=1.0).item() == lif_rate(np.array([2.0])).item()
