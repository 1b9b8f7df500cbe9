"""docs/saving.md says what works: its code is run."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "saving.md"


def test_a_pipeline_is_saved_as_the_page_says(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    assert (tmp_path / "pipeline.skops").exists()
    assert names["unknown"]  # ours are asked about, so that the page's check checks something
