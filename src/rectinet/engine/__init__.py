"""How a network is computed and trained: one small protocol, several engines beside each other."""

from rectinet.engine.protocol import AffineMaps as AffineMaps
from rectinet.engine.protocol import Engine as Engine
from rectinet.engine.protocol import Problem as Problem
from rectinet.engine.protocol import Steps as Steps
from rectinet.engine.protocol import Totals as Totals
from rectinet.engine.registry import get_engine as get_engine


def numerics_version() -> str:
    """What the native engine computes, as one word: results stored beside another word were computed differently.

    It is the digest of the bytes of the golden runs (`tests/golden`), which hold it to what the engine does.
    """
    return "389e2044200596ed"
