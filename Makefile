# Kentongan. `make` alone lists what there is; every target does its own set-up.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Passed on to the command: make demo ARGS="--headless --presses 50"
ARGS ?=
bin := .venv/bin
# Most tests wait for a process, a browser or a clock: one worker more than there are cores of the smallest machine.
workers ?= 3
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$(PATH)
# Keep what is compiled: tests and demo start hundreds of processes, and each would compile some thousand modules anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## This list
	@echo 'Kentongan: panic buttons for a city. Start with: make demo'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r target help; do printf '  make %-14s %s\n' "$$target" "$$help"; done

# --- use -------------------------------------------------------------------------------------

.PHONY: demo
demo: setup-demo ## A small city on this machine: press a button, see it ring
	@exec $(bin)/kentongan demo $(ARGS)

# --- set-up ----------------------------------------------------------------------------------

.PHONY: setup-demo
setup-demo: ## What the demo needs, into .venv/ and .tools/
	@tools/dev/setup.sh demo

.PHONY: setup
setup: ## What tests and linters need as well
	@tools/dev/setup.sh dev

.PHONY: setup-gateway
setup-gateway: ## What the gateway and its tests need (Raspberry Pi)
	@tools/dev/setup.sh gateway

# --- prove -----------------------------------------------------------------------------------

.PHONY: test
test: setup ## All tests; some of them: make test ARGS="tests/unit -k press"
	@$(bin)/pytest -n $(workers) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: test-gateway
test-gateway: setup-gateway ## The tests that run on a Raspberry Pi
	@$(bin)/pytest -n 2 -m 'not micropython and not browser' \
		$(filter-out tests/micropython/%,$(wildcard $(addprefix tests/*/,wire host gateway))) $(ARGS)

.PHONY: check
check: setup ## Linters, types, import contracts, firmware compile gate
	@tools/dev/check.sh $(ARGS)

.PHONY: fuzz-api
fuzz-api: setup ## Calls every operation of the API with made-up requests, for long
	@KENTONGAN_FUZZ_SEED=$${KENTONGAN_FUZZ_SEED:-$$RANDOM} KENTONGAN_FUZZ_EXAMPLES=$${KENTONGAN_FUZZ_EXAMPLES:-200} \
		$(bin)/pytest -q -s -n 0 tests/integration/server/test_openapi.py $(ARGS)

.PHONY: guards
guards: setup ## Takes each guard of an invariant out and expects a red test
	@$(bin)/python tools/dev/guards.py $(ARGS)

.PHONY: chaos
chaos: setup-demo ## Presses while everything breaks (the long form: docs/simulator.md)
	@exec $(bin)/kentongan chaos $(ARGS)

.PHONY: simulate
simulate: setup ## 100,000 simulated schedules, resumable; fewer: make simulate ARGS="--seeds 0-999"
	@$(bin)/kentongan simulate --jobs 2 $(or $(ARGS),--seeds 0-99999 --json bench/results/simulate.json)

.PHONY: planted
planted: setup ## Every planted bug over 1,000 seeds, resumable
	@$(bin)/python tools/dev/planted.py --all $(ARGS)

.PHONY: bench
bench: setup ## Measures, against docs and peers, into bench/results/
	@$(bin)/python -m bench $(ARGS)

.PHONY: fresh
fresh: ## Demo, linters and tests in a new Debian system (needs root)
	@tools/dev/fresh.sh $(ARGS)

# --- tend ------------------------------------------------------------------------------------

.PHONY: format
format: setup ## Formats the Python sources
	@$(bin)/ruff format . && $(bin)/ruff check --fix .

.PHONY: screenshots
screenshots: setup ## Takes the console's screenshots anew
	@$(bin)/python tools/dev/screenshots.py $(ARGS)

.PHONY: locks
locks: setup ## Rewrites the lock files from pyproject.toml; newest: ARGS=--upgrade
	@tools/dev/locks.sh $(ARGS)
	@tools/dev/setup.sh dev

.PHONY: wheel
wheel: setup ## Builds the distribution into dist/
	@$(bin)/uv build --no-build-isolation --python $(bin)/python --out-dir dist $(ARGS)

.PHONY: clean
clean: ## Removes everything that set-up and builds made
	@rm -rf .venv .tools .stubs dist build server/kentongan_server/web/{dist,node_modules}
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
