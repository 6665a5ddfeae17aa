package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file plans the fix of copy-before-install: the copy moves below the installs, and the files
// that they read are copied in its place. It is the copy that moves, not the install: COPY reads neither
// directory nor user nor shell, so whatever stands between the two stays in effect. Whether it may move,
// package moves says.

// move is a planned fix.
type move struct {
	copy       copies.Copy
	installs   []install      // those that end up above the copy
	run        *stages.Step   // the RUN that the copy moves below
	rest       *shell.Command // begins the part of the RUN that goes below the copy; nil if there is none
	again      []string       // commands of the upper part that the lower one begins with
	splitDoubt string         // about the division
	files      []string       // to copy where the copy stood, relative to the context
	later      []group        // to copy above RUNs further down
	source     string         // the directory of the context that the copy takes
	dest       string         // the moved copy's destination, if it must be rewritten
	ignore     []string       // patterns for outputs in the context that the copy would put over the new ones
	hidden     []string       // these outputs
	doubts     []string       // why it is only a suggestion
	with       []copies.Copy  // copies further down that move along, so that their order stays
	alike      []*fromStage   // copies from stages that delay the same installs: one finding tells of all
}

// group is what the installs of a RUN need that those above it do not.
type group struct {
	run   *stages.Step
	files []string
	dest  string // what their destination is called there, if not as in the copy
}

// maxRuns is how many RUNs with installs below a copy are looked at for a place to move it to.
const maxRuns = 20

// installFirstPlan is what planInstallFirst says.
type installFirstPlan struct {
	move *move
	why  string
}

type installFirstKey struct{ copied *stages.Step }

// installFirst is the plan for the copy, made once for all rules.
func installFirst(p *diagnostics.Pass, c copies.Copy, late []install) installFirstPlan {
	return p.Fact(installFirstKey{c.Step}, func(p *diagnostics.Pass) any {
		m, why := planInstallFirst(p, c, late)
		return installFirstPlan{m, why}
	}).(installFirstPlan)
}

// planInstallFirst plans the fix: below the last of the installs that the copy may cross. Without a plan,
// why says what stands in the way, if that is worth saying.
func planInstallFirst(p *diagnostics.Pass, c copies.Copy, late []install) (m *move, why string) {
	switch {
	case hiddenFrom(late) != "":
		return nil, hiddenFrom(late)
	case p.Context() == nil || p.ContextDoubted():
		return nil, "" // the message says what to set
	case !late[0].located:
		return nil, late[0].in.Why
	case c.Step.Stage != p.Stage:
		return nil, inOtherStage(p, c)
	case strings.ContainsAny(c.Raw, " \t\"'\\`"):
		return nil, "the COPY's directory has special characters in its name"
	}
	root, ok := c.Delivers(c.Dest)
	if !ok {
		return nil, "the COPY takes single files"
	}
	var runs []*stages.Step
	for _, i := range late {
		if len(runs) < maxRuns && !slices.Contains(runs, i.run) {
			runs = append(runs, i.run)
		}
	}
	for n := len(runs); n > 0; n-- {
		m = &move{copy: c, source: root, run: runs[n-1]}
		if why = m.plan(p, late); why == "" {
			return m, ""
		}
	}
	return nil, why
}

// inOtherStage says that the copy stands in a stage that this one, and perhaps others, builds on.
func inOtherStage(p *diagnostics.Pass, c copies.Copy) string {
	others := 0
	for _, s := range p.Stages() {
		if s != p.Stage && s != c.Step.Stage && slices.Contains(s.Chain(), c.Step.Stage) {
			others++
		}
	}
	name := "the stage that this one builds on"
	if c.Step.Stage.Name != "" {
		name = "the stage " + c.Step.Stage.Name
	}
	if others == 0 {
		return "the COPY stands in " + name
	}
	if others == 1 {
		return "the COPY stands in " + name + ", and another stage builds on it too"
	}
	return fmt.Sprintf("the COPY stands in %s, and %d other stages build on it too", name, others)
}

