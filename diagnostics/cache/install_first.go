package cache

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file plans the fix of copy-before-install: the copy moves below the install, and the files
// that the install reads are copied in its place. It is the copy that moves, not the install: COPY
// reads neither directory nor user nor shell, so whatever stands between the two stays in effect.

// move is a planned fix.
type move struct {
	copy     copies.Copy
	installs []install // those that end up above the copy
	keep     int       // end of the part of the RUN that stays above, relative to its instruction
	rest     int       // start of the part that goes below the copy; 0 if there is none
	files    []string  // to copy first, relative to the context
	source   string    // the directory of the context that the copy takes
	dest     string    // the moved copy's destination, if it must be rewritten
	ignore   []string  // install outputs in the context that the copy would put over the new ones
	doubts   []string  // why it is only a suggestion
}

// planInstallFirst plans the fix for the first of the installs below the copy. Without a plan, why
// says what stands in the way, if that is worth saying.
func planInstallFirst(p *diagnostics.Pass, c copies.Copy, late []install) (m *move, why string) {
	first := late[0]
	switch {
	case !first.located:
		return nil, ""
	case c.Step.Stage != p.Stage:
		return nil, "the COPY stands in another stage"
	case slices.Contains(systemDirs, c.Dest):
		return nil, "files copied to " + c.Dest + " may replace those that the install writes"
	case strings.ContainsAny(c.Raw, " \t\"'\\`"):
		return nil, "the name of the COPY's directory has characters that COPY treats specially"
	case first.in.Never:
		return nil, first.in.Why
	}
	m = &move{copy: c}
	if why := m.cross(p.Stage.Steps[c.Step.N+1 : first.run.N]); why != "" {
		return nil, why
	}
	if why := m.splitRun(late); why != "" {
		return nil, why
	}
	if why := m.gather(p); why != "" {
		return nil, why
	}
	m.doubt(p)
	return m, ""
}

// systemDirs are directories that installs write to, whatever they install.
var systemDirs = []string{
	"/", "/bin", "/etc", "/go", "/lib", "/sbin", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/lib",
	"/usr/sbin", "/usr/share", "/var", "/var/cache", "/var/lib",
}

// cross checks that the copy may move below the steps.
func (m *move) cross(between []*stages.Step) (why string) {
	for _, s := range between {
		switch cmd := s.Instr.Cmd().(type) {
		case *instructions.EnvCommand, *instructions.ArgCommand:
			if m.copy.Vars {
				return "the COPY uses variables, and one is set between it and the install"
			}
		case *instructions.WorkdirCommand:
			if path.IsAbs(m.copy.Text) {
				continue
			}
			if !m.copy.Step.Workdir.Known {
				return "the COPY's directory is set by the base image, and a WORKDIR follows"
			}
			m.dest = strings.TrimSuffix(m.copy.Dest, "/") + "/"
			if !plainName(m.dest) {
				return "the name of the COPY's directory has characters that COPY treats specially"
			}
		case *instructions.CopyCommand:
			if why := m.crossCopy(s, cmd.DestPath); why != "" {
				return why
			}
		case *instructions.AddCommand:
			if why := m.crossCopy(s, cmd.DestPath); why != "" {
				return why
			}
		case *instructions.RunCommand:
			script := shell.Of(s.Instr, s.Shell)
			if script.Partial || script.Unknown || !slices.ContainsFunc(script.Commands, isCommand) {
				return "a RUN between the COPY and the install may read the copied files"
			}
			for _, c := range script.Commands {
				if !m.harmless(s, c) {
					return "a RUN between the COPY and the install may read the copied files"
				}
			}
		case nil:
			return "a line between the COPY and the install has an error"
		}
	}
	return ""
}

func isCommand(c *shell.Command) bool { return c.Program != "" }

func (m *move) crossCopy(s *stages.Step, dest string) string {
	to := s.Expand(dest)
	abs := s.Join(to.Text)
	if !to.Known || abs.Known != m.copy.Step.Workdir.Known && !path.IsAbs(m.copy.Text) {
		return "another COPY between it and the install may write the same files"
	}
	other := abs.Text
	if !abs.Known {
		other = copies.Dir(s)
	}
	if m.copy.Overlaps(other) {
		return "another COPY between it and the install writes into the same directory"
	}
	return ""
}

// splitRun finds which part of the install's RUN needs no sources, and so can stay above the copy.
func (m *move) splitRun(late []install) (why string) {
	run := late[0].run
	script := shell.Of(run.Instr, run.Shell)
	if script.Partial || script.Unknown {
		return "the RUN cannot be read with certainty"
	}
	installs := map[*shell.Command]install{}
	for _, i := range late {
		if i.run == run {
			installs[i.cmd] = i
		}
	}
	stateful := false
	for n, cmd := range script.Commands {
		i, isInstall := installs[cmd]
		if isInstall && i.located && !i.in.Never {
			m.installs = append(m.installs, i)
			m.keep = cmd.Span.End
			continue
		}
		if !isInstall && cmd.Depth == 0 && !cmd.InSubst && m.harmless(run, cmd) {
			stateful = stateful || cmd.ChangesShell()
			m.keep = cmd.Span.End
			continue
		}
		// From here on the sources are needed.
		switch {
		case len(m.installs) == 0:
			return "the RUN does something with the copied files before it installs"
		case stateful:
			return "the RUN cannot be split: what follows the install depends on a cd, a set or a variable before it"
		case len(run.Instr.Heredocs) > 0:
			return "the RUN is a script that would have to be split"
		}
		for _, later := range script.Commands[n:] {
			if later.Depth == 0 && later.Op != "&&" {
				return "the RUN cannot be split where its commands are not joined with &&"
			}
		}
		if cmd.Depth != 0 || cmd.InSubst {
			return "the RUN cannot be split inside a group or a condition"
		}
		m.rest = cmd.Span.Start
		return ""
	}
	return ""
}

