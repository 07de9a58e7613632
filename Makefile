# Muniment: everything a person or a machine does with a working tree.
# `make run` and `make test` do their own set-up on a machine with Python 3.11 or later.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PYTEST := $(BIN)/python -m pytest
WORKERS ?= $(shell nproc)

# A Node of the machine serves; where there is none, the one that PyPI carries does.
NPM := $(shell command -v npm || echo $(BIN)/npm)
NODE_STEP := $(if $(shell command -v npm),,$(STAMPS)/node)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help
help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ── set-up: quick when nothing has changed ──────────────────────────────────────────────────────

.PHONY: setup system frontend
setup: system $(STAMPS)/project frontend $(STAMPS)/messages ## Make everything ready in .venv and node_modules

system:
	@$(PYTHON) tools/system_packages.py

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Muniment needs Python 3.11 or later; this is " + sys.version.split()[0] + ".")'
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv"; exit 3; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: requirements/dev.txt $(STAMPS)/venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/node: requirements/node.txt $(STAMPS)/venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json $(STAMPS)/venv $(NODE_STEP)
	$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

frontend: node_modules/.package-lock.json
	@$(BIN)/python tools/frontend.py

$(STAMPS)/messages: $(wildcard src/muniment_server/locale/*/LC_MESSAGES/*.po) tools/messages.py $(STAMPS)/python
	@$(BIN)/python tools/messages.py
	@touch $@

# ── daily work ──────────────────────────────────────────────────────────────────────────────────

.PHONY: run test quick faults bench check docs format
run: setup ## Walk fictional evidence along the whole path and open it in a browser
	$(BIN)/muniment demo --serve

test: setup ## Run the whole suite
	$(PYTEST) -n $(WORKERS) --dist worksteal

quick: setup ## Run the suite on SQLite alone and without its slow tests
	$(PYTEST) -n $(WORKERS) --dist worksteal -m "not slow" -k "not postgresql"

faults: setup ## Run the suites of faults and attacks at their full length
	MUNIMENT_FAULTS=long $(PYTEST) -n $(WORKERS) --dist worksteal tests/faults
	MUNIMENT_RACES=1000 $(PYTEST) tests/library/seal/test_witness_races.py
	MUNIMENT_FAULTS=long $(PYTEST) -n $(WORKERS) --dist worksteal tests/mutations

bench: setup ## Measure, side by side with peers and the physical limit
	$(BIN)/muniment bench

# Each by itself, so that `make -k check` tells everything at once.
CHECKS := check-format check-lint check-types check-library-types check-imports check-migrations \
	check-pages check-spelling
.PHONY: $(CHECKS)
$(CHECKS): setup
check: $(CHECKS) ## Format, lint, types, architecture, migrations, documentation, spelling

check-format:
	$(BIN)/ruff format --check

check-lint:
	$(BIN)/ruff check

check-types:
	$(BIN)/mypy

check-library-types:
	$(CURDIR)/node_modules/.bin/pyright

check-imports:
	$(BIN)/lint-imports --no-logo

check-migrations:
	DJANGO_SETTINGS_MODULE=muniment_server.settings $(BIN)/python -m django makemigrations --check --dry-run

check-pages:
	$(BIN)/python tools/reference.py --check

check-spelling:
	$(BIN)/codespell

docs: setup ## Write the reference pages from the program; check every link and name in the pages
	$(BIN)/python tools/reference.py
	$(PYTEST) -q tests/architecture/test_docs.py

format: setup ## Put the source into its one form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# ── keeping it up ───────────────────────────────────────────────────────────────────────────────

.PHONY: messages locks build
messages: setup ## Collect the texts of the source into the catalogues, for translators
	cd src && DJANGO_SETTINGS_MODULE=muniment_server.settings ../$(BIN)/python -m django makemessages \
		-l uk -l ru -e html,txt,py -i 'static/*' --no-location --no-wrap --no-obsolete

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	--generate-hashes --no-emit-index-url --no-emit-find-links --exclude-newer "7 days" \
	--custom-compile-command "make locks"

locks: setup ## Choose versions anew (at least a week old) and write the hashed locks
	$(COMPILE) pyproject.toml -o requirements/library.txt
	$(COMPILE) pyproject.toml --extra server --extra postgres -o requirements/server.txt
	$(COMPILE) pyproject.toml --extra server --extra postgres --group dev -o requirements/dev.txt
	$(COMPILE) --group node -o requirements/node.txt
	$(NPM) install --package-lock-only --no-audit --no-fund

build: setup ## Make the wheel and the source distribution in dist/
	$(BIN)/python -m hatchling build
