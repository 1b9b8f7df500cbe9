"""Draw the pictures of docs/images that show a trained network: python scripts/draw_pictures.py

Needs MNIST and the film reviews (RECTINET_DATA), matplotlib and jinja2; for the page of explanations also chromium.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.falling_rate import classifier  # noqa: E402
from benchmarks.pruning import SETTINGS  # noqa: E402
from rectinet import RectifierClassifier, TextModel, plots  # noqa: E402
from rectinet.datasets import load  # noqa: E402
from rectinet.explaining import accounts, write_page  # noqa: E402

IMAGES = ROOT / "docs" / "images"
DPI = 90


def network() -> None:
    """Sparsity, filters and heat maps of the network that the benchmark of pruning cuts."""
    mnist = load("mnist")
    clf = classifier(0, **SETTINGS).set_params(verbose=0).fit(mnist.train.X, mnist.train.y)
    plots.sparsity_histograms(clf.sparsity_report(mnist.test.X)).savefig(IMAGES / "sparsity.png", dpi=DPI)
    plots.first_layer_filters(clf.network_, (28, 28)).savefig(IMAGES / "filters.png", dpi=DPI)
    (account,) = accounts(clf, mnist.test.X[8:9], [9])  # a 6 that is nearly a 5
    maps = {f"{output.name}: {output.total:+.3g}": output.amounts for output in account.outputs[:5]}
    plots.heat_maps(account.inputs, maps, (28, 28)).savefig(IMAGES / "heat-maps.png", dpi=DPI)


def page() -> None:
    """The page of two reviews that a model of 20,000 others explains."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("explained.png is left as it is: there is no chromium", file=sys.stderr)
        return
    with lzma.open(Path(os.environ["RECTINET_DATA"]) / "imdb" / "train.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    np.random.default_rng(0).shuffle(rows)  # the file has one half after the other
    texts, parts = [row["text"].replace("<br />", "\n") for row in rows], [row["part"] for row in rows]
    model = TextModel(RectifierClassifier((200,), learning_rate=0.05, max_epochs=4, random_state=0))
    model.fit(texts[:20000], parts[:20000])
    short = [text for text in texts[20000:] if 300 < len(text) < 500][:2]
    with tempfile.TemporaryDirectory() as folder:
        html = Path(folder) / "index.html"
        write_page(html, accounts(model, short, [1, 2]), "two film reviews", 8)
        size = ("--window-size=1000,900", "--hide-scrollbars", f"--screenshot={IMAGES / 'explained.png'}")
        quiet = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
        subprocess.run([chromium, *quiet, *size, html.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    network()
    page()
