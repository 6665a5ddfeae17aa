package security

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var tlsVerifyDisabled = &diagnostics.Rule{
	Name:     "tls-verify-disabled",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, s := range p.Stage.Steps {
			switch c := s.Instr.Cmd().(type) {
			case *instructions.RunCommand:
				checkTLSCommands(p, s)
			case *instructions.EnvCommand:
				for _, kv := range c.Env {
					if disablesTLS(kv.Key, kv.Value) {
						reportTLS(p, s, keySpan(s, kv.Key), kv.Key, "every later step and the running container accept")
					}
				}
			case *instructions.ArgCommand:
				for _, kv := range c.Args {
					if kv.Value != nil && disablesTLS(kv.Key, *kv.Value) {
						reportTLS(p, s, keySpan(s, kv.Key), kv.Key, "every later step accepts")
					}
				}
			}
		}
	},
}

func reportTLS(p *diagnostics.Pass, s *stages.Step, span text.Span, what, who string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: span,
		Format: "%s switches certificate checks off: %s downloads from anyone on the way",
		Args:   []any{what, who},
	})
}

func checkTLSCommands(p *diagnostics.Pass, s *stages.Step) {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		for _, a := range c.Assigns {
			if disablesTLS(a.Name, a.Value.Text) {
				reportTLS(p, s, a.Value.Span, a.Name, "the command accepts")
			}
		}
		if c.Program == "export" {
			for _, w := range c.Words[1:] {
				if name, value, ok := strings.Cut(w.Text, "="); ok && disablesTLS(name, value) {
					reportTLS(p, s, w.Span, name, "the later commands accept")
				}
			}
		}
		if span, flag, ok := insecureFlag(c); ok {
			reportTLS(p, s, span, c.Program+" "+flag, "the command accepts")
		}
	}
}

// insecureFlag finds the option by which a command stops to check certificates.
func insecureFlag(c *shell.Command) (text.Span, string, bool) {
	switch c.Program {
	case "curl":
		if c.HasFlag("-k", "--insecure") && !onlyLocal(c) {
			return flagSpan(c, "-k", "--insecure"), "--insecure", true
		}
	case "wget":
		if c.HasFlag("--no-check-certificate") && !onlyLocal(c) {
			return flagSpan(c, "--no-check-certificate"), "--no-check-certificate", true
		}
	case "pip", "pip3", "pip2", "python", "python3":
		if isPip(c) && c.HasFlag("--trusted-host") {
			return flagSpan(c, "--trusted-host"), "--trusted-host", true
		}
	}
	words := lower(c.Words)
	switch c.Program {
	case "npm", "yarn", "pnpm":
		// npm config set strict-ssl false, npm set strict-ssl=false, yarn config set "strict-ssl" false
		for i, w := range words {
			if w == "strict-ssl=false" || w == "strict-ssl" && i+1 < len(words) && words[i+1] == "false" || w == "--strict-ssl=false" || w == "--no-strict-ssl" {
				return c.Words[i].Span, "strict-ssl=false", true
			}
		}
	case "git":
		for i, w := range words {
			if name, value, ok := strings.Cut(w, "="); ok && name == "http.sslverify" && isOff(value) ||
				w == "http.sslverify" && i+1 < len(words) && isOff(words[i+1]) {
				return c.Words[i].Span, "http.sslVerify=false", true
			}
		}
	case "yum", "dnf", "microdnf", "tdnf", "yum-config-manager":
		for i, w := range words {
			if name, value, ok := strings.Cut(w, "="); ok && isOff(value) && strings.HasSuffix(name, "sslverify") {
				return c.Words[i].Span, "sslverify=" + value, true
			}
		}
	case "apt", "apt-get":
		for i, w := range words {
			if name, value, ok := strings.Cut(w, "="); ok && isOff(value) && strings.Contains(name, "https::verify-peer") {
				return c.Words[i].Span, "Verify-Peer=false", true
			}
		}
	}
	return text.Span{}, "", false
}

func isPip(c *shell.Command) bool {
	if strings.HasPrefix(c.Program, "pip") {
		return true
	}
	return len(c.Words) > 2 && c.Words[1].Text == "-m" && c.Words[2].Text == "pip"
}

func lower(words []shell.Word) (texts []string) {
	for _, w := range words {
		texts = append(texts, strings.ToLower(w.Text))
	}
	return texts
}

func flagSpan(c *shell.Command, names ...string) text.Span {
	for _, w := range c.Words[1:] {
		for _, name := range names {
			cluster := len(name) == 2 && strings.HasPrefix(w.Text, "-") && !strings.HasPrefix(w.Text, "--") && strings.Contains(w.Text, name[1:])
			if w.Text == name || strings.HasPrefix(w.Text, name+"=") || cluster {
				return w.Span
			}
		}
	}
	return c.Span
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
		if !strings.HasPrefix(host, "localhost") && !strings.HasPrefix(host, "127.") && !strings.HasPrefix(host, "[::1]") {
			return false
		}
		local = true
	}
	return local
}

// disablesTLS reports whether a variable with this value switches certificate checks off.
func disablesTLS(name, value string) bool {
	v := strings.ToLower(strings.Trim(value, `"'`))
	switch strings.ToUpper(name) {
	case "NODE_TLS_REJECT_UNAUTHORIZED", "PYTHONHTTPSVERIFY", "NPM_CONFIG_STRICT_SSL", "YARN_STRICT_SSL", "YARN_ENABLE_STRICT_SSL":
		return isOff(v)
	case "GIT_SSL_NO_VERIFY":
		return v != "" && !isOff(v)
	case "PIP_TRUSTED_HOST":
		return v != ""
	}
	return false
}

func isOff(v string) bool { return v == "0" || v == "false" || v == "off" || v == "no" }
