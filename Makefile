# The commands of the project. The work is done by the scripts in .make/.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run dev test test-deep torture bench deb setup clean

help: ## lists the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: ## builds what is needed and serves the demonstration (PORT, LEPTOS_SITE_ADDR, DATABASE_URL)
	@.make/run

dev: ## serves it and rebuilds after each change
	@.make/dev

test: ## formatting, clippy, Rust tests and browser tests, with a summary
	@.make/test

test-deep: ## made-up requests, policy of what is linked in, fuzzing, the package, mutants: some three quarters of an hour
	@.make/test-deep

torture: ## the stories of faults at length (ROUNDS, FAULTS, MINUTES, BUILD), with a table; goes on where it stopped
	@.make/torture $(ROUNDS)

bench: ## measures sizes and speed
	@.make/bench

deb: ## builds the Debian package, with everything that a server needs
	@.make/deb

setup: ## installs what is missing on this machine, and nothing else
	@.make/setup

clean: ## removes what was built; data/ stays
	@cargo clean --quiet
	@rm -rf target style/dist end2end/report
