package caching

import (
	"slices"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This rule finds RUNs that install or download, read nothing of the project, and stand below a COPY of it.
// Installs that read a manifest are copy-before-install's.

var expensiveBelowVolatile = &diagnostics.Rule{
	Name:     "expensive-below-volatile",
	Code:     "C34",
	Severity: diagnostics.Warning,
	Stage:    checkExpensiveBelow,
}

// maxVolatile is how many copies above a RUN are looked at, and maxTried how many such RUNs below one: each step between
// is judged for each of them, at each keystroke.
const maxVolatile, maxTried = 5, 20

// maxAway is how many steps may lie between two that rules compare.
const maxAway = 100

func checkExpensiveBelow(p *diagnostics.Pass) {
	checkBelowParent(p)
	checkBranch(p)
	var above, lists []*lift
	for _, seen := range p.See(liftKey{}, copiesOrDear) {
		d, isRun := seen.What.(dearRun)
		if seen.What == nil {
			continue
		}
		if !isRun {
			if l := liftAbove(p, seen.Step); l != nil && len(above) < maxVolatile {
				above = append(above, l)
			} else if l == nil && len(lists) < maxVolatile && bringsManifests(p, seen.Step) {
				c, _ := copies.Of(seen.Step)
				lists = append(lists, &lift{volatile: seen.Step, copy: c, manifests: true})
			}
			continue
		}
		taken := false
		for _, l := range above {
			if l.tried == maxTried || seen.N-l.volatile.N > maxAway {
				continue
			}
			l.tried++
			if taken = l.takesFromSources(p, seen.Step, d) || l.take(p, seen.Step, d); taken {
				break
			}
		}
		for _, l := range lists {
			if taken || d.cost < shell.Packages || l.tried == maxTried || seen.N-l.volatile.N > maxAway {
				continue
			}
			l.tried++
			taken = l.takeSurely(p, seen.Step, d)
		}
	}
	for _, l := range append(above, lists...) {
		if len(l.runs) > 0 && !l.belongsToInstall(p) {
			l.report(p)
		}
		if l.upper != nil && !l.upper.belongsToInstall(p) {
			l.upper.report(p)
		}
		if l.fetches != nil {
			l.fetches.report(p, l)
		}
	}
}

// bringsManifests reports whether the step copies by its name what an install below reads. That changes seldom, so that only
// what surely reads none of it, and takes long, is worth a word.
func bringsManifests(p *diagnostics.Pass, s *stages.Step) bool {
	c, ok := copies.Of(s)
	if !ok || c.Add || p.Context() == nil || p.ContextDoubted() || c.Broad(p.Context()) {
		return false
	}
	taken := c.Taken(p.Context())
	return slices.ContainsFunc(lateInstallsOf(p).beside, func(run *stages.Step) bool {
		return run.N > s.N && slices.ContainsFunc(judgeOf(p).Inputs(run), func(in manifests.Inputs) bool {
			return slices.ContainsFunc(in.Files, func(name string) bool { return slices.Contains(taken, name) })
		})
	})
}

// takeSurely takes the whole RUN up if nothing speaks against it, and no file has to come first.
func (l *lift) takeSurely(p *diagnostics.Pass, run *stages.Step, d dearRun) bool {
	before := *l
	before.runs, before.moved = slices.Clone(l.runs), slices.Clone(l.moved)
	if l.takeWhole(p, judgeOf(p), run, d) && len(l.doubts) == 0 && len(l.first) == 0 && l.crossed == nil && (l.down == nil || l.down.rest == nil) {
		return true
	}
	*l = before
	return false
}

type liftKey struct{}

// dearRun is a RUN that installs or downloads something which no file of the project names.
type dearRun struct {
	phrase string // what it runs: "apt-get install"
	cost   shell.Cost
	system bool // it installs packages of the operating system only
	files  bool // it installs the files of packages, which another stage may have made
}

// copiesOrDear is true for a step that copies, a dearRun, or nil.
func copiesOrDear(s *stages.Step) any {
	switch s.Instr.Name {
	case "COPY", "ADD":
		return true
	case "RUN":
		if d := dearOf(s); d.cost >= shell.Download {
			return d
		}
	}
	return nil
}

func dearOf(s *stages.Step) dearRun {
	if mounts, err := s.Mounts(); err != nil || slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return m.Type == instructions.MountTypeBind && m.From == "" }) {
		return dearRun{}
	}
	return dearAmong(shell.Of(s.Instr, s.Shell).Commands)
}

