# Doorstep's everyday commands. Each does the set-up it needs; "make help" lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
JOBS ?= 2
args ?=
m ?=

.PHONY: help setup run test check format lint types layers drift shots bench soak installer installer-test migration clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: system libraries, Python packages, the two programs
	@./installer/setup.sh

run: setup ## open the desktop with a sample station (without a screen: play the demo)
	@./installer/run.sh $(args)

test: setup ## the whole suite, with a real PostgreSQL of its own (args="-k name" for less)
	@$(PYTHON) -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder --max-worker-restart=0 $(args)

check: setup lint types layers drift test ## what CI runs: format, lint, types, layers, migration drift, tests

format: setup ## bring the code into its format
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix .

lint: setup ## format and lint, without changing anything
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .

types: setup ## mypy, strict
	@$(PYTHON) -m mypy

layers: setup ## who may import whom
	@.venv/bin/lint-imports --no-logo

drift: setup ## fail if the models and the migrations differ
	@$(PYTHON) -m app.db --check

shots: setup ## pictures of every screen into build/shots/
	@mkdir -p build/shots
	@QT_QPA_PLATFORM=offscreen .venv/bin/doorstep shots --out build/shots $(args)

bench: setup ## the benchmarks, as ratios against floors of the same run (args="save search" for some)
	@$(PYTHON) -m bench $(args)

soak: setup ## long runs until something is lost (args="sim --runs 10000 --seed 1", args="kill --rounds 1000")
	@$(PYTHON) -m tests.sim.soak $(args)

installer: setup ## the bundle and its .deb packages into build/installer/ (root, network; half an hour the first time)
	@./installer/build.sh $(args)

installer-test: setup ## the packages of "make installer" in clean Debian 11, 12 and 13 roots (root; half an hour)
	@./installer/test/run.sh $(args)

migration: setup ## write the next migration step: make migration m="add x"
	@test -n "$(m)" || { echo 'say what it does: make migration m="add x"' >&2; exit 2; }
	@$(PYTHON) -m app.db "$(m)"

clean: ## remove what was built, not the .venv
	@rm -rf --one-file-system build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find app bench tests installer -name __pycache__ -type d -prune -exec rm -rf {} +
