package shell

import (
	"slices"
	"strings"
)

// checks are the sub-commands by which programs test or judge a project and make nothing of it, by program; "*" is any use.
var checks = map[string]string{
	"bun": "test", "cargo": "test clippy nextest bench", "composer": "test", "dotnet": "test", "eslint": "*", "go": "test vet", "golangci-lint": "run",
	"gradle": "test check", "gradlew": "test check", "jest": "*", "make": "test check lint", "mvn": "test", "mvnw": "test", "mypy": "*", "npm": "test t tst", "nox": "*", "phpunit": "*", "pnpm": "test t",
	"pytest": "*", "rake": "test spec", "rspec": "*", "rubocop": "*", "swift": "test", "tox": "*", "vitest": "*", "yarn": "test",
}

// checkScripts are the names under which projects keep scripts that do so.
var checkScripts = []string{"check", "lint", "test", "test:ci", "test:unit", "tests", "type-check", "typecheck"}

// Checks reports whether the command does nothing but test or judge the project: go test, npm run lint, pytest. Some that
// build by the way are not counted, nor are those that only compile the tests or say what there is.
func (c *Command) Checks() bool {
	subs, ok := checks[c.Program]
	words := c.Operands()
	if !ok || c.SkipsTests() || c.hasListed("-c --no-run --list --listTests --collect-only --version --help") {
		return false
	}
	switch {
	case subs == "*":
		return true
	case len(words) > 1 && c.is(scripts) && (words[0].Text == "run" || words[0].Text == "run-script"):
		return slices.Contains(checkScripts, words[1].Text)
	}
	return len(words) > 0 && !slices.ContainsFunc(words, func(w Word) bool { return buildsToo(w.Text) }) && listed(subs, words[0].Text)
}

// buildsToo reports whether a word beside that of the tests makes something: make test install.
func buildsToo(word string) bool {
	return listed("all assemble build dist install package pack publish", word)
}

// SkipsTests reports whether an option keeps a build from testing: mvn -DskipTests, gradle -x test.
func (c *Command) SkipsTests() bool {
	return slices.ContainsFunc(c.Words, func(w Word) bool {
		return strings.HasPrefix(w.Text, "-DskipTests") && w.Text != "-DskipTests=false" || w.Text == "-Dmaven.test.skip=true" || w.Text == "-Dmaven.test.skip"
	})
}

// testingPhases are the words with which build tools test before they are done, by ecosystem.
var testingPhases = map[string]string{"gradle": "build check test", "maven": "deploy install package test verify"}

// BuildsTested reports whether the command tests by the way while it builds: mvn package, gradle build.
func (c *Command) BuildsTested() bool {
	inst, ok := c.Install()
	return ok && inst.Build && !c.SkipsTests() && slices.ContainsFunc(c.Operands(), func(w Word) bool { return listed(testingPhases[inst.Ecosystem], w.Text) })
}