// gather collects the files to copy first and the outputs that the moved copy would clobber.
func (m *move) gather(p *diagnostics.Pass) (why string) {
	for _, i := range m.installs {
		root, ok := m.copy.Delivers(m.copy.Dest)
		if !ok {
			return "the COPY takes single files"
		}
		m.source = root
		if i.in.OutputIsLink != "" {
			return i.in.OutputIsLink + " is a link in the build context, which COPY cannot put over a directory"
		}
		for _, f := range i.in.Files {
			if _, inside := relative(root, f); inside && !slices.Contains(m.files, f) && !m.deliveredBefore(p, f) {
				m.files = append(m.files, f)
			}
			if _, ok := copies.Operands('\\', []string{f}, "."); !ok {
				return fmt.Sprintf("the name of %q has characters that COPY treats specially", f)
			}
		}
		for _, out := range i.in.Outputs {
			e, exists := p.Context().Lookup(out)
			if _, inside := relative(root, out); !exists || e.Ignored || !inside || !e.Mode.IsDir() {
				continue
			}
			if !i.inst.CleansOutput {
				m.doubts = append(m.doubts, "the build context has a "+out+" of its own, which the image would no longer hold")
			} else if e.Mode.Perm() != 0o755 || m.copy.Chown != "" || m.copy.Chmod != "" {
				m.doubts = append(m.doubts, i.inst.Phrase+" empties "+out+", but leaves it the owner and the permissions that the COPY gives it")
			}
			if pattern := outputPattern(p.Context(), i, out); !slices.Contains(m.ignore, pattern) {
				m.ignore = append(m.ignore, pattern)
			}
		}
	}
	return ""
}

// plainName reports whether the name can stand in an instruction as it is.
func plainName(name string) bool { return !strings.ContainsAny(name, " \t\"'$\\`*?[]\n\r") }

