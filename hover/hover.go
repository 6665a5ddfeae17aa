// Package hover explains what stands under the cursor: what an instruction creates, what its cache
// key depends on, what a change of it reruns, what a variable is, what a rule means.
package hover

import (
	"fmt"
	"strings"

	"layerwise/build/cache"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/language"
)

// At explains the place in Markdown, and says to which span that belongs. ok is false if there is
// nothing to say.
func At(in *language.Document, offset int) (markdown string, span text.Span, ok bool) {
	if src := in.File.Src; offset > 0 && endsWord(src[:offset], src[offset:]) {
		offset-- // an editor may ask behind the last letter
	}
	i := in.File.Index(offset)
	if i < 0 || i >= len(in.File.Instructions) {
		return commentAt(in.File, offset)
	}
	step := in.Graph.StepAt(i)
	start := in.Graph.Offset(step)
	at := offset - start
	for _, c := range step.Instr.Comments {
		if c.Contains(at) {
			if markdown, span, ok := ruleAt(c.Of(step.Instr.Text), at-c.Start, c.Shift(start)); ok {
				return markdown, span, true
			}
			return typedDirective(in.File, offset)
		}
	}
	if !step.Instr.Body.Contains(at) {
		return "", text.Span{}, false
	}
	if markdown, span, ok := variableAt(in, step, at); ok {
		return markdown, span.Shift(start), true
	}
	if markdown, span, ok := partAt(in, step, at, offset); ok {
		return markdown, span, true
	}
	if step.Instr.Cmd() == nil { // it is half typed
		return about(step), step.Instr.Keyword.Shift(start), step.Instr.Keyword.Contains(at) && about(step) != ""
	}
	return instruction(in, step), firstLine(step.Instr).Shift(start), true
}

// endsWord reports whether a word, or whatever else is not blank, ends between two texts.
func endsWord(before, behind string) bool {
	return !isBlank(before[len(before)-1]) && (behind == "" || isBlank(behind[0]))
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func firstLine(in *syntax.Instruction) text.Span { return diagnostics.Line(in) }

// commentAt explains a comment outside of every instruction: a directive such as "# check=skip=…", or
// one at the end of the file.
func commentAt(f *syntax.File, offset int) (string, text.Span, bool) {
	line := f.Lines().Span(f.Lines().Line(offset))
	body := line.Of(f.Src)
	if hash := strings.IndexByte(body, '#'); hash >= 0 && line.Start+hash <= offset && strings.TrimSpace(body[:hash]) == "" {
		if markdown, span, ok := ruleAt(body[hash:], offset-line.Start-hash, text.Span{Start: line.Start + hash, End: line.End}); ok {
			return markdown, span, true
		}
	}
	return directiveAt(f, offset)
}

// ruleAt is the page of the rule whose name stands under the cursor in a suppression comment, or the
// list of the rules of a family.
func ruleAt(comment string, at int, span text.Span) (string, text.Span, bool) {
	if _, ok := diagnostics.ParseIgnore(comment); !ok {
		return "", text.Span{}, false
	}
	isPart := func(b byte) bool {
		return b == '-' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
	}
	start, end := min(at, len(comment)), min(at, len(comment))
	for start > 0 && isPart(comment[start-1]) {
		start--
	}
	for end < len(comment) && isPart(comment[end]) {
		end++
	}
	var pages []string
	rules := catalog.Named(comment[start:end])
	for _, rule := range rules {
		pages = append(pages, catalog.Page(rule))
	}
	if len(rules) > 1 {
		pages = nil
		for _, rule := range rules {
			pages = append(pages, "- **"+rule.Name+"**: "+rule.Summary()+"\n")
		}
	}
	return strings.Join(pages, ""), text.Span{Start: span.Start + start, End: span.Start + end}, len(rules) > 0
}

// variableAt explains the variable under the cursor: a use such as $NAME, or its definition by ARG
// or ENV.
func variableAt(in *language.Document, s *stages.Step, at int) (string, text.Span, bool) {
	r, ok := nameAt(s, in.File.Escape, at)
	if !ok {
		return "", text.Span{}, false
	}
	name := r.Name
	if !r.Defines {
		text, ok := use(in, s, r)
		if ok {
			text = paragraphs(modified(s, r), text)
			if def, found := s.Vars.Lookup(name); found && def.Step != nil {
				text = paragraphs(text, passed(in, def.Step, name))
			}
		}
		return text, r.Span, ok
	}
	def, ok := in.Graph.VarsAfter(s).Lookup(name)
	switch {
	case !ok && s.Instr.Name == "ENV": // it is half typed
		return fmt.Sprintf("**%s** has no value yet.", name), r.Span, true
	case !ok:
		return paragraphs(fmt.Sprintf("**%s** has no value unless the build passes one with `--build-arg %s=…`.", name, name), varCost(in.Graph, s, name), passed(in, s, name)), r.Span, true
	}
	return paragraphs(value(in, s, def), passed(in, s, name)), r.Span, true
}

// nameAt is the variable under the cursor, which may stand on its $ or its brace too. What an ONBUILD uses, another
// build decides; what a script sets, the script.
func nameAt(s *stages.Step, escape byte, at int) (occurrences.Occurrence, bool) {
	src := s.Instr.Text
	if at < len(src) && src[at] == '$' {
		at++
		if at < len(src) && src[at] == '{' {
			at++
		}
	}
	for _, o := range occurrences.In(s.Instr, escape, s.Shell) {
		if o.Kind == occurrences.Variable && o.Span.Contains(at) && !o.Onbuild && occurrences.IsVariableName(o.Name) {
			return o, true
		}
	}
	return occurrences.Occurrence{}, false
}

// varCost says which steps rerun for a new value of the variable.
func varCost(g *stages.Graph, def *stages.Step, name string) string {
	if def.Stage == nil && def.Instr.Name == "ENV" {
		return "BuildKit refuses an ENV above the first FROM."
	}
	again := cache.Reruns(g, def, name)
	if def.Stage == nil && len(again) == 0 {
		return globalArg
	}
	return reruns(g, "A new value", "", again)
}

const globalArg = "An ARG before the first FROM counts only where FROM uses it, or where a stage declares it again."
