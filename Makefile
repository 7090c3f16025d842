# compass: `make help` lists what there is to do.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help run demo test lint format bench eval lock accuracy clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run ## set up, then the chat on http://127.0.0.1:8000
	@exec $(BIN)/compass chat --host $(HOST) --port $(PORT)

demo: $(VENV)/.run ## the whole way for the three demonstrations, without a question asked
	@exec $(BIN)/compass demo

# Each process has a database, a browser and a chat of its own, for which a file's tests stay together, the long files first.
test: $(VENV)/.dev ## all tests
	$(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## rewrite the code in our style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## speed and memory, as ratios where a reference exists
	@for bench in benches/[a-z]*.py; do echo "== $$bench"; PYTHONPATH=. $(BIN)/python $$bench || exit 1; done

accuracy: $(VENV)/.dev ## fit again and write docs/accuracy.md; FIELD=runs.csv also learns from published runs
	$(BIN)/python -m calibration.calibrate
	$(if $(FIELD),$(BIN)/python -m calibration.fit_published $(FIELD))
	$(BIN)/python -m calibration.accuracy

eval: $(VENV)/.run ## labelled requests and conversations; writes docs/evaluation.md
	@exec $(BIN)/compass eval --model offline --out docs/evaluation.md

lock: | $(BIN)/uv ## pin every dependency again, with hashes and without an index
	@$(BIN)/uv pip compile $(LOCK) --extra build pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile $(LOCK) --extra build --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

LOCK := -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

clean: ## remove what make made (your data directory stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-output

# A stamp is the hash check's proof: it is touched only after an installation that went well.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "Compass needs Python 3.11, 3.12 or 3.13; %s is %d.%d. Choose one: make PYTHON=python3.12 run" % (sys.executable, *v))'
	@$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(VENV)/bin/python
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements.txt > $(VENV)/uv.txt
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt

# uv installs in seconds what takes pip a minute; pip stays for those whose index only pip knows of. The lock is
# whole: left to look for dependencies, pip takes one that is asked for with extras for another than the pinned one.
$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/uv
	@echo "Installing Compass into $(VENV) (once) …"
	@$(call install,requirements.txt)
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@$(call install,requirements-dev.txt)
	@touch $@

install = $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r $(1) \
	|| $(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r $(1)
