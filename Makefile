# vlab: rack a pod in software, run a deployment engine on it, break it, judge the recovery.
.DEFAULT_GOAL := help
.PHONY: help demo test fuzz bench lint format build install-deps clean

# An import that the manifest does not declare fails the build.
SWIFT_BUILD := swift build --explicit-target-dependency-import-check error
SOURCES := Package.swift Sources Tests

help: ## Show what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: install-deps ## Install what is missing, build, rack pod1, run the three quick scenarios, show the verdicts.
	@.ci/demo

test: install-deps ## Install what is missing and run all tests, with real libvirt and QEMU.
	@.ci/test

fuzz: install-deps ## Make up a million packets for the BMC, and spoilt pod files; what reaches new code is tried by `make test`.
	@.ci/fuzz

bench: install-deps ## Measure speed and size against the floor, in one run.
	$(SWIFT_BUILD) -c release --product vlab
	$(SWIFT_BUILD) -c release --product vdeploy
	$(SWIFT_BUILD) -c release --product vlab-bench
	"$$(swift build -c release --show-bin-path)/vlab-bench"

lint: ## Check the format of all Swift files.
	swift format lint --strict --recursive --parallel $(SOURCES)

format: ## Format all Swift files.
	swift format format --in-place --recursive --parallel $(SOURCES)

build: install-deps ## Build vlab and vdeploy, optimised.
	$(SWIFT_BUILD) -c release --product vlab
	$(SWIFT_BUILD) -c release --product vdeploy
	@echo "Built in $$(swift build -c release --show-bin-path): vlab vdeploy"

install-deps: ## Install the packages that this host lacks.
	@.ci/install-packages

clean: ## Remove what was built; images and labs stay.
	swift package clean
