package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var cargoDummyMtime = &diagnostics.Rule{
	Name:     "cargo-dummy-mtime",
	Code:     "C41",
	Severity: diagnostics.Warning,
	Stage:    checkDummies,
}

// checkDummies looks for a program that is written out in a RUN and built, so that its libraries are built before the
// sources are copied, and then built again of sources that may be older than what was built.
func checkDummies(p *diagnostics.Pass) {
	for _, seen := range p.See(dummyKey{}, writesDummy) {
		if file, ok := seen.What.(string); ok {
			checkDummy(p, seen.Step, file)
		}
	}
}

type dummyKey struct{}

// writesDummy is the source file of Rust that a RUN writes and builds, or nil.
func writesDummy(s *stages.Step) any {
	if s.Instr.Name != "RUN" || len(s.Instr.Flags) > 0 {
		return nil
	}
	file := ""
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		for _, r := range c.Redirects {
			if c.PassesOn() && path.Ext(r.Target.Text) == ".rs" && r.Target.Literal {
				file = path.Join(copies.WorkingDir(s, c, nil), r.Target.Text)
				if path.IsAbs(r.Target.Text) {
					file = path.Clean(r.Target.Text)
				}
			}
		}
	}
	if file == "" || copies.BelowUnknown(file) {
		return nil
	}
	return file
}

func checkDummy(p *diagnostics.Pass, dummy *stages.Step, file string) {
	var brings *stages.Step // the COPY of the sources
	built := false
	steps := p.Stage.Steps
	for _, s := range steps[dummy.N:min(dummy.N+maxAway, len(steps))] {
		if c, ok := copies.Of(s); ok {
			if _, delivers := c.Delivers(path.Dir(file)); built && delivers && brings == nil {
				brings = s
			}
			continue
		}
		if s.Instr.Name != "RUN" {
			continue
		}
		for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
			inst, ok := cmd.Install()
			switch builds := ok && inst.Build && inst.Ecosystem == "cargo"; {
			case builds && brings == nil:
				built = true
			case builds:
				reportDummy(p, s, cmd, dummy, file)
				return
			case built && mayFreshen(s, cmd, file, brings != nil):
				return
			}
		}
	}
}

// mayFreshen reports whether the command may remove what was built, or, once the sources are there, make the file newer.
func mayFreshen(s *stages.Step, cmd *shell.Command, file string, copied bool) bool {
	e := cmd.Effects()
	if !e.Known || e.Writes.All || e.Writes.Tree {
		return true
	}
	at := copies.WorkingDir(s, cmd, nil)
	return slices.ContainsFunc(e.Writes.Words, func(w shell.Word) bool {
		name := path.Join(at, w.Text)
		if path.IsAbs(w.Text) {
			name = path.Clean(w.Text)
		}
		return !w.Literal || copied && (copies.Below(file, name) || strings.ContainsAny(name, "*?[")) || !copied && !copies.Below(name, path.Dir(file)) && !copies.Below(path.Dir(file), name)
	})
}

func reportDummy(p *diagnostics.Pass, s *stages.Step, cmd *shell.Command, dummy *stages.Step, file string) {
	inst, _ := cmd.Install()
	p.Report(diagnostics.Finding{
		Step: s, Span: cmd.Span,
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("%s may keep the program that line %d made, since it goes by times and the copied sources may be older; run %s before it", words.Code(inst.Phrase), p.Line(dummy), words.Code("touch "+file))
		},
		Related: []diagnostics.Related{{Step: dummy, Span: diagnostics.Line(dummy.Instr), Message: "makes a program that is only a stand-in"}},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Run "+words.Code("touch "+file)+" first", diagnostics.Suggested, func(c *rewrite.Change) { c.Prepend(s, "touch "+file) })
		},
	})
}