func dearAmong(commands []*shell.Command) (d dearRun) {
	for _, c := range commands {
		os, system := c.OSPackages()
		_, project := c.Install()
		files := c.InstallsPackageFiles()
		if project && !files || c.Cost() <= d.cost || c.Cost() >= shell.Compile || system && os.Refresh {
			continue
		}
		d = dearRun{phrase: c.Phrase(), cost: c.Cost(), system: system, files: files}
	}
	return d
}

// lift are the RUNs that can stand above a step which changes with the sources.
type lift struct {
	crossed   *stages.Step // a RUN that stays, above which one is put that moves; nil if there is none
	volatile  *stages.Step
	copy      copies.Copy // of the build context; its Step is nil if it is none
	from      string      // otherwise the stage that the files come from
	manifests bool        // it brings what an install below reads, and no sources
	fetched   bool        // or it is an ADD of an address at which there is something newer some day
	runs      []*stages.Step
	what      dearRun        // what the first of them runs
	tried     int            // RUNs so far
	halved    bool           // only the first half of the one RUN can
	upper     *lift          // what only the first half of a RUN can
	fetches   *download      // what can only become an ADD
	moved     []*stages.Step // all that move up: the runs, and cheap steps that they need
	first     []string       // files of the context that are copied above them: they say which version of a tool is meant
	down      *move          // instead, the copy moves below the last of the runs

	stay, cheap []*stages.Step // of the steps from the volatile one to Stage.Steps[parted], when so many were moved
	parted      int
	without     int

	doubts []string
}

// liftAbove is the beginning of a lift above the step, if it changes with the sources.
func liftAbove(p *diagnostics.Pass, s *stages.Step) *lift {
	if c, ok := copies.Of(s); ok {
		bc := p.Context()
		if p.ContextDoubted() {
			bc = nil
		}
		if !c.Broad(bc) || c.Add && bc == nil {
			return nil
		}
		if bc != nil && c.Select(bc).Files == 0 {
			return nil
		}
		return &lift{volatile: s, copy: c}
	}
	if cmd, ok := s.Instr.Cmd().(*instructions.CopyCommand); ok && cmd.From != "" {
		if stage := p.From(cmd.From); stage != nil && stage.Name != "" && takesSources(p, stage) {
			return &lift{volatile: s, from: stage.Name}
		}
	}
	if cmd, ok := s.Instr.Cmd().(*instructions.AddCommand); ok && len(cmd.SourcePaths) == 1 && cmd.Checksum == "" {
		if address := s.Expand(cmd.SourcePaths[0]); address.Known && shell.AddressMoves(address.Text) {
			return &lift{volatile: s, fetched: true}
		}
	}
	return nil
}

// take takes the RUN up if it, or its first half, can stand above the step.
func (l *lift) take(p *diagnostics.Pass, run *stages.Step, d dearRun) bool {
	judge := judgeOf(p)
	if p.ContextDoubted() {
		judge.Context = nil
	}
	if l.takeWhole(p, judge, run, d) {
		return true
	}
	if l.upper == nil {
		half := &lift{volatile: l.volatile, copy: l.copy, from: l.from, fetched: l.fetched, halved: true}
		if half.takeHalf(p, judge, run) {
			l.upper = half
			return true
		}
	}
	return l.upper == nil && l.takeDownload(run)
}

func (l *lift) takeWhole(p *diagnostics.Pass, judge moves.Judge, run *stages.Step, d dearRun) bool {
	pins := l.first
	if l.copy.Step != nil && judge.Context != nil {
		for _, file := range judge.Pins(run, l.copy) {
			if !slices.Contains(pins, file) {
				pins = append(slices.Clip(pins), file)
			}
		}
		judge.First = pins
	}
	if len(l.moved) == len(l.runs) && (l.down != nil || len(l.runs) == 0) && l.copy.Step != nil {
		if m := l.copyDown(judge, run); m != nil {
			l.down, l.first = m, pins
			l.add(run, d)
			l.moved = append(l.moved, run)
			return true
		}
		if l.down != nil && l.down.rest != nil {
			return false // the sources stand in the middle of a RUN by then
		}
	}
	var v moves.Verdict
	var cheap []*stages.Step // that it needs
	for _, s := range p.Stage.Steps[l.volatile.N:run.N] {
		if slices.Contains(l.moved, s) {
			continue
		}
		over := judge.RunAbove(run, []*stages.Step{s})
		if over.Answer != moves.Never {
			v = v.Worse(over)
			continue
		}
		// It may need what a step between makes, which can go up with it.
		if s.Instr.Name != "RUN" || judge.RunAbove(s, []*stages.Step{l.volatile}).Answer != moves.Safe {
			return false
		}
		l.part(p, judge, run)
		if v = judge.RunAbove(run, l.stay); v.Answer == moves.Never {
			return false
		}
		cheap = l.cheap
		break
	}
	if v.Answer == moves.Doubtful && !d.system {
		return false
	}
	for _, s := range p.Stage.Steps[l.volatile.N:run.N] {
		if s.Instr.Name != "RUN" || slices.Contains(l.moved, s) || slices.Contains(cheap, s) {
			continue
		}
		l.crossed = s // commands in another order are nothing to do unseen
		if v.Why == "" {
			v.Why = words.Code(first(s)) + " runs after it then"
		}
		break
	}
	if v.Why != "" {
		l.doubts = append(l.doubts, v.Why)
	}
	l.moved, l.down = append(append(l.moved, cheap...), run), nil
	slices.SortFunc(l.moved, func(a, b *stages.Step) int { return a.N - b.N })
	l.first = pins
	l.add(run, d)
	return true
}

