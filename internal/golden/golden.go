// Package golden runs the text files that are a rule's test cases.
//
// A case is a txtar section group that begins with "-- NAME/Dockerfile --", or with the path of a Dockerfile
// that lies elsewhere in the context; the other files of the
// group are its build context ("-> PATH" is a link, and a first line "mode 664" says which permissions the file has). "NAME/want" holds the findings as "check" prints them, without paths:
//
//	2:1 warning copy-before-install: message
//	  fix (safe): title
//
// "NAME/layerwise.yaml" says how the case is built, with lines "target: NAME" and "buildArgs: NAME=VALUE";
// the line "context: ." says that the folder is surely the build context, whatever it lacks. Of a workflow, or another file
// that says how the case is built, only what found tells is taken.
//
// No want means that the rule must be silent. "NAME/fixed" is the Dockerfile after all safe fixes,
// "NAME/suggested" after the first fix of any kind, and "NAME/fixed/.dockerignore" (or suggested) the
// ignore file then.
package golden

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/build/refusals"
	"layerwise/build/shellcheck"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"

	"golang.org/x/tools/txtar"
)

// Update rewrites the files instead of comparing.
var Update = cases.Update

// Case is one test case.
type Case struct {
	Name       string
	Path       string // of the Dockerfile in the context
	Dockerfile string
	Context    map[string]string // with .dockerignore
	Expect     map[string]string // want, fixed, suggested …
	Build      string            // layerwise.yaml
}

// Parse reads the cases of one file, in order.
func Parse(a *txtar.Archive) (cases []*Case) {
	for _, f := range a.Files {
		name, rest, ok := strings.Cut(f.Name, "/")
		if !ok {
			continue
		}
		if len(cases) == 0 || cases[len(cases)-1].Name != name {
			cases = append(cases, &Case{Name: name, Path: rest, Context: map[string]string{}, Expect: map[string]string{}})
		}
		c := cases[len(cases)-1]
		switch first, _, _ := strings.Cut(rest, "/"); {
		case rest == "layerwise.yaml":
			c.Build = string(f.Data)
		case rest == c.Path:
			c.Dockerfile = string(f.Data)
			c.Context[rest] = string(f.Data)
		case first == "want" || first == "fixed" || first == "suggested":
			c.Expect[rest] = string(f.Data)
		default:
			body := string(f.Data)
			if strings.HasPrefix(body, "-> ") {
				body = strings.TrimSpace(body) // a link
			}
			c.Context[rest] = body
		}
	}
	return cases
}

// root is the absolute directory that the contexts of cases pretend to be.
const root = "/context"

// InContext is an absolute path, relative to the context.
func InContext(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, root), "/")
}

// Scripts checks the scripts of RUN; nil where a test does not care, or nothing is installed.
var Scripts *shellcheck.Program

// A Check returns the findings in a text, with other files changed, by their absolute paths.
type Check func(src string, changed map[string]string) []diagnostics.Diagnostic

// Checker checks with a context: with all rules, or with one if it is not nil. A rule that crashes is a
// crash of the test. A .layerwise.yaml with the line "context: ." says that the folder is surely the build context.
func Checker(rules []*diagnostics.Rule, only *diagnostics.Rule, tree map[string]string) Check {
	return checker(rules, only, "Dockerfile", tree, stages.Args{Image: images.Base}, strings.Contains(tree[".layerwise.yaml"], namesContext))
}

func checker(rules []*diagnostics.Rule, only *diagnostics.Rule, name string, tree map[string]string, args stages.Args, named bool) Check {
	build := found(tree, name, &args)
	build.Named = named
	return func(src string, changed map[string]string) []diagnostics.Diagnostic {
		all := results(rules, nil, turnedOn(only), name, tree, args, build, src, changed)
		if failures := all.Failures(); len(failures) > 0 {
			panic(failures[0])
		}
		facts := diagnostics.Facts{}
		if only == nil || only.Late != nil {
			g := stages.Resolve(syntax.Parse(src), args, nil)
			facts.Refusals = refusals.Find(context.Background(), g, cache.Options(args.Build, args.Target, ""))
			facts.Remarks = Scripts.Find(context.Background(), g, nil)
		}
		return slices.DeleteFunc(slices.Clone(all.WithFacts(facts)), func(d diagnostics.Diagnostic) bool { return only != nil && d.Rule != only })
	}
}

// turnedOn are the settings with which a rule reports that is off by default.
func turnedOn(rule *diagnostics.Rule) (set diagnostics.Settings) {
	if rule != nil && rule.Off {
		set.Severity = map[string]diagnostics.Severity{rule.Name: diagnostics.On}
	}
	return set
}

