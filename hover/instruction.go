package hover

import (
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/stages"
	"layerwise/language"
)

// instruction explains what a change of the step costs, what the step makes, and what makes it rerun: the
// most useful line first, in few and short sentences, since an editor shows little more without scrolling.
func instruction(in *language.Document, s *stages.Step) string {
	facts := []string{layer(in.Graph, s)}
	if !s.MakesLayer() && s.Instr.Name != "FROM" && s.Instr.Name != "ONBUILD" { // the others tell enough of themselves
		facts = append(facts, about(s))
	}
	if s.Stage != nil {
		facts = append(facts, contents(s), madeHere(in, s), inputs(in, s))
	} else if s.Instr.Name == "ARG" {
		facts = append(facts, globalArg)
	}
	return paragraphs(consequence(in, s), sentences(facts), builtBy(in, s), passed(in, s, ""))
}

// paragraphs puts together those that are not empty.
func paragraphs(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(p string) bool { return p == "" }), "\n\n")
}

func sentences(list []string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// about is what an instruction is for; "" if there is none of the name.
func about(s *stages.Step) string {
	row := grammar.Find(s.Instr.Name)
	if row == nil {
		return ""
	}
	return "It " + strings.ToLower(row.Doc[:1]) + row.Doc[1:]
}
