# One virtual environment, made and filled only when pyproject.toml or constraints.txt change.
#   make run [FILE=draft.md]   open the app          make test       all that CI runs
#   make bench                 measure               make test-all   the same and the slow tests
#   make fmt                   format the code       make clean      remove the environment and caches
#   make pictures              make docs/*.svg anew: the app takes them itself
VENV ?= .venv
MINIMUM := 3.11
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input -c constraints.txt

# Small matrices are fastest on one thread, and two test processes do not fight over two cores.
TEST_ENVIRONMENT := OMP_NUM_THREADS=1
# One process more than there are cores, because many tests wait for children of theirs. A file's tests share its
# children (engines, trainers), so they stay together.
WORKERS := $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$cores -lt 7 ] || cores=7; expr $$cores + 1)
PYTEST := $(TEST_ENVIRONMENT) $(BIN)/pytest -q --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: run test test-all lint types layers bench fmt pictures clean
.DEFAULT_GOAL := run

run: $(VENV)/.installed
	@$(BIN)/foretype $(if $(FILE),"$(FILE)")

test: lint types layers
	$(PYTEST)

test-all: lint types layers
	$(PYTEST) -m "slow or not slow"

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/basedpyright --pythonpath $(BIN)/python

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	@$(BIN)/python -P -m benchmarks $(ARGS)

fmt: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pictures: $(VENV)/.installed
	@$(BIN)/python -P docs/picture.py $(ARGS)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.made:
	@test -n "$(PYTHON)" || { \
		echo "foretype needs Python $(MINIMUM) or newer: install it, or say where it is with 'make PYTHON=/path/to/python3'."; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "foretype needs Python $(MINIMUM) or newer, and $(PYTHON) is not: say 'make PYTHON=/path/to/python3'."; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "foretype needs Python's venv module: install it (on Debian and Ubuntu: apt install python3-venv)."; \
		exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)."
	@$(PYTHON) -m venv "$(VENV)"
	@touch $@

# --no-build-isolation: the package is built with the pinned hatchling rather than with the newest.
$(VENV)/.installed: $(VENV)/.made pyproject.toml constraints.txt
	@echo "Installing Foretype and what it needs into $(VENV); once, for some minutes."
	@$(PIP) hatchling
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@
