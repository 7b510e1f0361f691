# One door to everything: make up | test | check | bench. Needs python >= 3.11 and make; the rest is installed below.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
export UV_NO_PROGRESS := 1
# Trust what the machine trusts, as pip does.
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: up test check bench install install-dev format lock clean
.DEFAULT_GOAL := up

up: install
	@exec $(BIN)/python -m portal.launcher up

test: install-dev
	@$(BIN)/python -m tests.run

bench: install-dev
	@$(BIN)/python -m tests.bench

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy portal catalog scaffolder
	$(BIN)/lint-imports --no-cache
	$(BIN)/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html')
	$(BIN)/djlint templates --lint --quiet
	DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	SECRET_KEY=only-to-look-at-the-settings-and-long-enough-for-the-check ENCRYPTION_KEYS=x DJANGO_SETTINGS_MODULE=portal.settings.production $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m tests.check_locks

format: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

$(BIN)/uv: requirements-bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Callboard needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@mkdir -p $(STAMPS)
	@touch $(BIN)/uv

$(STAMPS)/python: $(BIN)/uv requirements.lock
	@if [ -f $(STAMPS)/dev ]; then touch $@; else \
	  echo "callboard: installing Python packages"; \
	  $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock && touch $@; fi

$(STAMPS)/dev: $(BIN)/uv requirements-dev.lock
	@echo "callboard: installing Python packages for development"
	@$(BIN)/uv pip sync --quiet --require-hashes requirements-dev.lock
	@touch $@ $(STAMPS)/python

# node comes from PATH, or from a wheel where there is none.
$(STAMPS)/npm: $(BIN)/uv package-lock.json
	@$(BIN)/python -m portal.launcher.node ci --omit=dev
	@touch $@

$(STAMPS)/npm-dev: $(BIN)/uv package-lock.json
	@$(BIN)/python -m portal.launcher.node ci
	@touch $@ $(STAMPS)/npm

install: $(STAMPS)/python $(STAMPS)/npm

install-dev: $(STAMPS)/dev $(STAMPS)/npm-dev

lock:
	$(BIN)/uv pip compile --quiet pyproject.toml --generate-hashes --universal --no-emit-index-url --python-version 3.11 -o requirements.lock
	$(BIN)/uv pip compile --quiet pyproject.toml --group dev --generate-hashes --universal --no-emit-index-url --python-version 3.11 -o requirements-dev.lock

clean:
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache
