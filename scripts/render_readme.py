"""Render our numbers into README.md from the stored results of the benchmarks and the study: nobody types a number.

python scripts/render_readme.py            write the part between the markers anew
python scripts/render_readme.py --check    exit 1 when it is not what the results say
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.bars import judge  # noqa: E402
from benchmarks.readme import falling_rate, table  # noqa: E402
from benchmarks.results import RESULTS, read_all, write_text  # noqa: E402
from rectinet.study.exchange import import_all  # noqa: E402
from rectinet.study.report import summary  # noqa: E402
from rectinet.study.store import Store  # noqa: E402
from rectinet.study.writer import writing  # noqa: E402

EXPORTED = ROOT / "results"

BEGIN = "<!-- numbers: rendered by scripts/render_readme.py, do not edit -->"
END = "<!-- end of numbers -->"
SHOWN = {  # claim: what it says to somebody who has not read the benchmarks
    "test error of the reference run": "MNIST, 784-1000-1000-1000-10, 20 epochs with activity L1: test error",
    "its hidden zeros, on test images": "its hidden units that are exactly 0, on test images",
    "against PyTorch autograd, with L1": "its training step, against PyTorch autograd",
    "against PyTorch hand-fused, with L1": "the same, against PyTorch without autograd, updating in place",
    "one example against ONNX Runtime": "one prediction, against ONNX Runtime",
    "auto-encoder on text, sampled, against PyTorch EmbeddingBag": "pre-training step on text, against EmbeddingBag",
    "memory for 310,000 reviews": "memory to pre-train 5000-5000-5000 on 310,000 reviews",
}
NONE_YET = "Not measured yet: `make bench` measures them on real MNIST.\n"


def rendered(readme: str, folder: Path = RESULTS, exported: Path = EXPORTED) -> str:
    """The README, its figures between the markers as `folder` and the `exported` runs of the study say."""
    head, begin, rest = readme.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md needs the two markers {BEGIN} and {END}")
    said = "\n".join(filter(None, (numbers(folder), findings(exported))))
    return f"{head}{BEGIN}\n\n{said}\n{END}{tail}"


def numbers(folder: Path) -> str:
    """The claims of `SHOWN` as they were measured, as Markdown."""
    results = read_all(folder)
    verdicts = {verdict.name: verdict for verdict in judge(results)} if results else {}
    rows = [(what, verdicts[name].measured) for name, what in SHOWN.items() if name in verdicts]
    if not rows:
        return NONE_YET
    machine = results["machine"]
    about = f"{machine['cpu']}, {machine['threads']} thread, float32, minibatches of 10, contenders in turn"
    shown = f"On {about} ([how, and all the figures](benchmarks/README.md)):\n\n{table(('', 'measured'), rows)}"
    falling = results["scripts"].get("falling_rate")
    if falling is not None:
        shown += f"\nWith `decay_from`: {falling_rate(falling)}\n"
    times = results["scripts"].get("time_to_error")
    return shown if times is None else f"{shown}\n{times_to_errors(times)}\n"


def times_to_errors(found: dict[str, Any]) -> str:
    """A sentence: how much sooner than PyTorch."""
    parts = [
        f"{one['threshold']:.2%} of {name} after {one['rectinet']['seconds']:.0f} s instead of "
        f"{one['pytorch']['seconds']:.0f} s, {one['times']:.1f} x"
        for name, key in (("MNIST", "mnist"), ("IMDB's polarity", "imdb"))
        if key in found
        for one in found[key]["figures"][-2:]
        if one["times"] and one["rectinet"]["reached"] == one["seeds"]
    ]
    return (
        "Processor seconds of training until the validation error is first that low, beside the best of more than a "
        f"dozen recipes of PyTorch, on one core of {found['mnist']['machine']['cpu']} "
        f"([how](docs/training.md#the-time-to-an-error-beside-pytorch)): {'; '.join(parts)}."
    )


def findings(folder: Path) -> str:
    """What the study's exported runs say, a sentence each, as Markdown; empty where there are none."""
    if not folder.is_dir():
        return ""
    with tempfile.TemporaryDirectory() as store:
        with writing(Path(store)) as writer:
            import_all(writer, folder)
        with Store(Path(store)) as stored:
            found = summary(stored.records())["findings"]
    lines = [f"- {one['text']}" for one in found]
    return "From [the study](docs/study.md), re-run:\n\n" + "\n".join(lines) + "\n" if lines else ""


def main() -> int:
    path = ROOT / "README.md"
    before = path.read_text(encoding="utf-8")
    after = rendered(before)
    if "--check" in sys.argv[1:]:
        if after != before:
            print("README.md is not what the results say: run python scripts/render_readme.py", file=sys.stderr)
        return int(after != before)
    write_text(path, after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
