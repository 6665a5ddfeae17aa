package laws_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
	"layerwise/internal/golden"
	"layerwise/internal/laws"
	"layerwise/internal/projects"

	"golang.org/x/tools/txtar"
)

// subject is a Dockerfile with a context, to try the laws on.
type subject struct {
	name, src string
	tree      map[string]string
}

// subjects are made-up projects, all golden cases, and real files where there are any.
func subjects(t *testing.T) iter.Seq[subject] {
	seed := corpus.Seed(t)
	count := uint64(90)
	if n, err := strconv.ParseUint(os.Getenv("LAYERWISE_PROJECTS"), 10, 64); err == nil {
		count = n
	} else if testing.Short() {
		count = 10
	}
	return func(yield func(subject) bool) {
		for n := range count {
			p := projects.Random(rand.New(rand.NewPCG(seed, n)))
			if !yield(subject{fmt.Sprintf("project %d of LAYERWISE_SEED=%d", n, seed), p.Dockerfile, p.Context}) {
				return
			}
		}
		names, err := filepath.Glob("../../diagnostics/*/*.txtar")
		if err != nil || len(names) == 0 {
			t.Fatalf("no cases: %v", err)
		}
		for _, name := range names {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range golden.Parse(archive) {
				part := uint64(6) // of which one is tried: others each time
				if testing.Short() {
					part = 16
				}
				if (seed+uint64(i))%part != 0 {
					continue
				}
				if !yield(subject{filepath.Base(name) + ", " + c.Name, c.Dockerfile, c.Context}) {
					return
				}
			}
		}
		if !corpus.Given() || testing.Short() {
			return
		}
		tree := map[string]string{"requirements.txt": "flask\n", "package.json": "{}\n", "package-lock.json": "{}\n", "go.mod": "module a\n", "go.sum": "", "src/a.js": "1\n", "app.py": "1\n"}
		for name, src := range corpus.Some(t, 15, seed) {
			if len(src) < 20_000 && !yield(subject{name, src, tree}) {
				return
			}
		}
	}
}

// broken is which law a subject breaks by what check finds, and how.
func broken(s subject, check laws.Check) string {
	fixed := diagnostics.FixAll(s.src, false, check)
	if wrong := laws.Conserved(s.src, fixed.Src); wrong != "" {
		return wrong + "\nafter\n" + fixed.Src
	}
	changed := map[string]string{}
	for name, text := range fixed.Files {
		changed[golden.InContext(name)] = text
	}
	if wrong := laws.Fed(s.src, fixed.Src, s.tree, changed); wrong != "" {
		return wrong + "\nafter\n" + fixed.Src
	}
	if wrong := laws.Mended(s.src, check); wrong != "" {
		return wrong + "\nafter\n" + fixed.Src
	}
	return laws.SameLines(s.src, check)
}

// TestLaws: a safe fix keeps all commands, and each RUN that could be read; it mends what it is for; and it
// does not depend on line ends.
func TestLaws(t *testing.T) {
	fixed, all := 0, 0
	for s := range subjects(t) {
		check := golden.Checker(catalog.Rules(), nil, s.tree)
		if all++; len(s.src) == 0 {
			continue
		}
		if diagnostics.FixAll(s.src, false, check).Fixes > 0 {
			fixed++
		}
		if wrong := broken(s, check); wrong != "" {
			t.Errorf("%s: %s\nof\n%s", s.name, wrong, s.src)
		}
	}
	t.Logf("%d of %d are fixed", fixed, all)
	if fixed < 100 && !testing.Short() {
		t.Error("too few have safe fixes")
	}
}

// planted makes the checks of a rule that is wrong on purpose. The engine does not try its fixes.
func planted(rule *diagnostics.Rule) laws.Check {
	rule.Name, rule.Severity = "planted", diagnostics.Info
	return func(src string, changed map[string]string) []diagnostics.Diagnostic {
		return diagnostics.Run(context.Background(), diagnostics.Input{
			Rules: []*diagnostics.Rule{rule}, Graph: laws.Graph(src), Build: diagnostics.Build{Context: files.InMemory(nil)},
		}, nil).Diagnostics
	}
}

