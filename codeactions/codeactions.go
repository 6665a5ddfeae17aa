// Package codeactions selects what can be done about the findings under the cursor.
package codeactions

import (
	"cmp"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
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

// At returns the actions for the findings that the span touches: their fixes first, the safe ones on top and
// then those for what costs most, and below them the comments that ignore them. A cursor that touches none means its line: some editors show a finding beside
// the line and tell only where the cursor is. Fixes that create files are left out unless canCreate is set.
func At(in Input, span text.Span, canCreate bool) []Action {
	found := touching(in.Diagnostics, span)
	if len(found) == 0 && span.Start == span.End {
		found = touching(in.Diagnostics, lineAt(in.File.Src, span.Start))
	}
	var fixes, ignores []Action
	for _, d := range found {
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
	slices.SortStableFunc(fixes, func(a, b Action) int { return cmp.Compare(rank(a), rank(b)) })
	return append(fixes, ignores...)
}

// rank orders fixes: the safe ones first, then those for what costs most.
func rank(a Action) int {
	if a.Preferred {
		return -1 - int(diagnostics.Error)
	}
	return -int(a.Diagnostic.Severity)
}

func touching(all []diagnostics.Diagnostic, span text.Span) (found []*diagnostics.Diagnostic) {
	for i := range all {
		if d := &all[i]; d.Span.Start <= span.End && span.Start <= d.Span.End {
			found = append(found, d)
		}
	}
	return found
}

// lineAt is an editor's line, without its end.
func lineAt(src string, offset int) text.Span {
	start := strings.LastIndexAny(src[:offset], "\r\n") + 1
	if n := strings.IndexAny(src[offset:], "\r\n"); n >= 0 {
		return text.Span{Start: start, End: offset + n}
	}
	return text.Span{Start: start, End: len(src)}
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
	add := func(where string, edit diagnostics.FileEdit, err error) {
		if err == nil {
			actions = append(actions, Action{
				Title: "Ignore " + d.ID() + " " + where, Kind: QuickFix, Diagnostic: d, Edits: []diagnostics.FileEdit{edit},
			})
		}
	}
	if step := d.Step(); step != nil {
		edit, err := ignoreHere(in.Graph, step, d.ID())
		add("here", edit, err)
	}
	edit, err := ignoreInFile(in.Graph, d.ID())
	add("in this file", edit, err)
	return actions
}

// ignoreHere adds the rule to an ignore comment above the instruction, or adds such a comment.
func ignoreHere(g *stages.Graph, s *stages.Step, rule string) (diagnostics.FileEdit, error) {
	change := rewrite.Of(g)
	for _, span := range s.Instr.Comments {
		comment := span.Of(s.Instr.Text)
		if ig, ok := diagnostics.ParseIgnore(comment); ok && ig.Scope == "next" && strings.Contains(comment, "layerwise") {
			list, _, _ := strings.Cut(comment, "--")
			list = strings.TrimRight(list, " \t\r\n")
			change.ReplaceComment(s, span, list+","+rule+comment[len(list):])
			return change.Edit()
		}
	}
	change.Comment(s, "# layerwise ignore="+rule)
	return change.Edit()
}

// ignoreInFile puts a comment under the lines that must stay on top.
func ignoreInFile(g *stages.Graph, rule string) (diagnostics.FileEdit, error) {
	change := rewrite.Of(g)
	change.CommentTop("# layerwise ignore-file=" + rule)
	return change.Edit()
}

// FixAll is the one edit of each file that applies every safe fix. check returns the findings of
// another text of the same document, with other files as given by their absolute paths.
func FixAll(in Input, check func(src string, files map[string]string) []diagnostics.Diagnostic) []diagnostics.FileEdit {
	fixed := diagnostics.FixAll(in.File.Src, false, check)
	var edits []diagnostics.FileEdit
	if fixed.Src != in.File.Src {
		edits = append(edits, diagnostics.Edit(rewrite.Difference(in.File.Src, fixed.Src)...))
	}
	for _, e := range fixed.Edits {
		e.Edits = rewrite.Difference(e.Source, fixed.Files[e.Path])
		edits = append(edits, e)
	}
	return edits
}
