# make test is the one command that passes or fails the project.

GO ?= go

.PHONY: test build bench latency generate vsix test-editors

test: build
	test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w .'; exit 1; }
	for os in linux darwin windows; do GOOS=$$os $(GO) vet ./... || exit; done
	$(GO) tool staticcheck ./...
	$(GO) test -race -timeout 30m ./...

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/layerwise .

# generate rewrites what is made from the code: the README's table, the pictures, the schema.
generate:
	$(GO) run ./internal/gen

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
