"""Pictures of the gallery that an example's last line returns, as `rectinet.plots` does, without pyplot."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst


def scraper(block: Any, variables: dict[str, Any], settings: dict[str, Any]) -> str:
    """Save the figure that a block's last expression was, if it was one."""
    figure = variables["example_globals"].get("___")  # stays there until another line returns something
    if not isinstance(figure, Figure) or getattr(figure, "is_drawn", False):
        return ""
    figure.is_drawn = True  # type: ignore[attr-defined]
    path = next(variables["image_path_iterator"])
    figure.savefig(path, dpi=100)
    return str(figure_rst([path], settings["src_dir"]))
