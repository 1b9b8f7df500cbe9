"""A thread the system does not start is an exception; the process, the network and the threads to come stay whole."""

import subprocess
import sys

import pytest

CODE = """
import os, resource, sys
import numpy as np
sys.path.insert(0, {root!r})
from tests.contract.native_calls import ARGUMENTS, call
function, limit = {function!r}, {limit!r}
arguments = ARGUMENTS[function](np.random.default_rng(0))
if limit == "address space":
    used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGESIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20), resource.getrlimit(resource.RLIMIT_AS)[1]))
else:  # the limit counts the threads of a user and does not hold for root
    os.setgid(65534)
    os.setuid(65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (8, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
layers = arguments["layers"] if "layers" in arguments else [arguments["encoder"]]
before = [layer[0].tobytes() for layer in layers]
for attempt in range(3):
    try:
        call(function, arguments | dict(n_threads=200))
    except RuntimeError as error:
        assert str(error).startswith("could not start 200 threads"), error
    else:
        raise SystemExit("200 threads were started")
assert [layer[0].tobytes() for layer in layers] == before
assert len(os.listdir("/proc/self/task")) == 1
call(function, arguments | dict(n_threads=2 if limit == "address space" else 1))
print("still here")
"""


@pytest.mark.parametrize("limit", ["address space", "processes"])
@pytest.mark.parametrize("function", ["train", "train_autoencoder", "outputs"])
def test_threads_beyond_the_limit(pytestconfig, function, limit) -> None:
    if limit == "processes" and not _can_change_user():
        pytest.skip("the number of threads can be limited for another user only, which takes root")
    code = CODE.format(root=str(pytestconfig.rootpath), function=function, limit=limit)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "still here"), done.stderr


def _can_change_user() -> bool:
    code = "import os; os.setgid(65534); os.setuid(65534)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
