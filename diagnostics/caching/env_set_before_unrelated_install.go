package caching

import (
	"fmt"
	"strings"

	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This rule is about variables with a value of their own that only the program of the container reads: an edit of the
// Dockerfile changes them. What a build changes is volatile-env-too-early's.
var envSetBeforeUnrelatedInstall = &diagnostics.Rule{
	Name:     "env-set-before-unrelated-install",
	Code:     "C06",
	Severity: diagnostics.Hint,
	Stage: func(p *diagnostics.Pass) {
		envs := p.See(runtimeKey{}, runtimeEnvs)
		for _, seen := range envs[:min(len(envs), maxVolatile)] { // for each, the steps below are judged
			name, ok := seen.What.(string)
			if !ok {
				continue
			}
			e := findEarly(p, seen.Step, moves.Variable{Name: name, BuildNumber: true})
			if e == nil || len(e.dear) == 1 && dearOf(e.dear[0]).system {
				continue // some packages of the system, once in a while: who would move a line for that
			}
			f := e.finding()
			f.Message = func(p *diagnostics.Pass) string {
				return fmt.Sprintf("Another value for %s would rerun %s (line %d)%s, which %s not use it; set it below, with what else the program reads",
					name, words.Code(e.what), p.Line(e.dear[0]), andMore(len(e.dear)-1), words.For(len(e.dear), "does", "do"))
			}
			p.Report(f)
		}
	},
}

type runtimeKey struct{}

// runtimeEnvs is the first variable of an ENV if all that it sets are of the container's program, by their names; or nil.
func runtimeEnvs(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.EnvCommand)
	if !ok || len(c.Env) == 0 {
		return nil
	}
	for _, env := range c.Env {
		if !runtimeName.MatchString(env.Key) || strings.Contains(env.Value, "$") {
			return nil
		}
	}
	return c.Env[0].Key
}

// runtimeName matches names that servers read when they start, and no tool that installs or builds.
var runtimeName = lazy.New(`^((APP_|SERVER_|HTTP_|HTTPS_|API_|WEB_)?PORT|([A-Z]+_)?LOG_?LEVEL|JAVA_OPTS|JVM_OPTS|CATALINA_OPTS|GUNICORN_CMD_ARGS|WEB_CONCURRENCY|ASPNETCORE_(URLS|HTTP_PORTS|HTTPS_PORTS))$`)
