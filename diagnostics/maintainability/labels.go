package maintainability

import (
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

// label is a pair of a LABEL.
type label struct {
	step *stages.Step
	key  string
	span text.Span // of the whole pair
}

// labelsOf are the pairs of a LABEL whose keys are known.
func labelsOf(s *stages.Step) (list []label) {
	if s.Instr.Name != "LABEL" || s.Instr.Cmd() == nil {
		return nil
	}
	words := s.Instr.Words
	if len(words) > 1 && !strings.Contains(words[0].Text, "=") {
		words = words[:1] // LABEL KEY VALUE
	}
	for _, w := range words {
		key, _, _ := strings.Cut(w.Text, "=")
		quoted := len(key) > 1 && (key[0] == '"' || key[0] == '\'')
		if quoted {
			end := strings.IndexByte(w.Text[1:], w.Text[0])
			if end < 0 {
				continue
			}
			key = w.Text[1 : end+1]
		}
		if strings.ContainsAny(key, "$\\\"'") {
			continue
		}
		list = append(list, label{s, key, w.Span})
	}
	return list
}
