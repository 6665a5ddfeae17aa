package hover

import (
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

func flagOf(s *stages.Step, name string) *syntax.Flag {
	for i := range s.Instr.Flags {
		if f := &s.Instr.Flags[i]; f.Name.Of(s.Instr.Text) == name {
			return f
		}
	}
	return nil
}

// flag is the value of a flag; empty without it.
func flag(s *stages.Step, name string) string {
	if f := flagOf(s, name); f != nil {
		return f.Value.Of(s.Instr.Text)
	}
	return ""
}