// fixRun is a rule that changes each RUN for which there is a new text.
func fixRun(change func(run string) (string, bool)) *diagnostics.Rule {
	return &diagnostics.Rule{Step: func(p *diagnostics.Pass, s *stages.Step) {
		body := s.Instr.Text[s.Instr.Body.Start:s.Instr.Body.End]
		after, ok := change(body)
		if s.Instr.Name != "RUN" || !ok {
			return
		}
		p.Report(diagnostics.Finding{Step: s, Span: s.Instr.Keyword, Message: diagnostics.Plain("wrong"), Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return []diagnostics.Fix{{Title: "Change it", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{diagnostics.Edit(text.Edit{Span: s.Instr.Body.Shift(p.Offset(s)), New: after})}}}
		}})
	}}
}

// TestPlanted: fixes that are wrong on purpose are found out, each by its law.
func TestPlanted(t *testing.T) {
	const src = "FROM debian\n# why\nRUN cd /x && make a && make b\nRUN (make c) && make d > log\nCMD x\n"
	replace := func(from, to string) func(string) (string, bool) {
		return func(run string) (string, bool) {
			return strings.Replace(run, from, to, 1), strings.Contains(run, from)
		}
	}
	for name, wrong := range map[string]struct {
		change func(string) (string, bool)
		says   string
	}{
		"drops a command":               {replace(" && make b", ""), "the commands were"},
		"comments a command out":        {replace(" && make b", " # && make b"), "the commands were"},
		"changes the order":             {replace("make a && make b", "make b && make a"), "the commands were"},
		"goes on if one fails":          {replace("make a && make b", "make a || make b"), "the commands were"},
		"drops a word":                  {replace("make a", "make"), "the commands were"},
		"drops a redirection":           {replace(" > log", ""), "the commands were"},
		"forgets the directory":         {replace("cd /x && ", ""), "lost is"},
		"leaves a group open":           {replace("(make c)", "(make c"), "a RUN cannot be read"},
		"leaves what it is for":         {func(run string) (string, bool) { return run + " ", true }, "still there"},
		"adds a line with its own end":  {replace("make a && make b", "make a && \\\n make b"), "other line ends"},
		"knows the end of the file":     {func(run string) (string, bool) { return run, false }, ""},
		"does nothing, as it should be": {func(run string) (string, bool) { return run, false }, ""},
	} {
		rule := fixRun(wrong.change)
		if name == "knows the end of the file" {
			wrong.says = "the fixed text is" // without the final newline, with CRLF or not
			rule = endsFile()
		}
		got := broken(subject{name, src, nil}, planted(rule))
		if wrong.says == "" && got != "" || !strings.Contains(got, wrong.says) {
			t.Errorf("a fix that %s: %q, want %q", name, got, wrong.says)
		}
	}
}

