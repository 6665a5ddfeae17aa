package security

import (
	"regexp"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var secretNameInArgEnv = &diagnostics.Rule{
	Name:     "secret-name-in-arg-env",
	Severity: diagnostics.Warning,
	BuildKit: []string{"SecretsUsedInArgOrEnv"},
	Hadolint: []string{"DL3064"},
	Step:     checkSecretNames,
	File: func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			checkSecretNames(p, s)
		}
	},
}

func checkSecretNames(p *diagnostics.Pass, s *stages.Step) {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			if isSecretName(kv.Key) && !(kv.Value != nil && harmlessArg(kv.Key, *kv.Value)) {
				p.Report(diagnostics.Finding{
					Step: s, Span: keySpan(s, kv.Key),
					Message: diagnostics.Plain(secretArg(p, kv.Key)),
				})
			}
		}
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			if isSecretName(kv.Key) && !harmlessEnv(kv.Key, kv.Value) {
				p.Report(diagnostics.Finding{Step: s, Span: keySpan(s, kv.Key), Message: diagnostics.Plain(secretEnv(p, kv.Key))})
			}
		}
	}
}

func secretArg(p *diagnostics.Pass, name string) string {
	what := "The value of " + name + " stays readable in the image's history, and each new value re-runs every later RUN of the stage"
	switch {
	case p.Stage == nil:
		what = "Each stage that takes " + name + " over by ARG keeps its value, and re-runs its RUN steps for each new one"
	case !p.Exported():
		what = "The value of " + name + " stays readable in the build cache, and each new value re-runs every later RUN of the stage"
	}
	return what + "; a secret mount does neither: RUN --mount=type=secret,id=" + strings.ToLower(name)
}

func secretEnv(p *diagnostics.Pass, name string) string {
	if !p.Exported() {
		return name + " is stored in the build cache, and goes wherever that cache is pushed; give it to a RUN by --mount=type=secret"
	}
	return name + " is stored in the image, where anyone who can pull it can read it; give it to the container when it starts, or to a RUN by --mount=type=secret"
}

// keySpan is the place of the variable's name.
func keySpan(s *stages.Step, key string) text.Span {
	for _, w := range s.Instr.Words {
		if name, _, _ := strings.Cut(w.Span.Of(s.Instr.Text), "="); strings.Trim(name, `"'`) == key {
			return text.Span{Start: w.Span.Start, End: w.Span.Start + len(name)}
		}
	}
	return diagnostics.Line(s.Instr)
}

// secretWords are the words that make a name look like a credential: BuildKit's list, and what some
// well-known programs call theirs.
var secretWords = map[string]bool{
	"passphrase": true, "pgpassword": true, "sshpass": true,
	"apikey": true, "auth": true, "credential": true, "credentials": true, "key": true, "password": true,
	"pword": true, "passwd": true, "pass": true, "psw": true, "pwd": true, "secret": true, "token": true,
}

// harmlessWords make a name that has such a word harmless.
var harmlessWords = map[string]bool{
	"gpg": true, "pgp": true, // keys of these are told by their fingerprints
	"public": true, "file": true, "path": true, "dir": true, "version": true, "id": true, "name": true, "url": true,
	"host": true, "sock": true, "socket": true, "type": true, "method": true, "algorithm": true, "length": true,
	"expiry": true, "expire": true, "expires": true, "expiration": true, "ttl": true, "fingerprint": true,
	"size": true, "prefix": true, "suffix": true, "header": true, "enabled": true, "disabled": true, "mode": true,
	"cache": true, "server": true, "keyserver": true, "ok": true, "count": true, "issuer": true, "realm": true,
	"publishable": true, "allow": true, "skip": true, "require": true, "random": true, "hasher": true, "store": true,
	"provider": true, "endpoint": true, "plugin": true, "plugins": true, "policy": true, "checksum": true,
}

