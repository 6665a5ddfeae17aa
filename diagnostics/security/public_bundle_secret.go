package security

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var publicBundleSecret = &diagnostics.Rule{
	Name:      "public-bundle-secret",
	Secret:    true,
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0031"}},
	Step:      checkBundled,
	File: func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			checkBundled(p, s)
		}
	},
}

func checkBundled(p *diagnostics.Pass, s *stages.Step) {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			if isBundledSecret(kv.Key) && (kv.Value == nil || !isDummy(kv.Key, *kv.Value)) {
				reportBundled(p, s, keySpan(s, kv.Key), kv.Key)
			}
		}
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			if isBundledSecret(kv.Key) && !isDummy(kv.Key, kv.Value) && strings.Trim(kv.Value, `"'`) != "" && !ofItself(kv) {
				reportBundled(p, s, keySpan(s, kv.Key), kv.Key)
			}
		}
	}
}

// ofItself reports whether ENV only keeps the ARG of the same name, which is reported.
func ofItself(kv instructions.KeyValuePair) bool {
	v := strings.Trim(kv.Value, `"'`)
	return v == "$"+kv.Key || v == "${"+kv.Key+"}"
}

func reportBundled(p *diagnostics.Pass, s *stages.Step, span text.Span, name string) {
	p.Report(diagnostics.Finding{Step: s, Span: span, Message: diagnostics.Plain(
		name + " is put into the JavaScript that every visitor downloads: it is no secret there; keep it on the server, under a name without that prefix")})
}

// bundled matches the prefixes of variables that bundlers put into what they build.
var bundled = lazy.New(`^(REACT_APP|VITE|VUE_APP|GATSBY|NG_APP|NEXT_PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|PUBLIC)_(.+)$`)

// isBundledSecret reports whether a variable with such a prefix is named for what is never public. Keys and tokens are often
// made for browsers: those of maps, analytics, payment and Firebase.
func isBundledSecret(name string) bool {
	m := bundled.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	list := wordsOf(m[2])
	if n := len(list); n > 1 && list[n-1] == "key" {
		return list[n-2] == "private" || list[n-2] == "secret"
	}
	return len(list) > 0 && slices.Contains([]string{"secret", "password", "passwd", "pwd", "passphrase"}, list[len(list)-1]) && isSecretName(m[2])
}
