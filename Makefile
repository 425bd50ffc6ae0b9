# Porth's commands. Needed: Python 3.11 or newer (with venv), git and make. Nothing is installed outside this folder.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Downloads are kept in this folder too.
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export npm_config_cache := $(CURDIR)/.cache/npm

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all:
RUN_FILES := requirements.txt requirements-build.txt
DEV_FILES := requirements-build.txt requirements-dev.txt # the second holds all of requirements.txt
WORKERS ?= 2
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist worksteal
LOCK := $(PY) -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

# The first Python on the PATH that is new enough. Empty when there is none.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	"$$name" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$name" && break; done)
endif

.PHONY: help
help: ## List these commands
	@echo "Porth. Commands:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: build ## Start the portal with made-up people (PORT=5000 PATIENTS=200)
	@exec $(PY) -m portal.cli.run

.PHONY: build
build: install-run ## Make the stylesheet, scripts and translations
	@$(PY) -m portal.cli.build
	@$(PY) -m portal.cli.catalogues compile
	@$(PY) -m portal.cli.dictionaries

.PHONY: test
test: check ## Check and test everything, browser tests included
	@$(PYTEST)

.PHONY: test-fast
test-fast: install-dev build ## Run the tests that need no browser, in under a minute
	@$(PYTEST) -m "not browser and not slow"

.PHONY: check
check: install-dev build ## Check style, types, imports, templates and translations
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --cache-dir .cache/import-linter
	@$(PY) -m djlint --lint --quiet templates
	@$(PY) -m portal.cli.catalogues check

.PHONY: bench
bench: install-dev build ## Measure speed and write the figures to docs/figures
	@$(PY) -m tests.bench

.PHONY: screenshots
screenshots: install-dev build ## Take pictures of the pages
	@$(PY) -m tests.browser.screenshots

.PHONY: language
language: install-dev ## Start or update a language (TAG=pl)
	@test -n "$(TAG)" || { echo "Say which language: make language TAG=pl"; exit 1; }
	@$(PY) -m portal.cli.catalogues update "$(TAG)"

.PHONY: sbom
sbom: install-dev ## List all software inside, in CycloneDX form, in build/
	@mkdir -p build
	@$(PY) -W ignore::UserWarning -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible -o build/sbom-run.cdx.json requirements.txt
	@$(PY) -W ignore::UserWarning -m cyclonedx_py environment --pyproject pyproject.toml --output-reproducible -o build/sbom-development.cdx.json $(PY)
	@echo "Written: build/sbom-run.cdx.json (run time), build/sbom-development.cdx.json (everything)"

.PHONY: lock
lock: install-dev ## Pin the dependencies again (UPGRADE=1 takes newer versions)
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.txt
	@$(LOCK) $(if $(UPGRADE),--upgrade) --group build -o requirements-build.txt
	@$(LOCK) $(if $(UPGRADE),--upgrade) -c requirements.txt pyproject.toml --group dev -o requirements-dev.txt

.PHONY: clean
clean: ## Remove all that was built or installed; your database stays
	rm -rf .venv .cache .hypothesis .import_linter_cache build static/build node_modules
	find portal tests translations -name __pycache__ -prune -exec rm -rf {} + -o -name '*.mo' -exec rm -f {} + 2>/dev/null || true

# Installing. A stamp holds the hash of what was installed, so a changed date alone installs nothing.
.PHONY: prerequisites install-run install-dev
prerequisites:
	@missing=; \
	command -v git >/dev/null || missing="$$missing, git"; \
	if [ -z "$(PYTHON)" ]; then missing="$$missing, Python 3.11 or newer"; \
	elif ! "$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null; then missing="$$missing, Python 3.11 or newer ($(PYTHON) is not)"; \
	elif ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then missing="$$missing, the venv module of $(PYTHON) (on Debian and Ubuntu: python3-venv)"; fi; \
	[ -z "$$missing" ] || { echo "Porth cannot start yet. Install: $${missing#, }. Then run the same command again." >&2; exit 1; }

install-run: prerequisites
	@$(call install,run,$(RUN_FILES))

install-dev: install-run
	@$(call install,dev,$(DEV_FILES))

define install
"$(PY)" -c '$(NEW_ENOUGH)' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv || exit 1; \
wanted=$$({ $(PY) -VV; cat $(2); } | git hash-object --stdin); \
if [ "$$wanted" != "$$(cat .venv/.stamp-$(1) 2>/dev/null)" ]; then \
	echo "Installing what '$(1)' needs into .venv"; \
	$(PIP) $(foreach file,$(2),-r $(file)) && echo "$$wanted" >.venv/.stamp-$(1); \
fi
endef
