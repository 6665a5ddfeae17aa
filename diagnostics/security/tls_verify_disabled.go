package security

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var tlsVerifyDisabled = &diagnostics.Rule{
	Name:      "tls-verify-disabled",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Checkov: []string{"CKV2_DOCKER_2", "CKV2_DOCKER_3", "CKV2_DOCKER_4", "CKV2_DOCKER_5", "CKV2_DOCKER_6", "CKV2_DOCKER_12", "CKV2_DOCKER_13", "CKV2_DOCKER_14", "CKV2_DOCKER_15", "CKV2_DOCKER_16"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		switch c := s.Instr.Cmd().(type) {
		case *instructions.RunCommand:
			checkTLSCommands(p, s)
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				if switchesOff(kv.Key, kv.Value) {
					reportTLS(p, s, keySpan(s, kv.Key), kv.Key, " for every later step and the running container")
				}
			}
		case *instructions.ArgCommand:
			for _, kv := range c.Args {
				if kv.Value != nil && switchesOff(kv.Key, *kv.Value) {
					reportTLS(p, s, keySpan(s, kv.Key), kv.Key, " for every later step")
				}
			}
		}
	},
}

func reportTLS(p *diagnostics.Pass, s *stages.Step, span text.Span, what, where string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: span,
		Message: diagnostics.Plain(what + " turns certificate checks off" + where + ": anyone between you and the server can replace what is downloaded"),
	})
}

func checkTLSCommands(p *diagnostics.Pass, s *stages.Step) {
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		for _, a := range c.Assigns {
			if switchesOff(a.Name, a.Value.Text) {
				reportTLS(p, s, a.Value.Span, a.Name, " for this command")
			}
		}
		for _, a := range c.Exports() {
			if switchesOff(a.Name, a.Value.Text) {
				reportTLS(p, s, a.Value.Span, a.Name, " for the commands after it")
			}
		}
		if span, flag, ok := insecureFlag(c); ok {
			reportTLS(p, s, span, words.Code(c.Program+" "+flag), "")
		}
	}
}

// switchesOff reports whether a variable with this value makes a program accept others than the machine
// itself without a certificate. BuildKit leaves the quotes of values.
func switchesOff(name, value string) bool {
	hosts, off := shell.TLSVariable(name, strings.Trim(value, `"'`))
	return off && (len(hosts) == 0 || slices.ContainsFunc(hosts, func(host string) bool { return !isLocal(host) }))
}

// insecureFlag finds the option or setting by which a command stops to check certificates.
func insecureFlag(c *shell.Command) (text.Span, string, bool) {
	if w, what, ok := c.TLSOff(); ok && !onlyLocal(c) {
		return w.Span, what, true
	}
	if host, w, option, ok := c.TrustedHost(); ok && !isLocal(host) {
		return w.Span, option, true
	}
	return text.Span{}, "", false
}

// onlyLocal reports whether the command talks to its own machine only.
func onlyLocal(c *shell.Command) bool {
	local := false
	for _, w := range c.Words[1:] {
		_, rest, ok := strings.Cut(w.Text, "://")
		if !ok {
			continue
		}
		host := rest
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			host = rest[:i]
		}
		if !isLocal(host) {
			return false
		}
		local = true
	}
	return local
}

// isLocal reports whether a host, with or without a port, is the machine itself.
func isLocal(host string) bool {
	if strings.HasPrefix(host, "[::1]") {
		return true
	}
	host, _, _ = strings.Cut(host, ":")
	return host == "localhost" || strings.HasPrefix(host, "127.")
}
