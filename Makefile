# Every target makes its own environment in .venv first; that is a no-op when nothing changed.
BIN := .venv/bin
export MPLBACKEND := Agg

.PHONY: help setup setup-bert demo up test test-fast check format bench clean-room lock coverage

help:  ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup:  ## the environment, in .venv
	@bash scripts/setup.sh

setup-bert:  ## the same with the extra [bert]: PyTorch and transformers
	@bash scripts/setup_bert.sh

demo: setup  ## the whole loop on a small wine story, offline, in a few minutes
	@$(BIN)/mlops demo

up: setup  ## Dagster, MLflow and the router, until Ctrl-C
	@$(BIN)/mlops up

test: setup  ## the whole test suite
	@$(BIN)/python -m pytest -n 2 --dist worksteal

test-fast: setup  ## without the tests that import a heavy library or train a model
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal

check: setup  ## format, lint, strict types, layering
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_layering.py

format: setup  ## write the format and the lint's own mends
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

coverage: setup  ## branch coverage of the rooms
	@$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term-missing:skip-covered

bench: setup  ## every figure beside its anchor, the short form
	@for name in $$(ls bench/*.py bench/*/__main__.py | sed 's/^bench.//; s/.__main__//; s/\.py$$//' | grep -v __init__); do $(BIN)/python -m bench.$$name --quick || exit 1; done

clean-room:  ## make demo and make test from a fresh clone and a fresh environment
	@bash scripts/clean_room.sh

lock:  ## resolve requirements.lock again (needs uv)
	@uv pip compile pyproject.toml --extra dev --extra postgres --extra redis --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-strip-extras --quiet --output-file requirements.lock
