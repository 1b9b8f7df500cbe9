"""The tests of `tests/contract/test_clipped_targets.py` with the engine `torch`."""

from tests.contract.test_clipped_targets import *  # noqa: F403
