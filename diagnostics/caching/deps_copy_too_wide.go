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
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var depsCopyTooWide = &diagnostics.Rule{
	Name:     "deps-copy-too-wide",
	Code:     "C03",
	Severity: diagnostics.Info,
	Stage:    checkDepsCopyTooWide,
}

// checkDepsCopyTooWide looks for COPY manifest other…; RUN install; COPY . ., where the install
// surely does not read the other files.
func checkDepsCopyTooWide(p *diagnostics.Pass) {
	if p.Context() == nil || p.ContextDoubted() {
		return
	}
	steps := p.Stage.Steps
	for _, copied := range p.See(copyKey{}, func(s *stages.Step) any {
		if _, ok := copies.Of(s); ok {
			return true
		}
		return nil
	}) {
		n := copied.N
		if n+1 == len(steps) || steps[n+1].Instr.Name != "RUN" {
			continue
		}
		c, ok := copies.Of(steps[n])
		if !ok || len(c.Sources) < 2 || !c.IsDir || c.Parents {
			continue
		}
		run := steps[n+1]
		inst := onlyInstall(run)
		if inst == nil || copies.WorkingDir(run, inst.Command, inst) != c.Dest {
			continue
		}
		in := manifests.ReadWith(p.Context(), inst, manifests.Options{Dir: path.Dir(c.Sources[0]), Workdir: c.Dest, Env: copies.Env(run)})
		if !in.Proven || in.Never || !slices.ContainsFunc(c.Sources, func(s string) bool { return delivers(s, in.Files) }) {
			continue
		}
		extra := c.Sources[:0:0]
		for _, source := range c.Sources {
			if !reads(in, source) && p.Context().Exists(source) && copiedLater(p, n+2, c, source) {
				extra = append(extra, source)
			}
		}
		if len(extra) == 0 {
			continue
		}
		again := later(p, n+2, c, extra[0])
		p.Report(diagnostics.Finding{
			Step: c.Step, Span: sourceSpan(c, extra[0]),
			Message: func(p *diagnostics.Pass) string {
				return fmt.Sprintf("Changing %s reruns %s (line %d), which does not read %s; line %d copies %[4]s anyway",
					strings.Join(extra, " or "), words.Code(inst.Phrase), p.Line(run), words.For(len(extra), "it", "them"), p.Line(again))
			},
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				edit, ok := dropSources(p, c, extra)
				if !ok {
					return nil
				}
				return []diagnostics.Fix{{
					Title: "Remove " + and(extra) + " here: a COPY below takes " + words.For(len(extra), "it", "them") + " anyway", Safety: diagnostics.Safe,
					Edits: []diagnostics.FileEdit{edit},
				}}
			},
		})
	}
}

type copyKey struct{}

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

// reads reports whether the source is, holds, or may match something that the install reads.
func reads(in manifests.Inputs, source string) bool {
	if strings.ContainsAny(source, "*?[") {
		return true
	}
	return slices.ContainsFunc(in.Files, func(f string) bool {
		return f == source || strings.HasPrefix(f, source+"/")
	})
}

func copiedLater(p *diagnostics.Pass, from int, c copies.Copy, source string) bool {
	return later(p, from, c, source) != nil
}

// later is the step, among those that follow the install directly, that copies the source to the
// same place; nil if a step that may need it comes first.
func later(p *diagnostics.Pass, from int, c copies.Copy, source string) *stages.Step {
	info, ok := p.Context().Lookup(source)
	if !ok || info.Mode.IsDir() {
		return nil // COPY of a directory copies its contents: the places differ
	}
	for _, s := range p.Stage.Steps[from:] {
		next, ok := copies.Of(s)
		if ok {
			dir, delivers := next.Delivers(c.Dest)
			if delivers && path.Join(dir, path.Base(source)) == source && len(next.Exclude) == 0 && next.Chown == c.Chown && next.Chmod == c.Chmod {
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
		if strings.TrimPrefix(path.Clean("/"+w.Text), "/") == source {
			return w.Span
		}
	}
	return diagnostics.Line(in)
}

// dropSources removes words from the COPY. ok says that each of them is written as it is.
func dropSources(p *diagnostics.Pass, c copies.Copy, sources []string) (edit diagnostics.FileEdit, ok bool) {
	in := c.Step.Instr
	change, dropped := p.Change(), 0
	for i, w := range in.Words {
		if i+1 < len(in.Words) && slices.Contains(sources, strings.TrimPrefix(path.Clean("/"+w.Text), "/")) {
			change.ReplaceWord(c.Step, text.Span{Start: w.Span.Start, End: in.Words[i+1].Span.Start}, "")
			dropped++
		}
	}
	edit, err := change.Edit()
	return edit, err == nil && dropped >= len(sources)
}
