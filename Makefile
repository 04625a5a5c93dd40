# The two commands that matter: `make demo` and `make test`. Every target installs what is missing first.
BUILD = swift build -c release --product metakernelgan
PROGRAM = .build/release/metakernelgan

.PHONY: demo test soak cluster-test package bench build setup format clean

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

# A real Slurm of two emulated nodes, and hosts in network namespaces; as root, installs what is missing. Minutes.
cluster-test: build
	@scripts/setup --cluster
	cluster/slurm/test $(PROGRAM)
	cluster/netns/test $(PROGRAM)

# A Debian package in .build/package.
package: setup
	cluster/package/build

bench: build
	$(PROGRAM) bench

setup:
	@scripts/setup

format:
	swift format --in-place --recursive Package.swift Sources Tests

clean:
	rm -rf .build demo
