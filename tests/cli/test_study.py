"""`rectinet study` as typed."""

from __future__ import annotations

from rectinet.study.database import FILE


def test_from_nothing_to_an_export_and_back(run):
    said = run("study", "run", "tests.study.tiny", "--budget", "quick", "--seeds", "1").output
    assert "5 runs: 4 done, 1 diverged. 5 executed now." in said
    said = run("study", "run", "tests.study.tiny", "--budget", "quick", "--seeds", "1").output
    assert "5 runs: 4 done, 1 diverged. 0 executed now." in said
    status = run("study", "status").output.split()
    assert status[:3] == ["experiment", "done", "diverged"]
    assert status[-3:] == ["tests.study.tiny", "4", "1"]
    assert "rectinet-study/export/tests.study.tiny: 5 runs" in run("study", "export").output
    assert "5 runs are new" in run("study", "import", "rectinet-study/export", "--out", "elsewhere").output
    assert (
        "0 executed now"
        in run("study", "run", "tests.study.tiny", "--budget", "quick", "--seeds", "1", "--out", "elsewhere").output
    )


def test_the_experiments_are_listed(run):
    assert "few-labels: Few labels: what pre-training" in run("study", "list").output


def test_a_mistyped_experiment_is_one_sentence(run):
    said = run("study", "run", "few-lables", code=2).output
    assert said.startswith("Error: there is no experiment 'few-lables'; did you mean few-labels?")


def test_there_is_nothing_to_show_yet(run):
    for command in ("status", "export"):
        said = run("study", command, code=2).output
        assert said.startswith("Error: there is no study in rectinet-study: begin one with rectinet study run NAME")


def test_a_file_that_is_no_store_is_one_sentence(run, tmp_path):
    (tmp_path / "rectinet-study").mkdir()
    (tmp_path / "rectinet-study" / FILE).write_text("no store at all, just text that somebody wrote")
    assert "is not a store of the study" in run("study", "status", code=2).output
