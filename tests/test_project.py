"""The project as a newcomer meets it: one version, a light import, and one sentence when something is missing."""

import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import rectinet

ROOT = Path(__file__).parent.parent
# What the Makefile and its scripts call, besides a Python and a compiler.
TOOLS = ("sh", "make", "mktemp", "mkdir", "rm", "cat", "tail", "head", "grep", "touch", "test", "uname")
GOOD_PYTHON = os.path.realpath(sys.executable)  # the one outside the virtual environment


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    newest = re.search(r"^## (\d\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert rectinet.__version__ == project["version"] == newest[1]


def test_every_requirement_is_pinned():
    """The Makefile installs what constraints.txt names; an unpinned requirement would change under our feet."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [
        config["build-system"]["requires"],
        config["project"]["dependencies"],
        *config["project"]["optional-dependencies"].values(),
        *config["dependency-groups"].values(),
    ]
    wanted = {
        re.match(r"[\w.-]+", line)[0].lower()
        for group in groups
        for line in group
        if isinstance(line, str) and not line.startswith("rectinet[")
    }
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    assert wanted - pins.keys() == set()
    assert pins["torch"] == "2.13.0"


def test_importing_rectinet_is_light():
    heavy = "{'torch', 'matplotlib', 'pandas', 'onnx', 'altair', 'dask'}"
    answer = subprocess.run(
        [sys.executable, "-c", f"import sys, rectinet; print(sorted({heavy} & set(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"


@pytest.fixture
def fresh(tmp_path):
    """Return a copy of what make reads, without a virtual environment, and a PATH that holds only the bare tools."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "CMakeLists.txt"):
        shutil.copy(ROOT / name, project)
    shutil.copytree(ROOT / "scripts", project / "scripts")
    path = tmp_path / "bin"
    path.mkdir()
    for tool in TOOLS:
        (path / tool).symlink_to(shutil.which(tool))
    return project, path


def make(fresh, target="test", *arguments, **environment):
    """Run make in the copy; return its exit status, what it printed, and the lines that speak of an error."""
    project, path = fresh
    answer = subprocess.run(
        ["make", "--no-print-directory", target, *arguments],
        cwd=project,
        env={
            "PATH": str(path),
            "HOME": str(project),
            "LC_ALL": "C.UTF-8",
            "PIP_CONFIG_FILE": os.devnull,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in answer.stdout + answer.stderr
    complaints = [line for line in answer.stderr.splitlines() if not line.startswith("make")]
    return answer.returncode, complaints


def install_stub(path, name, script):
    stub = path / name
    stub.write_text(f"#!/bin/sh\n{script}\n")
    stub.chmod(0o755)


def install_compilers(path):
    for name in ("c++", "g++", "clang++"):
        if found := shutil.which(name):
            # A wrapper, not a link: the compiler finds its own parts (and the linker) by the usual PATH.
            install_stub(path, name, f'PATH="{os.environ["PATH"]}" exec "{found}" "$@"')


def test_another_system(fresh):
    (fresh[1] / "uname").unlink()
    install_stub(fresh[1], "uname", "echo Darwin")
    status, complaints = make(fresh)
    assert status != 0
    assert complaints == ["rectinet: builds on Linux (x86-64 or ARM) only, and this is Darwin."]


def test_no_python(fresh):
    status, complaints = make(fresh)
    assert status != 0
    assert len(complaints) == 1
    assert complaints[0].startswith("rectinet: Python 3.11 or newer is needed and none was found on PATH")


def test_old_python(fresh):
    """A stand-in that runs the question put to it as if it were 3.9."""
    install_stub(
        fresh[1],
        "python3",
        f"""exec "{GOOD_PYTHON}" -c "import sys; sys.version_info = (3, 9, 2, 'final', 0); exec(sys.argv[1])" "$2" """,
    )
    status, complaints = make(fresh)
    assert status != 0
    assert len(complaints) == 1
    assert complaints[0].startswith("rectinet: Python 3.11 or newer is needed, and the newest found is 3.9.2")


def test_a_python_that_does_not_run_is_passed_over(fresh):
    """Version managers leave such shims on PATH; the next name is tried, here up to the missing compiler."""
    install_stub(fresh[1], "python3.13", "echo 'command not found' >&2; exit 127")
    install_stub(fresh[1], "python3", f'exec "{GOOD_PYTHON}" "$@"')
    status, complaints = make(fresh)
    assert status != 0
    assert complaints[0].startswith("rectinet: a C++20 compiler is needed")


@pytest.mark.parametrize("compiler", [None, "echo 'unrecognized option -std=c++20' >&2; exit 1"])
def test_no_working_compiler(fresh, compiler):
    if compiler is not None:
        install_stub(fresh[1], "g++", compiler)
    status, complaints = make(fresh, PYTHON=GOOD_PYTHON)
    assert status != 0
    assert len(complaints) == 1
    assert complaints[0].startswith("rectinet: a C++20 compiler is needed (GCC 11, Clang 12, or newer)")


def test_no_network(fresh):
    """A package index nobody listens at: the sentence names what was wanted and where pip's own words are."""
    install_compilers(fresh[1])
    status, complaints = make(
        fresh, PYTHON=GOOD_PYTHON, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="1", PIP_NO_CACHE_DIR="1"
    )
    assert status != 0
    assert len(complaints) == 1
    assert "the package index cannot be reached" in complaints[0]
    assert (fresh[0] / ".venv" / "install.log").exists()


@pytest.mark.parametrize("data", [{}, {"RECTINET_DATA": "nowhere"}])
def test_bench_asks_for_its_data_first(fresh, data):
    status, complaints = make(fresh, "bench", **data)
    assert status != 0
    assert len(complaints) == 1
    assert complaints[0].startswith("rectinet: make bench needs real MNIST: set RECTINET_DATA")


def test_every_public_name_is_documented() -> None:
    import rectinet

    undocumented = []
    for name in rectinet.__all__:
        public = getattr(rectinet, name)
        members = (
            {name: public}
            if not isinstance(public, type)
            else {name: public}
            | {
                f"{name}.{key}": getattr(public, key)
                for key in dir(public)
                if not key.startswith("_")
                and getattr(getattr(public, key), "__module__", "rectinet").startswith("rectinet")
            }
        )
        undocumented += [key for key, value in members.items() if callable(value) and not inspect.getdoc(value)]
        undocumented += [key for key, value in members.items() if isinstance(value, property) and not value.__doc__]
    assert undocumented == []
