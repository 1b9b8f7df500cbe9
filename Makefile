# On a machine with Python 3.11 or newer, make and a C++20 compiler:
#   make demo        train five networks on handwritten digits, about 30 CPU seconds, no network needed once installed
#   make study       Table 1 of the paper on small digits, from nothing to the report; about a minute, two runs at a time
#   make test        the tests, without PyTorch
#   make test-peers  the comparisons with PyTorch and ONNX Runtime
#   make lint        ruff, mypy --strict, import-linter, clang-format, and that the type stub of the extension is current
#   make bench       timings against PyTorch, scikit-learn and ONNX Runtime on real MNIST (set RECTINET_DATA)
#   make wheel       an sdist and Linux wheels in dist/, audited, each installed elsewhere and tested; some 20 minutes
#   make docs        the documentation site in build/docs, its examples run; every warning is an error; some minutes
#   make stubs       write the type stub of the extension again, after a change of its bindings
#   make sanitize    the kernels under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer, some 20 minutes
#   make format      lay out the C++ as .clang-format says
#   make clean       remove the virtual environment and everything built
# Each makes .venv when it has to, with versions pinned by constraints.txt. PYTHON, CXX and PYTEST_ARGS may be set:
#   make test PYTHON=/usr/bin/python3.12 CXX=clang++ PYTEST_ARGS="-k engine -x"
# PyTorch's default Linux wheels carry gigabytes of CUDA libraries, which nothing here uses: for test-peers and bench
# point PIP_EXTRA_INDEX_URL at PyTorch's CPU-only index (its install page names it); pip then prefers those wheels.

VENV := .venv
PY := $(VENV)/bin/python
STUB := src/rectinet/_native/_kernels.pyi
PINNED := pyproject.toml constraints.txt
CPP := $(wildcard src/rectinet/_native/*.cpp src/rectinet/_native/*.hpp)
NATIVE := CMakeLists.txt $(CPP)

.PHONY: help demo study test test-peers lint bench wheel docs stubs sanitize format clean
help:
	@sed -n 's/^#   make/  make/p' Makefile

demo: $(VENV)/.rectinet
	@$(VENV)/bin/rectinet demo

study: $(VENV)/.rectinet
	@$(VENV)/bin/rectinet study run table1 --data digits --budget quick --jobs 2
	@$(VENV)/bin/rectinet study report

test: $(VENV)/.test
	$(PY) -m pytest --ignore=tests/peers $(PYTEST_ARGS)

test-peers: $(VENV)/.peers
	$(PY) -m pytest tests/peers $(PYTEST_ARGS)

lint: $(VENV)/.lint
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/clang-format --dry-run --Werror $(CPP)
	@$(PY) -m nanobind.stubgen -q -m rectinet._native._kernels -o $(VENV)/_kernels.pyi
	@cmp -s $(VENV)/_kernels.pyi $(STUB) || { echo "$(STUB) is not what the extension offers: run make stubs." >&2; exit 1; }

# The data is asked for first: nobody should wait for an installation to learn that it was in vain.
bench:
	@test -d "$$RECTINET_DATA" || { echo "rectinet: make bench needs real MNIST: set RECTINET_DATA to the folder of" \
	  "data sets (it is '$$RECTINET_DATA', not a folder)." >&2; exit 1; }
	@$(MAKE) --no-print-directory $(VENV)/.bench
	$(PY) -m benchmarks.run

docs: $(VENV)/.docs
	@mkdir -p build
	MPLBACKEND=agg $(PY) -m sphinx -q -W --keep-going -b html -d build/doctrees docs build/docs
	@echo "rectinet: open build/docs/index.html"

wheel: $(VENV)/.wheel
	@PYTEST_ARGS="$(PYTEST_ARGS)" scripts/wheel $(VENV)

stubs: $(VENV)/.rectinet
	$(PY) -m nanobind.stubgen -m rectinet._native._kernels -o $(STUB)

sanitize: $(VENV)/.test
	@scripts/sanitize $(VENV)

format: $(VENV)/.lint
	$(VENV)/bin/clang-format -i $(CPP)

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# One stamp per step; each step starts again when what it was made from has changed.
$(VENV)/.python: scripts/prepare
	@scripts/prepare $(VENV)
	@scripts/install $(VENV) "pip" pip
	@touch $@

$(VENV)/.rectinet: $(VENV)/.python $(PINNED) $(NATIVE)
	@scripts/install $(VENV) "the build tools" --group build
	@CXX="$${CXX:-$$(cat $(VENV)/.compiler)}" scripts/install $(VENV) \
	  "rectinet (compiled here) and the libraries it stands on" --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.rectinet
	@scripts/install $(VENV) "the test tools" --group test
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	@scripts/install $(VENV) "the lint tools" --group lint
	@touch $@

$(VENV)/.docs: $(VENV)/.rectinet
	@scripts/install $(VENV) "Sphinx and what the examples draw with" --group docs
	@touch $@

$(VENV)/.wheel: $(VENV)/.python $(PINNED)
	@scripts/install $(VENV) "the tools that build and audit wheels" --group wheel
	@touch $@

$(VENV)/.peers: $(VENV)/.test
	@scripts/install $(VENV) "PyTorch and ONNX Runtime, to compare with" --group peers
	@touch $@

$(VENV)/.bench: $(VENV)/.peers
	@scripts/install $(VENV) "the plotting library" --group bench
	@touch $@
