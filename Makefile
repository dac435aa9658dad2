# Two commands for a newcomer: make run, make test. Python 3.11 or newer with pip is enough; node is fetched if it is missing.
PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test test-quick test-zones test-calendars lint bench lock setup setup-dev clean

run: .venv/.product
	$(BIN)/selaras serve --demo --host $(HOST) --port $(PORT)

setup: .venv/.product

setup-dev: .venv/.dev

test: .venv/.dev
	$(BIN)/python -m tests.run

test-zones: .venv/.dev
	$(BIN)/python -m tests.run --zones

test-quick: .venv/.dev
	$(BIN)/pytest -n 2 -m "not storm and not browser"

# Also the parser of Nextcloud, which is PHP; brought where apt can.
test-calendars: .venv/.dev
	command -v php >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -qq -y install php-cli php-xml php-mbstring php-sabre-vobject || true
	SELARAS_TEST_SABRE=1 $(BIN)/pytest -rs tests/calendars/test_readers.py -k sabre

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/.dev
	$(BIN)/python -m bench

# No address of an index ends up in the lock file: names, versions and hashes only.
lock: .venv/.dev
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	  --no-header --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --no-emit-find-links --no-header --quiet --output-file requirements-dev.lock

SOURCES := pyproject.toml hatch_build.py $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null)

.venv/.venv:
	$(PYTHON) -m venv .venv
	touch $@

# The second pip builds the web assets through the build hook, only when their sources changed.
.venv/.product: .venv/.venv requirements.lock $(SOURCES)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BIN)/python -m compileall -q app  # a start that compiles takes three times as long
	touch $@

.venv/.dev: .venv/.product requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

clean:
	rm -rf .venv app/web/dist frontend/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
