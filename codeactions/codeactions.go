// Package codeactions selects what can be done about the findings under the cursor.
package codeactions

import (
	"strings"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// The kinds of actions, as the language server protocol names them.
const (
	QuickFix     = "quickfix"
	SourceFixAll = "source.fixAll.layerwise"
)

// Input is the state of a document.
type Input struct {
	Path        string // absolute; "" if the document is not on disk
	File        *syntax.File
	Graph       *stages.Graph
	Context     *files.Context // nil if there is none
	Diagnostics []diagnostics.Diagnostic
}

// Action is one thing that a user can choose.
type Action struct {
	Title      string
	Kind       string
	Edits      []diagnostics.FileEdit
	Diagnostic *diagnostics.Diagnostic // what it mends; nil for fix-all
	Preferred  bool                    // the one safe fix
}

// At returns the actions for the findings that the span touches: their fixes first, then the
// comments that ignore them. Fixes that create files are left out unless canCreate is set.
func At(in Input, span text.Span, canCreate bool) []Action {
	var fixes, ignores []Action
	for i := range in.Diagnostics {
		d := &in.Diagnostics[i]
		if d.Span.Start > span.End || span.Start > d.Span.End {
			continue
		}
		for n, f := range d.Fixes() {
			if !canCreate && creates(f) {
				continue
			}
			fixes = append(fixes, Action{
				Title: f.Title, Kind: QuickFix, Edits: f.Edits, Diagnostic: d,
				Preferred: n == 0 && f.Safety == diagnostics.Safe,
			})
		}
		ignores = append(ignores, ignoreActions(in, d)...)
	}
	return append(fixes, ignores...)
}

func creates(f diagnostics.Fix) bool {
	for _, e := range f.Edits {
		if e.Create {
			return true
		}
	}
	return false
}

// ignoreActions offer our suppression comments.
func ignoreActions(in Input, d *diagnostics.Diagnostic) []Action {
	if d.Rule.Always {
		return nil
	}
	var actions []Action
	if step := d.Step(); step != nil {
		actions = append(actions, Action{
			Title: "Ignore " + d.Rule.Name + " here", Kind: QuickFix, Diagnostic: d,
			Edits: []diagnostics.FileEdit{diagnostics.Edit(ignoreHere(in.Graph, step, d.Rule.Name))},
		})
	}
	return append(actions, Action{
		Title: "Ignore " + d.Rule.Name + " in this file", Kind: QuickFix, Diagnostic: d,
		Edits: []diagnostics.FileEdit{diagnostics.Edit(ignoreInFile(in.File, d.Rule.Name))},
	})
}

// ignoreHere adds the rule to an ignore comment above the instruction, or adds such a comment.
func ignoreHere(g *stages.Graph, s *stages.Step, rule string) text.Edit {
	offset := g.Offset(s)
	for _, span := range s.Instr.Comments {
		comment := span.Of(s.Instr.Text)
		if ig, ok := diagnostics.ParseIgnore(comment); ok && ig.Scope == "next" && strings.Contains(comment, "layerwise") {
			list, _, _ := strings.Cut(comment, "--")
			at := offset + span.Start + len(strings.TrimRight(list, " \t\r\n"))
			return text.Edit{Span: text.Span{Start: at, End: at}, New: "," + rule}
		}
	}
	src := g.File.Src
	at := offset + s.Instr.Start()
	start := strings.LastIndexByte(src[:at], '\n') + 1
	if start < offset {
		start = at
	}
	indent := src[start:at]
	return text.Edit{
		Span: text.Span{Start: at, End: at},
		New:  "# layerwise ignore=" + rule + newline(src) + indent,
	}
}

// ignoreInFile puts a comment under the parser directives, which must stay on top.
func ignoreInFile(f *syntax.File, rule string) text.Edit {
	at := len(f.Header)
	return text.Edit{
		Span: text.Span{Start: at, End: at},
		New:  "# layerwise ignore-file=" + rule + newline(f.Src),
	}
}

// newline is the line end that the file uses.
func newline(src string) string {
	if i := strings.IndexByte(src, '\n'); i > 0 && src[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// FixAll is the one edit of each file that applies every safe fix. check returns the findings of
// another text of the same document, with other files as given by their absolute paths.
func FixAll(in Input, check func(src string, files map[string]string) []diagnostics.Diagnostic) []diagnostics.FileEdit {
	fixed := diagnostics.FixAll(in.File.Src, false, check)
	var edits []diagnostics.FileEdit
	if fixed.Src != in.File.Src {
		edits = append(edits, diagnostics.Edit(difference(in.File.Src, fixed.Src)))
	}
	for _, e := range fixed.Edits {
		e.Edits = []text.Edit{difference(e.Source, fixed.Files[e.Path])}
		edits = append(edits, e)
	}
	return edits
}

// difference is the smallest single edit that turns one text into the other.
func difference(before, after string) text.Edit {
	start := 0
	for start < len(before) && start < len(after) && before[start] == after[start] {
		start++
	}
	end := 0
	for end < len(before)-start && end < len(after)-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	// Whole lines: an edit that ends inside a character, or between \r and \n, is none.
	start = strings.LastIndexByte(before[:start], '\n') + 1
	if n := strings.IndexByte(before[len(before)-end:], '\n'); n >= 0 {
		end -= n + 1
	} else {
		end = 0
	}
	if end < 0 || start > len(before)-end || start > len(after)-end {
		end = 0
	}
	return text.Edit{Span: text.Span{Start: start, End: len(before) - end}, New: after[start : len(after)-end]}
}
