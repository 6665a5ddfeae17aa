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
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file is the part of copy-before-install about sources that are copied beside the manifests: COPY src src
// above an install whose manifests another COPY brings. It speaks only where the install surely reads none of
// them, and where the COPY may surely move below it.

// maxBeside bounds how many copies of a stage are looked at.
const maxBeside = 50

// plansBeside are the plans for copies of the pass's stage above RUNs of it that install from manifests which are
// copied by name: one for all copies that can move below the same RUN.
func plansBeside(p *diagnostics.Pass, found *lateInstalls) (joined []*move) {
	runs := found.beside
	if len(runs) == 0 || p.Context() == nil || p.ContextDoubted() || !p.Context().Complete() {
		return nil
	}
	looked := 0
	var plans []*move
	for _, c := range found.seen {
		if c.Step.Stage != p.Stage || c.Add || len(c.Exclude) > 0 || len(found.late[c.Step]) > 0 {
			continue
		}
		if looked++; looked > maxBeside {
			return nil
		}
		for n := min(len(runs), maxRuns); n > 0; n-- {
			if m := planBeside(p, c, runs[:n]); m != nil {
				plans = append(plans, m)
				break
			}
		}
	}
	for len(plans) > 0 {
		m := plans[0]
		plans = slices.DeleteFunc(plans[1:], func(next *move) bool {
			along := next.run == m.run && next.dest == ""
			if along {
				m.with = append(m.with, next.copy)
			}
			return along
		})
		joined = append(joined, m)
	}
	return joined
}

// planBeside plans to move the copy below the last of the runs. There is no plan unless it is proven that
// nothing changes by that.
func planBeside(p *diagnostics.Pass, c copies.Copy, runs []*stages.Step) *move {
	m := &move{copy: c, run: runs[len(runs)-1]}
	var there []string // folders that other copies make
	judge := moves.Judge{Context: p.Context()}
	for _, s := range p.Stage.Steps[min(c.Step.N, m.run.N)+1 : m.run.N+1] {
		if other, ok := copies.Of(s); ok && (other.Chown != c.Chown || other.Chmod != c.Chmod) {
			return nil // the folders that both make belong to the first
		}
		if m.keepDest(s) != "" {
			return nil
		}
		part := moves.Part{Step: s, Installs: map[*shell.Command]moves.Install{}}
		for _, cmd := range shell.Commands(s.Instr, s.Shell) {
			inst, ok := cmd.Install()
			if !ok || !inst.DepsOnly {
				continue
			}
			dir, in, ok := copies.InputsOf(p.Context(), s, cmd, inst)
			if !ok || !in.Complete || in.Never || !readsNothing(p, c, copies.WorkingDir(s, cmd, inst), dir, in) {
				return nil
			}
			in.Proven = true // what it writes is none of what the copy brings
			part.Installs[cmd] = moves.Install{Inputs: in, Dir: dir}
			m.installs = append(m.installs, install{run: s, cmd: cmd, inst: inst, dir: dir, in: in, located: true})
		}
		if s == m.run {
			if script := shell.Of(s.Instr, s.Shell); script.Known() && m.divide(judge, script, part.Installs) == "" && len(m.doubts) == 0 {
				break
			}
			m.doubts = nil
		}
		if v := judge.CopyBelow(moves.Moved{Copy: c, There: there}, []moves.Part{part}); v.Answer != moves.Safe {
			return nil
		}
		if other, ok := copies.Of(s); ok && other.IsDir {
			there = append(there, other.Dest)
		}
	}
	m.installs = slices.DeleteFunc(m.installs, func(i install) bool { return m.rest != nil && i.run == m.run && i.cmd.Span.Start > m.rest.Span.Start })
	if len(m.installs) == 0 {
		return nil
	}
	m.doubt(p)
	return m
}

