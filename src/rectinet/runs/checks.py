"""Whether the parameters of a run can be used, each by its own rule and together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rectinet.runs import rules
from rectinet.runs.parameters import RULE, Parameters, table
from rectinet.wording import setting, shown


def check(parameters: Parameters) -> None:
    """Raise for the first parameter that cannot be used.

    Raises
    ------
    ValueError
        Names the parameter, its value and what is allowed.
    """
    n_hidden = None
    for name, entry in table(parameters).items():
        rule, value = entry.metadata[RULE], getattr(parameters, name)
        rule.check(name, value)
        n_hidden = len(hidden_sizes(value)) if name == "hidden_layer_sizes" else n_hidden
        if rule.per_layer and isinstance(value, rules.SEQUENCES) and len(value) != n_hidden:
            raise ValueError(
                f"{setting(name)} must be one value or one per hidden layer ({n_hidden}); got {shown(value)}"
            )
    reference = parameters.engine == "reference"
    if parameters.derivative_at_zero == 1 and parameters.activation == "rectifier" and not reference:
        raise ValueError(
            f"{setting('derivative_at_zero', 1)} needs {setting('engine', 'reference')}: an engine that skips the "
            f"units at 0 cannot send their derivative back; got {setting('engine', parameters.engine)}"
        )
    if parameters.checkpoint is not None and parameters.engine.startswith("torchrun"):
        raise ValueError(
            f"{setting('engine', parameters.engine)} keeps no checkpoint, since its processes would all write it; "
            f"leave {setting('checkpoint')} out"
        )


def hidden_sizes(sizes: int | Sequence[int]) -> tuple[int, ...]:
    """Units per hidden layer; a bare integer is one layer."""
    return tuple(int(n) for n in (sizes if isinstance(sizes, Iterable) else (sizes,)))
