# Two commands matter: `make run` and `make test`. Each installs what it needs into .venv, once.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-virtualenv
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate pyproject.toml
# As root, the PostgreSQL of the tests makes itself a user, with a command that a short PATH lacks.
export PATH := $(PATH):/usr/sbin:/sbin
# Byte code is kept whatever the shell says: without it every process that the tests start compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
SOURCES := hiring seed tests migrations

.DEFAULT_GOAL := help
.PHONY: help run test lint fmt types check-imports tests torture bench coverage lock wheel clean
.DELETE_ON_ERROR:

help:  ## list these targets
	@echo 'Usage: make <target>'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run  ## open the company on http://127.0.0.1:5000 (PORT=... for another port), with a demo on first start
	@exec $(BIN)/hiring up

test: lint types check-imports tests  ## everything that must pass: lint, types, imports, tests

lint: .venv/.dev  ## ruff: rules and format
	@$(BIN)/ruff check $(wildcard $(SOURCES))
	@$(BIN)/ruff format --check $(wildcard $(SOURCES))

fmt: .venv/.dev  ## ruff: mend what it can, and format
	@$(BIN)/ruff check --fix $(wildcard $(SOURCES))
	@$(BIN)/ruff format $(wildcard $(SOURCES))

types: .venv/.dev  ## mypy --strict
	@$(BIN)/mypy --num-workers 2

check-imports: .venv/.dev  ## import-linter: floors, rooms, purity of rules
	@$(BIN)/lint-imports

tests: .venv/.dev  ## pytest on two processes; browser tests skip, and say so, where there is no Chromium
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

torture: .venv/.dev  ## what the tests repeat, in full: every count, seed and figure printed (HIRING_SEED=... repeats one)
	@HIRING_TORTURE=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m torture

bench: .venv/.dev  ## what every page costs at 10,000 and at 1,000,000 applications, on both engines (BENCH=--help)
	@$(BIN)/python -m tests.bench $(BENCH)

coverage: .venv/.dev  ## branches of what decides, acts and reads that no test takes (browser and PostgreSQL left out)
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m coverage run -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not postgres"
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report

lock: .venv/.dev  ## resolve pyproject.toml anew into the two hashed locks
	@$(COMPILE) --upgrade --output-file requirements.lock
	@$(COMPILE) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock

wheel: .venv/.run  ## build a wheel that carries templates, migrations and seed
	@$(BIN)/python -m hatchling build -t wheel -d dist

clean:  ## remove what make made; keeps the company's data
	@rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than the lock it stands for, so a second start installs nothing.
.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or later is needed; name it with: make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo 'Python lacks its venv module. On Debian and Ubuntu: sudo apt-get install -y python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: requirements.lock pyproject.toml .venv/.created
	@echo 'Installing what running needs ...'
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	@echo 'Installing what developing needs ...'
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
