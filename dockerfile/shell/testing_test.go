package shell_test

import (
	"slices"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestChecks shows which commands only test, and which test while they build.
func TestChecks(t *testing.T) {
	for line, want := range map[string]string{
		"go test ./...": "checks", "go vet ./...": "checks", "go test -c -o t ./e2e": "", "go build ./...": "",
		"cargo test --release": "checks", "cargo test --no-run": "", "cargo clippy": "checks",
		"npm test": "checks", "npm run lint": "checks", "npm run build": "", "npm run lint:fix": "", "pnpm run test": "checks", "yarn test": "checks", "yarn run build": "",
		"pytest -q": "checks", "pytest --version": "", "tox": "checks", "next build": "", "jest --ci": "checks",
		"make test": "checks", "make": "", "make test install": "", "make check": "checks", "golangci-lint run": "checks", "golangci-lint version": "",
		"mvn test": "checks tested", "mvn -B package": "tested", "mvn -B package -DskipTests": "", "mvn clean compile": "", "./gradlew check": "checks tested", "./gradlew build": "tested", "gradle assemble": "",
		"dotnet test": "checks",
	} {
		commands := shell.Source(line).Commands
		got := ""
		if slices.ContainsFunc(commands, (*shell.Command).Checks) {
			got = "checks"
		}
		if slices.ContainsFunc(commands, (*shell.Command).BuildsTested) {
			got += " tested"
		}
		if got != want && got != " "+want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
