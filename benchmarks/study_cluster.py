"""The study on a Dask cluster that falls apart: workers are killed and the scheduler is started again, twice.

    python -m benchmarks.study_cluster [FOLDER]

A study is run on a local cluster of processes; three of its workers are killed (SIGKILL) and its scheduler is killed
and started again twice, at random moments. The export without the table of moments must be byte-equal to that of the
same study run in one process. Exits with 1 where it is not. Needs the extra `dask`; takes a minute or two.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rectinet.runs import Configuration
from rectinet.study import exchange
from rectinet.study.planned import Planned
from rectinet.study.runner import Options, Tally, run_plans
from rectinet.study.sources import Inputs, Whole
from rectinet.study.store import Store

WORKER_DEATHS, SCHEDULER_DEATHS = 3, 2
SEED = 0
HIDDEN = (300, 300)


def plans() -> list[Planned]:
    """Runs of a few seconds each; half of them start from pre-trained layers."""
    listed = []
    for seed in range(6):
        start = Planned(
            Configuration(task="encode", hidden_layer_sizes=HIDDEN, pretrain_epochs=15, random_state=seed),
            Inputs("digits"),
            labels={"seed": seed},
        )
        configuration = Configuration(hidden_layer_sizes=HIDDEN, max_epochs=25, patience=25, random_state=seed)
        listed.append(Planned(configuration, Whole("digits"), start, {"seed": seed, "pretrained": True}))
        listed.append(Planned(configuration, Whole("digits"), labels={"seed": seed, "pretrained": False}))
    return listed


@dataclass
class Machines:
    """A scheduler and workers as processes of their own."""

    port: int
    n_workers: int = 2
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ("--port", str(self.port), "--host", "127.0.0.1", "--no-dashboard")
        self.scheduler = self._begin("distributed.cli.dask_scheduler", *options)
        self.workers = [self.new_worker() for _ in range(self.n_workers)]

    def new_worker(self) -> subprocess.Popen[bytes]:
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "30")
        return self._begin("distributed.cli.dask_worker", self.address, *options)

    def kill_worker(self, k: int) -> None:
        _kill(self.workers[k])
        self.workers[k] = self.new_worker()

    def kill_scheduler(self) -> None:
        """Its workers die with it: they are started again with the new one."""
        assert self.scheduler is not None
        for process in (self.scheduler, *self.workers):
            _kill(process)
        self.start()

    def stop(self) -> None:
        for process in (self.scheduler, *self.workers):
            if process is not None:
                _kill(process)

    def _begin(self, module: str, *options: str) -> subprocess.Popen[bytes]:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen([sys.executable, "-W", "ignore", "-m", module, *options], **quiet)  # type: ignore[call-overload,no-any-return]


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def cluster() -> Iterator[Machines]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    machines = Machines(port)
    machines.start()
    try:
        yield machines
    finally:
        machines.stop()


def accidents(machines: Machines, out: Path, over: threading.Event) -> list[str]:
    """Let them happen, each once a further run has been finished; what happened."""
    chance = random.Random(SEED)
    wanted = ["worker"] * WORKER_DEATHS + ["scheduler"] * SCHEDULER_DEATHS
    chance.shuffle(wanted)
    happened: list[str] = []
    while wanted and not over.wait(chance.uniform(0.2, 1.5)):
        if finished(out) <= len(happened):
            continue
        happened.append(wanted.pop())
        if happened[-1] == "worker":
            machines.kill_worker(chance.randrange(machines.n_workers))
        else:
            machines.kill_scheduler()
    return happened


def finished(out: Path) -> int:
    with suppress(ValueError), Store(out) as store:
        return sum(counts["done"] for counts in store.status().values())
    return 0


def exported(out: Path) -> dict[str, bytes]:
    with Store(out) as store:
        exchange.export(store, out / "export")
    paths = (path for path in (out / "export").rglob("*") if path.is_file() and path.name != exchange.MOMENTS)
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def run(out: Path, dask: str | None = None) -> Tally:
    return run_plans({"cluster": plans()}, Options(out=out, dask=dask))


def main(folder: Path) -> int:
    began = time.perf_counter()
    run(folder / "whole")
    alone = time.perf_counter() - began
    over, happened = threading.Event(), []
    with cluster() as machines:
        watcher = threading.Thread(target=lambda: happened.extend(accidents(machines, folder / "hit", over)))
        watcher.start()
        tally = run(folder / "hit", machines.address)
        over.set()
        watcher.join()
        again = run(folder / "hit", machines.address)
    equal = exported(folder / "whole") == exported(folder / "hit")
    with Store(folder / "hit") as store:
        attempts = sum(record.moment["attempts"] for record in store.records())
    print(
        json.dumps(
            {
                "happened": happened,
                "states": dict(tally.states),
                "executed again": again.executed,
                "attempts": attempts,
                "equal": equal,
                "seconds in one process": round(alone, 1),
                "seconds in all": round(time.perf_counter() - began, 1),
            }
        )
    )
    complete = sorted(happened) == ["scheduler"] * SCHEDULER_DEATHS + ["worker"] * WORKER_DEATHS
    return 0 if equal and complete and not again.executed else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder)))
