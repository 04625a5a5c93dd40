# The two commands that matter: `make demo` and `make test`. Every target installs what is missing first.
BUILD = swift build -c release --product metakernelgan
PROGRAM = .build/release/metakernelgan

.PHONY: demo test soak fuzz chaos cluster-test package bench build setup format clean

build: setup
	$(BUILD)

# Some seconds of training and an estimate on drawn pictures; results in demo/.
demo: build
	$(PROGRAM) demo --out demo

test:
	@scripts/setup --tests
	scripts/test

# Faults over and over, fuzzers, sanitizers, clusters, HOURS of faults drawn at random, every measurement: hours.
HOURS = 1
soak:
	@scripts/setup --tests
	scripts/soak --hours $(HOURS)

# Every parser of bytes from elsewhere, TIME seconds each, under AddressSanitizer.
TIME = 20
fuzz: setup
	Fuzz/run --seconds $(TIME)

# Faults drawn at random against a training and its servers, two minutes; the same again with SEED=N.
chaos: build
	cluster/chaos/chaos $(PROGRAM) --seconds 75 $(if $(SEED),--seed $(SEED))

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
	swift format --in-place --recursive Package.swift Sources Tests Fuzz/Package.swift Fuzz/Sources/fuzz

clean:
	rm -rf .build demo
