# `make` alone says what there is. `make test` is what CI runs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where cargo builds; also where the tools that these steps fetch are kept.
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
# What the program prints of itself and the repository keeps, and how it is asked for it.
WRITTEN := openapi/openapi.json openapi/openapi-3.0.json openapi/program.schema.json
print_openapi.json := openapi
print_openapi-3.0.json := openapi --3.0
print_program.schema.json := program schema
# Where the linters and generators of the document go, and the clients that they generate.
TOOLS := $(TARGET)/tools/openapi
SDK := $(TARGET)/sdk
# Older than what pins them, and they are fetched anew. The second is npm's own record of what it installed.
TOOLS_FETCHED := $(TOOLS)/pyvenv.cfg
NODE_FETCHED := openapi/node_modules/.package-lock.json
BROWSER_FETCHED := tests/browser/node_modules/.package-lock.json
NODE := REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(TOOLS)/bin/node
SDK_MADE := $(patsubst %,$(SDK)/%.made,typescript python rust java)
SDK_SOURCES := $(wildcard openapi/openapi*.json) $(shell find openapi/sdk openapi/smoke -type f)
# What the tests asked and were answered: for the coverage of the document, and for its examples.
EXCHANGES := $(TARGET)/exchanges
SCHEMATHESIS := $(TARGET)/tools/schemathesis
SCHEMATHESIS_FETCHED := $(SCHEMATHESIS)/pyvenv.cfg
VERIFIER := $(TARGET)/tools/badges
VERIFIER_FETCHED := $(VERIFIER)/pyvenv.cfg
XAPI := $(TARGET)/tools/xapi
XAPI_FETCHED := $(XAPI)/pyvenv.cfg
# Minutes of `make conformance` for each database, and seconds of the step of `make test`.
CONFORMANCE_MINUTES ?= 30
SCHEMATHESIS_SECONDS ?= 150
# Most tests wait for a server and a database: on few cores, more of them at once than cores.
export RUST_TEST_THREADS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores > 4 ? cores : 4)))

# Cheap ones first.
LINT_STEPS := fmt floors deny lint-openapi breaking clippy docs
TEST_STEPS := $(LINT_STEPS) build drift sdk smoke xapi browser badges cargo-test coverage schemathesis

.PHONY: help run test bench lint openapi examples conformance clean npm chromium venv $(TEST_STEPS)
export TOOLS

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the server with demo data on http://127.0.0.1:8080, SQLite in ./data/entente.db
	cargo run --bin entente -- serve --demo

test: ## every check and every test, on SQLite and on a throwaway PostgreSQL
	@$(call steps,$(TEST_STEPS))
	@awk '/^test result:/ { passed += $$4; failed += $$6; skipped += $$8 } \
	  END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit passed == 0 || failed > 0 }' \
	  $(TARGET)/cargo-test.log || { echo 'make test: FAILED: no test ran, or one failed'; exit 1; }

lint: ## every check that runs nothing of ours
	@$(call steps,$(LINT_STEPS))

bench: ## benchmarks, on SQLite and on a PostgreSQL whose commits are durable
	cargo build --locked --release --bin entente
	ENTENTE_TEST_PG_FSYNC=on tests/with-postgres cargo bench --locked -p tests --bench bench

conformance: build $(SCHEMATHESIS_FETCHED) ## Schemathesis for CONFORMANCE_MINUTES (30) on each database, by a seed that is drawn
	tests/with-postgres $(SCHEMATHESIS)/bin/python tests/schemathesis/run.py --seconds $$(($(CONFORMANCE_MINUTES) * 60))

openapi: ## write what lies in openapi/ and is made from the code
	cargo build --quiet --bin entente
	$(foreach file,$(WRITTEN),$(TARGET)/debug/entente $(print_$(notdir $(file))) > $(TARGET)/written && mv $(TARGET)/written $(file) && ) true

examples: ## take the examples of openapi/openapi.json from the last tests (make cargo-test)
	openapi/examples.py $(EXCHANGES) > $(TARGET)/written
	mv $(TARGET)/written openapi/examples.json
	$(MAKE) openapi

fmt: ## is the code formatted? (cargo fmt mends it)
	cargo fmt --all --check

floors: ## does every room keep to its floor? (the rules: tests/floors.py)
	python3 tests/floors.py

deny: ## licences, duplicate versions and sources of the dependencies (the rules: deny.toml)
	tests/cargo-deny

lint-openapi: $(NODE_FETCHED) ## the OpenAPI document against the rules of Spectral, of Redocly, and ours: openapi/.spectral.yaml
	@mkdir -p $(TARGET)
	cd openapi && $(NODE) node_modules/.bin/spectral lint --fail-severity=warn openapi.json
	cd openapi && $(NODE) node_modules/.bin/redocly lint openapi.json 2>&1 | tee $(TARGET)/redocly.log
	@if grep -q warning $(TARGET)/redocly.log; then echo 'lint-openapi: Redocly warns'; exit 1; fi

clippy: ## lints, warnings are errors
	cargo clippy --locked --workspace --all-targets -- -D warnings

docs: ## the documentation of the code, warnings are errors
	RUSTDOCFLAGS='-D warnings -A rustdoc::private_intra_doc_links' cargo doc --locked --workspace --no-deps --document-private-items

build: ## the one binary, with the features that the tests are built with
	cargo build --locked --workspace --bins

drift: build ## is what lies in openapi/ what the code says? (make openapi mends it)
	@actual=$$(mktemp); trap 'rm -f "$$actual"' EXIT; \
	check() { \
	  $(TARGET)/debug/entente "$${@:2}" > "$$actual"; \
	  diff -u --label "$$1" --label 'the code' "$$1" "$$actual" | head -n 60 || \
	  { echo 'drift: run `make openapi` and commit the result'; exit 1; }; \
	}; \
	$(foreach file,$(WRITTEN),check $(file) $(print_$(notdir $(file))); ) true

