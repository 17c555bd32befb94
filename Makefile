# What a newcomer types. `make run` and `make test` set up whatever they need, on a machine
# that has only git, make and Python 3.11 or newer, and are quick the second time.
#
# The environment is .venv, its packages those of requirements.lock (to run) and
# requirements-dev.lock (to test): exact versions with their hashes, which pip checks. They are
# plain requirements files and no uv.lock because pip comes with Python while uv would have to
# be fetched, and because they name no package index, so that a mirror serves as well as PyPI.
# One file holds for Python 3.11 and newer, on Linux and macOS alike.

PYTHON ?= python3
PORT   ?= $(or $(CABLEGRAPH_PORT),8000)
# More arguments for pytest, such as: make test PYTEST_ARGS="-k sparql -x"
PYTEST_ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# The lock files name every package, also those that others need: pip has nothing to choose.
LOCKED := $(PIP) install --quiet --require-hashes --no-deps -r

# The sample comes with the project; data/volumes is for more volumes, if you have fetched some.
VOLUMES ?= $(wildcard data/sample data/volumes)
# What the graph is built from, and by. A file that changes here makes `run` build it again.
GRAPH_INPUTS := $(shell find $(wildcard data/links) data/authority data/curated data/officers $(VOLUMES) ontology ingest -type f \
	! -name '*.pyc' ! -name '*.md' | sed 's/ /\\ /g')

.PHONY: help run graph test lint coverage screenshots bench eval lock clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: graph ## build the graph if need be, and serve it on port 8000 (PORT=8001 for another)
	@$(BIN)/cablegraph serve --port $(PORT)

graph: data/graph/current ## build the graph from data/, if it is not up to date

# The longest files come first (tests/conftest.py), so that none is begun when all others end.
test: .venv/.dev ## run all tests, in a browser too
	@$(PYTHON) tools/browser.py
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: .venv/.dev ## check style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

coverage: override PYTEST_ARGS += --cov
coverage: test ## run all tests in twice the time, and show in htmlcov/ which lines ran
	$(BIN)/coverage html

screenshots: .venv/.dev data/graph/current ## take pictures of all pages, narrow and wide, light and dark
	@$(PYTHON) tools/browser.py
	$(BIN)/python -m tests.browser.screenshots screenshots

bench: .venv/.dev data/graph/current ## measure the speed of building and reasoning (CORPUS=folder of volumes)
	$(BIN)/python -m bench.reason
	$(BIN)/python -m bench.ingest $(or $(CORPUS),data/sample)

eval: .venv/.dev ## score what programs find against annotations (SHARED=folder of gold/ and corpus/)
	$(BIN)/python -m bench.accuracy $(or $(SHARED),$(CABLEGRAPH_SHARED),../shared)

lock: .venv/.dev ## renew both lock files with the newest releases that fit pyproject.toml
	$(PIP) install --quiet uv
	$(UV_COMPILE) --upgrade --group build -o requirements.lock
	$(UV_COMPILE) --upgrade --group dev --all-extras -c requirements.lock -o requirements-dev.lock

clean: ## remove everything that was made here: environment, graph, caches
	rm -rf .venv build dist htmlcov screenshots data/graph .coverage .coverage.*
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

UV_COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --custom-compile-command "make lock"

.venv/.run: requirements.lock pyproject.toml hatch_build.py tools/environment.py
	@echo "Setting up .venv ..."
	@$(PYTHON) tools/environment.py .venv
	@$(LOCKED) requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	@echo "Adding what the tests need to .venv ..."
	@$(LOCKED) requirements-dev.lock
	@touch $@

# What is served: a link to the newest version; touching it touches that version. If something
# is wrong with a volume, `build` tells so and leaves it out: the rest is served all the same,
# and the next `make run` tries, and tells, again.
data/graph/current: .venv/.run $(GRAPH_INPUTS)
	$(BIN)/cablegraph build $(VOLUMES) && touch $@ || test -e $@