// part parts the steps between the copy and the RUN: those that can go up with it, and those that stay. What it has
// said of the steps above an earlier RUN holds for a later one, as long as no other steps move.
func (l *lift) part(p *diagnostics.Pass, judge moves.Judge, run *stages.Step) {
	if l.without != len(l.moved) || l.parted == 0 {
		l.stay, l.cheap, l.without, l.parted = nil, nil, len(l.moved), l.volatile.N
	}
	for _, s := range p.Stage.Steps[l.parted:run.N] {
		switch {
		case slices.Contains(l.moved, s):
		case s.Instr.Name == "RUN" && judge.RunAbove(s, l.stay).Answer == moves.Safe:
			l.cheap = append(l.cheap, s)
		default:
			l.stay = append(l.stay, s)
		}
	}
	l.parted = run.N
}

func (l *lift) add(run *stages.Step, d dearRun) {
	if len(l.runs) == 0 {
		l.what = d
	}
	l.runs = append(l.runs, run)
}

// copyDown plans to move the copy below the RUN, or into it; nil unless that is proven to keep the image.
func (l *lift) copyDown(judge moves.Judge, run *stages.Step) *move {
	m := &move{copy: l.copy, run: run, files: judge.First}
	for _, s := range run.Stage.Steps[l.volatile.N+1 : run.N] {
		if other, ok := copies.Of(s); ok && (other.Chown != l.copy.Chown || other.Chmod != l.copy.Chmod) {
			return nil
		}
		if m.keepDest(s) != "" || m.judge(judge, moves.Part{Step: s}) != "" || len(m.doubts) > 0 {
			return nil
		}
	}
	script := shell.Of(run.Instr, run.Shell)
	for n, statement := range script.List {
		var commands []*shell.Command
		for _, c := range script.Commands {
			if c.Top == statement {
				commands = append(commands, c)
			}
		}
		part := moves.Part{Step: run, Commands: commands}
		if len(commands) == 0 || m.judge(judge, part) == "" && len(m.doubts) == 0 {
			continue
		}
		m.doubts = nil
		if !installsBefore(script, n) || cleansBehind(script, n) || m.cut(script, n) != "" || m.splitDoubt != "" {
			return nil
		}
		return m
	}
	if len(script.List) == 0 && (m.judge(judge, moves.Part{Step: run}) != "" || len(m.doubts) > 0) {
		return nil
	}
	return m
}

// installsBefore reports whether a command above statement n of the script installs packages.
func installsBefore(script *shell.Script, n int) bool {
	return slices.ContainsFunc(script.Commands, func(c *shell.Command) bool {
		_, project := c.Install()
		return slices.Contains(script.List[:n], c.Top) && !project && c.Cost() == shell.Packages
	})
}

// cleansBehind reports whether a command from statement n of the script on removes packages, or what installing them
// leaves: in a RUN of its own it would make nothing smaller.
func cleansBehind(script *shell.Script, n int) bool {
	return slices.ContainsFunc(script.Commands, func(c *shell.Command) bool {
		return !slices.Contains(script.List[:n], c.Top) && (removesPackages(c) || cleansIndex(c))
	})
}

// belongsToInstall reports whether copy-before-install says of the copy that it delays an install further down:
// below that, it delays none of these RUNs either. Where the copy cannot come below the install, these RUNs can come above
// the copy all the same.
func (l *lift) belongsToInstall(p *diagnostics.Pass) bool {
	if l.copy.Step == nil {
		return false
	}
	last := l.runs[len(l.runs)-1]
	late := lateInstallsOf(p).late[l.volatile]
	below := slices.ContainsFunc(late, func(i install) bool { return i.run.N >= last.N })
	return below && (!late[0].located || installFirst(p, l.copy, late).why == "")
}
