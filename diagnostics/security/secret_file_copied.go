package security

import (
	"path"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var secretFileCopied = &diagnostics.Rule{
	Name:      "secret-file-copied",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0031"}, Sonar: []string{"S6470"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		c, ok := copies.Of(s)
		if !ok || keyring.MatchString(c.Dest) {
			return
		}
		for _, source := range c.Sources {
			if isSecretFile(source) && !isHarmlessFile(p.Context(), source) || maySecretFile(source) && isShownSecret(p.Context(), source) {
				reportSecretFile(p, c, source)
			}
		}
	},
}

func reportSecretFile(p *diagnostics.Pass, c copies.Copy, source string) {
	where := "anyone who has the image can read it, even if a later step deletes it"
	if !endsInImage(p, c, source) {
		where = "it stays in the build cache, and goes wherever that is pushed"
	}
	holds := "usually holds credentials"
	if isShownSecret(p.Context(), source) {
		holds = "holds credentials"
	}
	p.Report(diagnostics.Finding{
		Step: c.Step, Span: sourceSpan(c.Step, source),
		Message: diagnostics.Plain(source + " " + holds + ": " + where + "; pass it when the container starts, or to one RUN with " + words.Code("--mount=type=secret,id="+strings.Trim(path.Base(source), ".")+",target=…")),
	})
}

// endsInImage reports whether a file of the context that the copy takes comes into the image: its stage is exported, or
// a COPY --from of one that is takes the file over.
func endsInImage(p *diagnostics.Pass, c copies.Copy, file string) bool {
	if p.Exported() {
		return true
	}
	to, ok := c.Image(file)
	return ok && p.TakenOver(c.Step, to)
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

var secretFile = lazy.New(`(?i)^(\.env(\..+)?|\.npmrc|\.pypirc|\.netrc|\.git-credentials|id_(rsa|dsa|ecdsa|ed25519)|.+\.(pem|key|p12|pfx|jks|keystore)|credentials\.json|service[-_]account.*\.json|terraform\.tfstate|\.dockercfg|kubeconfig)$`)

var secretPath = lazy.New(`(^|/)(\.aws(/credentials)?|\.kube/config|\.docker/config\.json|\.ssh|\.gnupg)$`)

// mayHold matches settings that seldom hold credentials: they are told only if they were read.
var mayHold = lazy.New(`(?i)^(auth\.json|auth\.toml|\.yarnrc(\.yml)?|\.gemrc|\.my\.cnf|\.s3cfg|\.boto|pip\.conf|bunfig\.toml|poetry\.toml|gradle\.properties|credentials\.toml)$|\.env$`)

var harmlessName = lazy.New(`(?i)(\.(test|testing|ci)$|^\.env\.(production|development|sh)$|^dh(params?)?\.pem$|` +
	`\.([\w-]*-)?(examples?|samples?|templates?|dist|tpl|tmpl|defaults?)(\.|$)|` + // .env.example.sail
	`(^|[-_.])(pub|public|ca|cacerts|cert|certs|chain|fullchain|bundle|root|truststore|apt|gpg|pgp|signing|release|releases|repo|archive|keyring)([-_.]|$))`)

// ofTests matches paths and names of what is made for tests.
var ofTests = lazy.New(`(^|/)(tests?|testing|testdata|e2e|fixtures?|examples?)/|(^|/)localhost[^/]*$`)

// translated matches the texts of a program in many languages, where "password" is a word to show.
var translated = lazy.New(`(?i)(^|/)(i18n|l10n|lang|langs|languages?|locales?|messages|translations?)/.*\.json$`)

// keyring matches the folders in which package managers keep the public keys of repositories.
var keyring = lazy.New(`/(keyrings|apt/(keys|trusted\.gpg\.d)|apk/keys|pki/rpm-gpg)(/|$)`)

// isSecretFile reports whether files of that name usually hold credentials.
func isSecretFile(source string) bool {
	// Few files have such a name, and all of a context are asked: what most of them fail comes first.
	base := path.Base(source)
	return (secretFile.MatchString(base) && !harmlessName.MatchString(base) || isHidden(source) && secretPath.MatchString(source)) && !isOther(source)
}

// maySecretFile reports whether files of that name may hold credentials, which only their text tells.
func maySecretFile(source string) bool {
	base := path.Base(source)
	return (mayHold.MatchString(base) || isHidden(source) && settingsPath.MatchString(source)) && !harmlessName.MatchString(base) && !isOther(source)
}

// isHidden reports whether a path has a part that begins with a point, as all folders of settings have.
func isHidden(source string) bool {
	return strings.HasPrefix(source, ".") || strings.Contains(source, "/.")
}

// isOther reports whether a path is no file that holds credentials, whatever its name: several files, one of tests, or texts
// of a program in some language.
func isOther(source string) bool {
	return isPattern(source) || ofTests.MatchString(source) || translated.MatchString(source)
}

func isPattern(source string) bool { return strings.ContainsAny(source, "*?[") }

// isHarmlessFile looks into the file, where there is one: settings without credentials, a public
// certificate, an empty .env.
func isHarmlessFile(ctx *files.Context, source string) bool {
	if ctx == nil {
		return false
	}
	if ctx.Ignored(source) {
		return true // the build fails, or copies nothing
	}
	holds, known, err := credentialsOf(ctx, source)
	if err != nil {
		// Most files of this name hold no credentials, or only name a variable.
		return path.Base(source) == ".npmrc"
	}
	return known && !holds
}

// isShownSecret reports whether the file is there, is not ignored, and holds a credential.
func isShownSecret(ctx *files.Context, source string) bool {
	if ctx == nil || ctx.Ignored(source) {
		return false
	}
	holds, _, err := credentialsOf(ctx, source)
	return err == nil && holds
}

type credentialsKey string

// credentialsOf reads a file of the context. What was found is kept with its text.
func credentialsOf(ctx *files.Context, source string) (holds, known bool, err error) {
	body, err := ctx.Read(source)
	if err != nil {
		return false, false, err
	}
	type answer struct{ holds, known bool }
	a := ctx.MemoOf(credentialsKey(source), body, func() any {
		holds, known := holdsCredentials(source, body)
		return answer{holds, known}
	}).(answer)
	return a.holds, a.known, nil
}