// plan works out whether the copy may move below m.run, or into it.
func (m *move) plan(p *diagnostics.Pass, late []install) (why string) {
	// The files of the first RUN take the place of the copy.
	for _, i := range late {
		if i.located && i.run == late[0].run {
			if why := m.add(p, i); why != "" {
				return why
			}
		}
	}
	first := len(m.installs)
	if why := m.crossAll(p, late); why != "" {
		return why
	}
	if m.run == late[0].run && m.rest != nil && len(m.installs) > 0 && m.above(late) < first {
		// Some of them stand in the part that goes below: their files are not needed.
		var above []install
		for _, i := range late {
			if i.run != m.run || i.cmd.Span.Start < m.rest.Span.Start {
				above = append(above, i)
			}
		}
		if len(above) == 0 || !above[0].located {
			return "the RUN needs the sources before it installs anything"
		}
		*m = move{copy: m.copy, source: m.source, run: m.run}
		return m.plan(p, above)
	}
	m.doubt(p)
	return ""
}

// above is how many of the installs of m.run stand before the place where it is divided.
func (m *move) above(late []install) (n int) {
	for _, i := range late {
		if i.run == m.run && i.located && i.cmd.Span.Start < m.rest.Span.Start {
			n++
		}
	}
	return n
}

// crossAll asks whether the copy may cross all that stands between it and its new place.
func (m *move) crossAll(p *diagnostics.Pass, late []install) (why string) {
	judge := moves.Judge{Context: p.Context()}
	known := map[*shell.Command]moves.Install{}
	for _, i := range late {
		if i.located && i.run.N <= m.run.N {
			known[i.cmd] = moves.Install{Inputs: i.in, Dir: i.dir}
		}
	}
	for _, s := range p.Stage.Steps[m.copy.Step.N+1 : m.run.N+1] {
		if s != late[0].run {
			for _, i := range late {
				if i.located && i.run == s {
					if why := m.add(p, i); why != "" {
						return why
					}
				}
			}
		}
		if s == m.run {
			break
		}
		if why := m.keepDest(s); why != "" {
			return why
		}
		if why := m.judge(judge, moves.Part{Step: s, Installs: known}); why != "" {
			return why
		}
	}
	switch script := shell.Of(m.run.Instr, m.run.Shell); {
	case script.Partial || script.Unknown:
		return "the RUN is too complex to be understood"
	case script.Exec:
		return m.judge(judge, moves.Part{Step: m.run, Installs: known})
	default:
		return m.divide(judge, script, known)
	}
}

// first are all files that are copied above, so far.
func (m *move) first() []string {
	all := slices.Clone(m.files)
	for _, g := range m.later {
		all = append(all, g.files...)
	}
	return all
}

// judge asks whether the copy may cross a part. It notes a doubt, and returns why it may not.
func (m *move) judge(j moves.Judge, part moves.Part) (why string) {
	switch v := j.CopyBelow(moves.Moved{Copy: m.copy, First: m.first(), Hidden: m.hidden}, []moves.Part{part}); v.Answer {
	case moves.Never:
		return v.Why
	case moves.Doubtful:
		m.doubts = append(m.doubts, v.Why)
	}
	return ""
}

// keepDest notes the destination that the copy must be given below a WORKDIR.
func (m *move) keepDest(s *stages.Step) (why string) {
	if _, ok := s.Instr.Cmd().(*instructions.WorkdirCommand); !ok || path.IsAbs(m.copy.Text) {
		return ""
	}
	if !m.copy.Step.Workdir.Known {
		return "the COPY's target depends on the base image's directory, and a WORKDIR below changes that"
	}
	m.dest = strings.TrimSuffix(m.copy.Dest, "/") + "/"
	if !plainName(m.dest) {
		return "the COPY's directory has special characters in its name"
	}
	return ""
}

// divide finds how much of the RUN can stay above the copy: all up to the first statement that needs the
// sources, or, behind the last install, that may.
func (m *move) divide(j moves.Judge, script *shell.Script, known map[*shell.Command]moves.Install) (why string) {
	kept := false // an install
	for n, statement := range script.List {
		var commands []*shell.Command
		installs := false
		for _, c := range script.Commands {
			if c.Top == statement {
				commands = append(commands, c)
				_, isKnown := known[c]
				installs = installs || isKnown
			}
		}
		if len(commands) == 0 {
			continue
		}
		doubts := len(m.doubts)
		why := m.judge(j, moves.Part{Step: m.run, Commands: commands, Installs: known})
		doubtful := len(m.doubts) > doubts && !installs && kept
		if why == "" && !doubtful {
			kept = kept || installs
			continue
		}
		if why != "" && !kept {
			return why
		}
		if cannot := m.cut(script, n); cannot != "" {
			if why == "" {
				continue // with its doubt
			}
			return cannot
		}
		m.doubts = m.doubts[:doubts]
		if m.splitDoubt != "" {
			m.doubts = append(m.doubts, m.splitDoubt)
		}
		return ""
	}
	if !kept {
		return "the RUN needs the sources before it installs anything"
	}
	return ""
}

