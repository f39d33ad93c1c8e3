# make run   the main job on a fresh machine: simulate Ways to Wellness
# make test  linters, types, import rules, notebooks and tests
# make bench the benchmarks, all ratios from one run
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# where PYTHONDONTWRITEBYTECODE is set, every run would compile the whole package anew
COMPILED := $(BIN)/python -m compileall -q sibmodel

.PHONY: run test lint bench pictures reference lock clean

run: .venv/run.stamp
	$(BIN)/sibmodel run scenarios/ways_to_wellness.yaml

test: lint
	$(BIN)/python -m pytest -q --nbmake --nbmake-timeout=300 notebooks
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal tests

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sibmodel check scenarios/*.yaml scenarios/*/*.yaml

bench: .venv/bench.stamp
	$(BIN)/python -m tests.performance.bench

# notebooks with their outputs and the README's picture, after a change of the scenario or the model
pictures: .venv/dev.stamp
	$(BIN)/jupyter nbconvert --log-level=ERROR --to notebook --execute --inplace notebooks/*.ipynb \
	  --ClearMetadataPreprocessor.enabled=False --ExecutePreprocessor.record_timing=False
	$(BIN)/python -m sibmodel.report.pictures scenarios/ways_to_wellness.yaml docs/pictures/ways_to_wellness.png
	$(BIN)/sibmodel deal-space scenarios/ways_to_wellness.yaml --trials 4000 --chart docs/pictures/deal_space.png

# the reference of all fields, after a change of the schema
reference: .venv/dev.stamp
	$(BIN)/python -m sibmodel.report.reference docs/reference.md

# new pins; the files name no index, so they work with any
lock: .venv/dev.stamp
	$(BIN)/uv pip compile pyproject.toml --extra build $(LOCK) -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev $(LOCK) -o requirements/dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra bench $(LOCK) -o requirements/bench.txt
LOCK := --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q

.venv/bench.stamp: requirements/bench.txt .venv/dev.stamp
	$(BIN)/python -m pip install -q --require-hashes -r requirements/bench.txt
	@$(COMPILED)
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv is missing; on Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@$(COMPILED)
	@touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@$(COMPILED)
	@touch $@ .venv/run.stamp
