# Fairlead. `make` lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# One setting for everything: build, test and vet then share one build cache.
export CGO_ENABLED ?= 0

VERSION   ?= $(shell git describe --always --dirty --tags 2>/dev/null || echo devel)
LDFLAGS   := -s -w -X fairlead.dev/pkg/daemon.Version=$(VERSION)
# Of test/kubernetes, all but cmd/controlplane: that is a few lines over the whole of Kubernetes, which
# build.sh compiles, and which vet, test and staticcheck would work through once more.
KUBERNETES = $$(GOWORK=off go list ./... | grep -v /cmd/controlplane)
FUZZTIME  ?= 10s
BENCHTIME ?= 1s
ARGS      ?=
TRACE     ?=
TRACES    ?=
CASES     ?=
SEED      ?= 1
SEEDS     ?= 2000

##@ Use

.PHONY: build
build: ## build bin/fairlead and the agents, bin/fairlead-agent-*
	go build -ldflags "$(LDFLAGS)" -o bin/fairlead ./services/fairlead/cmd/fairlead
	go build -ldflags "$(LDFLAGS)" -o bin/fairlead-agent-kubernetes ./services/agent-kubernetes/cmd/fairlead-agent-kubernetes
	go build -ldflags "$(LDFLAGS)" -o bin/fairlead-agent-swarm ./services/agent-swarm/cmd/fairlead-agent-swarm
	go build -ldflags "$(LDFLAGS)" -o bin/fairlead-agent-dcos ./services/agent-dcos/cmd/fairlead-agent-dcos

.PHONY: bin/fairlead
bin/fairlead:
	go build -ldflags "$(LDFLAGS)" -o $@ ./services/fairlead/cmd/fairlead

.PHONY: run
run: bin/fairlead ## everything in one process: embedded NATS, simulated clusters (ARGS="--flag …")
	bin/fairlead dev $(ARGS)

##@ Test

.PHONY: test
test: ## every test that needs Go alone: no root, no network, minutes
	go test -timeout 9m work

.PHONY: test-race
test-race: ## the tests of everything with goroutines, under the race detector
	CGO_ENABLED=1 go test -race -timeout 15m ./pkg/... ./services/...

.PHONY: security-test
security-test: ## what must be refused, tried with real credentials against a real server: a table (half a minute)
	cd test && go test -count=1 -v ./security | grep -v -e '^=== ' -e '^ *--- PASS' -e '^PASS$$'

.PHONY: test-foreign
test-foreign: test/foreign/js/node_modules/.package-lock.json ## clients in other languages against the real log (needs Node and npm)
	cd test && go test -count=1 -tags foreign -timeout 9m ./foreign/...

test/foreign/js/node_modules/.package-lock.json: test/foreign/js/package-lock.json
	cd test/foreign/js && npm ci --no-audit --no-fund

.PHONY: kubernetes-controlplane
kubernetes-controlplane: ## build the Kubernetes control plane for tests (7 minutes once)
	test/kubernetes/build.sh

.PHONY: test-kubernetes
test-kubernetes: ## agent and federation against real Kubernetes API servers (needs kubernetes-controlplane)
	cd test/kubernetes && GOWORK=off go test -count=1 -trimpath -timeout 20m $(KUBERNETES)
	cd test/kubernetes/agent && GOWORK=off go test -count=1 -timeout 20m ./...

.PHONY: test-swarm
test-swarm: ## the agent and a federation against a real Docker swarm of three nodes (root and docker.io; 2 minutes)
	cd test/swarm && GOWORK=off go test -count=1 -v -timeout 10m ./... | grep -v -e '^=== ' -e 'no test files'

.PHONY: test-dcos
test-dcos: ## the DC/OS agent against a double of Marathon and Mesos, which others' clients drive as well (half a minute)
	go test -count=1 -v ./services/agent-dcos/... ./test/dcos/... | grep -v -e '^=== ' -e '^PASS$$' -e 'no test files'

.PHONY: sim
sim: ## one history of a whole federation with faults, told step by step (SEED=n)
	go run ./test/sim -seed $(SEED) -v $(ARGS)

.PHONY: sim-soak
sim-soak: ## many of them, each law held after every step (SEED=first, SEEDS=how many)
	go run ./test/sim -seed $(SEED) -seeds $(SEEDS) $(ARGS)

.PHONY: sim-broken
sim-broken: ## the same over builds with a fault each: every one must be caught
	go run ./test/sim -broken

.PHONY: chaos
chaos: bin/fairlead ## real processes on three NATS servers, killed, paused, parted, their disks filled; then the laws (ARGS="-minutes 1 …")
	go run ./test/chaos $(ARGS)

.PHONY: soak
soak: bin/fairlead ## an hour at a steady load; memory, goroutines, files and streams judged flat (ARGS="-minutes 20 …"; not in CI)
	go run ./test/soak $(ARGS)

