# `make` alone says what there is. `make test` is what CI runs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where cargo builds; also where the tools that these steps fetch are kept.
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
DOCUMENT := openapi/openapi.json
SCHEMA := openapi/program.schema.json
# Where the linters and generators of the document go, and the clients that they generate.
TOOLS := $(TARGET)/tools/openapi
SDK := $(TARGET)/sdk
# Older than what pins them, and they are fetched anew. The second is npm's own record of what it installed.
TOOLS_FETCHED := $(TOOLS)/pyvenv.cfg
NODE_FETCHED := openapi/node_modules/.package-lock.json
NODE := REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(TOOLS)/bin/node
SDK_MADE := $(patsubst %,$(SDK)/%.made,typescript python rust java)
SDK_SOURCES := $(wildcard openapi/openapi*.json) $(shell find openapi/sdk openapi/smoke -type f)

# Cheap ones first.
LINT_STEPS := fmt floors deny lint-openapi clippy docs
TEST_STEPS := $(LINT_STEPS) build drift sdk smoke cargo-test

.PHONY: help run test bench lint openapi clean $(TEST_STEPS)
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

openapi: ## write openapi/openapi.json and openapi/program.schema.json from the code
	@mkdir -p $(TARGET)
	cargo run --quiet --bin entente -- openapi > $(TARGET)/openapi.json
	cargo run --quiet --bin entente -- program schema > $(TARGET)/program.schema.json
	mv $(TARGET)/openapi.json $(DOCUMENT)
	mv $(TARGET)/program.schema.json $(SCHEMA)

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
	  "$${@:2}" > "$$actual"; \
	  diff -u --label "$$1" --label 'the code' "$$1" "$$actual" | head -n 60 || \
	  { echo 'drift: run `make openapi` and commit the result'; exit 1; }; \
	}; \
	check $(DOCUMENT) $(TARGET)/debug/entente openapi; \
	check $(SCHEMA) $(TARGET)/debug/entente program schema

sdk: $(SDK_MADE) ## clients in four languages, generated into target/sdk and compiled in strict mode
	@openapi/smoke/shown

smoke: build sdk ## a program in each language against a running server: docs/SDK.md shows them
	@SDK=$(SDK) CARGO_TARGET_DIR=$(TARGET) openapi/smoke/run

cargo-test: ## the tests alone, on SQLite and on a throwaway PostgreSQL
	@mkdir -p $(TARGET)
	tests/with-postgres cargo test --locked --workspace --no-fail-fast 2>&1 | tee $(TARGET)/cargo-test.log

clean: ## remove what was built and fetched; ./data is yours and stays
	cargo clean
	rm -rf openapi/node_modules

$(TOOLS_FETCHED): openapi/requirements.txt
	@openapi/tools python

$(NODE_FETCHED): $(TOOLS_FETCHED) openapi/package-lock.json openapi/package.json
	@openapi/tools node
	@touch $@

$(SDK_MADE): $(SDK)/%.made: $(NODE_FETCHED) $(SDK_SOURCES)
	@SDK=$(SDK) CARGO_TARGET_DIR=$(TARGET) openapi/sdk/generate $*
	@touch $@

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
