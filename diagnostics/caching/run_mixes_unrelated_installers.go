package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var runMixesUnrelatedInstallers = &diagnostics.Rule{
	Name:     "run-mixes-unrelated-installers",
	Code:     "C23",
	Severity: diagnostics.Info,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name == "RUN" && shell.Plain(s.Instr, s.Shell) {
			checkMixed(p, s)
		}
	},
}

// checkMixed looks for two installs with inputs of their own in one RUN: a change of one input
// installs both again.
func checkMixed(p *diagnostics.Pass, s *stages.Step) {
	commands := shell.Of(s.Instr, s.Shell).Commands
	first, second := -1, -1
	names := [2]string{}
	firstManager := ""
	for i, c := range commands {
		if removesPackages(c) || second >= 0 && cleansIndex(c) {
			return // clean-up that spans the RUN: they belong together
		}
		name, manager := "", ""
		if os, ok := c.OSPackages(); ok && os.Install {
			name, manager = c.Phrase(), os.Manager
		} else if inst, ok := c.Install(); ok && !inst.Build {
			name, manager = inst.Phrase, inst.Ecosystem
		}
		switch {
		case name == "":
		case first < 0:
			first, names[0], firstManager = i, name, manager
		case second < 0 && manager != firstManager:
			second, names[1] = i, name
		}
	}
	if second < 0 {
		return
	}
	inst, ok := commands[second].Install()
	if !ok || inst.Build {
		return // two operating system managers, or the manifest comes first: no gain is certain
	}
	// A cd just before the install, and the like, goes with it.
	cut := second
	for cut-1 > first && commands[cut-1].Effects().Shell != 0 {
		cut--
	}
	again, v := moves.Split(s, commands[cut])
	if v.Answer == moves.Never {
		return // state that spans the RUN: they belong together
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: commands[second].Span,
		Message: diagnostics.Plain(words.Code(names[0]) + " and " + words.Code(names[1]) + " share one step: changing what either installs reruns both"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return splitMixed(p, s, commands[cut], again, v, copies.WorkingDir(s, commands[second], inst), names[1])
		},
	})
}

// splitMixed gives the second half a RUN of its own. What is copied for it above goes between the halves, for
// else a change of it would run both again, as before.
func splitMixed(p *diagnostics.Pass, s *stages.Step, cut *shell.Command, again []string, v moves.Verdict, dir, name string) []diagnostics.Fix {
	moved, doubt, ok := manifestsAbove(p, s, cut, dir)
	if !ok {
		return nil
	}
	change := p.Change()
	if len(moved) > 0 {
		change.Move(rewrite.Before(s, cut, again...), moved...)
	} else {
		change.Split(s, cut, again...)
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	fix := diagnostics.Fix{Title: "Put " + words.Code(name) + " into a RUN of its own", Edits: []diagnostics.FileEdit{edit}}
	if len(moved) > 0 {
		fix.Title += ", below the COPY of its files"
		if len(moved) > 1 {
			fix.Title = strings.Replace(fix.Title, "the COPY", "the COPYs", 1)
		}
	}
	if doubt == "" {
		doubt = v.Why
	}
	if doubt != "" {
		fix.Title += " (check first: " + doubt + ")"
	}
	return []diagnostics.Fix{fix}
}

// manifestsAbove are the copies of the context to the directory of the install, in order. ok says that all may
// move below the first half of the RUN.
func manifestsAbove(p *diagnostics.Pass, s *stages.Step, cut *shell.Command, dir string) (moved []*stages.Step, doubt string, ok bool) {
	for _, m := range contextMounts(s) {
		if m.target == dir || strings.HasPrefix(dir, m.target+"/") || path.Dir(m.target) == dir {
			return nil, "", false // both halves would have the mount
		}
	}
	for _, stage := range s.Stage.Chain() {
		if stage != s.Stage && slices.ContainsFunc(stage.Steps, func(s *stages.Step) bool { c, ok := copies.Of(s); return ok && brings(c, dir) }) {
			return nil, "", false // the whole stage comes after its files
		}
	}
	script := shell.Of(s.Instr, s.Shell)
	firstHalf := script.Commands[:slices.Index(script.Commands, cut)]
	judge := moves.Judge{Context: p.Context()}
	for n := s.N - 1; n > 0; n-- {
		step := s.Stage.Steps[n]
		c, isCopy := copies.Of(step)
		switch {
		case !isCopy && (step.Instr.Name == "COPY" || step.Instr.Name == "ADD"):
			return nil, "", false // it may bring the manifests
		case !isCopy || !brings(c, dir):
			continue
		}
		parts := []moves.Part{}
		for _, over := range s.Stage.Steps[n+1 : s.N] {
			switch {
			case slices.Contains(moved, over):
				continue
			case over.Instr.Name == "WORKDIR" && !path.IsAbs(c.Text):
				return nil, "", false // its destination would be another
			}
			parts = append(parts, moves.Part{Step: over})
		}
		switch v := judge.CopyBelow(moves.Moved{Copy: c}, append(parts, moves.Part{Step: s, Commands: firstHalf})); v.Answer {
		case moves.Never:
			return nil, "", false
		case moves.Doubtful:
			doubt = v.Why
		}
		moved = append([]*stages.Step{step}, moved...)
	}
	return moved, doubt, true
}

// brings reports whether the copy puts files into the directory, or all of the directory that holds it.
func brings(c copies.Copy, dir string) bool {
	_, whole := c.Delivers(dir)
	return whole || c.Dest == dir || path.Dir(c.Dest) == dir
}

// cleansIndex reports whether the command deletes what system packages leave behind: in a step of its
// own that would come too late.
func cleansIndex(c *shell.Command) bool {
	os, ok := c.OSPackages()
	left := c.Removes()
	return ok && os.Clean || len(left) > 0 && !slices.ContainsFunc(left, func(w shell.Word) bool {
		return !shell.InSystem(w.Text) && !strings.HasPrefix(w.Text, "/tmp/")
	})
}

func removesPackages(c *shell.Command) bool {
	os, ok := c.OSPackages()
	return ok && os.Remove
}
