package caching

import (
	"slices"
	"strings"

	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file is about variables that take in what the build gives, and about those of them that are told of together.

var volatileEnvTooEarly = &diagnostics.Rule{
	Name:     "volatile-env-too-early",
	Code:     "C05",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		var given []*early
		defer func() { reportGiven(p, given) }()
		for _, s := range p.SeeChain(volatileEnvKey{}, volatileEnvs) {
			envs, _ := s.What.([]givenEnv)
			for _, env := range envs {
				if e := reportable(p, s.Step, variableOf(s.Step, env.name, env.volatile || p.Changing(env.arg))); e != nil {
					given = e.reportOr(p, given)
					break
				}
			}
		}
	},
}

type volatileEnvKey struct{}

// givenEnv is a variable of an ENV that takes in what the build gives.
type givenEnv struct {
	name     string
	arg      string // an ARG of the stage that is there for the build to give, since it is empty by itself
	volatile bool   // it takes in what changes from build to build
}

// volatileEnvs are the variables of an ENV that take in what the build gives.
func volatileEnvs(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.EnvCommand)
	if !ok {
		return nil
	}
	var envs []givenEnv
	for _, env := range c.Env {
		if !strings.Contains(env.Value, "$") {
			continue
		}
		if expandsVolatile(s, env.Value) {
			envs = append(envs, givenEnv{name: env.Key, volatile: true})
		} else if arg := emptyArg(s, env.Value); arg != "" && !manifests.ImplicitEnv(env.Key) {
			envs = append(envs, givenEnv{name: env.Key, arg: arg})
		}
	}
	if envs == nil {
		return nil
	}
	return envs
}

// emptyArg is the ARG that is the whole value, if its stage gives it none, or if a bundler bakes it in: it is there for the
// build to give. "" if it is not so, or if it may choose a platform or go to tools.
func emptyArg(s *stages.Step, value string) string {
	m := variable.FindStringSubmatch(value)
	if m == nil || strings.Trim(value, `"{}`) != "$"+m[1] && strings.Trim(value, `"`) != "${"+m[1]+"}" {
		return ""
	}
	def, ok := s.Vars.Lookup(m[1])
	if ok && (def.Env || def.Value.Known && def.Value.Text != "" && !manifests.BakedIn(m[1])) || !ok && !declares(s.Stage.Steps[:s.N], m[1]) || grammar.FindVariable(grammar.PlatformArgs, m[1]) != nil || breaksCache(m[1]) || manifests.ImplicitEnv(m[1]) {
		return ""
	}
	return m[1]
}

// declares reports whether an ARG of the steps declares the variable without a value.
func declares(above []*stages.Step, name string) bool {
	return slices.ContainsFunc(above, func(s *stages.Step) bool {
		c, ok := s.Instr.Cmd().(*instructions.ArgCommand)
		return ok && slices.ContainsFunc(c.Args, func(arg instructions.KeyValuePairOptional) bool { return arg.Key == name && arg.Value == nil })
	})
}

// reportGiven reports variables that stand above the same steps as one: whoever moves the first moves them all.
func reportGiven(p *diagnostics.Pass, given []*early) {
	for len(given) > 0 {
		first := given[0]
		var rest []*early
		for _, e := range given[1:] {
			if e.dear[0] == first.dear[0] && e.use == first.use {
				first.with = append(first.with, e)
			} else {
				rest = append(rest, e)
			}
		}
		first.report(p)
		given = rest
	}
}
