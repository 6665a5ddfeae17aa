package caching

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file writes what install_first.go has planned: the edits of the fix, and its title.

// fix makes the edits, for the places that the pass knows.
func (m *move) fix(p *diagnostics.Pass) []diagnostics.Fix {
	change := p.Change()
	if first := m.copiesOf(p.Escape(), m.files, m.copy.Raw); len(first) > 0 {
		change.Insert(rewrite.Above(m.copy.Step), first...)
	}
	for _, g := range m.later {
		dest := m.copy.Raw
		if g.dest != "" {
			dest = g.dest
		}
		if lines := m.copiesOf(p.Escape(), g.files, dest); len(lines) > 0 {
			change.Insert(rewrite.Above(g.run), lines...)
		}
	}
	m.place(change)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	fix := diagnostics.Fix{Title: m.title(), Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit}}
	doubts := m.doubts
	if len(m.ignore) > 0 {
		fix.Edits = append(fix.Edits, p.IgnoreEdit(m.ignore))
		if s := m.takesHidden(p); s != nil {
			doubts = append(doubts[:len(doubts):len(doubts)], fmt.Sprintf("line %d copies %s of the build context too", p.Line(s), m.hidden[0]))
		}
		if other, what := otherTakes(p, m.ignore); other != "" {
			doubts = append(doubts[:len(doubts):len(doubts)], other+" copies "+what+" of the build context too")
		}
	}
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

// place moves the copy, and those that go along, to its new place.
func (m *move) place(change *rewrite.Change) {
	in := m.copy.Step.Instr
	if m.dest != "" && len(in.Words) > 0 {
		to := m.dest
		if in.JSON {
			to = `"` + to + `"`
		}
		change.ReplaceWord(m.copy.Step, in.Words[len(in.Words)-1].Span, to)
	}
	place := rewrite.Below(m.run)
	if m.rest != nil {
		place = rewrite.Before(m.run, m.rest, m.again...)
	}
	steps := []*stages.Step{m.copy.Step}
	for _, c := range m.with {
		steps = append(steps, c.Step)
	}
	change.Move(place, steps...)
}

// takesHidden is a step of any stage, other than the copy, that takes outputs which the ignore file will hide.
func (m *move) takesHidden(p *diagnostics.Pass) *stages.Step {
	for _, stage := range p.Stages() {
		for _, s := range stage.Steps {
			sources := copies.ContextMounts(s)
			if c, ok := copies.Of(s); ok && s != m.copy.Step {
				sources = c.Taken(p.Context())
			}
			for _, out := range m.hidden {
				if slices.ContainsFunc(sources, func(source string) bool { _, inside := relative(source, out); return inside || source == out }) {
					return s
				}
			}
		}
	}
	return nil
}

func (m *move) title() string {
	to := words.Code("RUN " + m.installs[0].inst.Phrase)
	var title string
	files := m.first()
	switch n := len(files); {
	case n == 0 && len(m.with) > 0:
		title = "Move " + words.Code(keyword(m.copy)) + " and " + fmt.Sprint(len(m.with)) + " more below " + to
	case n == 0:
		title = "Move " + words.Code(keyword(m.copy)) + " below " + to
	case n <= 3:
		title = "Move " + words.Code("COPY "+strings.Join(files, " ")) + " above " + to
	default:
		title = "Move " + words.Code("COPY "+files[0]) + " and " + words.Count(n-1, "more file") + " above " + to
	}
	if len(m.ignore) > 0 {
		title += ", and ignore " + strings.TrimPrefix(m.ignore[0], "**/")
	}
	return title
}

// copiesOf are the instructions that copy files of an install to dest: one for each directory.
func (m *move) copiesOf(escape byte, files []string, dest string) []string {
	byDir := map[string][]string{}
	var dirs []string
	for _, f := range files {
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
		operands, _ := copies.Operands(escape, byDir[dir], below(escape, dest, dir)) // gather has tried each name
		lines = append(lines, line+" "+operands)
	}
	return lines
}

// below is the destination for files in a directory below base, as its author spelled it.
func below(escape byte, base, dir string) string {
	if !strings.HasSuffix(base, "/") {
		base += "/"
	}
	if dir == "." {
		return base
	}
	return base + copies.Word(escape, dir) + "/"
}
