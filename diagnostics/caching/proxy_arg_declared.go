package caching

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var proxyArgDeclared = &diagnostics.Rule{
	Name:     "proxy-arg-declared",
	Code:     "C10",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		for _, seen := range p.See("proxy", proxyArgs) {
			if name, ok := seen.What.(string); ok {
				checkProxyArg(p, seen.Step, name)
			}
		}
	},
}

// proxyArgs is the proxy that an ARG declares, without a value; nil if it declares none, or something else too.
func proxyArgs(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.ArgCommand)
	if ok && len(c.Args) == 1 && c.Args[0].Value == nil && grammar.FindVariable(grammar.ProxyArgs, strings.ToUpper(c.Args[0].Key)) != nil {
		return c.Args[0].Key
	}
	return nil
}

// checkProxyArg reports the ARG if only RUNs are below it, which see the proxy without it.
func checkProxyArg(p *diagnostics.Pass, s *stages.Step, name string) {
	below := p.Stage.Steps[s.N+1:]
	used := slices.ContainsFunc(below, func(next *stages.Step) bool {
		return next.Instr.Name != "RUN" && next.Instr.Name != "ARG" && moves.Names(next.Instr.Text, name)
	})
	if used || len(p.Children()) > 0 || !slices.ContainsFunc(below, func(next *stages.Step) bool { return next.Instr.Name == "RUN" }) {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr),
		Message: diagnostics.Plain(fmt.Sprintf("Declared, %s is part of what every RUN below depends on, so another proxy reruns them all; remove the line, since each RUN sees a proxy that the build is given without it", name)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			change.Remove(s, rewrite.DropComments)
			return suggest(change.Edit, "Remove "+words.Code("ARG "+name))
		},
	})
}