// readsNothing reports whether the install, which works in the directory at of the image and dir of the context, surely
// reads and writes nothing that the copy brings.
func readsNothing(p *diagnostics.Pass, c copies.Copy, at, dir string, in manifests.Inputs) bool {
	projects := c.Broad(p.Context()) || c.Dest == copies.Dir(c.Step) // and no settings for the tools of the system
	if apartFrom(c.Dest, at) && projects {
		return true // it lies elsewhere, and not above
	}
	if copies.BelowUnknown(c.Dest) && !copies.BelowUnknown(at) && projects {
		return len(in.Folders) == 0 && len(in.Writes) == 0 && !slices.ContainsFunc(in.Files, func(name string) bool {
			rel, inside := relative(dir, name)
			return !inside || mayBring(p, c, path.Join(at, rel))
		})
	}
	return keepsPlace(p, c, at, dir) && !readsOf(p, c, slices.Concat(in.Files, in.Folders, in.Writes))
}

// mayBring reports whether the copy, whose directory is not known, may put something at a path of the image.
func mayBring(p *diagnostics.Pass, c copies.Copy, to string) bool {
	taken := c.Taken(p.Context())
	return len(taken) == 0 || slices.ContainsFunc(taken, func(source string) bool {
		if e, ok := p.Context().Lookup(source); ok && e.Mode.IsRegular() && c.IsDir {
			return copies.MayHold(path.Join(c.Dest, path.Base(source)), to)
		}
		return copies.MayHold(c.Dest, to)
	})
}

// apartFrom reports whether neither directory of the image is in the other.
func apartFrom(a, b string) bool {
	under := func(name, dir string) bool { return dir == "/" || name == dir || strings.HasPrefix(name, dir+"/") }
	return !copies.BelowUnknown(a) && !copies.BelowUnknown(b) && !under(a, b) && !under(b, a)
}

// keepsPlace reports whether the copy puts all that it takes where the project has it, if the directory of the
// context is the directory of the image: then the names of the context say what a tool sees there.
func keepsPlace(p *diagnostics.Pass, c copies.Copy, at, dir string) bool {
	taken := c.Taken(p.Context())
	for _, source := range taken {
		rel, inside := relative(dir, source)
		e, ok := p.Context().Lookup(source)
		if !inside || !ok || source == dir {
			return false
		}
		to := c.Dest
		if !e.Mode.IsDir() && (c.IsDir || len(taken) > 1) {
			to = path.Join(c.Dest, path.Base(source))
		}
		if to != path.Join(at, rel) {
			return false
		}
	}
	return len(taken) > 0
}

// readsOf reports whether the copy takes one of the paths, or something in or above one.
func readsOf(p *diagnostics.Pass, c copies.Copy, paths []string) bool {
	for _, source := range c.Taken(p.Context()) {
		for _, name := range paths {
			if name == source || strings.HasPrefix(name, source+"/") || strings.HasPrefix(source, name+"/") {
				return true
			}
		}
	}
	return false
}

func reportBeside(p *diagnostics.Pass, m *move) {
	c := m.copy
	n, take := c.Select(p.Context()).Files, "this COPY takes"
	var with []diagnostics.Related
	for _, other := range m.with {
		n += other.Select(p.Context()).Files
		with = append(with, diagnostics.Related{Step: other.Step, Span: diagnostics.Line(other.Step.Instr), Message: "this one too"})
	}
	if len(with) > 0 {
		take = fmt.Sprintf("this COPY and %d more take", len(with))
	}
	if n == 0 {
		return
	}
	few := n == 1
	for _, other := range m.alike {
		few = few && other.level() == diagnostics.Info
		for _, s := range other.steps {
			with = append(with, diagnostics.Related{Step: s, Span: diagnostics.Line(s.Instr), Message: "so does each change of what this takes from " + sourceStage(s)})
		}
	}
	f := diagnostics.Finding{
		Step: c.Step, Span: diagnostics.Line(c.Step.Instr),
		Message: func(p *diagnostics.Pass) string {
			message := "Changing " + anyOf(p.Context(), n) + " " + take + " reruns " + reruns(p, m.installs) +
				words.For(n, ", which does not read it", ", which reads none of them")
			for _, other := range m.alike {
				message += fmt.Sprintf("; so does each change of what line %d takes from %s", p.Line(other.steps[0]), sourceStage(other.steps[0]))
			}
			return message
		},
		Fixes: m.fix, Related: with,
	}
	if few {
		f.Severity = diagnostics.Info
	}
	for _, i := range m.installs {
		f.Related = append(f.Related, diagnostics.Related{Step: i.run, Span: i.cmd.Span, Message: words.Code(i.inst.Phrase) + " reruns"})
	}
	p.Report(f)
}
