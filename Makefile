# The two commands of the README are `make demo` and `make test`; the others are for those who change the project.
SHELL := /bin/bash
export CARGO_TARGET_DIR ?= $(HOME)/.cache/trailhound/target
BIN := $(CARGO_TARGET_DIR)/debug/trailhound
RELEASE := $(CARGO_TARGET_DIR)/release/trailhound
CARGO ?= cargo
DEMO_ARGS ?=

.PHONY: demo build web test test-rust test-rules test-answers test-sources test-web test-browser lint conformance bench release crash-test clean-demo

## Build, sample logs, a server on loopback; prints the address.
demo: build
	$(BIN) demo $(DEMO_ARGS)

build: web
	$(CARGO) build --locked --workspace

## The page. Its npm packages are installed where they are missing or changed.
web: web/dist/index.html

web/node_modules/.installed: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	touch $@

WEB_SOURCES := $(shell find web/src web/public web/build web/index.html web/vite.config.ts -type f 2>/dev/null)

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run build

## All tests, those in a browser included.
test: lint test-rust test-rules test-answers test-sources test-web test-browser

lint:
	$(CARGO) fmt --all --check
	scripts/check-architecture.sh
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

test-rust: web
	$(CARGO) test --locked --workspace

## The tests in the rule files.
test-rules: build
	$(BIN) rules test

## The same questions in every language, and every panel of the dashboards, against answers that Python finds in the same files.
test-answers: build
	python3 scripts/same_answers.py $(BIN)
	python3 -B scripts/dashboards.py $(BIN)

## Sources against servers of AWS's protocols on loopback; skipped where the Python packages can't be had.
test-sources: build
	scripts/sources.sh $(BIN)
	scripts/validate_logs.sh $(BIN)
	scripts/clock.sh $(BIN)
	python3 scripts/full_disk.py $(BIN)
	scripts/real_senders.sh $(BIN)
	scripts/hostile.py $(BIN)
	KILLS=2 bench/alerts.py $(BIN)

test-web: web
	cd web && npm test

test-browser: build
	scripts/chromium.sh
	cd web && TRAILHOUND_BIN=$(BIN) npm run e2e

## The corpora beside the project, where they are: how many of how many. workspace-hack: with the features that all else was compiled with.
conformance: build
	$(CARGO) test --locked -q -p workspace-hack -p event --test it catalog -- --nocapture
	$(CARGO) test --locked -q -p workspace-hack -p detect --test it verdicts -- --nocapture
	scripts/conformance.sh $(BIN)

release: web
	$(CARGO) build --locked --release -p trailhound

## How fast logs decode, what the rules raise over ordinary traffic; ingest, storage and queries beside DuckDB, in one run.
bench: release
	$(CARGO) run --locked --release -q -p event --example log_types
	$(CARGO) build --locked --release -q -p detect --example matching
	$(CARGO) run --locked --release -q -p detect --example noise
	python3 bench/run.py $(RELEASE)
	python3 bench/dashboards.py $(RELEASE)

## Twenty ingests, each killed at a random moment and run again; and a queue's, killed sixty times.
crash-test: build
	python3 bench/crash.py $(BIN)
	KILLS=$${KILLS:-60} scripts/sources.sh $(BIN) kills
	KILLS=$${KILLS:-60} bench/senders.py $(BIN)
	KILLS=$${KILLS:-60} bench/alerts.py $(BIN)
	bench/alerts.py $(BIN) groups

clean-demo:
	rm -rf data/demo
