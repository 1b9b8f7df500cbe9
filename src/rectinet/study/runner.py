"""The runner: what is planned and not finished is executed, wherever that is, and stored as soon as it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rich.console import Console

from rectinet.study.catalogue import experiment
from rectinet.study.errors import StoreNotWritable
from rectinet.study.folders import prepared, swept
from rectinet.study.jobs import Job, jobs_of
from rectinet.study.only import matching
from rectinet.study.planned import Planned
from rectinet.study.pool import Here, Pool
from rectinet.study.progress import Board, board
from rectinet.study.records import FINISHED
from rectinet.study.result import Result
from rectinet.study.rungs import Rungs
from rectinet.study.work import Task, network_file
from rectinet.study.writer import Writer, writing

OUT: Final = Path("rectinet-study")


@dataclass(frozen=True)
class Options:
    """How a study is run.

    Attributes
    ----------
    budget : {"quick", "standard", "paper"}
    seeds : int or None
        How many; None: as many as the experiments have.
    data : str or None
        A data set in place of the experiments' own.
    jobs : int
        Runs at a time on this machine, one thread each.
    dask : str or None
        Address of a cluster that executes the runs in place of this machine. Its workers must see the folder.
    out : Path
        Folder of the study.
    only : mapping
        Labels that a run must have to be executed, as texts; others are listed and stay queued.
    """

    budget: str = "standard"
    seeds: int | None = None
    data: str | None = None
    jobs: int = 1
    dask: str | None = None
    out: Path = OUT
    only: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """What a call came to.

    Attributes
    ----------
    listed : int
        Runs that the experiments list and `only` takes, each counted once.
    executed : int
        Of these, executed in this call.
    states : Counter
        In which states all of them are.
    """

    listed: int
    executed: int
    states: Counter[str]


def run_experiment(name: str, options: Options | None = None, console: Console | None = None) -> Tally:
    """Run an experiment, or go on with it; see `run_experiments`."""
    return run_experiments([name], options, console)


def run_experiments(names: Sequence[str], options: Options | None = None, console: Console | None = None) -> Tally:
    """Run experiments, or go on with them: what is finished is not repeated, what was interrupted goes on.

    Parameters
    ----------
    names : sequence of str
        See `rectinet.study.catalogue.experiment`.

    Raises
    ------
    StudyError
        For a name or option that has no meaning, and for a store that cannot be written.
    KeyboardInterrupt
        On Ctrl-C, with everything that is known stored.
    """
    options = options or Options()
    plans = {}
    for name in names:
        found = experiment(name)
        plans[found.name] = found.runs(options.budget, options.seeds, options.data)
    return run_plans(plans, options, console)


def run_plans(plans: dict[str, list[Planned]], options: Options, console: Console | None = None) -> Tally:
    """The same for lists of runs by the names of their experiments."""
    if options.jobs > 1 and options.dask is None:
        from rectinet.study.processes import refuse_while_imported

        refuse_while_imported()
    chosen = {name: {each.source_key for each in matching(planned, options.only)} for name, planned in plans.items()}
    out = options.out.resolve()
    with writing(out) as writer:
        prepared(out)
        jobs: dict[str, Job] = {}
        for name, planned in plans.items():
            listed = jobs_of(planned)
            writer.enlist(name, options.budget, options.data or "", listed)
            jobs |= {job.key: job for job in listed if job.planned.source_key in chosen[name]}
        states = writer.states(jobs)
        swept(out, (key for key, state in states.items() if state in FINISHED))
        todo = _unfinished(writer, jobs, states)
        executed = 0
        if todo:
            rungs = Rungs(jobs.values(), writer.histories(key for key, job in jobs.items() if job.planned.grid))
            pool = _pool(options, len(todo))
            with board(todo, pool.workers, console or Console(quiet=True)) as shown:
                executed = _Call(writer, todo, states, pool, rungs, shown).carry_out()
        return Tally(len(jobs), executed, Counter(writer.states(jobs).values()))


def _unfinished(writer: Writer, jobs: dict[str, Job], states: dict[str, str]) -> list[Job]:
    """What is to be executed, what others start from first; a network that is needed and lost is made again."""
    todo = {key: job for key, job in jobs.items() if states[key] not in FINISHED}
    looking = list(todo.values())
    while looking:
        start = looking.pop().start
        if start is not None and states[start] == "done" and not network_file(writer.folder, start).exists():
            writer.requeue(start)
            states[start], todo[start] = "queued", jobs[start]
            looking.append(jobs[start])
    return [job for key, job in jobs.items() if key in todo]


def _pool(options: Options, n_runs: int) -> Pool:
    if options.dask is not None:
        from rectinet.study.cluster import Cluster

        return Cluster(options.dask)
    if options.jobs == 1:
        return Here()
    from rectinet.study.processes import Processes

    return Processes(min(options.jobs, n_runs))


class _Call:
    """One call of the runner: which runs wait, which are being executed."""

    def __init__(
        self, writer: Writer, todo: list[Job], states: dict[str, str], pool: Pool, rungs: Rungs, shown: Board
    ) -> None:
        self.writer, self.pool, self.rungs, self.shown = writer, pool, rungs, shown
        self.states = dict(states)
        self.jobs = {job.key: job for job in todo}
        self.waiting = list(todo)
        self.working: dict[str, Job] = {}
        self.kept = {job.start for job in todo}
        self.begun: list[str] = []

    def carry_out(self) -> int:
        """Execute all that can be, and say how many; on Ctrl-C, store what there is."""
        try:
            while self.waiting or self.working:
                self._submit()
                if self.working:
                    result = self.pool.next()
                    self._take(result)
                    if result.state == "interrupted" and result.error is not None:
                        raise StoreNotWritable(f"there is no room for checkpoints: {result.error}")
                    if result.state == "interrupted":  # the run took note of Ctrl-C and ended well
                        raise KeyboardInterrupt
        except BaseException:
            for result in self.pool.stop():
                self._take(result)
            self._leave()
            raise
        finally:
            self.pool.close()
        self._leave()  # what waits for a rate that failed: nothing can be decided yet
        return len(self.begun)

    def _submit(self) -> None:
        for job in list(self.waiting):
            start = None if job.start is None else self.states[job.start]
            if start in ("failed", "diverged"):
                self.waiting.remove(job)
                self._store(Result(job.key, "failed", error=f"the run that it starts from {start}"))
            elif start in (None, "done") and len(self.working) < self.pool.slots:
                self.waiting.remove(job)
                self.working[job.key] = job
                if self.states[job.key] != "running":  # and not gone on with from a rung
                    self.writer.begin(job.key)
                    self.begun.append(job.key)
                    self.states[job.key] = "running"
                self.shown.began(job)
                self.pool.submit(self._task(job))

    def _task(self, job: Job) -> Task:
        planned = replace(job.planned, labels={})
        checksum, keep = job.facts.checksum, job.key in self.kept
        pause = self.rungs.pause(job.key)
        return Task(planned, job.key, checksum, planned.numerics, job.start, keep, self.writer.folder, pause)

    def _take(self, result: Result) -> None:
        """Store what came of a run, or let it wait at a rung; then go on with what needs to wait no longer."""
        if self.rungs.takes(result):
            self.working.pop(result.key)
            self.shown.paused(self.jobs[result.key])
        else:
            self._store(result)
        stopped, going_on = self.rungs.decided()
        for one in stopped:
            self._store(one)
        self.waiting = [self.jobs[key] for key in going_on] + self.waiting

    def _leave(self) -> None:
        """Everything that has begun and not ended goes on in another call."""
        for key in self.begun:
            if self.states[key] == "running":
                self._store(Result(key, "interrupted"))

    def _store(self, result: Result) -> None:
        self.writer.finish(result)
        self.working.pop(result.key, None)
        self.states[result.key] = result.state
        self.shown.ended(self.jobs[result.key], result)
        if result.state in FINISHED:
            swept(self.writer.folder, [result.key])
