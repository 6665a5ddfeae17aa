package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var depsCopyTooWide = &diagnostics.Rule{
	Name:     "deps-copy-too-wide",
	Code:     "C03",
	Severity: diagnostics.Info,
	Stage:    checkDepsCopyTooWide,
}

// checkDepsCopyTooWide looks for COPY manifest other…; RUN install, where the install surely does not read the
// other files: a COPY below brings them anyway, or may.
func checkDepsCopyTooWide(p *diagnostics.Pass) {
	if p.Context() == nil || p.ContextDoubted() {
		return
	}
	steps := p.Stage.Steps
	for _, copied := range p.See(copyKey{}, isContextCopy) {
		n := copied.N
		c, ok := copies.Of(steps[n])
		if !ok || len(c.Sources) < 2 || !c.IsDir || c.Parents || len(c.Exclude) > 0 || c.Broad(p.Context()) {
			continue
		}
		run := firstRun(steps[n+1:])
		if run == nil {
			continue
		}
		inst := onlyInstall(run)
		if inst == nil || copies.WorkingDir(run, inst.Command, inst) != c.Dest {
			continue
		}
		dir := path.Dir(c.Sources[0])
		in := manifests.ReadWith(p.Context(), inst, manifests.Options{Dir: dir, Workdir: c.Dest, Env: copies.EnvAt(run, inst.Command)})
		if !in.Proven || in.Never || !slices.ContainsFunc(c.Sources, func(s string) bool { return delivers(s, in.Files) }) {
			continue
		}
		again, alone := c.Sources[:0:0], c.Sources[:0:0]
		for _, source := range c.Sources {
			switch {
			case readsSource(p.Context(), in, source):
			case copiedLater(p, run.N+1, c, source):
				again = append(again, source)
			default:
				alone = append(alone, source)
			}
		}
		known := moves.Install{Inputs: in, Dir: dir}
		if len(again) > 0 && mayComeBelow(p, c, run, known, inst, again) {
			reportAgain(p, c, run, inst, again)
		}
		if len(alone) > 0 && mayComeBelow(p, c, run, known, inst, alone) {
			reportAlone(p, c, run, inst, alone)
		}
	}
}

// firstRun is the first of the steps that is a RUN, if none above it makes a layer or changes the directory.
func firstRun(steps []*stages.Step) *stages.Step {
	for _, s := range steps {
		switch {
		case s.Instr.Name == "RUN":
			return s
		case s.MakesLayer() || s.Instr.Name == "WORKDIR" || s.Instr.Name == "SHELL":
			return nil
		}
	}
	return nil
}

// mayComeBelow reports whether sources of a COPY may surely come below the RUN of an install: a file that it may
// follow is not surely unread.
func mayComeBelow(p *diagnostics.Pass, c copies.Copy, run *stages.Step, known moves.Install, inst *shell.Install, sources []string) bool {
	c.Sources = sources
	c.Sources = c.Taken(p.Context()) // without wildcards
	var over []moves.Part
	for _, s := range p.Stage.Steps[c.Step.N+1 : run.N+1] {
		over = append(over, moves.Part{Step: s, Installs: map[*shell.Command]moves.Install{inst.Command: known}})
	}
	return moves.Judge{Context: p.Context()}.CopyBelow(moves.Moved{Copy: c}, over).Answer == moves.Safe
}

// reportAgain reports sources that the install does not read, and that a COPY below takes too.
func reportAgain(p *diagnostics.Pass, c copies.Copy, run *stages.Step, inst *shell.Install, extra []string) {
	again := later(p, run.N+1, c, extra[0])
	p.Report(diagnostics.Finding{
		Step: c.Step, Span: sourceSpan(c, extra[0]),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Changing %s reruns %s (line %d), which does not read %s; line %d copies %[4]s anyway",
				anyOfThese(extra), words.Code(inst.Phrase), p.Line(run), words.For(len(extra), "it", "them"), p.Line(again))
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			if !dropSources(change, c, extra) {
				return nil
			}
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{
				Title: "Remove " + and(extra) + " here: a COPY below takes " + words.For(len(extra), "it", "them") + " anyway", Safety: diagnostics.Safe,
				Edits: []diagnostics.FileEdit{edit},
			}}
		},
	})
}

// reportAlone reports sources that the install does not read, and that nothing below brings: they need a COPY of
// their own below it.
func reportAlone(p *diagnostics.Pass, c copies.Copy, run *stages.Step, inst *shell.Install, extra []string) {
	p.Report(diagnostics.Finding{
		Step: c.Step, Span: sourceSpan(c, extra[0]),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Changing %s reruns %s (line %d), which does not read %s; copy %[4]s below the install",
				anyOfThese(extra), words.Code(inst.Phrase), p.Line(run), words.For(len(extra), "it", "them"))
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			line, ok := copyOf(c, extra)
			if !ok || !dropSources(change, c, extra) {
				return nil
			}
			change.Insert(rewrite.Below(run), line)
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{
				Title: "Move " + words.Code("COPY "+strings.Join(extra, " ")) + " below " + words.Code("RUN "+inst.Phrase), Safety: diagnostics.Safe,
				Edits: []diagnostics.FileEdit{edit},
			}}
		},
	})
}

