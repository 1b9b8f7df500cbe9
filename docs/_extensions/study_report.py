"""The report of the study, made of the exported runs while the site is built: ``report.html`` beside its pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rectinet.study.exchange import as_store
from rectinet.study.report import write_report

EXPORTED = Path(__file__).parents[2] / "results"


def on_builder_inited(app: Any) -> None:
    """Written beside the site, and copied into it by Sphinx."""
    with as_store(EXPORTED) as store:
        page = write_report(store, Path(app.outdir).parent / "study")
    app.config.html_extra_path = [str(page)]


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", on_builder_inited)
    return {"parallel_read_safe": True}
