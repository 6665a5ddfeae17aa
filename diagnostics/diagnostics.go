// Package diagnostics finds what is wrong in a Dockerfile.
package diagnostics

import (
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

// Rule is one thing that can be wrong.
type Rule struct {
	Name     string // kebab-case name of the mistake, e.g. "copy-before-install"
	Code     string // "C01"; empty if it has none
	Family   string // cache, security, size, correctness, maintainability
	Severity Severity
	Page     string // Markdown: the rule's documentation
	Tag      Tag
	// Stage checks one stage. It may look at the pass's stage, the stages it builds on, and the
	// context, but at nothing else: its findings are kept until one of these changes.
	Stage func(*Pass)
	// File checks the whole file, for rules that compare stages. It runs after each edit.
	File func(*Pass)
}

// Tag is how an editor may draw a finding.
type Tag int

// The tags.
const (
	NoTag Tag = iota
	Unnecessary
	Deprecated
)

// Pass is what a rule sees, and where it reports.
type Pass struct {
	Graph    *stages.Graph
	Stage    *stages.Stage  // nil in Rule.File
	Exported bool           // the stage's layers are in the image
	Context  *files.Context // nil if there is none, or it is not known yet
	report   func(Finding)
}

// Finding is a mistake at a step. Texts that name lines use Args of type *stages.Step.
type Finding struct {
	Step     *stages.Step
	Span     text.Span // relative to the step's instruction Text
	Format   string    // message; %v of a *stages.Step prints its line number
	Args     []any
	Severity Severity // if not the rule's own; Off means the rule's own
	Related  []Related
	Fixes    func(*Pass) []Fix // computed when asked for; may be nil
}

// Related is a place that belongs to a finding.
type Related struct {
	Step    *stages.Step
	Span    text.Span
	Message string
}

// Report reports a finding.
func (p *Pass) Report(f Finding) { p.report(f) }

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
	Edits  []text.Edit
}

// Diagnostic is a finding at its absolute place.
type Diagnostic struct {
	Rule     *Rule
	Severity Severity
	Span     text.Span // in the Dockerfile's source
	Message  string
	Related  []Place
	fixes    func() []Fix
}

// Fixes computes the ways to mend it, the best first.
func (d *Diagnostic) Fixes() []Fix {
	if d.fixes == nil {
		return nil
	}
	return d.fixes()
}

// Place is a related place in the Dockerfile.
type Place struct {
	Span    text.Span
	Message string
}

var _ = syntax.Parse

// Settings say which rules run, and with which severity.
type Settings struct {
	Severity map[string]Severity // by rule name, code or family; the narrowest wins
}

// Results are the findings of one state of one file, and what lets the next state reuse them.
type Results struct {
	Diagnostics []Diagnostic // sorted by place
}

// Run checks a file. c may be nil. prev, which may be nil, is the result for an earlier state of the
// same document: findings of stages that did not change since are taken from it.
func Run(g *stages.Graph, c *files.Context, set Settings, prev *Results) *Results {
	panic("diagnostics")
}

// FixAll applies safe fixes (and suggested ones too, if asked) one at a time, checking again after
// each, until none is left. check re-runs the rules on a new text.
func FixAll(src string, suggested bool, check func(src string) []Diagnostic) (string, []FileEdit) {
	panic("diagnostics")
}

// Rules is the table of all rules, sorted by name.
func Rules() []*Rule { panic("diagnostics") }
