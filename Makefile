# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# All set-up happens in .venv and .cache; nothing is installed elsewhere. Needs Python 3.11 or later, and git.

PYTHON ?= python3
BIN := $(CURDIR)/.venv/bin
COLLECTIONS := $(CURDIR)/.cache/collections

# The tools have a home of their own: what lies in ~/.ansible must neither be used nor changed.
export PATH := $(BIN):$(PATH)
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export ANSIBLE_COLLECTIONS_PATH := $(COLLECTIONS)
export ANSIBLE_LOCALHOST_WARNING := false
export ANSIBLE_INVENTORY_UNPARSED_WARNING := false
export PYTHONPATH := $(CURDIR)/tests/support
# Compiled once, and in no folder of the project: half of the time of a short play is Ansible's own compilation.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/pycache
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export MAKE

.PHONY: help setup demo shell test test-all nightly unit promises integration nightly-tests unit-nightly seeds matrix campaign record benchmark alternatives molecule lint checks \
  sanity-lint dist docs versions mutants lock clean

help:  ## Show what there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

setup: .venv/.ready  ## Make the environment (the other targets do it by themselves)

.venv/.ready: tests/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed: make PYTHON=python3.12"; exit 1; }
	@echo "Making .venv (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(shell grep '^uv==' tests/requirements.txt)
	@# uv takes a tenth of the time, and does not read how pip is configured on this machine.
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r tests/requirements.txt || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@mkdir -p $(COLLECTIONS)/ansible_collections/stellarmap
	@ln -sfn $(CURDIR) $(COLLECTIONS)/ansible_collections/stellarmap/cassandra
	@touch $@

demo: setup  ## Migrate a table on an embedded Cassandra (or on that of CASSANDRA_HOST)
	@if [ -n "$$CASSANDRA_HOST" ]; then $(BIN)/python -m demo; \
	  else $(BIN)/python -m embedded_cassandra run -- $(BIN)/python -m demo; fi

shell: setup  ## Open a shell next to an embedded Cassandra, with cqlsh and ansible-playbook
	@$(BIN)/python -m embedded_cassandra run -- sh -c "$$GREETING"

define GREETING
cat <<end
Cassandra is ready at $$CASSANDRA_HOST, and CASSANDRA_HOST names it. It stops when you leave this shell with exit. Try:

  cqlsh -e "DESCRIBE KEYSPACES"
  ansible-playbook stellarmap.cassandra.migrate -e migration_file=shipped_at.yml --check

docs/first_migration.md starts here.
end
$${SHELL:-sh}
# However the last command in it ended, leaving a shell is no failure.
true
endef
export GREETING

# Three tiers. Each test says in one line that it is in another one than the second: pytest.mark.promise, pytest.mark.nightly.
test: setup  ## Check style and types, run the unit tests and the main promises on real nodes (minutes)
	@$(BIN)/python -m side_by_side promises lint,unit

test-all: setup  ## Run all that must hold before a change lands, in two lanes (half an hour)
	@$(BIN)/python -m side_by_side integration lint,unit,checks,molecule

NIGHTLY_MINUTES ?= 360
CORES := $(addprefix core-,2.16 2.17 2.18 2.19 2.20 2.21)
DRIVERS := $(addprefix driver-,oldest newest scylla)
SERVERS := $(addprefix cassandra-,4.0 4.1 6.0)
comma := ,
lane = $(subst $() ,$(comma),$(strip $(1)))

nightly: setup  ## Run the versions of ansible-core, drivers and servers, the randomized tests, full sanity, mutation (six hours)
	@$(BIN)/python -m side_by_side --minutes=$(NIGHTLY_MINUTES) \
	  $(call lane,$(SERVERS) nightly-tests unit-nightly seeds) $(call lane,$(CORES) $(DRIVERS) sanity-lint mutants)

unit: setup  ## Run the unit tests (seconds)
	$(BIN)/python -m pytest tests/unit -n 2

promises: setup  ## Run the main promises on real nodes
	$(BIN)/python -m pytest tests/integration -n 2 --dist loadgroup --one-node -m promise --durations=20

# Most of them wait for a server: more workers than cores.
integration: setup  ## Run the tests on real nodes, those of the first two tiers, three at a time
	$(BIN)/python -m pytest tests/integration -n 3 --dist loadgroup -m "not nightly" --durations=20

seeds: setup
	$(BIN)/python -m campaign --seeds $(SEEDS) --cassandra $(CASSANDRA)

unit-nightly: setup
	$(BIN)/python -m pytest tests/unit -n 2 --hypothesis-profile=nightly

nightly-tests: setup
	$(BIN)/python -m pytest tests/integration -m nightly

core-%: setup
	$(BIN)/nox -s "core($*)"

driver-%: setup
	$(BIN)/nox -s "driver($*)"

cassandra-%: setup
	$(BIN)/python -m pytest tests/integration -n 2 --dist loadgroup --cassandra $* -m "not nightly" --deselect tests/integration/roles

matrix: setup $(SERVERS)  ## Run the tests of one node on Cassandra 4.0, 4.1 and 6.0

SEEDS ?= 100
CASSANDRA ?= 5.0

campaign: setup  ## Play SEEDS random scenarios of runs and faults on a ring of three nodes, and look for a lie
	$(BIN)/python -m campaign --seeds $(SEEDS) --cassandra $(CASSANDRA) --record

record: setup  ## Record what each playbook prints on real nodes, for the documentation
	$(BIN)/python -m demo.screens

benchmark: setup  ## Measure side by side with other tools, and write docs/benchmarks.md (ten minutes)
	$(BIN)/python -m benchmarks

alternatives: setup  ## Run other tools in the same situations, and write docs/alternatives.md
	$(BIN)/python -m benchmarks.alternatives

molecule: setup  ## Run the scenarios
	@mkdir -p .cache/home
	HOME=$(CURDIR)/.cache/home $(BIN)/molecule test --all

lint: setup  ## Check style, types, YAML, spelling and words
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/codespell README.md CONTRIBUTING.md SECURITY.md docs roles plugins playbooks

checks: setup  ## Check documentation, licenses, changelog, package, ansible-lint, sanity, oldest versions (nox)
	$(BIN)/nox

dist: setup  ## Build the tarball into dist, and install and try it offline
	$(BIN)/nox -s build
	@mkdir -p dist && cp .cache/nox/build/package/*.tar.gz dist/ && ls dist

docs: setup  ## Build the documentation site, without a network
	$(BIN)/nox -s docs

# What make lint asks in seconds, by the tools of ansible-test.
sanity-lint: setup
	$(BIN)/nox -s sanity -- --test pep8 --test pylint --test yamllint

versions: setup $(CORES) $(DRIVERS)  ## Run the main promises, all roles and playbooks with each supported ansible-core and driver

mutants: setup  ## Change the pure files in every small way, and see which change no unit test notices
	$(BIN)/nox -s mutants

lock: setup  ## Write each requirements.txt from its requirements.in
	@for folder in tests tests/checks tests/application; do \
	  { head -2 $$folder/requirements.in; echo "# Written by 'make lock' from $$folder/requirements.in."; \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links $$folder/requirements.in; } > .cache/requirements.txt || exit 1; \
	  mv .cache/requirements.txt $$folder/requirements.txt; done

clean:  ## Remove all that was made here
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
