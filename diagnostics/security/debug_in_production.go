package security

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var debugInProduction = &diagnostics.Rule{
	Name:       "debug-in-production",
	Severity:   diagnostics.Info,
	Production: true,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"php/no-xdebug-in-final-image"}, Sonar: []string{"S4507"}},
	Stage: func(p *diagnostics.Pass) {
		seen := p.See(debugKey{}, seeDebugging)
		if len(seen) == 0 || !p.Final() || p.ForDevelopers(p.Stage) || isDevelopment(p) {
			return
		}
		for _, s := range seen {
			found, _ := s.What.([]debugging)
			for _, d := range found {
				if now, ok := p.Stage.Vars().Lookup(d.name); d.name != "" && (!ok || !now.Value.Known || !shell.DebugVariable(d.name, now.Value.Text)) {
					continue // another ENV sets it back
				}
				p.Report(diagnostics.Finding{Step: s.Step, Span: d.span, Message: diagnostics.Plain(
					words.Code(d.what) + " runs the program as for developers: it is slower, shows its sources in errors, and may run code for whoever reaches it; set it where you develop, not in the image")})
			}
		}
	},
}

type debugKey struct{}

type debugging struct {
	span text.Span
	name string // the variable, if it is one
	what string
}

func seeDebugging(s *stages.Step) any {
	var list []debugging
	switch c := s.Instr.Cmd().(type) {
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			if v := s.Expand(kv.Value); v.Known && shell.DebugVariable(kv.Key, v.Text) && s.SetByBuild(kv.Value) == "" {
				list = append(list, debugging{keySpan(s, kv.Key), kv.Key, kv.Key + "=" + v.Text})
			}
		}
	case *instructions.RunCommand, *instructions.CmdCommand, *instructions.EntrypointCommand:
		for _, c := range shell.Commands(s.Instr, s.Shell) {
			w, ok := c.Debugs()
			if s.Instr.Name == "RUN" {
				w, ok = c.AddsDebugger()
			}
			if ok {
				list = append(list, debugging{w.Span, "", c.Program + " " + w.Text})
			}
		}
	}
	if list == nil {
		return nil
	}
	return list
}
