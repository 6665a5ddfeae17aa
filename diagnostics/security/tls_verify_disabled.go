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
	Step: func(p *diagnostics.Pass, s *stages.Step) {
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
	},
}

func reportTLS(p *diagnostics.Pass, s *stages.Step, span text.Span, what, who string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: span,
		Message: diagnostics.Plain(what + " switches certificate checks off: " + who + " downloads from anyone on the way"),
	})
}

func checkTLSCommands(p *diagnostics.Pass, s *stages.Step) {
	for _, c := range shell.Commands(s.Instr, s.Shell) {
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
	case "npm", "yarn", "pnpm":
		// npm config set strict-ssl false, npm set strict-ssl=false, yarn config set "strict-ssl" false
		return switchedOff(c, "strict-ssl=false", func(name string) bool {
			return name == "strict-ssl" || name == "--strict-ssl" || name == "enablestrictssl"
		})
	case "git":
		return switchedOff(c, "http.sslVerify=false", func(name string) bool {
			return strings.HasPrefix(name, "http.") && strings.HasSuffix(name, ".sslverify")
		})
	case "yum", "dnf", "dnf5", "microdnf", "tdnf", "yum-config-manager":
		return switchedOff(c, "sslverify=0", func(name string) bool {
			name = strings.TrimPrefix(name, "--setopt=")
			return name == "sslverify" || strings.HasSuffix(name, ".sslverify")
		})
	case "apt", "apt-get":
		return switchedOff(c, "Verify-Peer=false", func(name string) bool {
			return strings.HasSuffix(name, "https::verify-peer")
		})
	}
	if !isPip(c) {
		return text.Span{}, "", false
	}
	if host, ok := c.Flag("--trusted-host"); ok && !isLocal(host.Text) {
		return flagSpan(c, "--trusted-host"), "--trusted-host", true
	}
	// pip config set global.trusted-host HOST
	for i := 2; i < len(c.Words); i++ {
		if c.Words[i-1].Text == "set" && strings.HasSuffix(c.Words[i].Text, ".trusted-host") {
			return c.Words[i].Span, "trusted-host", true
		}
	}
	return text.Span{}, "", false
}

// switchedOff finds a setting that the command switches off: --no-NAME, NAME=VALUE, or NAME VALUE.
func switchedOff(c *shell.Command, what string, setting func(name string) bool) (text.Span, string, bool) {
	words := lower(c.Words)
	for i, w := range words {
		name, value, has := strings.Cut(w, "=")
		for !has || !setting(name) { // --setopt=NAME=VALUE
			rest, inner, ok := strings.Cut(value, "=")
			if !ok {
				break
			}
			name, value = name+"="+rest, inner
		}
		off := has && setting(name) && isOff(value) || strings.HasPrefix(w, "--no-") && setting(w[len("--no-"):]) ||
			!has && setting(w) && i+1 < len(words) && isOff(words[i+1])
		if off {
			return c.Words[i].Span, what, true
		}
	}
	return text.Span{}, "", false
}

func isPip(c *shell.Command) bool {
	if strings.HasPrefix(c.Program, "pip") && c.Program != "pipx" && c.Program != "pipenv" {
		return true
	}
	return strings.HasPrefix(c.Program, "python") && len(c.Words) > 2 && c.Words[1].Text == "-m" && c.Words[2].Text == "pip"
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
