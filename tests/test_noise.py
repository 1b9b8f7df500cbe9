"""Corruption: the right rates, the same bits whatever surrounds an entry, and numbers frozen for ever."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import ndtri
from scipy.stats import binomtest, kstest

from rectinet import noise
from rectinet.noise import Corruption, corrupt, normal
from rectinet.randomness import EntryWords

MASKING = Corruption("masking", 0.25)
SALT = Corruption("salt_and_pepper", 0.4, p_one=0.1)
GAUSSIAN = Corruption("gaussian", 0.3)
KEY = {"seed": 2**40 + 5, "epoch": 3, "purpose": 4}

sparse_kinds = pytest.mark.parametrize("corruption", [MASKING, SALT], ids=lambda c: c.kind)
all_kinds = pytest.mark.parametrize("corruption", [MASKING, SALT, GAUSSIAN], ids=lambda c: c.kind)
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def data(n: int = 60, d: int = 50, density: float = 0.3, dtype: type = np.float32, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.uniform(0.1, 2.0, size=(n, d)) * (rng.random((n, d)) < density)).astype(dtype)


def likely(successes: int, trials: int, p: float) -> bool:
    """Not refuted at one in a billion."""
    return binomtest(int(successes), int(trials), p).pvalue > 1e-9


def ids(X: np.ndarray, start: int = 0) -> np.ndarray:
    return np.arange(start, start + X.shape[0], dtype=np.int64)


# -- normal deviates ---------------------------------------------------------------------------------------------------


def test_normal_deviates_are_the_inverse_distribution_function() -> None:
    ends = np.arange(2000)
    middle = np.random.default_rng(0).integers(2**32, size=200_000)
    words = np.concatenate([ends, middle, 2**32 - 1 - ends]).astype(np.uint32)
    expected = ndtri((words + 0.5) / 2**32)
    np.testing.assert_allclose(normal(words), expected, rtol=3e-15)
    assert normal(words).tolist() == (-normal(~words)).tolist()  # symmetric to the bit
    assert (np.diff(normal(np.sort(words))) >= -1e-15).all()


def test_the_own_logarithm_is_the_logarithm() -> None:
    x = np.concatenate([np.random.default_rng(0).lognormal(sigma=20, size=20_000), 2.0 ** np.arange(-1000, 1000)])
    np.testing.assert_allclose(noise.log(x), np.log(x), rtol=1e-15, atol=1e-17)
    assert noise.log(np.array([1.0]))[0] == 0


def test_words_make_a_normal_distribution() -> None:
    words = EntryWords(1, 2, 3).words(np.arange(500), 200)
    assert kstest(normal(words).ravel(), "norm").pvalue > 1e-9


# -- frozen numbers ----------------------------------------------------------------------------------------------------


GOLDEN_NORMALS = [
    "-0x1.95a1198fcf3d4p+2",
    "-0x1.8aa6c7fe07fdep+2",
    "-0x1.a51520995f525p+0",
    "-0x1.7085226b1fc71p+0",
    "0x1.40d931ff62707p-32",
    "0x1.5956b8784e3d9p-1",
    "0x1.95a1198fcf3d4p+2",
]
GOLDEN_MASKED = [[0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
GOLDEN_SALTED = [[0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0]]
GOLDEN_NOISY = {
    "float32": [
        "0x1.7d46fc0000000p-1",
        "0x1.f859c00000000p-6",
        "0x1.d7a6600000000p-3",
        "0x1.c0b9ae0000000p-1",
        "0x1.9235a60000000p-1",
        "0x1.a723840000000p-1",
    ],
    "float64": [
        "0x1.7d46fc5f1d2a4p-1",
        "0x1.f859bf5b6750bp-6",
        "0x1.d7a65f063d4d1p-3",
        "0x1.c0b9ae5e0328bp-1",
        "0x1.9235a5c82c1aep-1",
        "0x1.a7238380fdfe2p-1",
    ],
}


def test_normal_deviates_are_frozen() -> None:
    words = np.array([0, 1, 0x0CCC_CCCC, 0x1333_3333, 0x8000_0000, 0xC000_0000, 0xFFFF_FFFF], dtype=np.uint32)
    assert [x.hex() for x in normal(words).tolist()] == GOLDEN_NORMALS


@dtypes
def test_corrupted_examples_are_frozen(dtype) -> None:
    X = np.array([[0.5, 0, 0, 1, 1, 0, 0, 0.25, 0, 1], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]], dtype=dtype)
    examples = np.array([10, 2**33])
    strong = Corruption("salt_and_pepper", 0.5, p_one=0.5)
    assert corrupt(X, Corruption("masking", 0.5), examples=examples, **KEY).tolist() == GOLDEN_MASKED
    assert corrupt(X, strong, examples=examples, **KEY).tolist() == GOLDEN_SALTED
    noisy = corrupt(X[:, :3], GAUSSIAN, examples=examples, **KEY)
    assert [x.hex() for x in noisy.ravel().tolist()] == GOLDEN_NOISY[np.dtype(dtype).name]


# -- independence of what surrounds an entry ---------------------------------------------------------------------------


@all_kinds
def test_an_example_gets_the_same_noise_in_any_batch_and_order(corruption) -> None:
    X = data()
    whole = corrupt(X, corruption, examples=ids(X), **KEY)
    order = np.random.default_rng(1).permutation(len(X))
    np.testing.assert_array_equal(corrupt(X[order], corruption, examples=order, **KEY), whole[order])
    for e in (0, 17, 59):
        alone = corrupt(X[[e]], corruption, examples=np.array([e]), **KEY)
        np.testing.assert_array_equal(alone[0], whole[e])
    repeated = corrupt(X[[5, 5]], corruption, examples=np.array([5, 5]), **KEY)
    np.testing.assert_array_equal(repeated, whole[[5, 5]])


@all_kinds
def test_an_input_gets_the_same_noise_in_any_width(corruption) -> None:
    X = data()
    whole = corrupt(X, corruption, examples=ids(X), **KEY)
    for width in (1, 3, 4, 5, 49):
        np.testing.assert_array_equal(corrupt(X[:, :width], corruption, examples=ids(X), **KEY), whole[:, :width])


@all_kinds
@pytest.mark.parametrize("chunk_words", [1, 50, 130])
def test_chunks_change_nothing(corruption, chunk_words, monkeypatch) -> None:
    X = data()
    whole = corrupt(X, corruption, examples=ids(X), **KEY)
    sparse = corruption.kind != "gaussian" and corrupt(csr_array(X), corruption, examples=ids(X), **KEY)
    monkeypatch.setattr(noise, "CHUNK_WORDS", chunk_words)
    np.testing.assert_array_equal(corrupt(X, corruption, examples=ids(X), **KEY), whole)
    if corruption.kind != "gaussian":
        again = corrupt(csr_array(X), corruption, examples=ids(X), **KEY)
        np.testing.assert_array_equal(again.toarray(), sparse.toarray())


@all_kinds
@pytest.mark.parametrize("part", ["seed", "epoch", "purpose", "examples"])
def test_another_key_is_another_noise(corruption, part) -> None:
    X = data()
    key = {**KEY, "examples": ids(X)}
    one, same = corrupt(X, corruption, **key), corrupt(X, corruption, **key)
    other = corrupt(X, corruption, **{**key, part: key[part] + 1})
    np.testing.assert_array_equal(one, same)
    assert (one != other).any(axis=1).mean() > 0.9


@dtypes
@sparse_kinds
@pytest.mark.parametrize("density", [0.0, 0.02, 0.3, 1.0])
def test_sparse_examples_are_corrupted_as_dense_ones(corruption, density, dtype) -> None:
    X = data(density=density, dtype=dtype)
    dense = corrupt(X, corruption, examples=ids(X), **KEY)
    sparse = corrupt(csr_array(X), corruption, examples=ids(X), **KEY)
    assert isinstance(sparse, csr_array)
    assert (sparse.dtype, dense.dtype) == (dtype, dtype)
    np.testing.assert_array_equal(sparse.toarray(), dense)
    assert sparse.nnz == np.count_nonzero(dense)  # masked entries are gone, not kept as explicit zeros
    fresh = csr_array((sparse.data, sparse.indices, sparse.indptr), shape=sparse.shape)
    assert fresh.has_canonical_format


@sparse_kinds
def test_explicit_zeros_count_as_zeros(corruption) -> None:
    X = csr_array(data())
    X.data[::3] = 0
    expected = corrupt(X.toarray(), corruption, examples=ids(X), **KEY)
    np.testing.assert_array_equal(corrupt(X, corruption, examples=ids(X), **KEY).toarray(), expected)


def test_minus_zero_counts_as_zero() -> None:
    X = np.full((40, 20), -0.0)
    result = corrupt(X, SALT, examples=ids(X), **KEY)
    assert set(result.ravel()) == {0.0, 1.0}


# -- rates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.001, 0.25, 0.5, 0.9])
def test_masking_zeroes_its_share_and_changes_nothing_else(level, global_random_seed) -> None:
    X = data(200, 300, density=1.0)
    key = {**KEY, "seed": global_random_seed}
    masked = corrupt(X, Corruption("masking", level), examples=ids(X), **key)
    off = masked == 0
    assert likely(off.sum(), off.size, level)
    np.testing.assert_array_equal(masked[~off], X[~off])  # not rescaled
    by_input = off.sum(axis=0)
    assert all(likely(k, 200, level) for k in by_input)
    pairs = off[:, ::2] & off[:, 1::2]
    assert likely(pairs.sum(), pairs.size, level**2)


def test_salt_appears_only_at_clean_zeros_and_pepper_only_elsewhere(global_random_seed) -> None:
    X = data(200, 300, density=0.2)
    key = {**KEY, "seed": global_random_seed}
    result = corrupt(X, SALT, examples=ids(X), **key)
    clean_zero = X == 0
    assert set(np.unique(result[clean_zero])) == {0.0, 1.0}
    assert likely((result[clean_zero] == 1).sum(), clean_zero.sum(), 0.1)
    gone = result[~clean_zero] == 0
    assert likely(gone.sum(), gone.size, 0.4)
    np.testing.assert_array_equal(result[~clean_zero][~gone], X[~clean_zero][~gone])


def test_by_default_as_many_ones_appear_as_disappear() -> None:
    corruption = Corruption.for_density("salt_and_pepper", 0.7, 0.006)
    assert corruption.p_one == pytest.approx(0.0042)  # the 2010 text runs: (0.7, 0.0041)
    assert Corruption.for_density("masking", 0.7, 0.006) == Corruption("masking", 0.7)
    X = (data(300, 1000, density=0.05) != 0).astype(np.float32)
    default = Corruption.for_density("salt_and_pepper", 0.5, float((X != 0).mean()))
    result = corrupt(X, default, examples=ids(X), **KEY)
    appeared, gone = ((result != 0) & (X == 0)).sum(), ((result == 0) & (X != 0)).sum()
    assert likely(appeared, (X == 0).sum(), default.p_one)
    assert likely(gone, (X != 0).sum(), 0.5)


@pytest.mark.parametrize("kind", ["masking", "salt_and_pepper"])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_certainties_are_exact(kind, form) -> None:
    X = data()
    nothing = corrupt(form(X), Corruption(kind, 0.0), examples=ids(X), **KEY)
    everything = corrupt(form(X), Corruption(kind, 1.0, 1.0), examples=ids(X), **KEY)
    as_array = (lambda M: M.toarray()) if form is csr_array else np.asarray
    np.testing.assert_array_equal(as_array(nothing), X)
    expected = np.zeros_like(X) if kind == "masking" else (X == 0).astype(X.dtype)
    np.testing.assert_array_equal(as_array(everything), expected)


def test_thresholds_are_exact() -> None:
    words = np.array([0, 2**30 - 1, 2**30, 2**31, 2**32 - 1], dtype=np.uint32)
    assert noise.below(words, 0.25).tolist() == [True, True, False, False, False]
    assert noise.below(words, 1.0).all()
    assert not noise.below(words, 0.0).any()


@dtypes
def test_gaussian_noise_has_its_level_and_no_bias(dtype, global_random_seed) -> None:
    X = data(200, 300, dtype=dtype)
    added = corrupt(X, GAUSSIAN, examples=ids(X), **{**KEY, "seed": global_random_seed}) - X
    assert added.dtype == dtype
    assert abs(added.mean()) < 5 * 0.3 / np.sqrt(added.size)
    assert added.std() == pytest.approx(0.3, rel=5 / np.sqrt(2 * added.size))


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_inputs_are_never_changed() -> None:
    X = data()
    sparse, before = csr_array(X), X.copy()
    for corruption in (MASKING, SALT):
        corrupt(X, corruption, examples=ids(X), **KEY)
        corrupt(sparse, corruption, examples=ids(X), **KEY)
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(sparse.toarray(), before)


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (1, 1)])
@all_kinds
def test_degenerate_shapes(shape, corruption) -> None:
    X = np.ones(shape, dtype=np.float32)
    assert corrupt(X, corruption, examples=ids(X), **KEY).shape == shape
    if corruption.kind != "gaussian":
        assert corrupt(csr_array(X), corruption, examples=ids(X), **KEY).shape == shape


def test_without_corruption_the_examples_pass_through() -> None:
    X = data()
    assert corrupt(X, Corruption(), examples=ids(X), **KEY) is X


def test_gaussian_noise_on_sparse_examples_is_refused() -> None:
    X = csr_array(data())
    with pytest.raises(ValueError, match=r"dense X; got a sparse one.*masking"):
        corrupt(X, GAUSSIAN, examples=ids(X), **KEY)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("blur", 0.1), "corruption must be one of none, masking, salt_and_pepper, gaussian; got 'blur'"),
        (("masking", 1.1), "corruption_level is a probability for 'masking', 0 to 1; got 1.1"),
        (("masking", -0.1), "corruption_level"),
        (("masking", float("nan")), "corruption_level"),
        (("salt_and_pepper", 0.1, 1.5), "p_one is a probability, 0 to 1; got 1.5"),
        (("gaussian", -1.0), "corruption_level is a standard deviation, 0 or more; got -1.0"),
        (("gaussian", float("inf")), "corruption_level"),
    ],
)
def test_bad_corruptions_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        Corruption(*arguments)


@pytest.mark.parametrize("bad", [{"seed": 2**64}, {"seed": -1}, {"epoch": 2**32}, {"purpose": 256}])
def test_bad_keys_are_refused(bad) -> None:
    X = data()
    (name,) = bad
    with pytest.raises(ValueError, match=f"{name} of the noise must lie in"):
        corrupt(X, MASKING, examples=ids(X), **{**KEY, **bad})


@pytest.mark.parametrize("bad", [np.arange(59), np.arange(60)[:, None]])
def test_every_row_needs_its_name(bad) -> None:
    with pytest.raises(ValueError, match="60 rows"):
        corrupt(data(), MASKING, examples=bad, **KEY)