func results(rules []*diagnostics.Rule, only func(*diagnostics.Rule) bool, set diagnostics.Settings, name string, tree map[string]string, args stages.Args, build diagnostics.Build, src string, changed map[string]string) *diagnostics.Results {
	changedTree := maps.Clone(tree)
	if changedTree == nil {
		changedTree = map[string]string{}
	}
	for other, body := range changed {
		changedTree[InContext(other)] = body
	}
	bc := files.InMemory(changedTree)
	bc.Root = root
	build.Context = bc
	return diagnostics.Run(context.Background(), diagnostics.Input{
		Rules: rules, Only: only, Path: path.Join(root, name), Graph: stages.Resolve(syntax.Parse(src), args, nil), Build: build, Settings: set,
		Try: func(src string, files map[string]string, only func(*diagnostics.Rule) bool) *diagnostics.Results {
			all := maps.Clone(changed)
			if all == nil {
				all = map[string]string{}
			}
			maps.Copy(all, files)
			return results(rules, only, set, name, tree, args, build, src, all)
		},
	}, nil)
}

// Run runs the cases of a rule's file against the rule, one of rules.
func Run(t *testing.T, file string, rule *diagnostics.Rule, rules []*diagnostics.Rule) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	out := &txtar.Archive{Comment: archive.Comment}
	for _, c := range Parse(archive) {
		t.Run(c.Name, func(t *testing.T) {
			got := c.run(t, checker(rules, rule, c.Path, c.Context, c.args(t), c.named()))
			c.write(out, got)
			if *Update {
				return
			}
			for _, name := range union(got, c.Expect) {
				if got[name] != c.Expect[name] {
					t.Errorf("%s: got\n%s\nwant\n%s", name, got[name], c.Expect[name])
				}
			}
		})
	}
	if *Update {
		if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// args are what the case is built with.
func (c *Case) args(t *testing.T) stages.Args {
	args := stages.Args{Image: images.Base, Build: map[string]string{}}
	for line := range strings.Lines(c.Build) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		name, arg, ok := strings.Cut(value, "=")
		switch {
		case line == namesContext:
		case key == "target":
			args.Target = value
		case key == "buildArgs" && ok:
			args.Build[name] = arg
		default:
			t.Fatalf("layerwise.yaml of the case %s: %q", c.Name, line)
		}
	}
	return args
}

// namesContext is the line by which a case says that its folder is surely the build context, whatever it lacks.
const namesContext = "context: .\n"

func (c *Case) named() bool { return strings.Contains(c.Build, namesContext) }

