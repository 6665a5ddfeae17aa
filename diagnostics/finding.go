package diagnostics

import (
	"strings"

	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Finding is a mistake at a step. It knows no absolute place, so that it stays true when lines
// above it come and go.
type Finding struct {
	Step     *stages.Step       // nil only in Rule.File: Span is then in the file
	Span     text.Span          // relative to the step's instruction Text
	Message  func(*Pass) string // made when it is shown: lines move (Pass.Line); Plain where nothing in it can
	Severity Severity           // if it is not the rule's own
	Code     string             // of the tool that has found it, where a rule passes on what another tool finds: SC2086; see ID
	Link     string             // the address of that tool's page about it
	Related  []Related
	Once     string            // names a fact that several stages may report, so that it is told once; usually empty
	Fixes    func(*Pass) []Fix // computed when asked for; may be nil

	stands int // how many findings it stands for, if it is the one that tells of those not shown
}

// Plain is a message in which nothing moves with the lines of the file.
func Plain(message string) func(*Pass) string { return func(*Pass) string { return message } }

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
type FileEdit = rewrite.FileEdit

// Diagnostic is a finding at its absolute place.
type Diagnostic struct {
	Rule     *Rule
	Code     string // see ID
	Link     string // the address of a page about it, beside the rule's own; usually empty
	Severity Severity
	Span     text.Span // in the Dockerfile's source
	Message  string
	Related  []Place
	Builds   []string // the names of the builds that it holds for; nil if it holds for all

	step    *stages.Step
	fixes   func() []Fix
	stands  int      // how many findings it stands for; 0 is one
	alone   string   // the message without what it says for all; empty if it is the same
	results *Results // that it is one of
}

// Place is a related place in the Dockerfile.
type Place struct {
	Span    text.Span
	Message string
}

// Fixes are the ways to mend it, the best first: those that, tried, make the finding go away and bring no
// error.
func (d *Diagnostic) Fixes() []Fix {
	if d.fixes == nil {
		return nil
	}
	return d.fixes()
}

// ID is the name by which reports, comments and settings know it: that of its rule, and, where the rule passes on what another
// tool finds, that tool's code behind it, as in shellcheck/SC2086.
func (d *Diagnostic) ID() string { return d.Rule.id(d.Code) }

// Step is the instruction that it is about; nil if it is about the file.
func (d *Diagnostic) Step() *stages.Step { return d.step }

// Edit is a FileEdit of the Dockerfile itself.
func Edit(edits ...text.Edit) FileEdit { return FileEdit{Edits: edits} }

// place turns a finding into a diagnostic of the graph's state of the file.
func place(r *Rule, f Finding, p *Pass, severity Severity) Diagnostic {
	own := *p // several goroutines may ask for fixes
	own.rule = r
	d := Diagnostic{Rule: r, Code: f.Code, Link: f.Link, Severity: severity, Span: f.Span, step: f.Step, Message: f.Message(&own), stands: f.stands, results: p.results}
	if f.Step != nil {
		span := f.Span
		if r.Family == "correctness" { // these are about words, which a continuation may divide: where they begin is the place
			span = f.Step.Instr.FirstLine(span)
		}
		d.Span = span.Shift(p.graph.Offset(f.Step))
	}
	for _, rel := range f.Related {
		d.Related = append(d.Related, Place{rel.Span.Shift(p.graph.Offset(rel.Step)), rel.Message})
	}
	if f.Fixes != nil {
		d.fixes = func() []Fix {
			own := own
			return p.results.offered(&d, f.Fixes, &own)
		}
	}
	return d
}

// Line is the span of the instruction's first line: from the keyword to the end of the line.
func Line(in *syntax.Instruction) text.Span {
	body := in.Body.Of(in.Text)
	if n := strings.IndexAny(body, "\r\n"); n >= 0 {
		body = body[:n]
	}
	return text.Span{Start: in.Body.Start, End: in.Body.Start + len(body)}
}
