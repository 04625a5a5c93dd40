# The two commands that matter: `make demo` and `make test`. Every target installs what is missing first.
BUILD = swift build -c release --product metakernelgan
PROGRAM = .build/release/metakernelgan

.PHONY: demo test soak bench build setup format clean

build: setup
	$(BUILD)

# Some seconds of training and an estimate on drawn pictures; results in demo/.
demo: build
	$(PROGRAM) demo --out demo

test:
	@scripts/setup --tests
	scripts/test

# Faults injected over and over, and every measurement: half an hour and more.
soak:
	@scripts/setup --tests
	scripts/soak

bench: build
	$(PROGRAM) bench

setup:
	@scripts/setup

format:
	swift format --in-place --recursive Package.swift Sources Tests

clean:
	rm -rf .build demo