// inputDoubts are the reasons for which the list of what the installs read may not be complete.
func inputDoubts(installs []install) (doubts []string) {
	for _, i := range installs {
		if !i.in.Proven {
			doubts = append(doubts, i.in.Why)
		}
		i.run.Vars.All(func(v *stages.Scope) bool {
			if manifests.Redirects(v.Name, v.Value.Text) || !v.Value.Known && manifests.RedirectsInputs(v.Name) {
				doubts = append(doubts, v.Name+" may name further files that "+i.inst.Phrase+" reads")
			}
			return true
		})
	}
	return doubts
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
		if !ok || !slices.Contains(c.Sources, file) {
			continue
		}
		if c.Dest == want || c.IsDir && path.Join(c.Dest, path.Base(file)) == want {
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

// doubt collects the reasons for which the fix is only a suggestion.
func (m *move) doubt(p *diagnostics.Pass) {
	m.doubts = append(m.doubts, inputDoubts(m.installs)...)
	m.doubtOutputs(p)
	if len(m.copy.Exclude) > 0 {
		m.doubts = append(m.doubts, "the COPY excludes files")
	}
	if !p.Context().Complete() {
		m.doubts = append(m.doubts, "the build context is too large to be looked through")
	}
	for _, s := range p.See(watchesKey{}, watches) {
		if doubt, ok := s.What.(string); ok && s.N > m.copy.Step.N {
			m.doubts = append(m.doubts, doubt)
		}
	}
}

// doubtOutputs looks for directories of the context that stand where variables, or the user's home
// directory, make the installs put something.
func (m *move) doubtOutputs(p *diagnostics.Pass) {
	for _, i := range m.installs {
		i.run.Vars.All(func(v *stages.Scope) bool {
			if !manifests.NamesOutput(v.Name) {
				return true
			}
			if !v.Value.Known {
				m.doubts = append(m.doubts, i.inst.Phrase+" may write to a copied directory: the value of "+v.Name+" is not known")
				return true
			}
			dir := v.Value.Text
			if !path.IsAbs(dir) {
				dir = path.Join(copies.Dir(i.run), dir)
			}
			from, inside := m.copy.Delivers(path.Clean(dir))
			if !inside || from == m.source || !m.delivers(p, from) {
				return true
			}
			m.doubts = append(m.doubts, i.inst.Phrase+" may write to "+v.Value.Text+" ("+v.Name+"), which the build context has, too")
			return true
		})
	}
	if path.Dir(m.copy.Dest) != "/home" && m.copy.Dest != "/root" {
		return
	}
	for _, name := range []string{".bundle", ".cache", ".cargo", ".composer", ".config", ".gem", ".gradle", ".hex", ".local", ".m2", ".mix", ".npm", ".nuget", ".pub-cache", ".yarn"} {
		if from := path.Join(m.source, name); m.delivers(p, from) {
			m.doubts = append(m.doubts, m.copy.Dest+" is a home directory, and the build context has a "+from+" of its own")
		}
	}
}

// delivers reports whether the copy delivers the path of the context.
func (m *move) delivers(p *diagnostics.Pass, from string) bool {
	e, ok := p.Context().Lookup(from)
	return ok && !e.Ignored
}

// fix makes the edits, for the places that the pass knows.
func (m *move) fix(p *diagnostics.Pass) []diagnostics.Fix {
	in := m.copy.Step.Instr
	nl := newline(in.Text)
	start := in.Block().Start
	first := strings.Join(m.firstCopies(p.Escape()), nl)
	block := in.Text[start:in.Body.Start] + m.movedCopy()

	run := m.installs[0].run
	cut := text.Span{Start: start, End: in.Body.End}
	if first == "" {
		cut.End = in.Block().End
	}
	edits := []text.Edit{p.At(m.copy.Step, cut, first)}
	if m.rest > 0 {
		gap := text.Span{Start: m.keep, End: m.rest}
		between := nl + block + nl + commentsIn(run.Instr, gap) + run.Instr.Text[run.Instr.Keyword.Start:run.Instr.Args.Start]
		edits = append(edits, p.At(run, gap, between))
	} else {
		end := text.Span{Start: run.Instr.Body.End, End: run.Instr.Body.End}
		edits = append(edits, p.At(run, end, nl+block))
	}

	fix := diagnostics.Fix{Title: m.title(), Safety: diagnostics.Safe}
	fix.Edits = append(fix.Edits, diagnostics.Edit(edits...))
	if len(m.ignore) > 0 {
		fix.Edits = append(fix.Edits, p.IgnoreEdit(m.ignore))
	}
	doubts := m.doubts
	for _, child := range p.Stages() {
		if child != p.Stage && slices.Contains(child.Chain(), p.Stage) {
			doubts = append(doubts[:len(doubts):len(doubts)], watchers(child.Steps)...)
		}
	}
	if len(doubts) > 0 {
		fix.Safety = diagnostics.Suggested
		fix.Title += " (check first: " + doubts[0] + ")"
	}
	return []diagnostics.Fix{fix}
}

func (m *move) title() string {
	to := "RUN " + m.installs[0].inst.Phrase
	var title string
	switch n := len(m.files); {
	case n == 0:
		title = "Move " + keyword(m.copy) + " below " + to
	case n <= 3:
		title = "Move COPY " + strings.Join(m.files, " ") + " above " + to
	default:
		title = "Move COPY " + m.files[0] + " and " + count(n-1, "more file") + " above " + to
	}
	if len(m.ignore) > 0 {
		title += ", and ignore " + strings.TrimPrefix(m.ignore[0], "**/")
	}
	return title
}

// firstCopies are the instructions that copy the install's files: one for each directory.
func (m *move) firstCopies(escape byte) []string {
	byDir := map[string][]string{}
	var dirs []string
	for _, f := range m.files {
		rel, _ := relative(m.source, f)
		dir := path.Dir(rel)
		if byDir[dir] == nil {
			dirs = append(dirs, dir)
		}
		byDir[dir] = append(byDir[dir], f)
	}
	sort.SliceStable(dirs, func(i, j int) bool { return dirs[i] == "." && dirs[j] != "." })
	word := "COPY"
	if in := m.copy.Step.Instr; in.Keyword.Of(in.Text) == strings.ToLower(in.Name) {
		word = "copy"
	}
	var lines []string
	for _, dir := range dirs {
		line := word
		for _, flag := range m.copy.Step.Instr.Flags {
			if name := flag.Name.Of(m.copy.Step.Instr.Text); name == "chown" || name == "chmod" || name == "link" {
				line += " " + flag.Span.Of(m.copy.Step.Instr.Text)
			}
		}
		operands, _ := copies.Operands(escape, byDir[dir], m.destination(escape, dir)) // gather has tried each name
		lines = append(lines, line+" "+operands)
	}
	return lines
}

// destination is the copy's destination as its author spelled it, for files in a directory below.
func (m *move) destination(escape byte, dir string) string {
	base := m.copy.Raw
	if !strings.HasSuffix(base, "/") {
		base += "/"
	}
	if dir == "." {
		return base
	}
	return base + copies.Word(escape, dir) + "/"
}

// movedCopy is the instruction's text, with its destination rewritten if a WORKDIR stands between.
func (m *move) movedCopy() string {
	in := m.copy.Step.Instr
	if m.dest == "" || len(in.Words) == 0 {
		return in.Body.Of(in.Text)
	}
	last := in.Words[len(in.Words)-1].Span
	to := m.dest
	if in.JSON {
		to = `"` + to + `"`
	}
	return in.Text[in.Body.Start:last.Start] + to + in.Text[last.End:in.Body.End]
}
