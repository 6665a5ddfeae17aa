package copies

import (
	"layerwise/build/manifests"
	"layerwise/dockerfile/stages"
)

// Env is what ENV and ARG set where the step runs, as the readers of manifests take it.
func Env(s *stages.Step) (env []manifests.Var) {
	s.Vars.All(func(v *stages.Scope) bool {
		env = append(env, manifests.Var{Name: v.Name, Value: v.Value.Text, Known: v.Value.Known})
		return true
	})
	return env
}
