"""The `rectinet` command: one file for each of its words."""

from __future__ import annotations

from rectinet.cli import _bench, _demo, _inspect, _predict, _study, _train, data
from rectinet.cli._app import app as app
from rectinet.cli._app import main as main

for _command in (_demo, _train, _predict, _inspect, _bench):
    _command.register(app)
app.add_typer(data.app, name="data")
app.add_typer(_study.app, name="study")
