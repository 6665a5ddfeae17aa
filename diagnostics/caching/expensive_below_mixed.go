package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file is the part of expensive-below-volatile about a RUN that first installs what needs no sources, and then does
// something with them: the first half in a RUN of its own could stand above the copy. What has to go up with it, such as a
// USER, is for people to choose, so that there is no fix.

// takeHalf takes up the first half of a RUN, if that installs packages and can stand above the step.
func (l *lift) takeHalf(p *diagnostics.Pass, judge moves.Judge, run *stages.Step) bool {
	if l.fetched {
		return false
	}
	part, d, why := l.half(judge, run)
	if d.cost < shell.Packages {
		return false
	}
	var stay []*stages.Step
	for _, s := range p.Stage.Steps[l.volatile.N:run.N] {
		switch s.Instr.Name {
		case "COPY", "ADD":
			if judge.PartAbove(part, []*stages.Step{s}).Answer == moves.Never {
				return false
			}
			stay = append(stay, s)
		case "RUN": // which may have to go up, too
			if moves.Needs(part, s) && judge.RunAbove(s, stay).Answer != moves.Safe {
				return false
			}
		}
	}
	if why != "" {
		l.doubts = append(l.doubts, why)
	}
	l.add(run, d)
	return true
}

// half is the first half of a RUN, up to the first command that may need what the step brings, with what it installs
// and a doubt.
func (l *lift) half(judge moves.Judge, run *stages.Step) (part moves.Part, d dearRun, why string) {
	script := shell.Of(run.Instr, run.Shell)
	if !script.Known() || script.Functions || len(run.Instr.Heredocs) > 0 {
		return part, d, why
	}
	part.Step = run
	for n, statement := range script.List {
		var commands []*shell.Command
		for _, c := range script.Commands {
			if c.Top == statement {
				commands = append(commands, c)
			}
		}
		if len(commands) == 0 || len(commands) == 1 && commands[0].Activates() {
			part.Commands = append(part.Commands, commands...)
			continue
		}
		v := judge.PartAbove(moves.Part{Step: run, Commands: commands}, []*stages.Step{l.volatile})
		if v.Answer != moves.Never {
			part.Commands = append(part.Commands, commands...)
			if why == "" {
				why = v.Why
			}
			continue
		}
		if mayCut(run, script, n) {
			return part, dearAmong(part.Commands), why
		}
		break
	}
	return part, dearRun{}, ""
}

// mayCut reports whether people could make the RUN two before statement n, and the image be no larger.
func mayCut(run *stages.Step, script *shell.Script, n int) bool {
	if cleansBehind(script, n) {
		return false
	}
	var next *shell.Command
	for _, c := range script.Commands {
		switch upper := slices.Contains(script.List[:n], c.Top); {
		case upper && !c.Activates() && c.Effects().Shell&(shell.ChangesOther|shell.EndsShell|shell.RunsAtExit) != 0:
			return false
		case upper:
		case c.Uninstalls():
			return false // in a RUN of its own it would make nothing smaller
		case slices.ContainsFunc(c.Removes(), func(w shell.Word) bool {
			return path.IsAbs(w.Text) || strings.HasPrefix(w.Text, "~") || strings.HasPrefix(w.Text, "$")
		}):
			return false // it cleans up for both halves
		case next == nil:
			next = c
		}
	}
	return next != nil && script.MayCutBefore(next, shell.Errexit(run.Shell)) == nil
}

// takesFromSources reports whether the RUN takes something of a stage that has most of the sources itself, so that it reruns
// with them wherever it stands.
func (l *lift) takesFromSources(p *diagnostics.Pass, run *stages.Step, d dearRun) bool {
	mounts, _ := run.Mounts()
	if slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return m.From != "" && l.hasSources(p, m.From, maxVia) }) {
		return true
	}
	return d.files && slices.ContainsFunc(p.Stage.Steps[:run.N], func(s *stages.Step) bool {
		cmd, ok := s.Instr.Cmd().(*instructions.CopyCommand)
		return ok && cmd.From != "" && l.hasSources(p, cmd.From, maxVia) && judgeOf(p).RunAbove(run, []*stages.Step{s}).Answer == moves.Never
	})
}

// maxVia is through how many stages it is followed where files come from.
const maxVia = 4

// hasSources reports whether the stage of that name has the whole build context, or half of what the lift's copy takes, by
// itself or by way of other stages.
func (l *lift) hasSources(p *diagnostics.Pass, name string, via int) bool {
	stage := p.From(name)
	if stage == nil || via == 0 {
		return stage != nil
	}
	files := 0
	for _, s := range stage.ChainSteps() {
		if cmd, ok := s.Instr.Cmd().(*instructions.CopyCommand); ok && cmd.From != "" && l.hasSources(p, cmd.From, via-1) {
			return true
		}
		if c, ok := copies.Of(s); ok {
			if c.Whole() {
				return true
			}
			if p.Context() != nil {
				files += c.Select(p.Context()).Files
			}
		}
		mounts, err := s.Mounts()
		if err != nil || slices.ContainsFunc(mounts, func(m *instructions.Mount) bool {
			return m.Type == instructions.MountTypeBind && (m.From == "" || l.hasSources(p, m.From, via-1))
		}) {
			return true
		}
	}
	return p.Context() != nil && l.copy.Step != nil && files*2 >= l.copy.Select(p.Context()).Files
}
