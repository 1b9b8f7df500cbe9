"""The tests of `tests/contract/test_zeros.py` with the engine `torch`."""

from tests.contract.test_zeros import *  # noqa: F403
