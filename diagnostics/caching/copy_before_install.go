package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var copyBeforeInstall = &diagnostics.Rule{
	Name:     "copy-before-install",
	Code:     "C01",
	Severity: diagnostics.Warning,
	Stage:    checkCopyBeforeInstall,
}

// install is a RUN's install command below a copy that delivers its manifests.
type install struct {
	run  *stages.Step
	cmd  *shell.Command
	inst *shell.Install
	dir  string // directory of the context that is the install's working directory
	in   manifests.Inputs
	// located says that the context has the manifests. It has not if the Dockerfile is built with
	// another context than the one we look at.
	located bool
}

func checkCopyBeforeInstall(p *diagnostics.Pass) {
	found := lateInstallsOf(p)
	for _, s := range found.others {
		checkMounted(p, s)
	}
	beside := plansBeside(p, found)
	for _, f := range lateFromStages(p, found.beside) {
		i := slices.IndexFunc(beside, func(m *move) bool { return m.run == f.late[0].run })
		if i < 0 {
			f.report(p)
		} else {
			beside[i].alike = append(beside[i].alike, f)
		}
	}
	for _, m := range beside {
		reportBeside(p, m)
	}
	for _, step := range found.order {
		for _, c := range found.seen {
			if c.Step == step {
				reportCopyBeforeInstall(p, c, found.late[step])
			}
		}
	}
}

// lateInstalls are the installs of a stage, by what their manifests come with.
type lateInstalls struct {
	seen   []copies.Copy              // all copies of the chain
	order  []*stages.Step             // the copies that delay installs, in order
	late   map[*stages.Step][]install // these installs, by copy
	beside []*stages.Step             // RUNs of the stage that install before any such copy
	others []*stages.Step             // RUNs of the chain of which no install is delayed
}

type lateKey struct{}

// lateInstallsOf looks for them once for all rules.
func lateInstallsOf(p *diagnostics.Pass) *lateInstalls {
	return p.Fact(lateKey{}, func(p *diagnostics.Pass) any { return findLateInstalls(p) }).(*lateInstalls)
}

func findLateInstalls(p *diagnostics.Pass) *lateInstalls {
	l := &lateInstalls{late: map[*stages.Step][]install{}}
	early := map[string]bool{} // ecosystems that have been installed before any such copy
	for _, step := range p.SeeChain(deliversKey{}, copiesOrInstalls) {
		s := step.Step
		if c, ok := copies.Of(s); ok {
			l.seen = append(l.seen, c)
			continue
		}
		copied := false
		for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
			inst, ok := cmd.Install()
			if !ok || !inst.DepsOnly {
				continue
			}
			c, found, ok := delivered(p.Context(), l.seen, s, cmd, inst)
			if !ok || early[inst.Ecosystem] {
				if !early[inst.Ecosystem] && s.Stage == p.Stage && !slices.Contains(l.beside, s) {
					l.beside = append(l.beside, s)
				}
				early[inst.Ecosystem] = true
				continue
			}
			copied = true
			found.located = found.located && !p.ContextDoubted()
			if s.Stage != p.Stage {
				continue // the stage that the RUN stands in reports it
			}
			if l.late[c.Step] == nil {
				l.order = append(l.order, c.Step)
			}
			l.late[c.Step] = append(l.late[c.Step], found)
		}
		if !copied {
			l.others = append(l.others, s)
		}
	}
	return l
}

type deliversKey struct{}

// copiesOrInstalls reports whether the rule has to look at the step.
func copiesOrInstalls(s *stages.Step) any {
	if _, ok := copies.Of(s); ok {
		return true
	}
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		if inst, ok := cmd.Install(); ok && inst.DepsOnly {
			return true
		}
	}
	return nil
}

// maxDepth is how deep in the build context an install may work. Each level is looked at for each file.
const maxDepth = 100

// delivered finds the first copy above the command that delivers its working directory as a whole,
// with more in it than the install reads.
func delivered(ctx *files.Context, seen []copies.Copy, s *stages.Step, cmd *shell.Command, inst *shell.Install) (copies.Copy, install, bool) {
	dir := copies.WorkingDir(s, cmd, inst)
	for _, c := range seen {
		contextDir, ok := c.Delivers(dir)
		if dirs := c.Directories(ctx, dir); ok && ctx != nil && len(c.Sources) > 1 && len(dirs) > 0 {
			contextDir = dirs[0]
		}
		if !ok || strings.Count(contextDir, "/") > maxDepth || !c.Whole() && (!c.Broad(ctx) || inst.Ecosystem == "pip" && onlyLists(ctx, contextDir)) {
			continue
		}
		if c.Dest == "/" && !c.Whole() && (ctx == nil || !ctx.Exists(contextDir)) {
			continue // settings for all of the file system, such as rootfs/etc, are no project
		}
		found := install{run: s, cmd: cmd, inst: inst, dir: contextDir}
		if ctx != nil {
			found.in = manifests.ReadWith(ctx, inst, manifests.Options{Dir: contextDir, Workdir: dir, Env: copies.EnvAt(s, cmd)})
			if len(found.in.Files) == 0 && len(c.Sources) > 1 {
				found.inputsBeside(ctx, c, dir)
			}
			found.located = len(found.in.Files) > 0
			if found.located && c.Select(ctx).Files <= len(found.in.Files) {
				return c, found, false // the ignore file lets only the manifests through
			}
			if len(c.Sources) > 1 && readsAll(ctx, c, dir, found) {
				return c, found, false
			}
		}
		return c, found, true
	}
	return copies.Copy{}, install{}, false
}

