"""NISTP: images per second, stage by stage, and how well a classifier does on writers and fonts it never saw.

    python -m benchmarks.nistp speed
    python -m benchmarks.nistp learn --train 200000

Times are processor time of one thread, so that a busy machine changes them little.
Both need fonts; see docs/nistp.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.stats import binomtest

from rectinet.datasets.nistp import CHARACTERS, NISTP
from rectinet.datasets.nistp._stream import uniforms
from rectinet.datasets.nistp.modules import CoordinateMap, apply_modules

REQUIRED_PER_SECOND = 3_000
CHUNK = 128

T = TypeVar("T")


@dataclass
class Clock:
    """Processor seconds by stage."""

    seconds: dict[str, float]

    def measure(self, stage: str, work: Callable[[], T]) -> T:
        """Do the work and add its time to the stage."""
        start = time.process_time()
        result = work()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.process_time() - start
        return result


def stages(ds: NISTP, n: int) -> dict[str, float]:
    """Processor seconds of each stage for n images, made as `NISTP.images` makes them."""
    clock = Clock({})
    for start in range(0, n, CHUNK):
        images = clock.measure("characters", lambda s=start: ds.characters(s, CHUNK))
        maps: list[CoordinateMap] = []
        for module in ds.modules:
            u = clock.measure(
                "random numbers",
                lambda m=module, s=start: uniforms(ds.seed, ds.split, m.name, s, CHUNK, 1 + m.uniforms),
            )
            drawn = clock.measure(
                f"{module.name}: parameters",
                lambda m=module, u=u: m.draw(np.float32(ds.complexity) * u[:, 0], u[:, 1:], ds.supply),
            )
            if isinstance(drawn, CoordinateMap):
                maps.append(drawn)
                continue
            images = clock.measure("maps and reading", lambda i=images, m=tuple(maps): apply_modules(m, i))
            maps = []
            images = clock.measure(module.name, lambda d=drawn, i=images: apply_modules([d], i))
        images = clock.measure("maps and reading", lambda i=images, m=tuple(maps): apply_modules(m, i))
        clock.measure("to bytes", lambda i=images: np.rint(i * 255).astype(np.uint8))
    return clock.seconds


def speed(n: int) -> None:
    """Print images per second for both sets, the stages of each, and whether NISTP is fast enough."""
    for kind in ("nistp", "p07"):
        ds = NISTP(modules=kind)
        ds.images(0, CHUNK)
        start = time.process_time()
        ds.images(0, n)
        per_second = n / (time.process_time() - start)
        print(f"{ds!r}: {per_second:,.0f} images per second")
        measured = stages(ds, n)
        whole = sum(measured.values())
        for stage, seconds in sorted(measured.items(), key=lambda pair: -pair[1]):
            print(f"  {stage:30s} {1e6 * seconds / n:7.1f} microseconds an image {seconds / whole:6.1%}")
        if kind == "nistp" and per_second < REQUIRED_PER_SECOND:
            raise SystemExit(f"NISTP must make {REQUIRED_PER_SECOND:,} images a second; it made {per_second:,.0f}")


def learn(n_train: int, n_test: int, hidden: int, learning_rate: float, l1: float) -> None:
    """Train on a stream of held-in writers and fonts, every image once; print errors on held-out and held-in ones."""
    from rectinet import RectifierClassifier

    held_in = NISTP(split="train", holdout="writers-and-fonts")
    classes = np.arange(len(CHARACTERS))
    model = RectifierClassifier(
        (hidden,) * 3, learning_rate=learning_rate, activity_l1=l1, batch_size=10, random_state=0, n_threads=1
    )
    start, piece = time.process_time(), 10_000
    for first in range(0, n_train, piece):
        model.partial_fit(*held_in.batch(first, min(piece, n_train - first)), classes=classes)
    print(f"{held_in!r}\n{n_train:,} images, each seen once: {time.process_time() - start:.0f} processor seconds")
    tests = {
        "held-out writers and fonts": NISTP(split="test", holdout="writers-and-fonts").batch(0, n_test),
        "held-in ones, new images": held_in.batch(10 * n_train, n_test),
    }
    caseless = np.array([CHARACTERS.index(character.upper()) for character in CHARACTERS])
    for name, (X, y) in tests.items():
        predicted = model.predict(X)
        print(f"{name}: error {_interval(predicted != y)}")
        print(f"  upper and lower case counted as one: {_interval(caseless[predicted] != caseless[y])}")


def _interval(wrong: np.ndarray) -> str:
    """Error rate with its exact 95 % interval over images; it does not cover the choice of writers and fonts."""
    test = binomtest(int(wrong.sum()), len(wrong))
    interval = test.proportion_ci(0.95)
    return f"{test.statistic:.2%} [{interval.low:.2%}, {interval.high:.2%}]"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    speed_command = commands.add_parser("speed", help="images per second")
    speed_command.add_argument("--n", type=int, default=8192)
    learn_command = commands.add_parser("learn", help="error on writers and fonts never seen")
    learn_command.add_argument("--train", type=int, default=200_000)
    learn_command.add_argument("--test", type=int, default=20_000)
    learn_command.add_argument("--hidden", type=int, default=1000)
    learn_command.add_argument("--learning-rate", type=float, default=0.02)
    learn_command.add_argument("--l1", type=float, default=0.0)
    options = parser.parse_args()
    if options.command == "speed":
        speed(options.n)
    else:
        learn(options.train, options.test, options.hidden, options.learning_rate, options.l1)


if __name__ == "__main__":
    main()
