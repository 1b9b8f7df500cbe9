"""One run from its configuration and data to its outcome: pre-training, training, resuming."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rectinet.arrays import Matrix
from rectinet.engine import Engine
from rectinet.errors import DivergenceError
from rectinet.network import Network
from rectinet.optimisers import Schedule
from rectinet.problems import Supervised
from rectinet.randomness import root_seed
from rectinet.runs import loop
from rectinet.runs.checkpoint import Checkpointer, Start, identity, resume
from rectinet.runs.config import Configuration
from rectinet.runs.data import FEW, Data, Part, StoredExamples, hold_out
from rectinet.runs.greedy import PretrainingState, pretrain
from rectinet.runs.interruption import end_interrupted
from rectinet.runs.judgement import judge, judge_layer, judge_loss
from rectinet.runs.layer_task import LayerTask
from rectinet.runs.layers import LayerConfiguration, layer_configurations
from rectinet.runs.loop import Settings, State
from rectinet.runs.memory import memory_errors_sized
from rectinet.runs.outcome import Outcome
from rectinet.runs.plan import Plan
from rectinet.runs.reserved import checkpoint_file, reserved
from rectinet.runs.supervised import SupervisedTask, outputs_of
from rectinet.runs.targets import Targets, Values, examples_of, learn_targets, strata
from rectinet.runs.trials import Interrupted, choose
from rectinet.runs.watch import Interrupt, deferred_interrupt, pretraining_bar, training_bar, trial_bar
from rectinet.stored import Stored, facts_of
from rectinet.warning import warn
from rectinet.wording import setting


@dataclass(frozen=True)
class Moment:
    """What a watcher of a run is told.

    Attributes
    ----------
    kind : {"begin", "block", "epoch"}
        Supervised training begins; some steps were taken; an epoch is over.
    state : State or PretrainingState
        Of the phase the run is in.
    max_epochs : int
        Of supervised training.
    last : bool
        Whether no further epoch of it is to come.
    outcome : callable
        A copy of what the run would give if it ended here.
    """

    kind: str
    state: State | PretrainingState
    max_epochs: int
    last: bool
    outcome: Callable[[], Outcome]


Watch = Callable[[Moment], bool]


def run(
    configuration: Configuration,
    data: Data,
    *,
    engine: Engine | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    watch: Watch = lambda moment: False,
) -> Outcome:
    """Pre-train where that is asked for, then train; everything that is drawn comes from the configuration's seed.

    Parameters
    ----------
    engine : Engine, optional
        What computes instead of the configuration's engine; of the controls, which give the same numbers another way.
    checkpoint : path, optional
        Where the state of the run is kept: a file, or a folder of such files. When the run's file exists it goes on
        from there, and the outcome has the bytes of a run that was never stopped.
    watch : callable, optional
        Told every `Moment`; the run ends when it answers True.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        For parameters or data that cannot be used; the message names them.
    DivergenceError
        When the loss or a parameter is not finite any more; its `best` is the outcome with the best parameters before,
        where there was validation.
    KeyboardInterrupt
        On Ctrl-C during pre-training, with the checkpoint written: half a stack is no network.

    Warns
    -----
    UserWarning
        When supervised training was interrupted by Ctrl-C (the outcome is usable), when X has values that the
        reconstruction cannot give back, when there were too few examples to hold some out, and when a hidden layer
        ended up silent or the loss far above that of a constant answer, in pre-training or training.
    """
    path = checkpoint_file(checkpoint, configuration, data)
    with reserved(path), memory_errors_sized(configuration, int(data.train.X.shape[1])):
        return _run(configuration, data, engine, path, watch)


def _run(configuration: Configuration, data: Data, engine: Engine | None, path: Path | None, watch: Watch) -> Outcome:
    """The run itself, its checkpoint being its own."""
    begun = resume(path, configuration, data)
    seed = root_seed(configuration.random_state) if begun is None else begun.seed
    training, held_out = split(configuration, data, seed)
    targets = None if training.y is None else data.targets or learn_targets(configuration, training)
    inputs = replace(data, train=training).pretraining_inputs
    start = begun or fresh(configuration, data.start, training.X, targets, seed)
    checkpointer = None
    if path is not None:
        checkpointer = Checkpointer(path, start.network, identity(configuration, data, seed), start.pretrain_history)
        checkpointer.write(start.pretraining or start.state)  # what cannot be written is better known now
    this = _Run(configuration.resolved(inputs), start, targets, checkpointer, watch, engine)
    this.pretrain(inputs, held_out)
    if targets is None:
        start.network.layers[-1].W[...] = 0  # no output layer
        return this.outcome(State())
    return this.train(training, held_out, data)


def one_epoch(configuration: Configuration, part: Part, begun: Outcome) -> Outcome:
    """One more epoch on top of an outcome, which stays as it is; nothing is held out.

    Raises
    ------
    DivergenceError
    """
    assert begun.targets is not None
    network, targets = begun.network.copy(), begun.targets
    if isinstance(targets, Values) and targets.seen is not None and begun.n_epochs:
        targets = _with_more_targets(network, targets, part)
    start = Start(network, begun.seed, State(epoch=begun.n_epochs, history=list(begun.history)))
    start.pretrain_history.extend(begun.pretrain_history)
    this = _Run(replace(configuration, early_stopping=False, verbose=0), start, targets, None, lambda _: False)
    chosen = begun.plan if configuration.learning_rate == "auto" else None
    plan = chosen or this.decide(part, None)
    this.plan = replace(plan, decay_from=1.0, epochs=begun.n_epochs + 1)
    outcome = this.fit(part, None)
    judge_loss(this.engine, outcome.network, part, targets)
    return outcome


def _with_more_targets(network: Network, before: Values, part: Part) -> Values:
    """Standardise by more targets; the output layer changes along, so that every prediction stays (as in Pop-Art)."""
    now = before.with_more(part)
    last, factor = network.layers[-1], before.scale / now.scale
    if before.seen is not None:
        factor = np.where(before.seen.spread == 0, 1.0, factor)  # of a constant, 1 only stands for a scale
    last.W[...] = last.W * factor
    last.b[...] = (last.b * before.scale + before.mean - now.mean) / now.scale
    return now


def fresh(
    configuration: Configuration, start: Network | None, X: Matrix | Stored, targets: Targets | None, seed: int
) -> Start:
    """A network as it is drawn, with the hidden layers of `start` where that is given; all of it for a warm start."""
    n_outputs = 1 if targets is None else targets.n_outputs
    network = configuration.initial_network(X.shape[1], n_outputs, seed)
    if configuration.output_init == "zeros":
        network.layers[-1].W[...] = 0
    if start is not None:
        kept = start.copy()
        if configuration.warm_start and kept.n_outputs != n_outputs:
            raise ValueError(f"a warm start needs a network of {n_outputs} outputs; got one of {kept.n_outputs}")
        network = kept if configuration.warm_start else Network((*kept.hidden, network.layers[-1]))
    wanted = start is None and configuration.pretrains
    return Start(network, seed, pretraining=PretrainingState() if wanted else None)


def split(configuration: Configuration, data: Data, seed: int) -> tuple[Part, Part | None]:
    """Training examples, and validation examples: the given ones, or some held out where early stopping asks for it."""
    train = data.train
    if data.validation is not None or train.y is None or not configuration.early_stopping:
        return train, data.validation
    if configuration.early_stopping == "auto" and len(train) < FEW:
        return train, None
    classes = strata(configuration.task, train.y)
    rows = hold_out(len(train), classes, configuration.validation_fraction, seed)
    return (train, None) if rows is None else (train.take(rows[0]), train.take(rows[1]))


class _Run:
    """The pieces of one run share where it stands."""

    def __init__(
        self,
        configuration: Configuration,
        start: Start,
        targets: Targets | None,
        checkpointer: Checkpointer | None,
        watch: Watch,
        engine: Engine | None = None,
    ) -> None:
        self.configuration = configuration
        self.network, self.seed, self.state = start.network, start.seed, start.state
        self.pretraining, self.pretrain_history, self.plan = start.pretraining, start.pretrain_history, start.plan
        self.targets, self.checkpointer, self.watch = targets, checkpointer, watch
        self.doubted = False  # whether pre-training was warned of
        self.engine: Engine = engine or configuration.computed_by()

    def outcome(self, state: State, **more: Any) -> Outcome:
        """As of now, with the network itself."""
        return Outcome(
            network=self.network,
            seed=self.seed,
            targets=self.targets,
            history=state.history,
            n_epochs=state.epoch,
            best_epoch=state.best_epoch,
            pretrain_history=self.pretrain_history,
            autoencoders=() if self.pretraining is None or self.targets else tuple(self.pretraining.finished),
            plan=self.plan,
            **more,
        )

    # -- pre-training -------------------------------------------------------------------------------------------------

    def pretrain(self, X: Matrix | Stored, held_out: Part | None) -> None:
        """Pre-train the hidden layers where the start asks for it."""
        if self.pretraining is None:
            return
        layers, state = layer_configurations(self.configuration), self.pretraining
        warn_of_negative_inputs(layers, X)
        with (
            pretraining_bar(bool(self.configuration.verbose), layers, int(X.shape[0])) as show,
            deferred_interrupt() as interrupt,
            np.errstate(over="ignore", invalid="ignore"),  # what is not finite is a DivergenceError
        ):
            pretrain(
                self.network,
                X,
                layers,
                engine=self.engine,
                seed=self.seed,
                state=state,
                watch=self._watcher(interrupt, show),
                X_val=held_out.X if self.targets is None and held_out is not None else None,
                keep_decoders=self.targets is None,
                judge=self._judge_layer,
            )
        self.pretrain_history = state.history
        if state.status == "interrupted":
            raise KeyboardInterrupt(f"pre-training was interrupted in hidden layer {state.layer}")

    def _judge_layer(self, task: LayerTask) -> None:
        """One warning is enough: the layers above a silent one are silent too."""
        self.doubted = self.doubted or judge_layer(task)

    # -- supervised training ------------------------------------------------------------------------------------------

    def train(self, training: Part, held_out: Part | None, data: Data) -> Outcome:
        """Supervised training with everything that looks on; then the predictions."""
        try:
            self.plan = self.plan or self.decide(training, held_out)
        except Interrupted as interrupted:
            return self._outcome_of_trial(interrupted)
        if self.checkpointer is not None:
            self.checkpointer.pretrain_history = self.pretrain_history
            if self.plan.trials:  # which are not repeated; any other plan follows from the configuration
                self.checkpointer.plan = self.plan
                self.checkpointer.write(self.state)
        outcome = self.fit(training, held_out)
        if not self.doubted:  # or it was said of the pre-training
            assert self.targets is not None
            l1 = self.configuration.l1(self.configuration.activity_l1)
            losses = [entry["loss"] for entry in outcome.history]
            judge(self.engine, outcome.network, training, self.targets, l1, losses)
        parts = {"validation": data.validation, "test": data.test}
        return replace(outcome, predictions={name: self.predict(part) for name, part in parts.items() if part})

    def decide(self, training: Part, held_out: Part | None) -> Plan:
        """Rate and length of supervised training, by trials where that is asked for."""

        def task(train: Part, judges: Part) -> SupervisedTask:
            return self._task(self.network.copy(), train, judges)

        with (
            trial_bar(bool(self.configuration.verbose)) as show,
            deferred_interrupt() as interrupt,
            np.errstate(over="ignore", invalid="ignore"),  # what is not finite is a DivergenceError
        ):

            def watch(rate: float) -> bool:
                show(rate)
                return interrupt.requested

            return choose(self.configuration, task, training, held_out, self._settings(held_out), watch)

    def _outcome_of_trial(self, interrupted: Interrupted) -> Outcome:
        """What Ctrl-C leaves while rates are tried: the network of the trial that was under way."""
        self.network, self.state, self.plan = interrupted.network, interrupted.state, interrupted.plan
        end_interrupted(self.state.epoch, trying=True)
        return self.outcome(self.state, ending="interrupted")

    def fit(self, training: Part, held_out: Part | None) -> Outcome:
        """The loop, once there is a plan; its outcome."""
        assert self.plan is not None
        c, state = self.configuration, self.state
        task, settings = self._task(self.network, training, held_out), self.plan.settings(self._settings(held_out))
        last = state.epoch if state.out_of_patience(settings) else settings.max_epochs  # of a resumed run that stopped
        try:
            if self.watch(Moment("begin", state, last, state.ends(settings), self._copy)):
                return self.outcome(state, ending="interrupted")
            with (
                training_bar(bool(c.verbose), last, -(-len(training) // c.batch_size)) as show,
                deferred_interrupt() as interrupt,
                np.errstate(over="ignore", invalid="ignore"),  # what is not finite is a DivergenceError
            ):
                loop.fit(task, settings, state, self._watcher(interrupt, show, last, settings))
        except DivergenceError as error:
            error.best = self.outcome(state) if state.best is not None else None
            raise
        if interrupt.requested:
            end_interrupted(state.epoch)
        ending = "interrupted" if state.status == "running" else state.status
        return self.outcome(state, ending=ending)

    def predict(self, part: Part) -> Any:
        """Predictions for some examples, in the targets' own terms."""
        assert self.targets is not None
        return self.targets.decode(outputs_of(self.engine, self.network, part.X))

    def _task(self, network: Network, training: Part, held_out: Part | None) -> SupervisedTask:
        c, targets = self.configuration, self.targets
        assert targets is not None
        examples = examples_of(training, targets, c.dtype)
        validation = None if held_out is None else examples_of(held_out, targets, c.dtype)
        in_memory = examples.take(np.arange(0)) if isinstance(examples, StoredExamples) else examples
        problem = Supervised(network, in_memory, targets.loss, c.l1(c.activity_l1))
        stored = examples if isinstance(examples, StoredExamples) else None
        return SupervisedTask(problem, self.engine, targets, validation, stored)

    def _settings(self, held_out: Part | None) -> Settings:
        """All but the schedule and the length, which are the plan's."""
        c = self.configuration
        patience = c.patience if c.early_stopping and held_out is not None else None
        return Settings(Schedule(1.0), int(c.batch_size), 1, self.seed, bool(c.shuffle), patience, rule=c.rule)

    def _copy(self) -> Outcome:
        """As of now, with a copy of the network."""
        state = self.state
        now = self.outcome(State(state.epoch, history=list(state.history), best_epoch=state.best_epoch))
        return replace(now, network=self.network.copy())

    def _watcher(
        self, interrupt: Interrupt, show: Callable[[Any], None], max_epochs: int = 0, settings: Settings | None = None
    ) -> Callable[[Any], bool]:
        """All that look on, as one; True when Ctrl-C or the run's own watcher wants to stop."""

        def watch(state: State | PretrainingState) -> bool:
            show(state)
            pretraining = isinstance(state, PretrainingState)
            step = state.run.step if isinstance(state, PretrainingState) else state.step
            last = settings is not None and isinstance(state, State) and state.ends(settings)
            stop = self.watch(Moment("block" if step or pretraining else "epoch", state, max_epochs, last, self._copy))
            stop = stop or interrupt.requested
            if self.checkpointer is not None:
                self.checkpointer(state, stop)
            return stop

        return watch


def warn_of_negative_inputs(layers: tuple[LayerConfiguration, ...], X: Matrix | Stored) -> None:
    """Say when the first layer's output unit cannot give back what X holds."""
    if not (layers and layers[0].epochs and layers[0].reconstruction in ("softplus", "rectifier")):
        return
    if (lowest := facts_of(X).lowest) < 0:
        warn(
            f"{setting('reconstruction', layers[0].reconstruction)} never answers below 0 and X goes down to "
            f"{lowest:.3g}: what lies below cannot be reconstructed. Use {setting('reconstruction', 'linear')} for the "
            f"first layer, or scale X into [0, 1] ({setting('scaling', 'minmax')})"
        )
