package caching

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file is what expensive-below-volatile says of what can stand above a copy, and its edits.

func (l *lift) report(p *diagnostics.Pass) {
	first := l.runs[0]
	f := diagnostics.Finding{
		Step: first, Span: diagnostics.Line(first.Instr),
		Message: l.message(p),
		Fixes:   l.fix,
		Related: []diagnostics.Related{{Step: l.volatile, Span: diagnostics.Line(l.volatile.Instr), Message: "what changes"}},
	}
	for _, run := range l.runs[1:] {
		f.Related = append(f.Related, diagnostics.Related{Step: run, Span: diagnostics.Line(run.Instr), Message: "this reruns too"})
	}
	if l.what.cost < shell.Packages || len(l.doubts) > 0 || l.manifests || l.few(p) || l.fetched {
		f.Severity = diagnostics.Info
	}
	if l.manifests && !l.what.system {
		f.Severity = diagnostics.Hint // a tool is soon installed, and the packages of the project come anew as well
	}
	p.Report(f)
}

// few reports whether the copy takes hardly anything, so that it hardly ever changes.
func (l *lift) few(p *diagnostics.Pass) bool {
	return l.copy.Step != nil && p.Context() != nil && !p.ContextDoubted() && p.Context().Complete() && l.copy.Select(p.Context()).Files < 3
}

func (l *lift) message(p *diagnostics.Pass) func(*diagnostics.Pass) string {
	changing, of, files := "any file", "", 0
	if l.copy.Step != nil && p.Context() != nil && !p.ContextDoubted() {
		files = l.copy.Select(p.Context()).Files
		changing = anyOf(p.Context(), files)
	}
	if l.from != "" {
		of = " of " + l.from
	}
	return func(p *diagnostics.Pass) string {
		what := words.Code(l.what.phrase)
		reads, it, none := "reads ", "it", "none"
		what += andMore(len(l.runs) - 1)
		if len(l.runs) > 1 {
			reads, it = "read ", "them"
		}
		if len(l.first) > 0 {
			none = "only " + and(l.first)
		}
		reads += none + " of them"
		if files == 1 && len(l.first) == 0 {
			reads = words.For(len(l.runs), "does", "do") + " not read it"
		}
		advice := "move " + it + " above that line"
		if len(l.first) > 0 {
			advice += ", below a COPY of " + and(l.first)
		}
		if l.crossed != nil {
			advice += fmt.Sprintf(", and so above the RUN of line %d", p.Line(l.crossed))
		}
		if l.down != nil && l.down.rest != nil || l.halved {
			advice = "give " + it + " a RUN above that line, without the commands that need the files"
		}
		if l.fetched {
			return fmt.Sprintf("As soon as there is something newer at the address of line %d, the build fetches it and reruns %s, which %s; %s", p.Line(l.volatile), what, strings.Replace(reads, "none of them", "nothing of it", 1), advice)
		}
		return fmt.Sprintf("Changing %s%s that line %d copies reruns %s, which %s; %s", changing, of, p.Line(l.volatile), what, reads, advice)
	}
}

// fix moves the RUNs up, or the copy down.
func (l *lift) fix(p *diagnostics.Pass) []diagnostics.Fix {
	fix := diagnostics.Fix{Safety: diagnostics.Safe}
	change := p.Change()
	doubts := slices.Clone(l.doubts)
	if l.halved || !l.copyFirst(p, change) {
		return nil
	}
	if l.down != nil {
		m := *l.down // a copy of its own: it may be asked for again
		if p.Context() != nil && !p.ContextDoubted() {
			m.doubts = nil
			m.doubt(p)
			doubts = append(doubts, m.doubts...)
		}
		m.place(change)
		fix.Title = "Move " + words.Code(keyword(m.copy)) + " below " + words.Code("RUN "+l.what.phrase)
		if len(l.runs) > 1 {
			fix.Title += " and " + words.Count(len(l.runs)-1, "more step")
		}
		if m.rest != nil {
			fix.Title += ", and split the RUN"
		}
	} else {
		change.Move(rewrite.Above(l.volatile), l.moved...)
		fix.Title = "Move " + words.Code("RUN "+l.what.phrase)
		if len(l.moved) > 1 {
			fix.Title += " and " + words.Count(len(l.moved)-1, "more step")
		}
		fix.Title += " above " + words.Code(first(l.volatile))
	}
	if len(l.first) > 0 {
		fix.Title += ", and copy " + and(l.first) + " first"
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	fix.Edits = []diagnostics.FileEdit{edit}
	if l.fetched {
		fix.Safety = diagnostics.Suggested // what the address gives is not known
	}
	if len(doubts) > 0 {
		fix.Safety = diagnostics.Suggested
		fix.Title += " (check first: " + doubts[0] + ")"
	}
	return []diagnostics.Fix{fix}
}

// copyFirst copies the files that the RUNs need to where the copy stands, as the copy does.
func (l *lift) copyFirst(p *diagnostics.Pass, change *rewrite.Change) bool {
	if len(l.first) == 0 {
		return true
	}
	root, ok := l.copy.Delivers(l.copy.Dest)
	m := &move{copy: l.copy, source: root, files: l.first}
	if !ok || !plainName(l.copy.Raw) || m.setByBuild() != "" || slices.ContainsFunc(l.first, func(f string) bool { return !plainName(f) }) {
		return false
	}
	change.Insert(rewrite.Above(l.volatile), m.copiesOf(p.Escape(), l.first, l.copy.Raw)...)
	return true
}

// first is the first line of a step, for a title.
func first(s *stages.Step) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s.Instr.Body.Of(s.Instr.Text)), "\n")
	return words.Shorten(strings.TrimSpace(line), 40)
}
