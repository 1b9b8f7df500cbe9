"""Runs the tiny study, killed again and again at random moments, and compares its export with one never killed.

Forking from a fresh interpreter keeps a new process at a few milliseconds.
Usage: kill_driver.py FOLDER KILLS JOBS
"""

import os
import random
import select
import signal
import sys
from pathlib import Path

from rectinet.runs import checkpoint as checkpoints
from rectinet.runs import loop
from rectinet.study import exchange, runner, work, writer
from rectinet.study.store import Store
from tests.study import tiny
from tests.study.conftest import files

JOBS = int(sys.argv[3])
checkpoints.CHECKPOINT_SECONDS = 0.0  # a checkpoint after every block
loop.BLOCK_SECONDS = 0.0  # of one step
os.fsync = lambda descriptor: None  # processes die here, not the machine: the page cache survives, and is fast


def study(out, jobs=1):
    plans = {"tiny": [*tiny.runs("paper", seeds=3), *tiny.grid()]}
    return runner.run_plans(plans, runner.Options(budget="paper", jobs=jobs, out=out))


def exported(out, jobs=1):
    study(out, jobs)
    assert study(out).executed == 0
    with Store(out) as store:
        exchange.export(store, out / "export")
    assert list((out / "checkpoints").iterdir()) == []
    return files(out / "export")


def tell(say):
    """Call `say` before and after everything that leaves a trace on the disk."""

    def telling(function):
        def told(*args, **kwargs):
            say()
            value = function(*args, **kwargs)
            say()
            return value

        return told

    checkpoints.save_checkpoint = telling(checkpoints.save_checkpoint)
    work.save_model = telling(work.save_model)
    runner.swept = telling(runner.swept)
    for name in ("enlist", "begin", "finish"):
        setattr(writer.Writer, name, telling(getattr(writer.Writer, name)))


def moments(out):
    """How often a study that is never killed tells."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        tell(lambda: os.write(theirs, b"."))
        study(out)
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as told:
        n = len(told.read())
    assert os.waitpid(child, 0)[1] == 0
    return n


def killed_after(n, out):
    """Whether a study was killed from outside once it has told n times, wherever it is by then."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        tell(lambda: os.write(theirs, b"."))
        study(out, JOBS)
        os._exit(0)
    os.close(theirs)
    for _ in range(n):
        select.select([ours], [], [])
        if not os.read(ours, 1):
            break  # it was over before
    os.kill(child, signal.SIGKILL)
    os.close(ours)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(folder, kills):
    expected = exported(folder / "whole")
    # So that the last kills find work to interrupt; what other processes do is not told.
    most = 2 * moments(folder / "counted") // kills if JOBS == 1 else 10
    chance = random.Random(0)
    struck = sum(killed_after(chance.randint(1, max(2, most)), folder / "killed") for _ in range(kills))
    found = exported(folder / "killed", JOBS)
    different = [name for name in sorted(expected | found) if expected.get(name) != found.get(name)]
    print(f"{kills} kills, different: {different}")
    print(f"{struck} of them struck", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
