package correctness

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

var unusedSuppression = &diagnostics.Rule{
	Name:      "unused-suppression",
	Severity:  diagnostics.Info,
	Tag:       diagnostics.Unnecessary,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"inline-directives.warn-unused"}},
	Stage: func(p *diagnostics.Pass) {
		p.See(ignoresKey{}, hasIgnores) // so that these are known of the stages that an edit does not reach
	},
	After: checkSuppressions,
}

// suppressions looks at the comments of one file.
type suppressions struct {
	*diagnostics.Pass
	unknown int // names that no rule has, so far
}

// maxSuggested is how many unknown names are compared with those of all rules.
const maxSuggested = 100

func checkSuppressions(pass *diagnostics.Pass) {
	p := &suppressions{Pass: pass}
	for _, s := range p.Global() {
		p.checkComments(s)
	}
	for _, s := range p.SeeFile(ignoresKey{}, hasIgnores) {
		p.checkComments(s.Step)
	}
	for _, ig := range diagnostics.TrailingIgnores(p.File()) {
		for _, own := range ig.Own {
			p.checkID(own, len(ig.Own), nil)
		}
	}
}

type ignoresKey struct{}

// hasIgnores is true for an instruction with suppressions above it, or nil.
func hasIgnores(s *stages.Step) any {
	if len(diagnostics.IgnoresOf(s.Instr)) > 0 {
		return true
	}
	return nil
}

func (p *suppressions) checkComments(s *stages.Step) {
	at := p.Offset(s)
	for _, ig := range diagnostics.IgnoresOf(s.Instr) {
		for _, own := range ig.Own {
			own.Span, own.Comment = own.Span.Shift(at), own.Comment.Shift(at)
			p.checkID(own, len(ig.Own), s.Instr)
		}
	}
}

// checkID looks at one of the ids of a comment. Its spans are in the file.
func (p *suppressions) checkID(own diagnostics.Own, ids int, above *syntax.Instruction) {
	f := diagnostics.Finding{Span: own.Span}
	fix := diagnostics.Fix{}
	if own.ID != "all" && !slices.ContainsFunc(p.Rules, func(r *diagnostics.Rule) bool { return means(r, own.ID) }) {
		f.Severity = diagnostics.Warning
		message := fmt.Sprintf("There is no rule %q, so this comment silences nothing", own.ID)
		p.unknown++
		if best := p.nearest(own.ID); best != "" {
			message += fmt.Sprintf("; did you mean %q?", best)
			fix = replaceID(p.Pass, own, best)
		}
		f.Message = diagnostics.Plain(message)
	} else if p.Unused(own.ID, above) && isReadable(p.Pass) {
		f.Message = diagnostics.Plain(fmt.Sprintf("This silences nothing: %s finds nothing here; remove it, or it will hide a later finding", own.ID))
		fix = removeID(p.Pass, own, ids)
	} else {
		return
	}
	if fix.Title != "" {
		f.Fixes = func(*diagnostics.Pass) []diagnostics.Fix { return []diagnostics.Fix{fix} }
	}
	p.Report(f)
}

// means reports whether an id stands for a rule, or for some of what it passes on of another tool.
func means(r *diagnostics.Rule, id string) bool {
	_, part := r.Part(id)
	return part || r.Is(id)
}

func (p *suppressions) nearest(id string) string {
	if p.unknown > maxSuggested {
		return ""
	}
	return diagnostics.Nearest(p.Rules, id)
}

// isReadable reports whether nothing in the file keeps rules from looking: no error, no command that
// cannot be read, no base image that the build is told.
func isReadable(p *diagnostics.Pass) bool {
	if len(p.File().Errors) > 0 {
		return false
	}
	for _, stage := range p.Stages() {
		if !stage.Base.Known {
			return false
		}
		for _, s := range stage.Steps {
			if len(s.Instr.Errors()) > 0 || shell.Of(s.Instr, s.Shell).Partial {
				return false
			}
		}
	}
	return true
}

func replaceID(p *diagnostics.Pass, own diagnostics.Own, by string) diagnostics.Fix {
	change := p.Change()
	change.ReplaceInComment(own.Span, by)
	edit, err := change.Edit()
	if err != nil {
		return diagnostics.Fix{}
	}
	return diagnostics.Fix{Title: "Replace with " + by, Edits: []diagnostics.FileEdit{edit}}
}

// removeID takes the id out of its list, with a comma, or removes a comment that has no other.
func removeID(p *diagnostics.Pass, own diagnostics.Own, ids int) diagnostics.Fix {
	src, change := p.File().Src, p.Change()
	title := "Remove the comment"
	if ids > 1 {
		title = "Remove " + own.ID
		span := own.Span
		if rest := src[span.End:own.Comment.End]; strings.HasPrefix(strings.TrimLeft(rest, " \t"), ",") {
			span.End += strings.IndexByte(rest, ',') + 1
			span.End += len(src[span.End:]) - len(strings.TrimLeft(src[span.End:], " \t"))
		} else {
			span.Start = strings.LastIndexByte(src[:span.Start], ',')
		}
		change.ReplaceInComment(span, "")
	} else {
		change.RemoveComment(own.Comment)
	}
	edit, err := change.Edit()
	if err != nil {
		return diagnostics.Fix{}
	}
	return diagnostics.Fix{Title: title, Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit}}
}
