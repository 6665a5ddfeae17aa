package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file is the part of expensive-below-volatile about a stage that only downloads and compiles something of its own, and
// builds on a stage that installs what the project needs. There is no fix, since the other stage has to be parted.

// checkBranch looks for such a stage, of which others take what it makes.
func checkBranch(p *diagnostics.Pass) {
	if p.Stage.Parent == nil || p.Stage.Name == "" {
		return
	}
	runs, ok := ownRuns(p)
	if !ok {
		return
	}
	block := installBlock(p.Stage.Parent)
	if len(block) == 0 {
		return
	}
	var files []string // that the block brings
	for _, s := range block {
		if c, isCopy := copies.Of(s); isCopy {
			for _, source := range c.Sources {
				at, known := c.Landing(source)
				if !known || c.Broad(p.Context()) || strings.HasPrefix(path.Ext(at), ".h") {
					return
				}
				files = append(files, at)
			}
		}
	}
	var made []string
	for _, run := range runs {
		own, ok := moves.OwnWork(run, files)
		if !ok {
			return
		}
		made = append(made, own...)
	}
	if len(p.Children()) == 0 && !p.Final() && onlyTaken(p, made) {
		reportBranch(p, block, runs)
	}
}

// ownRuns are the RUNs of the stage; false if none of them is dear, or if it does more than define and run.
func ownRuns(p *diagnostics.Pass) (runs []*stages.Step, ok bool) {
	for _, seen := range p.See(branchKey{}, branching) {
		switch what := seen.What.(type) {
		case bool:
			ok = ok || what
			runs = append(runs, seen.Step)
		case string:
			return nil, false
		}
	}
	return runs, ok
}

type branchKey struct{}

// branching is whether a RUN is dear, a string for a step that brings files or of which that is not known, or nil.
func branching(s *stages.Step) any {
	switch s.Instr.Cmd().(type) {
	case *instructions.RunCommand:
		_, isDear := dear(s)
		return isDear
	case *instructions.CopyCommand, *instructions.AddCommand, *instructions.OnbuildCommand, nil:
		if s.Instr.Name != "FROM" {
			return "files"
		}
	}
	return nil
}

// installBlock are the last steps of the stage, from a COPY of the build context on, if all that they do is to install what
// the project needs.
func installBlock(stage *stages.Stage) (block []*stages.Step) {
	installed := false
	for n, s := range slices.Backward(stage.Steps) {
		switch s.Instr.Cmd().(type) {
		case *instructions.RunCommand:
			if !moves.InstallsOnly(s) {
				return block
			}
			installed = true
		case *instructions.CopyCommand:
			if _, ok := copies.Of(s); !ok {
				return block
			}
			if installed {
				block = stage.Steps[n:]
			}
		default:
			return block
		}
	}
	return block
}

// onlyTaken reports whether others take something of the stage, and nothing but what it makes.
func onlyTaken(p *diagnostics.Pass, made []string) bool {
	taken := false
	for _, other := range p.Stages() {
		for _, s := range other.Steps {
			c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
			if !ok && mountsFrom(s, p.Stage) {
				return false
			}
			if !ok || !refersTo(c.From, p.Stage) {
				continue
			}
			for _, word := range c.SourcePaths {
				at := s.Expand(word)
				if !at.Known || !slices.Contains(made, path.Clean("/"+at.Text)) {
					return false
				}
				taken = true
			}
		}
	}
	return taken
}

func reportBranch(p *diagnostics.Pass, block, runs []*stages.Step) {
	at := slices.IndexFunc(runs, func(s *stages.Step) bool { _, ok := dear(s); return ok })
	run := runs[at]
	phrase, _ := dear(run)
	c, _ := copies.Of(block[0])
	changing := words.Some(c.Sources)
	if n := len(c.Sources); n > 1 && n <= words.Shown {
		changing = words.Alternatives(c.Sources, "or")
	}
	p.Report(diagnostics.Finding{
		Step: run, Span: diagnostics.Line(run.Instr), Severity: diagnostics.Info,
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Changing %s (line %d) reruns %s%s, because this stage builds on %s, though it needs nothing that is done there from that line on; end a stage above it, and build both on that",
				changing, p.Line(block[0]), words.Code(phrase), andMore(len(runs)-1), called(p.Stage.Parent))
		},
		Related: []diagnostics.Related{{Step: block[0], Span: diagnostics.Line(block[0].Instr), Message: "what changes"}},
	})
}
