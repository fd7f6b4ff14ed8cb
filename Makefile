# make run     everything on this machine, with the demo in it; prints the address
# make test    all tests that this machine can run            ARGS="-n0 tests/booking" goes to pytest
# make check   style, types, imports, translations, migrations
# make bench   the measurements, into var/bench.json
# make lock    newest versions into the lock files            make texts   new texts into the catalogues
# make clean   all that make made, the demo's data included
#
# Whatever is missing is set up first: Python packages in .venv and what the browser gets in
# web/static/vendor, both checked against the hashes in the lock files. A second run needs no network.

.DEFAULT_GOAL := help
.PHONY: help run test check bench lock texts clean setup
.DELETE_ON_ERROR:

BIN := .venv/bin
PACKAGES := .venv/packages-installed
PROJECT := .venv/ledig-installed
ASSETS := web/static/vendor/copied

# Environments hold absolute paths: one that was made elsewhere, or whose Python is gone, is made anew.
ifneq ($(wildcard $(PACKAGES)),)
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(PACKAGES)),$(CURDIR))
$(shell rm -rf .venv)
endif
endif

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

run: setup
	@exec $(BIN)/ledig run $(ARGS)

test: setup
	@$(BIN)/pytest $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	$(BIN)/python -m scripts.check_translations
	$(BIN)/python -m scripts.check_migrations

bench: setup
	@$(BIN)/python -m bench $(ARGS)

setup: $(PROJECT) $(ASSETS)

$(PACKAGES): requirements-dev.txt scripts/venv
	@scripts/venv requirements-dev.txt
	@printf '%s' '$(CURDIR)' > $@

# Only the command `ledig` and the way to the checkout: the code is read where it stands.
$(PROJECT): $(PACKAGES) pyproject.toml
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(ASSETS): package-lock.json scripts/assets scripts/npm $(PACKAGES)
	@scripts/assets
	@touch $@

# Hashes and versions only: which registry serves them is the machine's business.
lock: $(PACKAGES)
	$(BIN)/uv pip compile $(COMPILE) requirements.in --output-file requirements.txt
	$(BIN)/uv pip compile $(COMPILE) requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt
	scripts/npm update --package-lock-only

COMPILE := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command 'make lock'

texts: setup
	$(BIN)/python -m scripts.check_translations --update

clean:
	rm -rf .venv node_modules web/static/vendor var .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
