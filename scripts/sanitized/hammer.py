"""What a build under a sanitizer is tried with: hammer.py configurations|hostile|predict N."""

import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
from rectinet import _native
from rectinet.layout import padded_zeros
from tests.contract.native_calls import ARGUMENTS, call, csr

UNITS = range(5)


def matrix(rng, n_rows, n_columns, dtype):
    W = padded_zeros(n_rows, n_columns, dtype)
    W[...] = rng.normal(scale=1 / np.sqrt(n_rows), size=W.shape)
    return W


def layer(rng, n_in, n_out, unit, dtype):
    signs = rng.choice([-1, 1], size=n_out).astype(dtype) if rng.integers(2) else None
    b = rng.normal(scale=0.3, size=n_out).astype(dtype)
    return matrix(rng, n_in, n_out, dtype), b, signs, unit, float(rng.choice([1.0, 3.0]))


def width(rng):
    """A number of units, small or any."""
    return int(rng.integers(1, rng.choice([4, 40, 521])))


def data(rng, n, n_in, dtype):
    X = rng.uniform(0, 1, size=(n, n_in)) * (rng.random((n, n_in)) < rng.choice([0.02, 0.3, 1.0]))
    X = X.astype(dtype)
    return {"X": None, "csr": csr(X)} if rng.integers(2) else {"X": X, "csr": None}


