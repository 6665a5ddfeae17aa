package copies

import (
	"slices"
	"strings"
	"unicode"

	"layerwise/build/manifests"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Env is what ENV and ARG set where the step runs, as the readers of manifests take it. An ARG without a
// value is among them: the build may give it any. The list is not to be modified.
func Env(s *stages.Step) []manifests.Var {
	return s.Memo(envKey{}, func() any { return env(s) }).([]manifests.Var)
}

// EnvAt is Env for one command of the step: what its script sets above it is there too, not known if a loop, read
// or the like does so.
func EnvAt(s *stages.Step, cmd *shell.Command) []manifests.Var {
	env, script := Env(s), shell.Of(s.Instr, s.Shell)
	set := script.SetBefore(cmd)
	other := script.SetsIn(0, cmd.Span.Start).Names
	if len(set) == 0 && len(other) == 0 {
		return env
	}
	for _, name := range other {
		if !slices.ContainsFunc(set, func(a shell.Assign) bool { return a.Name == name }) {
			set = append(set, shell.Assign{Name: name})
		}
	}
	env = slices.Clone(env)
	for _, a := range set {
		value := manifests.Var{Name: a.Name, Value: a.Value.Text, Known: a.Value.Literal}
		if i := slices.IndexFunc(env, func(v manifests.Var) bool { return v.Name == a.Name }); i >= 0 {
			env[i] = value
		} else {
			env = append(env, value)
		}
	}
	return env
}

type envKey struct{}

func env(s *stages.Step) (env []manifests.Var) {
	s.Vars.All(func(v *stages.Scope) bool {
		if v.Step == nil && v.Env {
			return true // of the base image, which knows nothing of this project's files
		}
		env = append(env, manifests.Var{Name: v.Name, Value: v.Value.Text, Known: v.Value.Known})
		return true
	})
	for _, stage := range s.Stage.Chain() {
		for _, above := range stage.Steps {
			if stage == s.Stage && above.N >= s.N {
				break
			}
			if above.Instr.Name != "ARG" {
				continue
			}
			arg, ok := above.Instr.Cmd().(*instructions.ArgCommand)
			if !ok {
				continue
			}
			for _, kv := range arg.Args {
				if !slices.ContainsFunc(env, func(v manifests.Var) bool { return v.Name == kv.Key }) {
					env = append(env, manifests.Var{Name: kv.Key})
				}
			}
		}
	}
	return env
}

// Variable is the variable of that name in Env.
func Variable(s *stages.Step, name string) (v manifests.Var, ok bool) {
	for _, v := range Env(s) {
		if v.Name == name {
			return v, true
		}
	}
	return manifests.Var{}, false
}

// ScriptValue is what a word of the step's script expands to by the variables that the Dockerfile sets. It is not
// known if the script itself may set one of them: a loop over $f has nothing to do with ENV f.
func ScriptValue(s *stages.Step, word string) stages.Value {
	v := s.Expand(word)
	if !v.Known || !strings.Contains(word, "$") {
		return v
	}
	sets := shell.Of(s.Instr, s.Shell).Sets()
	for _, part := range strings.Split(word, "$")[1:] {
		name := strings.TrimPrefix(part, "{")
		n := strings.IndexFunc(name, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if n >= 0 {
			name = name[:n]
		}
		if name == "" || sets.Has(name) {
			return stages.Value{}
		}
	}
	return v
}
