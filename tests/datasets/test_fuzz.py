"""A short round of the fuzzing of `benchmarks/fuzz`, for every parser: nothing but our named errors escapes."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.fuzz.damage import check, damaged_files
from benchmarks.fuzz.limited import reading
from benchmarks.fuzz.targets import TARGETS, Target
from rectinet.datasets.errors import TooLargeError


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_files(target: Target, tmp_path: Path):
    outcomes: Counter[str] = Counter()

    @settings(
        max_examples=80,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(damaged_files(target))
    def one_round(content: bytes) -> None:
        outcomes[check(target, content, tmp_path)] += 1

    one_round()
    assert outcomes["read"] > 0  # the seeds are valid files, and not everything is refused
    assert outcomes.total() > outcomes["read"]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_seeds_are_valid(target: Target, tmp_path: Path):
    for content in target.seeds:
        assert check(target, content, tmp_path) == "read"


def test_other_errors_and_too_much_memory_are_findings(tmp_path: Path):
    def careless(path: Path) -> object:
        return path.read_bytes().decode("ascii")

    def greedy(path: Path) -> object:
        return bytearray(64 << 20)

    with pytest.raises(UnicodeDecodeError):
        check(Target("careless", "x", (), careless), b"\xff", tmp_path)
    with pytest.raises(AssertionError, match="bytes of memory for a file of 1"):
        check(Target("greedy", "x", (), greedy), b"x", tmp_path)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TooLargeError("x: too large"), ("TooLargeError", "")),
        (TooLargeError("too large"), ("", "TooLargeError of 9 characters: too large")),
        (MemoryError(), ("", "MemoryError: ")),
        (KeyboardInterrupt(), ("", "KeyboardInterrupt: ")),
    ],
)
def test_where_memory_is_short_only_named_errors_pass(error: BaseException, expected: tuple[str, str]):
    def read() -> None:
        raise error

    assert reading(read, Path("folder/x")) == expected
    assert reading(lambda: None, Path("folder/x")) == ("read", "")
