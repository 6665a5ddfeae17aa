package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
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