browser: build chromium $(BROWSER_FETCHED) ## the pages in a real browser: signed in, by keyboard, with axe; pictures in target/browser
	@rm -rf $(TARGET)/browser
	ENTENTE=$(TARGET)/debug/entente CHROMIUM=$$(command -v chromium) PICTURES=$(TARGET)/browser \
	  node --test --test-reporter=spec tests/browser/pages.test.mjs

badges: build $(VERIFIER_FETCHED) ## what an independent verifier of Open Badges says of credentials: good, altered, expired, revoked
	ENTENTE=$(TARGET)/debug/entente $(VERIFIER)/bin/python tests/badges/verify.py

sdk: $(SDK_MADE) ## clients in four languages, generated into target/sdk and compiled in strict mode
	@openapi/smoke/shown

smoke: build sdk ## a program in each language against a running server: docs/SDK.md shows them
	@SDK=$(SDK) CARGO_TARGET_DIR=$(TARGET) openapi/smoke/run

xapi: build $(XAPI_FETCHED) ## an xAPI client that we did not write against a running server, until somebody is certified
	@CARGO_TARGET_DIR=$(TARGET) $(XAPI)/bin/python tests/xapi/run.py

cargo-test: ## the tests alone, on SQLite and on a throwaway PostgreSQL
	@mkdir -p $(TARGET); rm -rf $(EXCHANGES)
	ENTENTE_TEST_EXCHANGES=$(EXCHANGES) tests/with-postgres cargo test --locked --workspace --no-fail-fast 2>&1 | tee $(TARGET)/cargo-test.log

coverage: build ## does a test exercise every operation, and every status that it documents?
	$(TARGET)/debug/entente openapi --sandbox > $(TARGET)/openapi-sandbox.json
	python3 tests/coverage.py $(TARGET)/openapi-sandbox.json $(EXCHANGES)

schemathesis: build $(SCHEMATHESIS_FETCHED) ## what the document allows, sent to the server on both databases, by one seed
	tests/with-postgres $(SCHEMATHESIS)/bin/python tests/schemathesis/run.py --seconds $(SCHEMATHESIS_SECONDS) --seed 1

breaking: ## does the document break who was written against the last released one? (the rules: tests/breaking)
	python3 -m unittest discover --quiet tests/breaking
	python3 tests/breaking

clean: ## remove what was built and fetched; ./data is yours and stays
	cargo clean
	rm -rf openapi/node_modules tests/browser/node_modules

$(TOOLS_FETCHED): openapi/requirements.txt
	@openapi/tools python

$(NODE_FETCHED): $(TOOLS_FETCHED) openapi/package-lock.json openapi/package.json
	@openapi/tools node
	@touch $@

$(SDK_MADE): $(SDK)/%.made: $(NODE_FETCHED) $(SDK_SOURCES)
	@SDK=$(SDK) CARGO_TARGET_DIR=$(TARGET) openapi/sdk/generate $*
	@touch $@

$(BROWSER_FETCHED): tests/browser/package-lock.json tests/browser/package.json | npm
	@echo 'browser: fetching what drives it with npm into tests/browser/node_modules'
	cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

$(VERIFIER_FETCHED): tests/badges/requirements.txt | venv
	@rm -rf $(VERIFIER); python3 -m venv $(VERIFIER)
	@echo 'badges: fetching the verifier with pip into $(VERIFIER)'
	$(VERIFIER)/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement tests/badges/requirements.txt
	@touch $@

$(SCHEMATHESIS_FETCHED): tests/schemathesis/requirements.txt | venv
	@rm -rf $(SCHEMATHESIS); python3 -m venv $(SCHEMATHESIS)
	@echo 'schemathesis: fetching it with pip into $(SCHEMATHESIS)'
	$(SCHEMATHESIS)/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement tests/schemathesis/requirements.txt
	@touch $@

$(XAPI_FETCHED): tests/xapi/requirements.txt | venv
	@rm -rf $(XAPI); python3 -m venv $(XAPI)
	@echo 'xapi: fetching a client with pip into $(XAPI)'
	$(XAPI)/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement tests/xapi/requirements.txt
	@touch $@

npm:
	@command -v npm >/dev/null || { $(call debian,Node.js 18 or newer with npm,nodejs npm); }

chromium:
	@command -v chromium >/dev/null || { $(call debian,Chromium,chromium); }

venv:
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { $(call debian,Python 3.10 or newer with venv,python3 python3-venv); }

# Installs packages of Debian, if that is possible: what is needed, the packages' names.
define debian
if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
  echo 'needs $(1): install it and run this again'; exit 1; \
fi; \
echo 'no $(1) found: installing with apt-get: $(2)'; \
apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $(2)
endef

# Runs each step with a line that announces it, stops at the first that fails, and ends with the times.
define steps
begin=$$SECONDS; report=; n=0; \
for step in $(1); do \
  n=$$((n + 1)); t=$$SECONDS; \
  printf '\n==> %d/%d %s: %s\n' "$$n" $(words $(1)) "$$step" "$$(sed -n "s/^$$step:.*## //p" $(firstword $(MAKEFILE_LIST)))"; \
  $(MAKE) "$$step" || { printf '\nmake $@: FAILED at %s, after %d s\n' "$$step" $$((SECONDS - begin)); exit 1; }; \
  report+=$$(printf '%14s %5d s' "$$step" $$((SECONDS - t)))$$'\n'; \
done; \
printf '\n%smake $@: %d steps hold, in %d min %d s\n' "$$report" "$$n" $$(((SECONDS - begin) / 60)) $$(((SECONDS - begin) % 60))
endef