// anyOfThese are the sources, in a sentence about any of them.
func anyOfThese(sources []string) string {
	list := slices.Clone(sources)
	for i, source := range list {
		if strings.ContainsAny(source, "*?[") {
			list[i] = "any " + source
		}
	}
	return strings.Join(list, " or ")
}

// copyOf is a COPY of some of the sources, with the flags and the destination as they are written.
func copyOf(c copies.Copy, sources []string) (line string, ok bool) {
	in := c.Step.Instr
	if in.JSON || len(in.Heredocs) > 0 || len(in.Words) < 2 {
		return "", false
	}
	parts := []string{in.Keyword.Of(in.Text)}
	for _, f := range in.Flags {
		parts = append(parts, f.Span.Of(in.Text))
	}
	for i, w := range in.Words {
		if i+1 == len(in.Words) || slices.Contains(sources, sourceOf(w)) {
			parts = append(parts, w.Span.Of(in.Text))
		}
	}
	return strings.Join(parts, " "), true
}

// sourceOf is a word of a COPY as a path of the context.
func sourceOf(w syntax.Word) string { return strings.TrimPrefix(path.Clean("/"+w.Text), "/") }

type copyKey struct{}

// isContextCopy is true for a step that copies from the build context, or nil.
func isContextCopy(s *stages.Step) any {
	if _, ok := copies.Of(s); ok {
		return true
	}
	return nil
}

// onlyInstall is the RUN's install, if it does nothing else that reads files; otherwise nil.
func onlyInstall(run *stages.Step) (only *shell.Install) {
	script := shell.Of(run.Instr, run.Shell)
	if script.Partial || script.Unknown {
		return nil
	}
	for _, c := range script.Commands {
		inst, ok := c.Install()
		switch {
		case ok && inst.DepsOnly && only == nil:
			only = inst
		case !moves.LeavesAlone(run, c, copies.Dir(run)):
			return nil
		}
	}
	return only
}

// delivers reports whether the source is one of the files, or a wildcard that matches one.
func delivers(source string, files []string) bool {
	return slices.ContainsFunc(files, func(f string) bool {
		ok, err := path.Match(source, f)
		return f == source || err == nil && ok
	})
}

// readsSource reports whether the source is, holds, or may match something that the install reads. A folder, and
// what is not there, count as read.
func readsSource(bc *files.Context, in manifests.Inputs, source string) bool {
	taken := copies.Copy{Sources: []string{source}}.Taken(bc)
	if strings.ContainsAny(source, "*?[") && !plainExtension(source) {
		return true
	}
	for _, name := range taken {
		if e, ok := bc.Lookup(name); !ok || e.Mode.IsDir() || slices.ContainsFunc(slices.Concat(in.Files, in.Folders), func(f string) bool {
			return f == name || strings.HasPrefix(name, f+"/")
		}) {
			return true
		}
	}
	return len(taken) == 0
}

// plainExtension reports whether all that a wildcard matches is of one kind: *.go.
func plainExtension(pattern string) bool {
	ext := path.Ext(pattern)
	return len(ext) > 1 && !strings.ContainsAny(ext, "*?[")
}

// copiedLater reports whether what the source takes is copied again below.
func copiedLater(p *diagnostics.Pass, from int, c copies.Copy, source string) bool {
	return later(p, from, c, source) != nil
}

// later is the step, among those that follow the install directly, that copies the source to the
// same place; nil if a step that may need it comes first.
func later(p *diagnostics.Pass, from int, c copies.Copy, source string) *stages.Step {
	if strings.ContainsAny(source, "*?[") {
		source = path.Join(path.Dir(source), "x") // whatever the wildcard matches
	} else if info, ok := p.Context().Lookup(source); !ok || info.Mode.IsDir() {
		return nil // COPY of a directory copies its contents: the places differ
	}
	for _, s := range p.Stage.Steps[from:] {
		next, ok := copies.Of(s)
		if ok {
			dir, delivers := next.Delivers(c.Dest)
			from, brings := next.Origin(p.Context(), path.Join(c.Dest, path.Base(source)))
			if (delivers && path.Join(dir, path.Base(source)) == source || brings && from == source) && len(next.Exclude) == 0 && next.Chown == c.Chown && next.Chmod == c.Chmod {
				return s
			}
		}
		if s.MakesLayer() && s.Instr.Name != "COPY" {
			return nil
		}
	}
	return nil
}

func sourceSpan(c copies.Copy, source string) text.Span {
	in := c.Step.Instr
	for _, w := range in.Words {
		if sourceOf(w) == source {
			return w.Span
		}
	}
	return diagnostics.Line(in)
}

// dropSources removes words from the COPY. ok says that each of them is written as it is.
func dropSources(change *rewrite.Change, c copies.Copy, sources []string) (ok bool) {
	in, dropped := c.Step.Instr, 0
	for i, w := range in.Words {
		if i+1 < len(in.Words) && slices.Contains(sources, sourceOf(w)) {
			change.ReplaceWord(c.Step, text.Span{Start: w.Span.Start, End: in.Words[i+1].Span.Start}, "")
			dropped++
		}
	}
	return dropped >= len(sources)
}
