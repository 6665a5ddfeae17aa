package caching

import (
	"fmt"
	"path"
	"slices"

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

// fromStage are the copies of stages that delay the same installs.
type fromStage struct {
	steps   []*stages.Step
	late    []install
	verdict moves.Verdict // whether all may move below the RUN
}

// lateFromStages looks at the copies of stages above the RUNs, which install in the pass's stage, and above those that
// write code.
func lateFromStages(p *diagnostics.Pass, runs []*stages.Step) (all []*fromStage) {
	for _, seen := range p.See(generatesKey{}, generates) {
		runs = append(runs[:len(runs):len(runs)], seen.Step)
	}
	if len(runs) == 0 {
		return nil
	}
	slices.SortFunc(runs, func(a, b *stages.Step) int { return a.N - b.N })
	looked := 0
	for _, seen := range p.See(liftKey{}, copiesOrDear) {
		if looked == maxVolatile || !ofSources(p, seen.Step) {
			continue
		}
		looked++
		tried := 0
		for _, run := range runs {
			if run.N < seen.N || run.N-seen.N > maxAway || tried == maxTried {
				continue
			}
			tried++
			late, verdict := lateFromStage(p, seen.Step, run)
			if len(late) == 0 {
				continue
			}
			i := slices.IndexFunc(all, func(f *fromStage) bool {
				return f.late[0].run == run && sourceStage(f.steps[0]) == sourceStage(seen.Step)
			})
			if i < 0 {
				i, all = len(all), append(all, &fromStage{late: late})
			}
			all[i].steps = append(all[i].steps, seen.Step)
			all[i].verdict = all[i].verdict.Worse(verdict)
			break
		}
	}
	return all
}

// sourceStage is the stage or image that a COPY takes from, as its flag names it.
func sourceStage(s *stages.Step) string {
	if cmd, ok := s.Instr.Cmd().(*instructions.CopyCommand); ok {
		return cmd.From
	}
	return ""
}

type generatesKey struct{}

// generates is true for a RUN that does nothing but write code from files that are known by their names, or nil.
func generates(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	script := shell.Of(s.Instr, s.Shell)
	if !script.Known() || len(script.Commands) == 0 || slices.ContainsFunc(script.Commands, func(c *shell.Command) bool { _, _, ok := c.Generates(); return !ok }) {
		return nil
	}
	return true
}

// ofSources reports whether the step copies from a stage whose files change with the sources.
func ofSources(p *diagnostics.Pass, s *stages.Step) bool {
	cmd, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	if !ok || cmd.From == "" || slices.ContainsFunc(cmd.SourcePaths, shell.HoldsManifests) {
		return false
	}
	stage := p.From(cmd.From)
	return stage != nil && stage.Name != "" && takesSources(p, stage)
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
		if phrase, reads, ok := c.Generates(); ok {
			if !apartFromPaths(dest, copies.WorkingDir(run, c, nil), reads) {
				return nil, verdict
			}
			late = append(late, install{run: run, cmd: c, inst: &shell.Install{Phrase: phrase}})
			continue
		}
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
	switch {
	case len(late) > 0 && generates(run) != nil:
		return late, moves.Verdict{Answer: moves.Never} // it may need more, as what a generator is set to write
	case lock && (len(known) > 0 || !onlyInstalls(run)):
		return nil, verdict
	case lock:
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

// apartFromPaths reports whether the destination and the paths of a directory of the image hold nothing of each other.
func apartFromPaths(dest, at string, paths []string) bool {
	return !copies.MayHold(dest, at) && !slices.ContainsFunc(paths, func(name string) bool {
		to := name
		if !path.IsAbs(to) {
			to = path.Join(at, name)
		}
		return copies.MayHold(dest, to) || copies.MayHold(to, dest)
	})
}

// apartFromInputs reports whether the destination holds nothing that the install reads or writes, which works in the
// directory at of the image and dir of the context.
func apartFromInputs(dest, at, dir string, in manifests.Inputs) bool {
	var paths []string
	for _, name := range slices.Concat(in.Files, in.Folders, in.Writes, in.Outputs) {
		rel, inside := relative(dir, name)
		if !inside {
			return false
		}
		paths = append(paths, rel)
	}
	return apartFromPaths(dest, at, paths)
}

// level is the severity: less where code is written, or all that the lock file names is fetched, for that is soon done.
func (f *fromStage) level() diagnostics.Severity {
	if f.late[0].inst.LockOnly || generates(f.late[0].run) != nil {
		return diagnostics.Info
	}
	return diagnostics.Warning
}

// report tells of the first of the copies: the others stand below it, and are named beside.
func (f *fromStage) report(p *diagnostics.Pass) {
	s := f.steps[0]
	from := sourceStage(s)
	finding := diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr),
		Message: func(p *diagnostics.Pass) string {
			reads, copied := "which reads none of it", ""
			if f.late[0].inst.LockOnly {
				reads = "which reads " + f.late[0].inst.Lock + " alone"
			}
			if n := len(f.steps) - 1; n > 0 {
				copied = fmt.Sprintf(" and %d more below it", n)
			}
			return fmt.Sprintf("Each change of what this COPY%s %s from %s reruns %s, %s; copy it below",
				copied, words.For(len(f.steps), "takes", "take"), from, reruns(p, f.late), reads)
		},
	}
	finding.Severity = f.level()
	for _, i := range f.late {
		finding.Related = append(finding.Related, diagnostics.Related{Step: i.run, Span: i.cmd.Span, Message: words.Code(i.inst.Phrase) + " reruns"})
	}
	for _, other := range f.steps[1:] {
		finding.Related = append(finding.Related, diagnostics.Related{Step: other, Span: diagnostics.Line(other.Instr), Message: "this too"})
	}
	if f.verdict.Answer != moves.Never {
		finding.Fixes = f.fix
	}
	p.Report(finding)
}

// fix moves the copies below the RUN. What they bring is not known, so that it is only a suggestion.
func (f *fromStage) fix(p *diagnostics.Pass) []diagnostics.Fix {
	change := p.Change()
	change.Move(rewrite.Below(f.late[0].run), f.steps...)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	why := f.verdict.Why
	if why == "" {
		why = "what it brings is not known"
	}
	title := "Move " + words.Code(first(f.steps[0]))
	if n := len(f.steps) - 1; n > 0 {
		title += " and " + words.Count(n, "more line")
	}
	return []diagnostics.Fix{{
		Title:  title + " below " + words.Code("RUN "+f.late[0].inst.Phrase) + " (check first: " + why + ")",
		Safety: diagnostics.Suggested, Edits: []diagnostics.FileEdit{edit},
	}}
}
