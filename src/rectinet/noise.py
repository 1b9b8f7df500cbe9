"""Corruption of inputs: masking, salt and pepper, Gaussian; keyed by (seed, purpose, epoch, example, input).

Every entry owns one 32-bit word (`rectinet.randomness.EntryWords`), so its noise depends neither on the minibatch it is
in nor on threads, and the compiled kernels draw the same bits. What is done with a word:

- an event of probability p happens when word < round(p 2^32), so never at p = 0 and always at p = 1;
- a normal deviate is the inverse normal distribution function at u = (word + 1/2) / 2^32, in float64 with the
  operations of `normal` in exactly their order (each rounded on its own: no fused multiply-add).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from rectinet.arrays import Array, Matrix
from rectinet.randomness import EntryWords, Words

Kind = Literal["none", "masking", "salt_and_pepper", "gaussian"]

CHUNK_WORDS: Final = 1 << 20  # words drawn at once; bounds the memory, changes no result


@dataclass(frozen=True)
class Corruption:
    """What is done to the clean inputs.

    Attributes
    ----------
    kind : {"none", "masking", "salt_and_pepper", "gaussian"}
        "masking" sets entries to 0 and does not rescale the others; "salt_and_pepper" sets non-zero entries to 0 and
        zero ones to 1; "gaussian" adds a normal deviate to every entry.
    level : float
        Probability that a (non-zero) entry becomes 0, or the standard deviation of the Gaussian.
    p_one : float
        Probability that an entry which is 0 in the clean example becomes 1; for "salt_and_pepper" only.
    """

    kind: Kind = "none"
    level: float = 0.0
    p_one: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"corruption must be one of {', '.join(get_args(Kind))}; got {self.kind!r}")
        if self.kind == "gaussian":
            if not (np.isfinite(self.level) and self.level >= 0):
                raise ValueError(f"corruption_level is a standard deviation, 0 or more; got {self.level!r}")
        elif not 0 <= self.level <= 1:
            raise ValueError(f"corruption_level is a probability for {self.kind!r}, 0 to 1; got {self.level!r}")
        if not 0 <= self.p_one <= 1:
            raise ValueError(f"p_one is a probability, 0 to 1; got {self.p_one!r}")

    @classmethod
    def for_density(cls, kind: Kind, level: float, density: float) -> Corruption:
        """With p_one = level * density: as many ones appear as disappear, when `density` is the data's share of ones.

        The default of the 2010 text runs: (p_zero, p_one) = (0.7, 0.0041) at a density of 0.6 %.
        """
        return cls(kind, level, level * density if kind == "salt_and_pepper" else 0.0)


def corrupt(
    X: Matrix, corruption: Corruption, *, seed: int, epoch: int, examples: NDArray[np.int64], purpose: int
) -> Matrix:
    """A corrupted copy of X, of its kind and dtype; X itself when there is nothing to do.

    Parameters
    ----------
    X : ndarray or csr_array of shape (n, n_inputs)
        Clean examples. A CSR matrix in canonical form is never made dense as a whole.
    seed, epoch, purpose : int
        Below 2^64, 2^32 and 2^8.
    examples : ndarray of int64, shape (n,)
        Who the rows are, 0 to 2^56 - 1: a row gets the same noise wherever it stands.

    Raises
    ------
    ValueError
        For Gaussian noise on a CSR matrix, of which it would leave no zero.
    """
    examples = np.asarray(examples, dtype=np.int64)
    if examples.shape != (X.shape[0],):
        raise ValueError(f"examples must name each of the {X.shape[0]} rows of X; got shape {examples.shape}")
    if corruption.kind == "none":
        return X
    if corruption.kind == "gaussian" and isinstance(X, csr_array):
        raise ValueError(
            'corruption="gaussian" leaves no entry at 0, so it needs a dense X; got a sparse one. '
            'Use "masking" or "salt_and_pepper", or pass X.toarray()'
        )
    stream = EntryWords(seed, purpose, epoch)
    step = max(1, CHUNK_WORDS // max(1, X.shape[1]))
    chunks = [slice(start, start + step) for start in range(0, max(1, X.shape[0]), step)]
    if isinstance(X, csr_array):
        corrupt_rows = _mask_csr if corruption.kind == "masking" else _salt_csr
        return csr_array(vstack([corrupt_rows(X[rows], corruption, stream, examples[rows]) for rows in chunks], "csr"))
    out = np.empty_like(X)
    for rows in chunks:
        out[rows] = _DENSE[corruption.kind](X[rows], stream.words(examples[rows], X.shape[1]), corruption)
    return out


def events(
    probabilities: NDArray[np.float64], *, seed: int, epoch: int, examples: NDArray[np.int64], purpose: int
) -> NDArray[np.bool_]:
    """Whether an event of each input's own probability happens to it, shape (n, n_inputs)."""
    words = EntryWords(seed, purpose, epoch).words(np.asarray(examples, dtype=np.int64), len(probabilities))
    return np.asarray(words.astype(np.uint64) < np.round(probabilities * 2.0**32).astype(np.uint64))


# -- what is done with the words ---------------------------------------------------------------------------------------


