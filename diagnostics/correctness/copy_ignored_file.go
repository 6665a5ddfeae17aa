package correctness

import (
	"path"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var copyIgnoredFile = &diagnostics.Rule{
	Name:     "copy-ignored-file",
	Severity: diagnostics.Warning,
	BuildKit: []string{"CopyIgnoredFile"},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		sources := copies.Sources(s)
		if len(sources) == 0 {
			return
		}
		bc := p.Context()
		if bc == nil || bc.Ignore == nil || bc.Commit || p.ContextDoubted() {
			return
		}
		for _, source := range sources {
			if isHidden(bc, source) {
				reportHidden(p, s, source)
			}
		}
	},
}

// isHidden reports whether the ignore file leaves nothing of what a COPY names.
func isHidden(bc *files.Context, source string) bool {
	if bc.Select([]string{source}, nil).Files > 0 || bc.Exists(source) && source != "." {
		return false
	}
	if strings.ContainsAny(source, "*?[") {
		return hidesMatches(bc, source)
	}
	if source == "." {
		return bc.Len() > 0 && bc.Complete()
	}
	if !bc.Ignored(source) {
		return false
	}
	if _, there := bc.Lookup(source); there {
		return true
	}
	// It is not there yet, or in a folder that is ignored, whose files are not listed.
	return !strings.Contains(bc.Ignore.Source, "!")
}

// hidesMatches reports whether there is something that a pattern matches, and all of it is ignored.
func hidesMatches(bc *files.Context, pattern string) bool {
	dir, base := path.Split(pattern)
	if strings.ContainsAny(dir, "*?[") {
		return false
	}
	hidden := 0
	for _, e := range bc.List(path.Clean(dir)) {
		if ok, _ := path.Match(base, path.Base(e.Path)); ok {
			if !e.Ignored {
				return false
			}
			hidden++
		}
	}
	return hidden > 0
}

func reportHidden(p *diagnostics.Pass, s *stages.Step, source string) {
	span := diagnostics.Line(s.Instr)
	for _, w := range s.Instr.Words {
		if v := s.Expand(w.Text); v.Known && files.Rooted(v.Text) == source {
			span = w.Span
			break
		}
	}
	ignore := p.Context().Ignore.Path
	message := ignore + " hides " + source + ": the build does not find it, and fails; take it out there, or add the line " + words.Code("!"+source)
	if strings.ContainsAny(source, "*?[") || source == "." {
		message = ignore + " hides all that " + words.Code(source) + " names: nothing is copied; let a line that begins with ! bring back what is needed"
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: span, Message: diagnostics.Plain(message),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if strings.ContainsAny(source, "*?[\\") || source == "." {
				return nil
			}
			return []diagnostics.Fix{{Title: "Add " + words.Code("!"+source) + " to " + ignore, Edits: []diagnostics.FileEdit{p.IgnoreEdit([]string{"!" + source})}}}
		},
	})
}
