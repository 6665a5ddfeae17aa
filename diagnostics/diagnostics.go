// Package diagnostics finds what is wrong in a Dockerfile, and carries how to mend it.
//
// The rules are in one folder a family; package catalog is the table of all of them.
package diagnostics

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Severity says how much a finding matters.
type Severity int

// The severities, least first.
const (
	Off Severity = iota
	Hint
	Info
	Warning
	Error
)

var severities = []string{"off", "hint", "info", "warning", "error"}

func (s Severity) String() string { return severities[s] }

// ParseSeverity reads off, hint, info, warning or error.
func ParseSeverity(s string) (Severity, bool) {
	for i, name := range severities {
		if s == name {
			return Severity(i), true
		}
	}
	return Off, false
}

// Tag is how an editor may draw a finding.
type Tag int

// The tags.
const (
	NoTag Tag = iota
	Unnecessary
	Deprecated
)

// Rule is one thing that can be wrong.
type Rule struct {
	Name     string // kebab-case name of the mistake, e.g. "copy-before-install"
	Code     string // number in the cache rules' list, e.g. "C01"; empty if it has none
	Family   string // cache, security, size, correctness, maintainability; set by Family
	Severity Severity
	Page     string // the rule's documentation in Markdown; set by Family
	Tag      Tag
	Local    bool // what it finds depends on more than the Dockerfile: on files beside it, or the target

	// Stage checks one stage. It may look at what Pass offers, at the pass's stage and the stages it
	// builds on, and at the context: its findings are kept until one of these changes.
	Stage func(*Pass)
	// File checks what no stage owns. It runs after every edit, so it must be quick.
	File func(*Pass)
	// After is like File, and runs when all others have reported.
	After func(*Pass)
}

// Family gives the rules of one folder their family and their pages: the page of the rule
// copy-before-install is the file copy_before_install.md.
func Family(name string, pages embed.FS, rules ...*Rule) []*Rule {
	for _, r := range rules {
		page, err := pages.ReadFile(strings.ReplaceAll(r.Name, "-", "_") + ".md")
		if err != nil {
			panic(fmt.Sprintf("rule %s has no page: %v", r.Name, err)) // a mistake in this program
		}
		r.Family, r.Page = name, string(page)
	}
	return rules
}

// Summary is the first paragraph of the rule's page: one sentence.
func (r *Rule) Summary() string {
	for _, paragraph := range strings.Split(r.Page, "\n\n") {
		if !strings.HasPrefix(paragraph, "#") {
			return strings.ReplaceAll(strings.TrimSpace(paragraph), "\n", " ")
		}
	}
	return ""
}

// Pass is what a rule sees, and where it reports.
type Pass struct {
	Graph *stages.Graph
	Stage *stages.Stage // nil in Rule.File
	Rules []*Rule       // all that there are

	exported bool
	final    bool
	children int
	context  *files.Context
	report   func(Finding)
	set      Settings
	used     map[ignored]bool // nil in Rule.Stage
}

// Context is the build context; nil if there is none, or it is not known yet.
func (p *Pass) Context() *files.Context { return p.context }

// Exported reports whether the stage's layers are in the image.
func (p *Pass) Exported() bool { return p.exported }

// Final reports whether the stage is the one that the build exports.
func (p *Pass) Final() bool { return p.final }

// Children is how many stages build on the pass's stage by FROM.
func (p *Pass) Children() int { return p.children }

// Report reports a finding.
func (p *Pass) Report(f Finding) { p.report(f) }

func (p *Pass) use(used map[ignored]bool) { maps.Copy(p.used, used) }

// Unused reports whether an id in a suppression above the instruction, or at the end of the file if it
// is nil, certainly silences nothing: it names one rule, which has run, and whose findings are the
// same on every machine. Only Rule.After may ask.
func (p *Pass) Unused(id string, above *syntax.Instruction) bool {
	for _, r := range p.Rules {
		if id == r.Name || id == r.Code && id != "" {
			return !r.Local && Suppressible(r) && r.After == nil && p.set.Of(r, r.Severity) != Off && !p.used[ignored{id, above}]
		}
	}
	return false
}

// Finding is a mistake at a step. It knows no absolute place, so that it stays true when lines
// above it come and go.
type Finding struct {
	Step     *stages.Step // nil only in Rule.File: Span is then in the file
	Span     text.Span    // relative to the step's instruction Text
	Format   string       // the message, for fmt; a *stages.Step among Args prints as its line number, a func(*Pass) string as its result
	Args     []any
	Severity Severity // if it is not the rule's own
	Related  []Related
	Fixes    func(*Pass) []Fix // computed when asked for; may be nil
}

// Related is a place that belongs to a finding.
type Related struct {
	Step    *stages.Step
	Span    text.Span
	Message string
}

// Safety is how sure we are of a fix.
type Safety int

// The safeties.
const (
	Suggested Safety = iota // shown as a quick fix, applied only when asked for
	Safe                    // proven to keep the image; applied by --fix and source.fixAll
)

// Fix is one way to mend a finding.
type Fix struct {
	Title  string
	Safety Safety
	Edits  []FileEdit
}

// FileEdit changes, or creates, one file.
type FileEdit struct {
	Path   string // "" for the Dockerfile itself; otherwise absolute
	Create bool   // the file does not exist yet
	Source string // the text that Edits refer to; empty for the Dockerfile itself, whose text is known
	Edits  []text.Edit
}

// Diagnostic is a finding at its absolute place.
type Diagnostic struct {
	Rule     *Rule
	Severity Severity
	Span     text.Span // in the Dockerfile's source
	Message  string
	Related  []Place

	step  *stages.Step
	fixes func() []Fix
}

