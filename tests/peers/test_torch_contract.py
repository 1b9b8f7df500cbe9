"""The tests of `tests/contract/test_contract.py` with the engine `torch`."""

from tests.contract.test_contract import *  # noqa: F403