def steps(rng, n):
    batch_size = int(rng.integers(1, rng.choice([12, 70, 1001])))
    order = rng.integers(n, size=int(rng.integers(1, 3 * min(batch_size, 100) + 2)))
    rates = np.full(-(-len(order) // batch_size), 0.01)
    common = {"skip_zeros": bool(rng.integers(4)), "totals": (0.0, 0.0, 0.0), "rule": ()}
    return {"order": order, "batch_size": batch_size, "learning_rates": rates, **common}


def supervised(rng, dtype):
    sizes = [width(rng) for _ in range(int(rng.integers(2, 5)))]
    n, unit = int(rng.integers(1, 200)), int(rng.choice(UNITS))
    layers = [layer(rng, n_in, n_out, unit, dtype) for n_in, n_out in pairwise(sizes)]
    softmax = bool(rng.integers(2))
    return {
        "layers": layers,
        **data(rng, n, sizes[0], dtype),
        "classes": rng.integers(sizes[-1], size=n).astype(np.int32) if softmax else None,
        "values": None if softmax else rng.normal(size=(n, sizes[-1])).astype(dtype),
        "weight": rng.uniform(0.2, 2, size=n).astype(dtype) if rng.integers(2) else None,
        "l1": [float(rng.choice([0, 1e-3])) for _ in layers[1:]],
        **steps(rng, n),
    }


def denoising(rng, dtype):
    n_in, n_hidden, n, by_output = width(rng), width(rng), int(rng.integers(1, 200)), bool(rng.integers(2))
    encoder = layer(rng, n_in, n_hidden, int(rng.choice(UNITS)), dtype)
    tied = by_output and bool(rng.integers(2))
    V = encoder[0] if tied else matrix(rng, *((n_in, n_hidden) if by_output else (n_hidden, n_in)), dtype)
    X = data(rng, n, n_in, dtype)
    cross_entropy = bool(rng.integers(2))
    probability = rng.uniform(0.05, 1, size=n_in) if by_output and rng.integers(2) else None
    return {
        "encoder": encoder,
        "decoder": (V, np.zeros(n_in, dtype), by_output, 3 if cross_entropy else int(rng.choice(UNITS)), cross_entropy),
        **X,
        "targets": rng.random((n, n_in)).astype(dtype) if rng.integers(2) else None,
        "ids": rng.integers(2**56, size=n),
        "noise": (int(rng.integers(4 if X["csr"] is None else 3)), 0.25, 0.05, int(rng.integers(2**62)), 1, 2),
        "sampling": (probability, 3),
        "l1": float(rng.choice([0, 1e-3])),
        **steps(rng, n),
    }


def arrays(arguments):
    """All arrays in a nest of tuples, lists and dictionaries."""
    if isinstance(arguments, np.ndarray):
        yield arguments
    elif isinstance(arguments, (dict, list, tuple)):
        for part in arguments.values() if isinstance(arguments, dict) else arguments:
            yield from arrays(part)


def configurations(n):
    """1 against 2 to 4 threads on the same random problem: every byte equal."""
    for i in range(n):
        dtype = (np.float32, np.float64)[i % 2]
        results = []
        for n_threads in (1, 2 + i % 3):
            rng = np.random.default_rng(i)
            name = ("train", "train_autoencoder")[i // 2 % 2]
            arguments = (supervised if name == "train" else denoising)(rng, dtype)
            suffix = "f32" if dtype == np.float32 else "f64"
            totals = getattr(_native, f"{name}_{suffix}")(**arguments, n_threads=n_threads)
            result = [repr(totals), *(a.tobytes() for a in arrays(arguments))]
            layers = arguments["layers"] if name == "train" else [arguments["encoder"]]
            rows = len(arguments["X"]) if arguments["csr"] is None else len(arguments["csr"][0]) - 1
            out = np.zeros((rows, layers[-1][0].shape[1]), dtype)
            forward = {"n_layers": len(layers), "out": out, "n_threads": n_threads}
            inputs = {key: arguments[key] for key in ("X", "csr", "skip_zeros")}
            getattr(_native, f"outputs_{suffix}")(layers=layers, **inputs, **forward)
            results.append([*result, out.tobytes()])
        if results[0] != results[1]:
            raise SystemExit(f"configuration {i}: {2 + i % 3} threads gave other bytes than 1")
    return f"{n} random configurations, 1 against 2 to 4 threads: every byte equal"


def hostile(n):
    """One entry, the length or the type of one array spoilt: refused, or harmless."""
    refused = 0
    for i in range(n):
        rng = np.random.default_rng(i)
        function = list(ARGUMENTS)[i % 3]
        arguments = ARGUMENTS[function](rng)
        integers = [a for a in arrays(arguments) if a.dtype.kind == "i"]
        a = integers[i // 3 % len(integers)]
        low, high = np.iinfo(a.dtype).min, np.iinfo(a.dtype).max
        a.flat[int(rng.integers(a.size))] = rng.choice([low, -1, 7, 100, 100_000_000, high])
        if i % 5 == 4:
            spoilt = str(rng.choice(["X", "csr", "order", "out", "ids", "classes", "learning_rates"]))
            if spoilt in arguments:
                arguments[spoilt] = rng.random(int(rng.integers(9)))
        try:
            call(function, arguments)
        except (ValueError, TypeError):
            refused += 1
    return f"{n} hostile arrays: {refused} refused, {n - refused} harmless"


def predict(n):
    """Eight Python threads predict with one network, through `outputs` with 2 threads each and through a predictor."""
    rng = np.random.default_rng(0)
    layers = [layer(rng, 40, 64, 0, np.float32), layer(rng, 64, 5, 4, np.float32)]
    predictor, X = _native.Predictor_f32(layers=layers, softmax=False), rng.random((16, 40)).astype(np.float32)

    def answer(i):
        out = np.zeros((16, 5), np.float32)
        _native.outputs_f32(layers=layers, n_layers=2, X=X, csr=None, out=out, n_threads=2, skip_zeros=True)
        return out[i % 16].tobytes() == predictor(X[i % 16]).tobytes()

    with ThreadPoolExecutor(8) as pool:
        if not all(pool.map(answer, range(n))):
            raise SystemExit("predictions of 8 threads differ")
    return f"{n} predictions by 8 Python threads: every byte equal"


if __name__ == "__main__":
    print(globals()[sys.argv[1]](int(sys.argv[2])), flush=True)