def below(words: Words, p: float) -> NDArray[np.bool_]:
    """Which words make an event of probability p happen."""
    return words.astype(np.uint64) < np.uint64(round(p * 2**32))


def _mask(X: Array, words: Words, corruption: Corruption) -> Array:
    return np.where(below(words, corruption.level), X.dtype.type(0), X)


def _salt_and_pepper(X: Array, words: Words, corruption: Corruption) -> Array:
    kept = _mask(X, words, corruption)
    return np.where((X == 0) & below(words, corruption.p_one), X.dtype.type(1), kept)


def _gaussian(X: Array, words: Words, corruption: Corruption) -> Array:
    """In float64, rounded once at the end."""
    return (X.astype(np.float64) + corruption.level * normal(words)).astype(X.dtype)


_DENSE: Final[dict[str, Callable[[Array, Words, Corruption], Array]]] = {
    "masking": _mask,
    "salt_and_pepper": _salt_and_pepper,
    "gaussian": _gaussian,
}


def _mask_csr(X: csr_array, corruption: Corruption, stream: EntryWords, examples: NDArray[np.int64]) -> csr_array:
    """Only the words of stored entries are drawn."""
    row = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    on = ~below(stream.words_at(examples[row], X.indices), corruption.level) & (X.data != 0)
    return _csr(X, row[on], X.indices[on], X.data[on])


def _salt_csr(X: csr_array, corruption: Corruption, stream: EntryWords, examples: NDArray[np.int64]) -> csr_array:
    """Merges the entries that stay with the ones that appear, both in order of (row, input)."""
    words = stream.words(examples, X.shape[1])
    row = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    on = X.data != 0
    row, column, values = row[on], X.indices[on], X.data[on]
    appears = below(words, corruption.p_one)
    appears[row, column] = False
    stays = ~below(words[row, column], corruption.level)
    new_row, new_column = np.nonzero(appears)
    rows = np.concatenate([row[stays], new_row])
    columns = np.concatenate([column[stays], new_column])
    data = np.concatenate([values[stays], np.ones(len(new_row), dtype=X.dtype)])
    order = np.lexsort((columns, rows))
    return _csr(X, rows[order], columns[order], data[order])


def _csr(like: csr_array, row: NDArray[np.int64], column: NDArray[np.integer], data: Array) -> csr_array:
    indptr = np.concatenate([[0], np.bincount(row, minlength=like.shape[0]).cumsum()])
    return csr_array((data, column.astype(like.indices.dtype), indptr.astype(like.indptr.dtype)), shape=like.shape)


# -- normal deviates ---------------------------------------------------------------------------------------------------

# Algorithm AS 241 (Wichura 1988), PPND16: rational approximations, coefficients from the highest power down. Its third
# region starts below e^-25; the smallest u here is 2^-33, about e^-22.9.
_CENTRE: Final = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080),
    (5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
     5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0),
)  # fmt: skip
_TAILS: Final = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)  # fmt: skip
_LOG_SERIES: Final = tuple(1.0 / (2 * k + 1) for k in range(10, -1, -1))
_LN2: Final = 0.6931471805599453
_SQRT_HALF: Final = 0.7071067811865476


def normal(words: Words) -> NDArray[np.float64]:
    """The normal deviate of each word: between -6.34 and 6.34, symmetric, accurate to about 1e-15.

    In this order: u = (word + 0.5) / 2^32, q = u - 0.5.
    Where |q| <= 0.425: r = 0.180625 - q q, and the result is (q P(r)) / Q(r) with the centre's P and Q.
    Elsewhere: r = sqrt(-log(min(u, 1 - u))) - 1.6, and the result is P(r) / Q(r) with those of the tails, negated
    where q < 0. Polynomials are evaluated by Horner's rule.
    """
    u = (words.astype(np.float64) + 0.5) * 2.0**-32
    q = u - 0.5
    P, Q = _CENTRE
    r = 0.180625 - q * q
    centre = q * _horner(P, r) / _horner(Q, r)
    P, Q = _TAILS
    r = np.sqrt(-log(np.minimum(u, 1.0 - u))) - 1.6
    tail = _horner(P, r) / _horner(Q, r)
    return np.where(np.abs(q) <= 0.425, centre, np.where(q < 0, -tail, tail))


def log(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Natural logarithm of normal positive numbers from +, -, *, / alone, so that every machine gives the same bits.

    x = m 2^e with sqrt(1/2) <= m < sqrt(2), s = (m - 1) / (m + 1):
    log x = e ln 2 + (2 s) (1 + s^2 / 3 + s^4 / 5 + ... + s^20 / 21), the series by Horner's rule in s^2.
    """
    m, e = np.frexp(x)
    small = m < _SQRT_HALF
    m = np.where(small, 2.0 * m, m)
    e = np.where(small, e - 1, e)
    s = (m - 1.0) / (m + 1.0)
    return e * _LN2 + 2.0 * s * _horner(_LOG_SERIES, s * s)


def _horner(coefficients: Sequence[float], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """(((c0 x + c1) x + c2) ...), each product and sum rounded."""
    total = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        total = total * x + c
    return total
