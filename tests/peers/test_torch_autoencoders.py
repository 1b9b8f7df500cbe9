"""The tests of `tests/contract/test_autoencoders.py` with the engine `torch`."""

from tests.contract.test_autoencoders import *  # noqa: F403
