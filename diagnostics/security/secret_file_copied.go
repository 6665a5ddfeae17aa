package security

import (
	"path"
	"regexp"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

var secretFileCopied = &diagnostics.Rule{
	Name:     "secret-file-copied",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		c, ok := copies.Of(s)
		if !ok {
			return
		}
		for _, source := range c.Sources {
			if isSecretFile(source) && !isHarmlessFile(p.Context(), source) && !keyring.MatchString(c.Dest) {
				reportSecretFile(p, s, source)
			}
		}
	},
}

func reportSecretFile(p *diagnostics.Pass, s *stages.Step, source string) {
	where := "it can be read by anyone who has the image, even if a later step deletes it"
	if !p.Exported() {
		where = "it stays in the build cache, and goes wherever that cache is pushed"
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: sourceSpan(s, source),
		Message: diagnostics.Plain(source + " usually holds credentials, and is copied into a layer: " + where + ". Give it to the container when it starts, or to one RUN by a secret mount: RUN --mount=type=secret,id=" + strings.Trim(path.Base(source), ".") + ",target=…"),
	})
}

// sourceSpan is the place of a source in the COPY.
func sourceSpan(s *stages.Step, source string) text.Span {
	for _, w := range s.Instr.Words {
		if strings.TrimPrefix(path.Clean("/"+strings.Trim(w.Text, `"'`)), "/") == source {
			return w.Span
		}
	}
	return diagnostics.Line(s.Instr)
}

var secretFile = regexp.MustCompile(`(?i)^(\.env(\..+)?|\.npmrc|\.pypirc|\.netrc|\.git-credentials|id_(rsa|dsa|ecdsa|ed25519)|.+\.(pem|key|p12|pfx|jks|keystore)|credentials\.json|service[-_]account.*\.json|terraform\.tfstate|\.dockercfg|kubeconfig)$`)

var secretPath = regexp.MustCompile(`(^|/)(\.aws(/credentials)?|\.kube/config|\.docker/config\.json|\.ssh|\.gnupg)$`)

var harmlessName = regexp.MustCompile(`(?i)(\.(example|sample|template|dist|tpl|tmpl|defaults?|test|testing|ci)$|^\.env\.(production|development|local-example|sh)$|^dh(params?)?\.pem$|(^|[-_.])(pub|public|ca|cacerts|cert|certs|chain|fullchain|bundle|root|truststore|apt|gpg|pgp|signing|release|releases|repo|archive|keyring)([-_.]|$))`)

// ofTests matches paths and names of what is made for tests.
var ofTests = regexp.MustCompile(`(^|/)(tests?|testing|testdata|e2e|fixtures?|examples?)/|(^|/)localhost[^/]*$`)

// keyring matches the folders in which package managers keep the public keys of repositories.
var keyring = regexp.MustCompile(`/(keyrings|apt/(keys|trusted\.gpg\.d)|apk/keys|pki/rpm-gpg)(/|$)`)

func isSecretFile(source string) bool {
	if strings.ContainsAny(source, "*?[") {
		return false
	}
	if ofTests.MatchString(source) {
		return false
	}
	if secretPath.MatchString(source) {
		return true
	}
	base := path.Base(source)
	return secretFile.MatchString(base) && !harmlessName.MatchString(base)
}

// isHarmlessFile looks into the file, where there is one: settings without credentials, a public
// certificate, an empty .env.
func isHarmlessFile(ctx *files.Context, source string) bool {
	if ctx == nil {
		return false
	}
	if ctx.Ignored(source) {
		return true // the build fails, or copies nothing
	}
	body, err := ctx.Read(source)
	if err != nil {
		// Most files of this name hold no credentials, or only name a variable.
		return path.Base(source) == ".npmrc"
	}
	switch base := path.Base(source); {
	case base == ".npmrc":
		return !strings.Contains(body, "_auth") && !strings.Contains(body, "_password")
	case base == ".pypirc", base == ".netrc":
		return !strings.Contains(body, "password")
	case strings.HasSuffix(base, ".pem"):
		return !strings.Contains(body, "PRIVATE KEY")
	case strings.HasSuffix(base, ".key"):
		return strings.Contains(body, "PUBLIC KEY") && !strings.Contains(body, "PRIVATE KEY")
	case strings.HasPrefix(base, ".env"):
		for _, line := range strings.Split(body, "\n") {
			name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
			name = strings.TrimSpace(name)
			if ok && !strings.HasPrefix(name, "#") && isSecretName(name) && !harmlessEnv(name, strings.TrimSpace(value)) {
				return false
			}
		}
		return true
	}
	return false
}
