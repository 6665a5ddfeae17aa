package shell

import (
	"slices"
	"strings"
)

// fetches are the ecosystems whose builds download what they depend on, if it is not there, with the command that
// only fetches it and needs no more than the manifests; "" if there is none, or none that fetches all.
var fetches = map[string]string{
	"cargo": "", "dotnet": "dotnet restore", "go": "go mod download", "gradle": "", "maven": "", "mill": "", "pdm": "pdm install --no-self",
	"poetry": "poetry install --no-root", "sbt": "", "stack": "", "swift": "", "uv": "uv sync --no-install-project",
}

// Fetches reports whether the command, which builds or installs the project itself, first downloads what that depends
// on and is not there. apart is the command that does only that, by the manifests alone; "" if there is none.
func (i *Install) Fetches() (apart string, ok bool) {
	apart, ok = fetches[i.Ecosystem]
	words := i.Command.Operands()
	prepares := len(words) > 0 && slices.Contains([]string{"chef", "wrapper", "version", "fmt", "lock", "export"}, words[0].Text) ||
		len(words) == 1 && words[0].Text == "clean" // mvn clean package builds
	if i.Ecosystem == "maven" && len(words) > 0 && !slices.ContainsFunc(words, func(w Word) bool { return !strings.Contains(w.Text, ":") }) {
		prepares = true // goals of plugins alone: they look at no dependencies
	}
	return apart, ok && !i.DepsOnly && !i.Offline() && !prepares
}

// Offline reports whether the command is told to download nothing.
func (i *Install) Offline() bool {
	return i.Command.HasFlag("--offline", "--no-restore", "--no-build", "-mod=vendor") || i.Ecosystem == "maven" && i.Command.HasFlag("-o")
}

// CompilesAnew is the option by which the command compiles all, whatever a cache has: -a of go build. It changes nothing of
// the result where the variable idle has that value: of a Go package only what C brings in by cgo is not known to its cache.
func (i *Install) CompilesAnew() (option Word, idle Assign, ok bool) {
	if i.Ecosystem != "go" {
		return Word{}, Assign{}, false
	}
	for _, a := range i.Command.arguments() {
		if a.flag == "-a" {
			return a.word, Assign{Name: "CGO_ENABLED", Value: Word{Text: "0", Literal: true}}, true
		}
	}
	return Word{}, Assign{}, false
}

// BuildPhrase is what to call the command in a message about what it builds: mvn package, for mvn clean package.
func (i *Install) BuildPhrase() string {
	words := i.Command.Operands()
	if len(words) > 1 && words[0].Text == "clean" && words[1].Literal {
		return strings.Replace(i.Phrase, " clean", " "+words[1].Text, 1)
	}
	return i.Phrase
}

// LeavesOut is what a command that fetches what a project depends on does not fetch, though a build needs it: mvn
// dependency:go-offline, gradle dependencies. It is "" if it fetches all, or that is not known.
//
// Plugins of Maven choose some of their libraries when they run (surefire its providers), which MDEP-82 is about;
// Gradle's task dependencies reads descriptions of libraries, and fetches none of the libraries.
func (i *Install) LeavesOut() string {
	words := i.Command.Operands()
	switch {
	case !i.DepsOnly || len(words) == 0:
		return ""
	case i.Ecosystem == "maven":
		return "what plugins load when they test"
	case i.Ecosystem == "gradle" && words[0].Text == "dependencies":
		return "the libraries themselves, since it reads only their descriptions"
	}
	return ""
}