.PHONY: demo-openb
demo-openb: bin/fairlead ## a public GPU trace through the real services, twice: undisturbed, and with placement killed half way (TRACE=folder)
	@[[ -n "$(TRACE)" ]] || { echo "say where the trace is: make demo-openb TRACE=folder"; exit 2; }
	go run ./test/openb -trace "$(TRACE)" -kill 0.5 -compare $(ARGS)

.PHONY: conformance
conformance: ## what other federations' tests expect, asked of ours: passed, chosen otherwise, failed (CASES=folder)
	@[[ -n "$(CASES)" ]] || { echo "say where the cases are: make conformance CASES=folder"; exit 2; }
	go run ./test/conformance -cases "$(CASES)" $(ARGS)

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (10s) each
	.ci/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## Go benchmarks for BENCHTIME (1s) each, then placement against the raw broker
	go test -run '^$$' -bench . -benchtime $(BENCHTIME) -timeout 30m work | grep -v -e '^PASS$$' -e 'no test files'
	go run ./test/speed -part broker $(ARGS)

.PHONY: bench-speed
bench-speed: ## goals 6 to 8: the core as fleets grow, the service against the broker, quality at speed, memory (ARGS="-part core …")
	go test -run '^$$' -bench . -benchtime 300ms ./pkg/scheduler ./pkg/event ./services/placement ./test/speed | grep -v '^PASS$$'
	go run ./test/speed $(ARGS)

.PHONY: takeover
takeover: ## kill the leader 22 times under a flood, and say how long each takeover took
	cd test && go test ./placement -run TestTakeover -v -takeovers 22 -within 3s $(ARGS) | grep -v INFO

.PHONY: bench-quality
bench-quality: ## goals 1 to 5: placement beside its peers and the bounds, on public traces (TRACES=folder, ARGS="-full …")
	go run ./test/quality -traces "$(TRACES)" $(ARGS)

##@ Change

.PHONY: schemas
schemas: ## write what follows from schemas/: Go types, registry, AsyncAPI document
	cd schemas/internal/generate && GOWORK=off go run .

.PHONY: fmt
fmt: ## format every Go file
	gofmt -w $$(git ls-files -co --exclude-standard '*.go')

.PHONY: tidy
tidy: ## go mod tidy in every module
	.ci/modules | xargs -I{} sh -c 'cd {} && GOWORK=off go mod tidy'

.PHONY: lint
lint: .cache/staticcheck ## staticcheck in every module
	.cache/staticcheck work
	cd schemas/internal/generate && GOWORK=off ../../../.cache/staticcheck ./...
	cd test/kubernetes && GOWORK=off GOFLAGS="$$(go env GOFLAGS) -trimpath" ../../.cache/staticcheck $(KUBERNETES)
	cd test/kubernetes/agent && GOWORK=off ../../../.cache/staticcheck ./...
	cd test/swarm && GOWORK=off ../../.cache/staticcheck ./...

# Pinned in test/tools/go.mod, so that everyone gets the same findings.
.cache/staticcheck: test/tools/go.mod test/tools/go.sum
	cd test/tools && GOWORK=off go build -o ../../.cache/ tool
	touch $@

.cache/govulncheck: .cache/staticcheck

##@ Keep

.PHONY: verify
verify: verify-format verify-schemas verify-modules vet lint verify-architecture verify-vulnerabilities ## all that must hold besides the tests

.PHONY: verify-format
verify-format:
	@bad=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [[ -n $$bad ]]; then echo "not formatted (make fmt):"; echo "$$bad"; exit 1; fi

.PHONY: verify-schemas
verify-schemas: ## generated files are up to date, and every fixture keeps its meaning
	cd schemas/internal/generate && GOWORK=off go run . -check
	go test ./pkg/event/...

.PHONY: verify-modules
verify-modules: ## go.mod and go.sum of every module are tidy
	@bad=; for m in $$(.ci/modules); do (cd $$m && GOWORK=off go mod tidy -diff) || bad+=" $$m"; done; \
	if [[ -n $$bad ]]; then echo "not tidy (make tidy):$$bad"; exit 1; fi

.PHONY: vet
vet: ## go vet in every module
	go vet work
	cd schemas/internal/generate && GOWORK=off go vet ./...
	cd test/kubernetes && GOWORK=off go vet -trimpath $(KUBERNETES)
	cd test/kubernetes/agent && GOWORK=off go vet ./...
	cd test/swarm && GOWORK=off go vet ./...

.PHONY: verify-architecture
verify-architecture: ## who imports whom, purity of the core, measures of style
	cd test && go test -count=1 ./architecture/... # it reads other modules, which Go's test cache does not see

.PHONY: verify-vulnerabilities
verify-vulnerabilities: .cache/govulncheck ## known vulnerabilities that our code reaches; says so where their database cannot be reached
	.ci/vulnerabilities .cache/govulncheck

.PHONY: ci
ci: ## what a new machine does after a push (Debian 12, root)
	.ci/run

.PHONY: clean
clean: ## remove what was built, but for Go's own caches
	rm -rf bin .cache test/foreign/js/node_modules

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z\/-]*:.*## / {printf "  make %-24s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
