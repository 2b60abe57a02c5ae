# Everything that is done with this repository; `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BOOK := .build/october-2025/events.ndjson.gz
BOOK_INPUTS := $(wildcard Sources/OctoberBook/*.swift examples/october-2025/prices/*.csv)
CONFORMANCE_FILES ?= $(wildcard Tests/conformance/*.json)
SEED := $(or $(SEED),$(shell date +%s))
OUTSIDE := lock kill faults damage load streams attacks commands alerts tls logs metrics
SWIFT_FILES = find . -name '*.swift' -not -path '*/.build*' -not -name '*.pb.swift' -print0

.PHONY: help setup demo october outside page test lint format bench soak clean release

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 10

setup: ## install what is missing (Debian packages) and check the Swift version
	@scripts/setup.sh

demo: setup ## a venue on this machine: server, page, a moving market, a crash button; DEMO_FLAGS="--for 30s"
	swift build -c release --product plimsoll
	.build/release/plimsoll demo $(DEMO_FLAGS)

october: $(BOOK) ## 10 and 11 October 2025 with 2,000 accounts: who is liquidated, who pays, under three policies
	.build/release/plimsoll replay --market --policy all $(BOOK)

test: setup lint ## everything that must hold before a change lands; a sample of what soak does in full
	@scripts/setup.sh outside
	@scripts/setup.sh page
	for product in plimsollPackageTests plimsoll conformance; do swift build --product $$product; done
	swift test --skip-build --parallel
	.build/debug/plimsoll rules check rulebooks/*.yaml
	@test -n "$(CONFORMANCE_FILES)" || { echo "make: Tests/conformance has no vectors." \
		"Put them there, or name others: make test CONFORMANCE_FILES=..." >&2; exit 1; }
	.build/debug/conformance $(CONFORMANCE_FILES)
	for test in $(OUTSIDE); do python3 Tests/node/$$test.py; done
	.build/page-venv/bin/python Tests/page/run.py
	scripts/digest-parity.sh
	scripts/instructions.sh
	@if command -v shellcheck; then shellcheck scripts/*.sh .ci/run; fi

outside: ## the real program from outside: kills, failing calls, damage, load, attacks, streams, TLS, ...
	@scripts/setup.sh outside
	swift build --product plimsoll
	for test in $(OUTSIDE); do python3 Tests/node/$$test.py $(OUTSIDE_FLAGS); done

page: ## the page in a real Chromium against a demo, 4 minutes; PAGE_FLAGS=--soak, or names of tests
	@scripts/setup.sh page
	swift build --product plimsoll
	find Sources/CPage/files -name '*.js' -print0 | xargs -0 -n 1 sh -c 'node --check --input-type=module < "$$0"'
	.build/page-venv/bin/python Tests/page/run.py $(PAGE_FLAGS)

lint: ## fail on Swift that is not formatted
	$(SWIFT_FILES) | xargs -0 swift format lint --strict --parallel

format: ## format all Swift
	$(SWIFT_FILES) | xargs -0 swift format --in-place --parallel

bench: ## ours and the peers in one run, some 12 minutes; BENCH_FLAGS=--small, --only=w2, --plots
	@scripts/setup.sh bench
	scripts/bench.sh $(BENCH_FLAGS)

soak: setup ## everything in full, in release, hours; SEED=N repeats a run, .build/soak.log keeps it
	@scripts/setup.sh outside
	@scripts/setup.sh page
	mkdir -p .build
	swift build -c release --product plimsoll
	{ echo "soak: seed $(SEED), $$(nproc) processors, load $$(cut -d' ' -f1-3 /proc/loadavg)"; \
		PLIMSOLL_SOAK=1 PLIMSOLL_SEED=$(SEED) \
			swift test -c release -Xswiftc -enable-testing --scratch-path .build/soak && \
		for test in $(OUTSIDE); do \
			PLIMSOLL_BIN=$$PWD/.build/release/plimsoll \
				python3 Tests/node/$$test.py --soak --seed $(SEED) || exit 1; \
		done && \
		PLIMSOLL_BIN=$$PWD/.build/release/plimsoll .build/page-venv/bin/python Tests/page/run.py --soak; \
	} 2>&1 | tee .build/soak.log

clean: ## remove what was built
	rm -rf .build Benchmarks/.build .bench-data

release: setup
	swift build -c release --product plimsoll
	swift build -c release --product october-book

$(BOOK): $(BOOK_INPUTS) | release
	mkdir -p $(@D)
	.build/release/october-book --seed 7 --accounts 2000 \
		--prices examples/october-2025/prices --output $@
