"""The report of the study, made of the exported runs while the site is built: ``report.html`` beside its pages."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

EXPORTED = Path(__file__).parents[2] / "results"


def on_builder_inited(app: Any) -> None:
    """Imported into a store that is thrown away."""
    from rectinet.study.exchange import import_all
    from rectinet.study.report import write_report
    from rectinet.study.store import Store
    from rectinet.study.writer import writing

    out = Path(app.outdir).parent / "study"
    with tempfile.TemporaryDirectory() as folder:
        with writing(Path(folder)) as writer:
            import_all(writer, EXPORTED)
        with Store(Path(folder)) as store:
            page = write_report(store, out)
    app.config.html_extra_path = [str(page)]


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", on_builder_inited)
    return {"parallel_read_safe": True}
