package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file is the part of copy-before-install about sources that are mounted, not copied: a RUN with
// a bind mount of the context runs again when any file of it changes, so an install should mount its
// manifests only.

// contextMount is a bind mount of a directory of the build context.
type contextMount struct {
	*instructions.Mount
	flag   *syntax.Flag
	target string // absolute, or in the form of copies.Dir
	source string // in the context's terms
}

// contextMounts are the RUN's bind mounts from the build context.
func contextMounts(s *stages.Step) (mounts []contextMount) {
	all, err := s.Mounts()
	if err != nil {
		return nil
	}
	for i := range s.Instr.Flags {
		f := &s.Instr.Flags[i]
		if f.Name.Of(s.Instr.Text) != "mount" || len(all) == 0 {
			continue
		}
		m := all[0]
		all = all[1:]
		if m.Type != instructions.MountTypeBind || m.From != "" {
			continue
		}
		to := m.Target
		if !path.IsAbs(to) {
			to = path.Join(copies.Dir(s), to)
		}
		source := strings.TrimPrefix(path.Clean("/"+m.Source), "/")
		if source == "" {
			source = "."
		}
		mounts = append(mounts, contextMount{m, f, path.Clean(to), source})
	}
	return mounts
}

// checkMounted reports an install that has more of the context mounted than it reads. A RUN that also
// does something else needs the sources.
func checkMounted(p *diagnostics.Pass, s *stages.Step) {
	mounts := contextMounts(s)
	if len(mounts) == 0 || s.Stage != p.Stage {
		return
	}
	script := shell.Of(s.Instr, s.Shell)
	if script.Partial || script.Unknown {
		return
	}
	var found []install
	var mount contextMount
	for _, cmd := range script.Commands {
		inst, ok := cmd.Install()
		if !ok && !slices.ContainsFunc(mounts, func(m contextMount) bool { return !moves.LeavesAlone(s, cmd, m.target) }) {
			continue
		}
		if !ok || !inst.DepsOnly {
			return
		}
		dir := copies.WorkingDir(s, cmd, inst)
		n := slices.IndexFunc(mounts, func(m contextMount) bool { return m.target == dir || strings.HasPrefix(dir, m.target+"/") })
		if n < 0 || len(found) > 0 && mounts[n] != mount {
			return
		}
		mount = mounts[n]
		i := install{run: s, cmd: cmd, inst: inst, dir: path.Join(mount.source, strings.TrimPrefix(dir, mount.target))}
		if p.Context() != nil {
			i.in = manifests.ReadWith(p.Context(), inst, manifests.Options{Dir: i.dir, Workdir: dir, Env: copies.EnvAt(s, cmd)})
			i.located = len(i.in.Files) > 0 && !p.ContextDoubted()
		}
		found = append(found, i)
	}
	if len(found) > 0 {
		reportMounted(p, s, mount, found)
	}
}

func reportMounted(p *diagnostics.Pass, s *stages.Step, m contextMount, found []install) {
	what := "any file"
	var read []string
	for _, i := range found {
		for _, f := range i.in.Files {
			if !slices.Contains(read, f) {
				read = append(read, f)
			}
		}
	}
	located := !slices.ContainsFunc(found, func(i install) bool { return !i.located })
	if located {
		sel := p.Context().Select([]string{m.source}, nil)
		if sel.Files <= len(read) {
			return // the ignore file lets only the manifests through
		}
		what = anyOf(p.Context(), sel.Files)
	}
	weaker := p.WeakerFor()
	if why := hiddenFrom(found); why != "" {
		weaker = "; there is no quick fix, because " + why
	}
	f := diagnostics.Finding{Step: s, Span: m.flag.Span, Message: func(p *diagnostics.Pass) string {
		return "Changing " + what + " this mount shows reruns " + reruns(p, found) + weaker
	}}
	if located && hiddenFrom(found) == "" && m.ReadOnly && !slices.ContainsFunc(found, func(i install) bool { return i.in.Never }) {
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return mountOnly(p, s, m, found, read) }
	}
	p.Report(f)
}

// maxMounts is how many mounts a reader of the file would still put up with.
const maxMounts = 12

// mountOnly replaces the mount by one for each file that the install reads. The layer stays the same:
// BuildKit makes an empty file, and the directories above it, where a target does not exist, and removes
// them after the command (executor.MountStubsCleaner; LLB asks for it in every RUN). Seen on BuildKit 0.34.
func mountOnly(p *diagnostics.Pass, s *stages.Step, m contextMount, found []install, read []string) []diagnostics.Fix {
	var flags []string
	for _, file := range read {
		rel, ok := relative(m.source, file)
		if !ok || !plainName(file) || strings.Contains(file, ",") || len(read) > maxMounts {
			return nil
		}
		flags = append(flags, "--mount=type=bind,source="+file+",target="+path.Join(m.Target, rel))
	}
	change := p.Change()
	change.ReplaceFlag(s, *m.flag, strings.Join(flags, separator(s.Instr, m.flag)))
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	fix := diagnostics.Fix{
		Title: "Mount only " + and(read) + " for the install", Safety: diagnostics.Safe,
		Edits: []diagnostics.FileEdit{edit},
	}
	if doubts := inputDoubts(found); len(doubts) > 0 {
		fix.Safety = diagnostics.Suggested
		fix.Title += " (check first: " + doubts[0] + ")"
	}
	return []diagnostics.Fix{fix}
}

// separator is what stands between the flag and what follows it: the file's own way of breaking lines.
func separator(in *syntax.Instruction, f *syntax.Flag) string {
	end := f.Span.End
	rest := in.Text[end:]
	word := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune(" \t\r\n\\`", r) })
	if word > 0 && strings.Contains(rest[:word], "\n") {
		return rest[:word]
	}
	return " "
}
