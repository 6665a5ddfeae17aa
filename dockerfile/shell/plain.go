package shell

import "layerwise/dockerfile/syntax"

// Plain reports whether the RUN is a list of simple commands joined with &&.
func Plain(in *syntax.Instruction, shell []string) bool {
	script := Of(in, shell)
	if script.Exec || script.Partial || script.Unknown || len(in.Heredocs) > 0 || len(script.Commands) == 0 {
		return false
	}
	for i, c := range script.Commands {
		if c.Depth > 0 || c.InSubst || c.Pipe != 0 || i > 0 && c.Op != "&&" || c.Program == "" {
			return false
		}
	}
	return true
}
