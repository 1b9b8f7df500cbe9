"""Stops fits in processes of their own, resumes each in a new one, and compares the saved bytes; run by the tests.

Forking from a fresh interpreter keeps a new process at a few milliseconds.
Usage: resume_driver.py FOLDER stop|kill supervised|pretrained
"""

import os
import random
import select
import signal
import sys
from pathlib import Path

from sklearn.datasets import load_digits

from rectinet import RectifierClassifier
from rectinet.runs import checkpoint as checkpoints
from rectinet.runs import loop

N_STEPS = 40  # 4 epochs of 10 steps: all supervised, or one in each of two layers and two supervised
PRETRAINED = sys.argv[3] == "pretrained"
checkpoints.CHECKPOINT_SECONDS = 0.0  # a checkpoint after every block
loop.BLOCK_SECONDS = 0.0  # of one step
os.fsync = lambda descriptor: None  # processes die here, not the machine: the page cache survives, and is fast
X, y = load_digits(return_X_y=True)
X, y = X[:120] / 16, y[:120]


def fit_and_save(checkpoint, target):
    clf = RectifierClassifier(
        (8, 8), learning_rate=0.1, max_epochs=2 if PRETRAINED else 4, random_state=0, activity_l1=1e-3,
        signs="balanced", patience=4, checkpoint=checkpoint, pretrain_epochs=1 if PRETRAINED else 0,
        reconstruction="sigmoid", tied=(True, False),
    )  # fmt: skip
    clf.fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    clf.save(target)


def in_a_new_process(work, *args):
    """The exit status of a child that does this work."""
    child = os.fork()
    if child == 0:
        work(*args)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def tell_steps(say):
    """Call `say` after every checkpoint."""
    write = checkpoints.save_checkpoint

    def save_checkpoint(*args):
        write(*args)
        say()

    checkpoints.save_checkpoint = save_checkpoint


def stopped_at(step, checkpoint, target):
    """A fit that ends its process right after the checkpoint of a step."""
    steps = iter(range(1, N_STEPS + 1))
    tell_steps(lambda: next(steps) == step and os._exit(7))
    fit_and_save(checkpoint, target)


def killed_after(n_steps, checkpoint, target):
    """A fit that is killed from outside once it has told of n steps, wherever it is by then."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        tell_steps(lambda: os.write(theirs, b"."))
        fit_and_save(checkpoint, target)
        os._exit(0)
    os.close(theirs)
    for _ in range(n_steps):
        select.select([ours], [], [])
        if not os.read(ours, 1):
            break  # it was over before
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ours)


def main(folder, how):
    whole = folder / "whole"
    assert in_a_new_process(fit_and_save, None, whole) == 0
    expected = whole.read_bytes()
    chance = random.Random(0)
    rounds = range(1, N_STEPS + 1) if how == "stop" else range(50)
    different = []
    for k in rounds:
        checkpoint, target = folder / f"checkpoint{k}", folder / f"model{k}"
        if how == "stop":
            assert in_a_new_process(stopped_at, k, checkpoint, target) == 7 << 8
            assert not target.exists()
        else:
            killed_after(chance.randint(0, N_STEPS), checkpoint, target)
        assert in_a_new_process(fit_and_save, checkpoint, target) == 0
        if target.read_bytes() != expected:
            different.append(k)
    print(f"{len(rounds)} resumed, different: {different}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