// Place is a related place in the Dockerfile.
type Place struct {
	Span    text.Span
	Message string
}

// Fixes computes the ways to mend it, the best first.
func (d *Diagnostic) Fixes() []Fix {
	if d.fixes == nil {
		return nil
	}
	return d.fixes()
}

// Step is the instruction that it is about; nil if it is about the file.
func (d *Diagnostic) Step() *stages.Step { return d.step }

// At makes an edit at a span of the step's instruction an edit of the Dockerfile.
func (p *Pass) At(s *stages.Step, span text.Span, replacement string) text.Edit {
	return text.Edit{Span: span.Shift(p.Graph.Offset(s)), New: replacement}
}

// Newline is the line end of the file.
func (p *Pass) Newline() string {
	src := p.Graph.File.Src
	if n := strings.IndexByte(src, '\n'); n > 0 && src[n-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// Edit is a FileEdit of the Dockerfile itself.
func Edit(edits ...text.Edit) FileEdit { return FileEdit{Edits: edits} }

// line makes *stages.Step print as its line number in messages.
type line struct {
	g *stages.Graph
	s *stages.Step
}

func (l line) String() string { return fmt.Sprint(l.g.Line(l.s)) }

// place turns a finding into a diagnostic of the graph's state of the file.
func place(r *Rule, f Finding, p *Pass, severity Severity) Diagnostic {
	args := make([]any, len(f.Args))
	for i, a := range f.Args {
		switch arg := a.(type) {
		case *stages.Step:
			a = line{p.Graph, arg}
		case func(*Pass) string:
			a = arg(p)
		}
		args[i] = a
	}
	d := Diagnostic{Rule: r, Severity: severity, Span: f.Span, step: f.Step}
	d.Message = f.Format
	if len(args) > 0 {
		d.Message = fmt.Sprintf(f.Format, args...)
	}
	if f.Step != nil {
		d.Span = f.Span.Shift(p.Graph.Offset(f.Step))
	}
	for _, rel := range f.Related {
		d.Related = append(d.Related, Place{rel.Span.Shift(p.Graph.Offset(rel.Step)), rel.Message})
	}
	if f.Fixes != nil {
		d.fixes = func() []Fix { return f.Fixes(p) }
	}
	return d
}

// Keyword is the span of an instruction's keyword, the usual place of a finding about all of it.
func Keyword(s *stages.Step) text.Span { return s.Instr.Keyword }

// Line is the span of the instruction's first line: from the keyword to the end of the line.
func Line(in *syntax.Instruction) text.Span {
	body := in.Body.Of(in.Text)
	if n := strings.IndexAny(body, "\r\n"); n >= 0 {
		body = body[:n]
	}
	return text.Span{Start: in.Body.Start, End: in.Body.Start + len(body)}
}

// IgnoreFix is the fix that adds patterns to the ignore file in effect, or creates one. There is none
// if a pattern cannot be written.
func (p *Pass) IgnoreFix(title string, patterns []string) []Fix {
	if !writable(patterns) {
		return nil
	}
	return []Fix{{Title: title, Edits: []FileEdit{p.IgnoreEdit(patterns)}}}
}

// NewIgnoreFile describes the file that IgnoreFix creates, for messages: not every editor can create
// files. It is empty if the fix creates none.
func (p *Pass) NewIgnoreFile(patterns []string) string {
	if p.Context().Ignore != nil || !writable(patterns) {
		return ""
	}
	if len(patterns) == 1 {
		return ".dockerignore with the line " + patterns[0]
	}
	last := len(patterns) - 1
	return ".dockerignore with the lines " + strings.Join(patterns[:last], ", ") + " and " + patterns[last]
}

// CreateIgnoreFile is NewIgnoreFile as the end of a message that says what to do.
func (p *Pass) CreateIgnoreFile(patterns []string) string {
	if file := p.NewIgnoreFile(patterns); file != "" {
		return "; create " + file
	}
	return ""
}

// DockerfilePattern matches all Dockerfiles that are called like this one; "" if there is none.
func DockerfilePattern(name string) string {
	for _, pattern := range dockerfilePatterns {
		if ok, _ := path.Match(pattern, name); ok {
			return pattern
		}
	}
	return ""
}

var dockerfilePatterns = []string{"Dockerfile*", "*.Dockerfile", "*.dockerfile"}

// writable reports whether patterns, which are made of names of files, mean these names: names may hold
// wildcards, and even line ends.
func writable(patterns []string) bool {
	for _, pattern := range patterns {
		if slices.Contains(dockerfilePatterns, pattern) {
			continue
		}
		name := strings.TrimPrefix(pattern, "**/")
		if strings.ContainsAny(name, `*?[\`) || strings.TrimSpace(name) != name || strings.HasPrefix(name, "!") || strings.HasPrefix(name, "#") ||
			strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
			return false
		}
	}
	return len(patterns) > 0
}

// IgnoreEdit adds patterns at the end of the ignore file in effect, or creates one.
func (p *Pass) IgnoreEdit(patterns []string) FileEdit {
	lines := strings.Join(patterns, "\n") + "\n"
	ig := p.Context().Ignore
	if ig == nil {
		return FileEdit{
			Path: filepath.Join(p.Context().Root, ".dockerignore"), Create: true,
			Edits: []text.Edit{{New: lines}},
		}
	}
	end := len(ig.Source)
	if end > 0 && !strings.HasSuffix(ig.Source, "\n") {
		lines = "\n" + lines
	}
	return FileEdit{
		Path: ig.Abs, Source: ig.Source,
		Edits: []text.Edit{{Span: text.Span{Start: end, End: end}, New: lines}},
	}
}