// cut splits the RUN before its statement n, if that can be done.
func (m *move) cut(script *shell.Script, n int) (why string) {
	for _, c := range script.Commands {
		if c.Top != script.List[n] {
			continue
		}
		again, v := moves.Split(m.run, c)
		switch v.Answer {
		case moves.Never:
			return v.Why
		case moves.Doubtful:
			m.splitDoubt = v.Why
		}
		m.rest, m.again = c, again
		return ""
	}
	return "the RUN is too complex to be understood"
}

// add takes up an install with the files that it reads, and what it fills that the moved copy would clobber.
func (m *move) add(p *diagnostics.Pass, i install) (why string) {
	m.installs = append(m.installs, i)
	if i.in.OutputIsLink != "" {
		return i.in.OutputIsLink + " is a link in the build context, which COPY cannot put over a directory"
	}
	first := m.first()
	files := &m.files
	if i.run != m.installs[0].run {
		if n := len(m.later); n == 0 || m.later[n-1].run != i.run {
			m.later = append(m.later, group{run: i.run, dest: m.dest})
		}
		files = &m.later[len(m.later)-1].files
	}
	for _, f := range i.in.Files {
		if m.copy.Excludes(f) {
			return "the COPY leaves out " + f + " (`--exclude`)"
		}
		if slices.Contains(m.copy.Sources, f) && len(m.copy.Sources) > 1 {
			return "the COPY takes " + f + " and the sources: above the install, " + f + " needs a COPY of its own"
		}
		if _, inside := relative(m.source, f); inside && !slices.Contains(first, f) && !slices.Contains(*files, f) && !m.deliveredBefore(p, f) {
			*files = append(*files, f)
		}
		if _, ok := copies.Operands('\\', []string{f}, "."); !ok {
			return fmt.Sprintf("%q has special characters in its name", f)
		}
	}
	for _, out := range i.in.Outputs {
		e, exists := p.Context().Lookup(out)
		if _, inside := relative(m.source, out); !exists || e.Ignored || !inside || !e.Mode.IsDir() || len(m.copy.Exclude) > 0 && m.copy.LeavesOut(out) {
			continue
		}
		if !i.inst.CleansOutput {
			m.doubts = append(m.doubts, "the build context has a folder "+out+", which would no longer reach the image")
		} else if e.Mode.Perm() != 0o755 || m.copy.Chown != "" || m.copy.Chmod != "" {
			m.doubts = append(m.doubts, words.Code(i.inst.Phrase)+" empties "+out+", but "+out+" keeps the owner and permissions that the COPY sets")
		}
		m.hidden = append(m.hidden, out)
		if pattern := outputPattern(p.Context(), i, out); !slices.Contains(m.ignore, pattern) {
			m.ignore = append(m.ignore, pattern)
		}
	}
	return ""
}

// outputPattern ignores an output at any depth, since workspace members have folders of their own;
// but only at its place if the context has other folders of that name, which may be sources.
func outputPattern(ctx *files.Context, i install, out string) string {
	rel, ok := relative(i.dir, out)
	if base := path.Base(out); !ok || base == "node_modules" {
		rel = base
	}
	pattern := "**/" + rel
	ctx.All(func(e files.Entry) bool {
		if e.Mode.IsDir() && !e.Ignored && path.Base(rel) != "node_modules" && strings.HasSuffix("/"+e.Path, "/"+rel) && !slices.Contains(i.in.Outputs, e.Path) {
			pattern = out
		}
		return pattern != out
	})
	return pattern
}

// deliveredBefore reports whether a copy above has put the file where this one would put it.
func (m *move) deliveredBefore(p *diagnostics.Pass, file string) bool {
	rel, _ := relative(m.source, file)
	want := path.Join(m.copy.Dest, rel)
	for _, s := range p.Stage.Steps[:m.copy.Step.N] {
		c, ok := copies.Of(s)
		if !ok {
			continue
		}
		if from, ok := c.Origin(p.Context(), want); ok && from == file {
			return true
		}
	}
	return false
}

// relative returns the path of file below dir; both are relative to the context.
func relative(dir, file string) (string, bool) {
	if dir == "." {
		return file, true
	}
	return strings.CutPrefix(file, dir+"/")
}
