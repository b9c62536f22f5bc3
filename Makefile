# make grade: grade the sample device.   make test: lint, types and tests.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The first of these that runs and is 3.11 or newer; say PYTHON=/path/to/python to choose another.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help grade test lint types postgresql browsers sets clean

help:
	@echo 'make grade   set up what grading needs, grade samples/, write reports/sample.html'
	@echo 'make test    set up everything, then lint, types and tests'
	@echo 'make sets    render the set to train on and the set to measure repeatability with into runs/sets (an hour)'
	@echo 'make clean   remove what these made'

grade: $(VENV)/base.stamp
	@mkdir -p reports
	@$(BIN)/phonegrade grade samples --report reports/sample.html

# One process a core; more than one thread in each would only make them wait for one another.
test: lint types postgresql browsers
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist loadgroup

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The repository root is the package itself, so mypy looks at an installed copy.
types: $(VENV)/dev.stamp
	rm -rf build
	$(PIP) install --quiet --no-deps --target build/typecheck .
	MYPYPATH=build/typecheck $(BIN)/mypy --strict -p phonegrade

# The store's tests run on PostgreSQL too; without it they are skipped, and say so.
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			echo 'Installing PostgreSQL for the tests ...'; \
			apt-get update -qq && apt-get install -qq -y postgresql > /dev/null; \
		else false; fi; } || \
		echo 'PostgreSQL is not installed: its tests are skipped. On Debian: sudo apt-get install postgresql' >&2

# The pages are tested in Debian's Chromium and, for their gates, WebKitGTK; without them those tests are skipped, and say so.
browsers:
	@{ command -v chromium && command -v WebKitWebDriver && command -v Xvfb; } > /dev/null 2>&1 || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			echo 'Installing Chromium and WebKitGTK for the tests ...'; \
			apt-get update -qq && apt-get install -qq -y chromium webkit2gtk-driver xvfb > /dev/null; \
		else false; fi; } || \
		echo 'Pages are not tested, or in part. On Debian: sudo apt-get install chromium webkit2gtk-driver xvfb' >&2

# A stopped run goes on where it was. No phone is in both: their seeds differ.
sets: $(VENV)/dev.stamp
	$(BIN)/phonegrade render --out runs/sets/train --preset mixed --seed 1 --devices 520 --shots 1 --workers 2
	$(BIN)/phonegrade render --out runs/sets/repeat --preset counter --seed 2 --devices 48 --shots 5 --workers 2 \
		--all-surfaces --split test
	$(BIN)/phonegrade render --out runs/sets/close --preset close --seed 4 --devices 24 --shots 1 --workers 2 --split test

$(VENV)/python.stamp:
	@if [ -z "$(PYTHON)" ]; then \
		echo 'phonegrade needs Python 3.11 or newer. On Debian: sudo apt-get install python3 python3-venv' >&2; exit 1; fi
	@echo "Setting up $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV) || { \
		echo 'Python cannot make a virtual environment here. On Debian: sudo apt-get install python3-venv' >&2; exit 1; }
	@touch $@

$(VENV)/base.stamp: $(VENV)/python.stamp pyproject.toml
	@echo 'Installing what grading needs (about a minute) ...'
	@$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/base.stamp pyproject.toml
	@echo 'Installing what training and tests need (some minutes) ...'
	@$(PIP) install --quiet --editable '.[batch,ocr,openvino,otel,platform,postgres,ray,train,render,dev]'
	@touch $@

clean:
	rm -rf $(VENV) build reports .mypy_cache .pytest_cache .ruff_cache
