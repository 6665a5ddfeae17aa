package cli

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/sources"
	"layerwise/cli/terminal"
	"layerwise/internal/words"
)

// This file shows builds to people.

// text is the list for people.
func (b *buildsCommand) text(list *buildList) string {
	var out strings.Builder
	line := func(style, format string, args ...any) {
		out.WriteString(b.screen.Paint(style, terminal.Escape(fmt.Sprintf(format, args...))) + "\n")
	}
	last, any := "", false
	builds := slices.SortedStableFunc(slices.Values(list.Builds), func(x, y buildEntry) int {
		return cmp.Compare(x.heading(), y.heading())
	})
	var before buildEntry
	alike := []string{} // names of builds that are as the one before
	flush := func() {
		if len(alike) > 0 {
			line(terminal.Dim, "      likewise %s", words.Some(alike))
		}
		alike = alike[:0]
	}
	for _, e := range builds {
		if any && e.alike(before) {
			alike = append(alike, cmp.Or(e.found.Name, e.Name))
			continue
		}
		flush()
		before = e
		name := e.heading()
		if name != last {
			if any {
				out.WriteString("\n")
			}
			line(terminal.Bold, "%s", name)
			last, any = name, true
		}
		mark := " "
		if e.Default {
			mark = "*"
		}
		line("", "%s %s:%d  %s", mark, e.Source.File, e.Source.Line, e.what())
		for _, arg := range slices.Sorted(maps.Keys(e.Args)) {
			line(terminal.Dim, "      --build-arg %s", argument(arg, e.Args[arg]))
		}
		for _, name := range slices.Sorted(maps.Keys(e.Contexts)) {
			line(terminal.Dim, "      --build-context %s=%s", name, e.Contexts[name])
		}
		if e.found.Missing != "" {
			line(terminal.Yellow, "      %s", e.found.Missing)
		}
	}
	flush()
	if len(list.Notes) > 0 {
		if any {
			out.WriteString("\n")
		}
		line(terminal.Bold, "Not known, or not right")
		for _, n := range list.Notes {
			line("", "  %s:%d: %s", n.File, n.Line, n.Message)
		}
	}
	if !any && len(list.Notes) == 0 {
		return "There is no Dockerfile in " + terminal.Escape(b.show(filepath.Join(b.root, filepath.FromSlash(b.below)))) + " or below it\n"
	}
	return out.String()
}

// heading names the Dockerfile for people.
func (e buildEntry) heading() string {
	switch {
	case e.found.Elsewhere:
		return e.Dockerfile + " of " + e.Context
	case e.Dockerfile == "":
		return "a text in " + e.Source.File
	}
	return e.Dockerfile
}

// alike reports whether a build of the same file says the same of the same Dockerfile.
func (e buildEntry) alike(other buildEntry) bool {
	return e.Dockerfile != "" && e.Dockerfile == other.Dockerfile && e.Source.File == other.Source.File && !e.Default && e.about() == other.about() &&
		maps.Equal(e.Contexts, other.Contexts) && maps.EqualFunc(e.Args, other.Args, func(a, b *string) bool {
		return a == nil && b == nil || a != nil && b != nil && *a == *b
	})
}

// what says what is built, but for its arguments.
func (e buildEntry) what() string {
	if e.found.Name != "" {
		return e.found.Name + ": " + e.about()
	}
	return e.about()
}

// about is what without the name.
func (e buildEntry) about() string {
	parts := []string{}
	switch {
	case e.Source.Kind == "inferred":
		parts = append(parts, "nothing here builds it; by its own text, context "+e.Context)
	case e.Source.Kind == "config":
		parts = append(parts, "context "+e.Context)
	case e.ContextKind == string(sources.Git):
		parts = append(parts, "the commit of this repository, context "+e.Context)
	case e.ContextKind == string(sources.Generated):
		parts = append(parts, "a context that is made for the build")
	case e.ContextKind == string(sources.Remote):
		parts = append(parts, "a context that is fetched: "+e.Context)
	default:
		parts = append(parts, "context "+e.Context)
	}
	if e.Target != "" {
		parts = append(parts, "target "+e.Target)
	}
	if len(e.Platforms) > 0 {
		parts = append(parts, words.For(len(e.Platforms), "platform ", "platforms ")+strings.Join(e.Platforms, ", "))
	}
	if len(e.Secrets) > 0 {
		parts = append(parts, words.For(len(e.Secrets), "secret ", "secrets ")+strings.Join(e.Secrets, ", "))
	}
	if e.found.Unsure {
		parts = append(parts, "perhaps more, which only the run knows")
	}
	return strings.Join(parts, ", ")
}

// argument is a build argument for people. What may be a secret is not repeated.
func argument(name string, value *string) string {
	switch {
	case value == nil:
		return name + " (the run decides)"
	case sources.LooksSecret(name) || hasCredentials(*value):
		return name + " (set)"
	}
	return name + "=" + *value
}

// hasCredentials reports whether a value is the address of a server, with a user's password in it.
func hasCredentials(value string) bool {
	_, rest, ok := strings.Cut(value, "://")
	server, _, _ := strings.Cut(rest, "/")
	return ok && strings.Contains(server, "@")
}