// bundleHost matches the variables in which Bundler finds the credentials of a host.
var bundleHost = regexp.MustCompile(`^BUNDLE_[A-Z0-9_]+__(COM|ORG|NET|IO|DEV)$`)

var camelCase = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// isSecretName decides by the words of a name, so that MONKEY and KEYBOARD are none.
func isSecretName(name string) bool {
	if bundleHost.MatchString(name) {
		return true
	}
	words := strings.FieldsFunc(strings.ToLower(camelCase.ReplaceAllString(name, "${1}_$2")), func(r rune) bool {
		return r == '_' || r == '-' || r == '.'
	})
	secret := false
	for _, w := range words {
		if harmlessWords[w] || w == "site" && last(words) == "key" { // what a page shows a CAPTCHA service
			return false
		}
		secret = secret || secretWords[w]
	}
	if !secret {
		return false
	}
	// A single "key" or "auth" in the middle names many things: CACHE_KEY_FORMAT, AUTH_BACKEND.
	if end := last(words); secretWords[end] {
		return end != "key" && end != "auth" || len(words) > 1 || name == "KEY"
	}
	for _, w := range words {
		if secretWords[w] && w != "key" && w != "auth" && w != "token" && w != "pass" && w != "secret" {
			return true
		}
	}
	return strings.HasSuffix(strings.ToUpper(name), "SECRET_KEY_BASE")
}

func last(words []string) string { return words[len(words)-1] }

// harmlessArg reports whether an ARG's default shows that no secret is meant.
func harmlessArg(name, value string) bool {
	v := strings.Trim(value, `"'`)
	return v != "" && !strings.Contains(v, "$") && harmlessEnv(name, value)
}

// harmlessEnv reports whether a value cannot be a secret: empty, a reference, a path, a URL without
// credentials, a switch, a number, or a placeholder. What is only called a key may also be a
// fingerprint, or the name of a field.
func harmlessEnv(name, value string) bool {
	v := strings.Trim(value, `"'`)
	switch {
	case v == "", strings.HasPrefix(v, "$"), strings.HasPrefix(v, "/"), strings.HasPrefix(v, "."), strings.HasPrefix(v, "~/"):
		return true
	case strings.Contains(v, "://"):
		_, rest, _ := strings.Cut(v, "://")
		return !strings.Contains(rest, "@")
	case strings.HasSuffix(strings.ToLower(name), "key") && (fingerprint.MatchString(v) || fieldName.MatchString(v) && !unlocks.MatchString(name)):
		return true
	}
	return placeholder.MatchString(strings.ToLower(v)) || relativePath.MatchString(v) || sameLetter(v)
}

var relativePath = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)*\.(key|pem|crt|json|ya?ml|txt|conf|env|jks|p12)$`)

// fingerprint matches how GnuPG names keys: in capitals, or after 0x.
var fingerprint = regexp.MustCompile(`^(([0-9A-F]{4} ?){10}|[0-9A-F]{16}|0x[0-9A-Fa-f]{8,40})$`)

// fieldName matches a value that rather names a field than unlocks something: KEY=ProcessId, SORT_KEY=user_id.
var fieldName = regexp.MustCompile(`^([A-Z]?[a-z]+){1,3}$|^[a-z]+([_-][a-z]+){0,3}$`)

// unlocks matches the names of keys that are for unlocking something.
var unlocks = regexp.MustCompile(`(?i)api|secret|access|private|master|auth|encrypt|licen[cs]e`)

var placeholder = regexp.MustCompile(`^(true|false|yes|no|on|off|none|null|[0-9]{1,4}|dummy.*|fake.*|example.*|placeholder.*|test|testing|change[-_]?me.*|todo|x+|your[-_ ].*|<.*>|not[-_ ]?(a[-_ ])?(real|set|secret|used|needed).*|unused|build|build[-_]?time.*|ignored?)$`)

func sameLetter(v string) bool { return strings.Trim(v, v[:1]) == "" }