// readsAll reports whether the install reads all that the sources of the copy put into its directory:
// each source may hold some of what it names.
func readsAll(ctx *files.Context, c copies.Copy, dir string, i install) bool {
	read := map[string]bool{}
	for _, contextDir := range sourceDirs(ctx, c, dir) {
		in := manifests.ReadWith(ctx, i.inst, manifests.Options{Dir: contextDir, Workdir: dir, Env: copies.EnvAt(i.run, i.cmd)})
		for _, p := range in.Files {
			if to, ok := c.Origin(ctx, path.Join(c.Dest, path.Base(p))); ok && to == p {
				read[p] = true
			}
		}
	}
	return c.Select(ctx).Files <= len(read)
}

// sourceDirs are the directories of the context from which the sources of the copy bring something to dir.
func sourceDirs(ctx *files.Context, c copies.Copy, dir string) []string {
	from := c.Directories(ctx, dir)
	for _, p := range c.Taken(ctx) {
		if e, ok := ctx.Lookup(p); ok && !e.Mode.IsDir() {
			from = append(from, path.Dir(p))
		}
	}
	return from
}

// inputsBeside looks for what the install reads in the other sources of the copy.
func (i *install) inputsBeside(ctx *files.Context, c copies.Copy, dir string) {
	for _, contextDir := range sourceDirs(ctx, c, dir) {
		in := manifests.ReadWith(ctx, i.inst, manifests.Options{Dir: contextDir, Workdir: dir, Env: copies.EnvAt(i.run, i.cmd)})
		if len(in.Files) > 0 {
			i.in, i.dir = in, contextDir
			return
		}
	}
}

// onlyLists reports whether the directory holds nothing but lists of requirements.
func onlyLists(ctx *files.Context, dir string) bool {
	if ctx == nil {
		return false
	}
	list := ctx.List(dir)
	return len(list) > 0 && !slices.ContainsFunc(list, func(e files.Entry) bool {
		ext := path.Ext(e.Path)
		return e.Mode.IsDir() || ext != ".txt" && ext != ".in"
	})
}

func reportCopyBeforeInstall(p *diagnostics.Pass, c copies.Copy, late []install) {
	what := "any file"
	if p.Context() != nil && !p.ContextDoubted() {
		what = anyOf(p.Context(), c.Select(p.Context()).Files)
	}
	plan := installFirst(p, c, late)
	m, why := plan.move, plan.why
	if m != nil && len(m.ignore) > 0 && p.Context().Commit {
		why = "the COPY would put " + m.hidden[0] + " of the commit over the new one: stop committing it, since a build from git applies no ignore file"
		m = nil
	}
	if m != nil && len(m.ignore) > 0 && len(p.IgnoreLines(m.ignore)) < len(m.ignore) {
		why = fmt.Sprintf("the COPY would put %s of the build context over the new one, and the ignore file or another step needs it", m.hidden[0])
		m = nil
	}
	more := ""
	if hiddenFrom(late) == "" {
		more = p.WeakerFor()
	}
	if why != "" {
		more += "; there is no quick fix, because " + why
	}
	if m != nil && len(m.ignore) > 0 && p.Context().Ignore == nil {
		more += "; first create a " + p.NewIgnoreFile(m.ignore) + ", or the moved COPY overwrites what " + words.Code(late[0].inst.Phrase) + " installs"
	}
	f := diagnostics.Finding{Step: c.Step, Span: diagnostics.Line(c.Step.Instr), Message: func(p *diagnostics.Pass) string {
		return "Changing " + what + " this COPY takes reruns " + reruns(p, late) + more
	}}
	for _, i := range late {
		f.Related = append(f.Related, diagnostics.Related{
			Step: i.run, Span: i.cmd.Span, Message: words.Code(i.inst.Phrase) + " reruns",
		})
	}
	if m != nil {
		f.Fixes = m.fix
	}
	p.Report(f)
}

// hiddenFrom says that the ignore file hides a manifest from one of the installs; "" if it does not.
func hiddenFrom(late []install) string {
	for _, i := range late {
		if i.in.Hidden != "" {
			return i.in.Why
		}
	}
	return ""
}

// reruns names the installs and their lines, each once.
func reruns(p *diagnostics.Pass, late []install) string {
	var runs []*stages.Step
	phrases := map[*stages.Step][]string{}
	for _, i := range late {
		if !slices.Contains(runs, i.run) {
			runs = append(runs, i.run)
		}
		if phrase := words.Code(i.inst.Phrase); !slices.Contains(phrases[i.run], phrase) {
			phrases[i.run] = append(phrases[i.run], phrase)
		}
	}
	var all []string
	and := " and "
	for _, run := range runs {
		all = append(all, fmt.Sprintf("%s (line %d)", strings.Join(phrases[run], " and "), p.Line(run)))
		if len(phrases[run]) > 1 {
			and = ", and "
		}
	}
	return strings.Join(all, and)
}

// anyOf is what changes, of the files that a copy or mount takes, as far as their number is known.
func anyOf(ctx *files.Context, n int) string {
	switch {
	case !ctx.Complete():
		return "any of the more than " + words.Count(n, "file")
	case n == 1:
		return "the file"
	}
	return "any of the " + words.Count(n, "file")
}

func keyword(c copies.Copy) string {
	return strings.Join(strings.Fields(c.Step.Instr.Name+" "+strings.Join(c.Sources, " ")), " ")
}
