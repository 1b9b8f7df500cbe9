"""The documentation site: `make docs` builds it into build/docs, and every warning is an error."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))
os.environ.setdefault("OMP_NUM_THREADS", "1")

import rectinet

project, author = "rectinet", "rectinet developers"
version = release = rectinet.__version__
copyright = "rectinet developers, BSD-3-Clause"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "command_line",
    "repository_links",
    "study_report",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["gallery/*.md", "gallery/README.rst", "inventories"]
templates_path = ["_templates"]
default_role = "py:obj"
nitpicky = False  # types in numpydoc are prose: "array-like of shape (n_samples, n_features)"

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

autosummary_generate = True
autodoc_default_options = {"members": True, "inherited-members": True}
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# Kept in the tree, so that a build needs no network: names and addresses of other projects' pages.
intersphinx_mapping = {
    "python": ("https://docs.python.org/3", "inventories/python.inv"),
    "numpy": ("https://numpy.org/doc/stable", "inventories/numpy.inv"),
    "scipy": ("https://docs.scipy.org/doc/scipy", "inventories/scipy.inv"),
    "sklearn": ("https://scikit-learn.org/stable", "inventories/scikit-learn.inv"),
}

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "examples",
    "filename_pattern": r"/plot_",
    "within_subsection_order": "FileNameSortKey",
    "remove_config_comments": True,
    "show_memory": False,
    "min_reported_time": 60,
    "download_all_examples": False,
    "plot_gallery": True,
    "abort_on_example_error": True,
    "show_signature": False,
    "image_scrapers": ("matplotlib", "returned_figures.scraper"),
    "capture_repr": ("_repr_html_",),
}
warnings.filterwarnings("ignore", category=UserWarning, message="FigureCanvasAgg is non-interactive")

html_theme = "pydata_sphinx_theme"
html_title = "rectinet"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    "show_prev_next": False,
    "navigation_depth": 2,
    "show_toc_level": 1,
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}
html_sidebars = {"index": []}
html_copy_source = html_show_sourcelink = False
