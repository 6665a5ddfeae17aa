package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file is the part of copy-before-install about what is copied from a stage that takes the sources in: each edit of them
// may change it, and reruns the installs below. It speaks only where the install surely reads none of it.

// checkFromStage looks at the copies of stages above the RUNs, which install in the pass's stage.
func checkFromStage(p *diagnostics.Pass, runs []*stages.Step) {
	if len(runs) == 0 {
		return
	}
	looked := 0
	for _, seen := range p.See(liftKey{}, copiesOrDear) {
		cmd, ok := seen.Step.Instr.Cmd().(*instructions.CopyCommand)
		if !ok || cmd.From == "" || looked == maxVolatile {
			continue
		}
		stage := p.From(cmd.From)
		if stage == nil || stage.Name == "" || !takesSources(p, stage) {
			continue
		}
		looked++
		for _, run := range runs {
			if run.N < seen.N || run.N-seen.N > maxAway {
				continue
			}
			if late, verdict := lateFromStage(p, seen.Step, run); len(late) > 0 {
				reportBesideStage(p, seen.Step, stage, late, verdict)
				break
			}
		}
	}
}

// lateFromStage are the installs of the RUN, if none of its commands reads what the COPY brings. The verdict says whether the
// COPY may move below it.
func lateFromStage(p *diagnostics.Pass, s, run *stages.Step) (late []install, verdict moves.Verdict) {
	cmd := s.Instr.Cmd().(*instructions.CopyCommand)
	to := s.Expand(cmd.DestPath)
	if !to.Known {
		return nil, verdict
	}
	dest := copies.DirOf(s.Join(to.Text))
	known := map[*shell.Command]moves.Install{}
	lock := false
	for _, c := range shell.Of(run.Instr, run.Shell).Commands {
		inst, ok := c.Install()
		if !ok {
			continue
		}
		at := copies.WorkingDir(run, c, inst)
		i := install{run: run, cmd: c, inst: inst}
		switch {
		case inst.LockOnly && locks(s, run, inst.Lock):
			lock = true
		case inst.DepsOnly && p.Context() != nil && !p.ContextDoubted() && p.Context().Complete():
			dir, in, ok := copies.InputsOf(p.Context(), run, c, inst)
			if !ok || !in.Complete || in.Never || len(in.Files) == 0 || !apartFromInputs(dest, at, dir, in) {
				return nil, verdict
			}
			in.Proven = true
			i.dir, i.in = dir, in
			known[c] = moves.Install{Inputs: in, Dir: dir}
		default:
			return nil, verdict
		}
		late = append(late, i)
	}
	if lock {
		if len(known) > 0 || !onlyInstalls(run) {
			return nil, verdict
		}
		return late, moves.Verdict{Answer: moves.Never} // there are folders that both fill
	}
	var parts []moves.Part
	for _, between := range s.Stage.Steps[s.N+1 : run.N+1] {
		if between.Instr.Name == "WORKDIR" && !path.IsAbs(to.Text) {
			verdict = moves.Verdict{Answer: moves.Never}
		}
		if between == run {
			parts = append(parts, moves.Part{Step: between, Installs: known})
		}
	}
	judge := moves.Judge{Context: p.Context()}
	if judge.FromStageBelow(s, parts).Answer == moves.Never {
		return nil, verdict // it may be read, or run
	}
	parts = nil
	for _, between := range s.Stage.Steps[s.N+1 : run.N+1] {
		part := moves.Part{Step: between}
		if between == run {
			part.Installs = known
		}
		parts = append(parts, part)
	}
	return late, verdict.Worse(judge.FromStageBelow(s, parts))
}

// onlyInstalls reports whether all commands of the RUN are installs.
func onlyInstalls(run *stages.Step) bool {
	script := shell.Of(run.Instr, run.Shell)
	return script.Known() && !slices.ContainsFunc(script.Commands, func(c *shell.Command) bool { _, ok := c.Install(); return !ok })
}

// locks reports whether another COPY above the RUN brings the lock file by its name, so that the one of the step need not.
func locks(s, run *stages.Step, lock string) bool {
	names := func(step *stages.Step) bool {
		cmd, ok := step.Instr.Cmd().(*instructions.CopyCommand)
		return ok && slices.ContainsFunc(cmd.SourcePaths, func(source string) bool { return path.Base(source) == lock })
	}
	return lock != "" && !names(s) && slices.ContainsFunc(s.Stage.Steps[:run.N], names)
}

// apartFromInputs reports whether the destination holds nothing that the install reads or writes, which works in the
// directory at of the image and dir of the context.
func apartFromInputs(dest, at, dir string, in manifests.Inputs) bool {
	if copies.MayHold(dest, at) {
		return false
	}
	for _, name := range slices.Concat(in.Files, in.Folders, in.Writes, in.Outputs) {
		rel, inside := relative(dir, name)
		if !inside {
			return false
		}
		to := path.Join(at, rel)
		if copies.MayHold(dest, to) || copies.MayHold(to, dest) {
			return false
		}
	}
	return true
}

func reportBesideStage(p *diagnostics.Pass, s *stages.Step, from *stages.Stage, late []install, verdict moves.Verdict) {
	f := diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr),
		Message: func(p *diagnostics.Pass) string {
			reads := "which reads none of it"
			if late[0].inst.LockOnly {
				reads = "which reads " + late[0].inst.Lock + " alone"
			}
			return fmt.Sprintf("Each change of what this COPY takes from %s reruns %s, %s; copy it below", from.Name, reruns(p, late), reads)
		},
	}
	if late[0].inst.LockOnly {
		f.Severity = diagnostics.Info
	}
	for _, i := range late {
		f.Related = append(f.Related, diagnostics.Related{Step: i.run, Span: i.cmd.Span, Message: words.Code(i.inst.Phrase) + " reruns"})
	}
	if verdict.Answer != moves.Never {
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			change.Move(rewrite.Below(late[0].run), s)
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			why := verdict.Why
			if why == "" {
				why = "what it brings is not known"
			}
			return []diagnostics.Fix{{
				Title:  "Move " + words.Code(strings.Join(strings.Fields(first(s)), " ")) + " below " + words.Code("RUN "+late[0].inst.Phrase) + " (check first: " + why + ")",
				Safety: diagnostics.Suggested, Edits: []diagnostics.FileEdit{edit},
			}}
		}
	}
	p.Report(f)
}