func union(a, b map[string]string) (names []string) {
	for _, m := range []map[string]string{a, b} {
		for name := range m {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// run returns what the case gives: want, fixed, suggested.
func (c *Case) run(t *testing.T, check Check) map[string]string {
	found := check(c.Dockerfile, nil)
	got := map[string]string{}
	if len(found) > 0 {
		got["want"] = Format(c.Dockerfile, found)
	}
	c.laws(t, check, found)
	if fixed := diagnostics.FixAll(c.Dockerfile, false, check); fixed.Fixes > 0 {
		c.fixed(t, "fixed", fixed, got, check)
	} else if fixed := diagnostics.FixAll(c.Dockerfile, true, check); fixed.Fixes > 0 {
		c.fixed(t, "suggested", fixed, got, check)
	}
	return got
}

func (c *Case) fixed(t *testing.T, name string, result diagnostics.Fixed, got map[string]string, check Check) {
	src, others := result.Src, result.Files
	got[name] = src
	for file, body := range others {
		got[path.Join(name, InContext(file))] = body
	}
	if broken(c.Dockerfile) == "" {
		if why := broken(src); why != "" {
			t.Errorf("BuildKit rejects the fixed file: %s\n%s", why, src)
		}
	}
	again := diagnostics.FixAll(src, name == "suggested", func(src string, changed map[string]string) []diagnostics.Diagnostic {
		all := maps.Clone(others)
		maps.Copy(all, changed)
		return check(src, all)
	})
	if again.Fixes > 0 {
		t.Errorf("a second run changes the files again:\n%s", again.Src)
	}
}

// laws are what holds in every case of every rule.
func (c *Case) laws(t *testing.T, check Check, found []diagnostics.Diagnostic) {
	for _, d := range found {
		if d.Span.Start < 0 || d.Span.End > len(c.Dockerfile) || d.Span.Start > d.Span.End {
			t.Errorf("span %v lies outside the file", d.Span)
		}
		if d.Message == "" || strings.Contains(d.Message, "%!") || strings.HasSuffix(d.Message, ".") {
			t.Errorf("message %q", d.Message)
		}
		for i, f := range d.Fixes() {
			if i == 0 {
				c.mends(t, check, d, f, found)
			}
			for _, e := range f.Edits {
				if e.Path == "" {
					checkEdits(t, f.Title, c.Dockerfile, e.Edits)
				}
			}
		}
	}
	crlf := strings.ReplaceAll(c.Dockerfile, "\n", "\r\n")
	if n := len(check(crlf, nil)); n != len(found) {
		t.Errorf("%d findings with CRLF line ends, %d with LF", n, len(found))
	}
	bare := strings.TrimRight(c.Dockerfile, "\n")
	if n := len(check(bare, nil)); n != len(found) {
		t.Errorf("%d findings without the final newline, %d with it", n, len(found))
	}
	for _, suggested := range []bool{false, true} {
		fixed := diagnostics.FixAll(c.Dockerfile, suggested, check)
		same := func(what, src string, plain func(string) string) {
			other := diagnostics.FixAll(src, suggested, check)
			if plain(other.Src) != plain(fixed.Src) || !maps.Equal(other.Files, fixed.Files) {
				t.Errorf("%s the fixed file is\n%q\notherwise\n%q", what, other.Src, fixed.Src)
			}
			if broken(src) == "" && broken(other.Src) != "" {
				t.Errorf("%s the fixed file is rejected:\n%s", what, other.Src)
			}
		}
		if !strings.Contains(c.Dockerfile, "\r") {
			same("with CRLF line ends", crlf, func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") })
			if s := diagnostics.FixAll(crlf, suggested, check).Src; strings.Count(s, "\n") != strings.Count(s, "\r\n") {
				t.Errorf("with CRLF line ends the fixed file has others too:\n%q", s)
			}
		}
		same("without the final newline", bare, func(s string) string { return strings.TrimRight(s, "\n") })
	}
}

// mends: a fix alone makes its finding go away. It is asked of the text, not of the engine that tried it.
func (c *Case) mends(t *testing.T, check Check, d diagnostics.Diagnostic, f diagnostics.Fix, found []diagnostics.Diagnostic) {
	src, changed := c.Dockerfile, map[string]string{}
	for _, e := range f.Edits {
		if e.Path == "" {
			src = text.Apply(src, e.Edits)
		} else {
			changed[e.Path] = text.Apply(e.Source, e.Edits)
		}
	}
	again := check(src, changed)
	if len(again) >= len(found) && slices.ContainsFunc(again, func(o diagnostics.Diagnostic) bool {
		return o.Rule == d.Rule && o.Message == d.Message && o.Span == d.Span
	}) {
		t.Errorf("the fix %q leaves its finding:\n%s", f.Title, src)
	}
}

func checkEdits(t *testing.T, title, src string, edits []text.Edit) {
	for i, e := range edits {
		if e.Span.Start < 0 || e.Span.End > len(src) || e.Span.Start > e.Span.End {
			t.Errorf("fix %q: edit %v lies outside the file", title, e.Span)
		}
		for _, o := range edits[:i] {
			if e.Span.Overlaps(o.Span) && e.Span.Len()+o.Span.Len() > 0 && !(e.Span.Start == o.Span.End || o.Span.Start == e.Span.End) {
				t.Errorf("fix %q: edits %v and %v overlap", title, e.Span, o.Span)
			}
		}
	}
}

// broken is the first error of the text; empty if BuildKit takes it.
func broken(src string) string {
	f := syntax.Parse(src)
	for _, e := range f.Errors {
		return e.Message
	}
	for _, in := range f.Instructions {
		for _, e := range in.Errors() {
			return e.Message
		}
	}
	return ""
}

// Format prints findings as golden files show them.
func Format(src string, found []diagnostics.Diagnostic) string {
	var b strings.Builder
	lines := text.NewLines(src)
	for _, d := range found {
		line, column := lines.Position(d.Span.Start, text.UTF16)
		fmt.Fprintf(&b, "%d:%d %s %s: %s\n", line+1, column+1, d.Severity, d.ID(), d.Message)
		for _, f := range d.Fixes() {
			kind := "suggestion"
			if f.Safety == diagnostics.Safe {
				kind = "fix"
			}
			fmt.Fprintf(&b, "  %s: %s\n", kind, f.Title)
		}
	}
	return b.String()
}

// write appends the case with its results to the archive.
func (c *Case) write(a *txtar.Archive, got map[string]string) {
	add := func(name, body string) {
		a.Files = append(a.Files, txtar.File{Name: c.Name + "/" + name, Data: []byte(body)})
	}
	add(c.Path, c.Dockerfile)
	if c.Build != "" {
		add("layerwise.yaml", c.Build)
	}
	var names []string
	for name := range c.Context {
		if name != c.Path {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		add(name, c.Context[name])
	}
	for _, name := range union(got, nil) {
		add(name, got[name])
	}
}
