# swift-faust: the commands of the project. `make` lists them.

SHELL := /bin/bash
CONFIGURATION ?= debug
SWIFT ?= swift
SCRATCH ?= $(CURDIR)/.build
export SWIFT SCRATCH

.PHONY: help bootstrap run test lint format docs bench bench-kafka fuzz tsan clean

help: ## List these commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bootstrap: ## Install the C libraries that this machine lacks (Debian, Ubuntu).
	@scripts/bootstrap

run: bootstrap ## Count the words of a whole book with the word count example and print the table.
	SWIFT_DETERMINISTIC_HASHING=1 $(SWIFT) build --package-path Examples --scratch-path $(SCRATCH) -c $(CONFIGURATION) --product WordCount
	$(SWIFT) run --skip-build --package-path Examples --scratch-path $(SCRATCH) -c $(CONFIGURATION) WordCount

test: bootstrap ## Build and run all tests, those of the examples included.
	@scripts/test

lint: ## Check formatting, documentation comments and licence headers.
	@scripts/lint

format: ## Format the sources in place.
	@scripts/lint --fix

docs: ## Build the documentation with DocC, and check the links of its articles.
	@scripts/docs

bench: bootstrap ## Run the benchmarks in release mode (ONLY=name runs one).
	@scripts/bench

bench-kafka: bootstrap ## Measure consumers of a Kafka topic: this library, C, and Faust on Python.
	@scripts/bench-kafka

fuzz: bootstrap ## Fuzz the parsers for a minute each (SECONDS_EACH=600 for longer).
	@scripts/fuzz

tsan: bootstrap ## Run the tests of the engine under the thread sanitizer.
	@scripts/tsan

clean: ## Remove all build folders.
	rm -rf .build .build-* Examples/.build Benchmarks/.build Fuzz/.build
