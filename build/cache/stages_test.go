package cache_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"layerwise/build/cache"
	"layerwise/build/images"
	"layerwise/build/llb"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/internal/scenario"
)

// TestStagesOfScenarios compares what is in effect at each RUN, by the stage graph and by BuildKit.
func TestStagesOfScenarios(t *testing.T) {
	list, err := scenario.LoadDir("testdata/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	var seen inEffect
	for _, s := range list {
		seen.compare(t, s.ID, s.Dockerfile, stages.Args{Build: s.BuildArgs, Target: s.Target, Image: images.Base})
	}
	seen.report(t, 500)
}

// TestStagesOfCorpus does so for real Dockerfiles.
func TestStagesOfCorpus(t *testing.T) {
	var seen inEffect
	files := 0
	for name, src := range corpus.Some(t, 3, corpus.Seed(t)) {
		seen.compare(t, name, src, stages.Args{Image: images.Base})
		files++
	}
	seen.report(t, 2*files)
}

// inEffect counts what was compared.
type inEffect struct{ refused, runs, directories, users, shells, variables int }

func (n *inEffect) report(t *testing.T, least int) {
	t.Helper()
	t.Logf("%+v", *n)
	if n.runs < least || n.directories == 0 || n.users == 0 || n.shells == 0 || n.variables == 0 {
		t.Errorf("too little was compared: %+v", *n)
	}
}

func (n *inEffect) compare(t *testing.T, name, src string, args stages.Args) {
	t.Helper()
	g := stages.Resolve(syntax.Parse(src), args, nil)
	b, err := cache.Predict(t.Context(), cache.Subject{Graph: g, Options: cache.Options(args.Build, args.Target, cache.PlatformOf(g))})
	var refused *llb.Error
	if errors.As(err, &refused) {
		n.refused++
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for i := range g.File.Instructions {
		s := g.StepAt(i)
		line := g.Line(s)
		if s.Instr.Name != "RUN" || s.Stage == nil {
			continue
		}
		on := b.On(line)
		if needed := g.Needed(s.Stage); !needed && len(on) > 0 {
			t.Errorf("%s: line %d: BuildKit builds this stage", name, line)
		}
		for _, step := range on {
			exec := step.Vertex.Op.GetExec()
			if exec == nil {
				continue
			}
			n.runs++
			differs := func(what, got, want string) {
				if got != want {
					t.Errorf("%s: line %d: %s is %q, want %q", name, line, what, got, want)
				}
			}
			if s.Workdir.Known {
				n.directories++
				differs("the working directory", s.Workdir.Text, path.Clean(exec.Meta.Cwd)) // BuildKit keeps a slash at its end
			}
			if s.User.Known {
				n.users++
				differs("the user", s.User.Text, exec.Meta.User)
			}
			if len(s.Shell) > 0 && !s.Instr.JSON {
				n.shells++
				differs("the shell", strings.Join(s.Shell, " "), strings.Join(exec.Meta.Args[:len(exec.Meta.Args)-1], " "))
			}
			env := map[string]string{}
			for _, kv := range exec.Meta.Env {
				key, value, _ := strings.Cut(kv, "=")
				env[key] = value
			}
			s.Vars.All(func(v *stages.Scope) bool {
				if v.Value.Known {
					n.variables++
					differs("the variable "+v.Name, v.Value.Text, env[v.Name])
				}
				return true
			})
		}
	}
}
