# To start: `make site` and `make test`. Each prepares what it needs, once.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2
# The environment and the engine are prepared at the same time.
MAKEFLAGS += --jobs=2
# Hide Material's notice of its end, which is for maintainers: see CONTRIBUTING.md.
export NO_MKDOCS_2_WARNING := 1

.PHONY: engine site test test-fast rootless prepare serve lint format bench bench-load bench-ctrl-c bench-first-run bench-scale bench-site bench-vm mutate fuzz faults steady tomorrow clean help

help:                           ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

site: $(READY) engine           ## Check every page on its machines, and build the site into site/
	@$(BIN)/fencepost check; status=$$?; \
	if [ $$status -eq 2 ] || [ $$status -eq 130 ]; then exit $$status; fi; \
	$(BIN)/mkdocs --quiet build --strict || exit 1; \
	echo "The site is in site/. To look at it:  $(BIN)/python -m http.server --directory site --bind 127.0.0.1 8000"; \
	exit $$status

test: $(READY) engine           ## Run the project's own tests
	@$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

test-fast: $(READY)             ## Run the tests that need no engine, browser or virtual machine, in less than a minute
	@$(BIN)/pytest -n $(WORKERS) -m "not engine and not vm and not browser and not slow" $(ARGS)

rootless: $(READY)              ## Run the tests of isolation as an ordinary user, with rootless podman
	@tools/rootless

serve: $(READY)                 ## Serve the site while you write (mkdocs serve); LIVE=true checks pages as you save them
	@FENCEPOST_LIVE=$(or $(LIVE),false) $(BIN)/mkdocs serve

prepare: $(READY) engine        ## Prepare the environment and a container engine

lint: $(READY)                  ## Check style, types, and the posts' own scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy $(wildcard benchmarks/*.py)
	$(BIN)/shellcheck --shell=bash tools/prepare tools/rootless .ci/run $(wildcard snippets/*.sh)
	$(BIN)/shellcheck --shell=dash src/fencepost/machine/vm/guest/agent

format: $(READY)                ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) engine          ## Measure Fencepost, its peers and its parts; writes benchmarks/README.md; ARGS=--try
	@$(BIN)/python benchmarks/side_by_side.py $(ARGS)
	@$(if $(ARGS),,$(BIN)/python benchmarks/parts.py)

bench-load: $(READY) engine     ## Measure sites of 10, 100 and 1,000 pages; writes benchmarks/README.md
	@$(BIN)/python benchmarks/load.py $(ARGS)

bench-ctrl-c: $(READY) engine   ## Measure how long a check takes to end at a Ctrl-C; writes benchmarks/README.md
	@$(BIN)/python benchmarks/interrupting.py

bench-site: $(READY)            ## Measure what Fencepost adds to mkdocs build, and to a page's size
	@$(BIN)/python benchmarks/building.py

bench-first-run: $(READY)       ## Measure a first `make site` in an empty store; BASE=an older commit to compare with
	@$(BIN)/python benchmarks/first_run.py $(BASE:%=--base=%)

bench-scale: $(READY) engine    ## Measure workers, shards and a remote engine; writes benchmarks/scaling.md
	@$(BIN)/python benchmarks/scaling.py $(PARTS)

bench-vm: $(READY) engine       ## Measure a virtual machine: cold boot, fresh copy, step; MACHINE=xen-13
	@$(BIN)/python benchmarks/virtual_machines.py $(MACHINE)

mutate: $(READY) engine         ## Break each step of each post; PAGES=docs/posts/part-1.md ONLY=containers|vms CLEAN=20
	@$(BIN)/python -m trials.mutation $(PAGES) $(ONLY:%=--only=%) $(CLEAN:%=--clean=%) $(ARGS)

faults: $(READY) engine         ## Kill processes of a check at random moments; KILLS=200 SEED=any; continues where it stopped
	@SEED=$(SEED) KILLS=$(KILLS) PLACES="$(PLACES)" $(BIN)/python -m trials.faults

steady: $(READY) engine         ## Run all container steps again and again on a busy computer; ROUNDS=10 PAGES="more folders"
	@$(BIN)/python -m trials.steadiness $(ROUNDS:%=--rounds=%) $(PAGES)

fuzz: $(READY)                  ## Fuzz everything that parses untrusted bytes, a million times each; ARGS="--only page"
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --group fuzz
	@$(BIN)/python -m trials.fuzzing $(ARGS)

tomorrow: $(READY)              ## Build the site with MkDocs' successors too, and compare the verdicts
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --group tomorrow
	@$(BIN)/python tools/other_builders.py

clean:                          ## Remove the environment, the site and caches in this folder; images stay
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache

engine:
	@tools/prepare engine

$(READY): pyproject.toml constraints.txt tools/prepare
	@tools/prepare python $(VENV)
	@touch $@
