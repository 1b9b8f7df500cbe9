"""Settings all tests share: one thread per numerical library, and a seed that can rotate."""

import os
import secrets
import signal

import pytest

# Before NumPy is imported: the thread pools read these once, and a test must not depend on how many cores are free.
for _pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_pool, "1")

SEED_VARIABLE = "RECTINET_TEST_SEED"


def pytest_configure(config: pytest.Config) -> None:
    """Settle the seed once per run: a number, 0 when unset, or a fresh one for "any"."""
    # A shell starts its background jobs with Ctrl-C ignored, and so would the tests that press it be.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    wanted = os.environ.get(SEED_VARIABLE, "0")
    if wanted == "any":
        wanted = os.environ[SEED_VARIABLE] = str(secrets.randbelow(2**31))
    if not wanted.isdecimal():
        raise pytest.UsageError(f"{SEED_VARIABLE}={wanted!r} is not a seed: use a non-negative number, or 'any'")


def pytest_report_header(config: pytest.Config) -> str:
    """Name the seed, so that a failure found with a random one can be repeated."""
    return f"global_random_seed: {os.environ.get(SEED_VARIABLE, '0')} (set {SEED_VARIABLE} to repeat or to rotate it)"


@pytest.fixture(scope="session")
def global_random_seed() -> int:
    """Return the seed of this run; a test that uses it must hold for every seed."""
    return int(os.environ.get(SEED_VARIABLE, "0"))