// TestPlantedHunger: fixes after which a file is missing that a command names are found out, by whatever it is named.
func TestPlantedHunger(t *testing.T) {
	tree := map[string]string{
		"requirements.txt": "-c limits.txt\n", "limits.txt": "a<2\n", "constraints.txt": "b<2\n", "go.mod": "module a\n", "go.sum": "", "alt.mod": "module a\n", "alt.sum": "",
		"package.json": "{}\n", "package-lock.json": "{}\n", ".npmrc": "a=b\n", "conf/npmrc": "a=b\n", "client/package.json": "{}\n", "client/package-lock.json": "{}\n",
		"client/yarn.lock": "\n", "gems/a.gemfile": "\n", "gems/a.gemfile.lock": "\n", "alt.json": "{}\n", "alt.lock": "{}\n", "tools/Cargo.toml": "\n", "tools/Cargo.lock": "\n", "VERSION": "1\n",
	}
	for _, c := range []struct{ run, lost string }{
		{"RUN pip install -r requirements.txt", "requirements.txt"},
		{"RUN pip install -r requirements.txt", "limits.txt"},
		{"RUN pip install --requirement=requirements.txt -c constraints.txt", "constraints.txt"},
		{"ENV PIP_CONSTRAINT=constraints.txt\nRUN pip install flask", "constraints.txt"},
		{"RUN PIP_REQUIREMENT=requirements.txt pip install", "requirements.txt"},
		{"RUN npm ci", ".npmrc"},
		{"RUN npm ci --prefix client", "client/package-lock.json"},
		{"RUN npm --prefix=/app/client ci", "client/package.json"},
		{"ENV NPM_CONFIG_USERCONFIG=/app/conf/npmrc\nRUN npm ci", "conf/npmrc"},
		{"RUN npm ci --userconfig conf/npmrc", "conf/npmrc"},
		{"RUN cd client && yarn install", "client/yarn.lock"},
		{"RUN yarn --cwd client install", "client/yarn.lock"},
		{"ENV BUNDLE_GEMFILE=gems/a.gemfile\nRUN bundle install", "gems/a.gemfile.lock"},
		{"RUN bundle install --gemfile gems/a.gemfile", "gems/a.gemfile"},
		{"RUN go mod download -modfile=alt.mod", "alt.sum"},
		{"RUN go mod download -modfile=alt.mod", "go.mod"},
		{"RUN cargo fetch --manifest-path tools/Cargo.toml", "tools/Cargo.lock"},
		{"ENV COMPOSER=alt.json\nRUN composer install", "alt.lock"},
		{"RUN cp VERSION /etc/", "VERSION"},
		{"RUN cat /app/VERSION > /etc/v", "VERSION"},
	} {
		before := "FROM debian\nWORKDIR /app\nCOPY . .\n" + c.run + "\n"
		if wrong := laws.Fed(before, before, tree, nil); wrong != "" {
			t.Errorf("%s: without a change: %s", c.run, wrong)
		}
		after := strings.Replace(before, "COPY . .", "COPY --exclude="+c.lost+" . .", 1)
		if wrong := laws.Fed(before, after, tree, nil); !strings.Contains(wrong, "names "+c.lost+", which is not there") {
			t.Errorf("%s without %s: %q", c.run, c.lost, wrong)
		}
		if wrong := laws.Fed(before, before, tree, map[string]string{".dockerignore": c.lost + "\n"}); !strings.Contains(wrong, "names "+c.lost) {
			t.Errorf("%s with %s ignored: %q", c.run, c.lost, wrong)
		}
		late := strings.Replace(strings.Replace(before, "COPY . .\n", "", 1), "\nRUN", "\nCOPY --exclude="+c.lost+" . .\nRUN", 1) + "COPY . .\n"
		if wrong := laws.Fed(before, late, tree, nil); !strings.Contains(wrong, "names "+c.lost) {
			t.Errorf("%s, and %s comes too late: %q", c.run, c.lost, wrong)
		}
		if wrong := laws.Fed(before, strings.Replace(before, "COPY . .", "COPY --exclude=client/index.js . .", 1), tree, nil); wrong != "" {
			t.Errorf("%s without a file that it does not name: %s", c.run, wrong)
		}
	}
}

// endsFile is a rule that adds a word to the last instruction, if a line ends there.
func endsFile() *diagnostics.Rule {
	return &diagnostics.Rule{Step: func(p *diagnostics.Pass, s *stages.Step) {
		at := s.Instr.Body.End
		if s.Instr.Name != "CMD" || !strings.HasPrefix(s.Instr.Text[at:], "\n") && !strings.HasPrefix(s.Instr.Text[at:], "\r\n") || strings.HasSuffix(s.Instr.Text[:at], "y") {
			return
		}
		p.Report(diagnostics.Finding{Step: s, Span: s.Instr.Keyword, Message: diagnostics.Plain("wrong"), Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return []diagnostics.Fix{{Title: "Change it", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{diagnostics.Edit(text.Edit{Span: text.Span{Start: at, End: at}.Shift(p.Offset(s)), New: " y"})}}}
		}})
	}}
}
