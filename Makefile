# The commands for developers. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test check fmt clippy deny domain-purity shellcheck docs openapi openapi-check openapi-lint \
	browser-check client-check calendar-check once-only-check walkthrough release-check bad-moments bench profile format toolchain

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: toolchain ## Build for production, and serve a demo garage at http://127.0.0.1:8080
	scripts/release.sh run --bin autopaspoort -- serve --demo

# Dependencies have more features where tests are compiled. With the smallest of the tests they have the same features here as in
# `make test`, so that each is compiled once and not twice.
build: toolchain ## Build the development version
	cargo build --workspace --locked --bin autopaspoort --test seen

test: toolchain ## Run every test, on SQLite and on a throwaway PostgreSQL (TESTARGS='name' runs some)
	scripts/ensure-mail-server.sh
	scripts/ensure-s3-server.sh
	scripts/with-postgres.sh cargo test --workspace --locked $(TESTARGS)

check: fmt shellcheck domain-purity deny clippy docs openapi-check openapi-lint browser-check client-check calendar-check once-only-check walkthrough ## Everything down to the walkthrough

fmt: toolchain ## Check the formatting
	cargo fmt --all -- --check

clippy: toolchain ## Check for mistakes and the house rules; a warning is an error
	cargo clippy --workspace --all-targets --locked -- -D warnings

docs: toolchain ## Build the code's documentation; a warning is an error
	RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --workspace --locked

deny: toolchain ## Check licences, sources and known vulnerabilities of dependencies
	scripts/check-deny.sh

domain-purity: toolchain ## Prove that the domain does no input or output
	scripts/check-domain-purity.sh

shellcheck: ## Lint the shell scripts
	scripts/check-shell.sh

openapi-check: toolchain ## Prove that openapi.yaml matches the code
	scripts/openapi.sh --check

openapi-lint: ## Lint openapi.yaml: OpenAPI and OWASP API Security rules
	scripts/check-openapi-lint.sh

browser-check: build ## Use /docs and the page at /app in a real browser, and show each mail on a phone
	scripts/check-browser.sh

client-check: build ## Generate API clients in four languages, compile them and use them
	scripts/check-clients.sh

calendar-check: build ## Read calendars of the demo with a reader of iCalendar that others wrote
	scripts/check-calendar.sh

once-only-check: build ## Kill servers while they mail: no mailing arrives twice, and what matters arrives
	scripts/with-postgres.sh scripts/check-once-only.sh

walkthrough: build ## Run the walkthrough of the manual against a running server, on both databases
	scripts/check-walkthrough.sh

release-check: bad-moments ## What a release needs beside check and test: bad moments, known vulnerabilities, profile
	scripts/check-deny.sh --release
	scripts/profile.sh --check

bad-moments: build ## Kill a server while it writes, and fill its disk; kill servers many times while they mail
	scripts/with-postgres.sh scripts/check-bad-moments.sh
	scripts/with-postgres.sh scripts/check-once-only.sh --rounds 30

openapi: toolchain ## Write openapi.yaml from the code
	scripts/openapi.sh

bench: toolchain ## Measure speed against the limit of database and machine (BENCHARGS=--help lists options)
	scripts/bench.sh $(BENCHARGS)

profile: toolchain ## Before a release: make a new profile of hot code for the compiler
	scripts/profile.sh

format: toolchain ## Format the code
	cargo fmt --all

toolchain:
	@scripts/check-toolchain.sh
