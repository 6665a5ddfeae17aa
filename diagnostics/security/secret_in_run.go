package security

import (
	"path"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var secretInRun = &diagnostics.Rule{
	Name:      "secret-in-run",
	Secret:    true,
	Severity:  diagnostics.Error,
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0031"}},
	Command: func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		for _, secret := range c.Secrets() {
			if secret.File {
				checkKeyFile(p, s, secret)
			} else {
				checkSecret(p, s, secret)
			}
		}
	},
	Stage: checkGivenSecrets,
}

// checkSecret is about a credential on the line. One whose text alone tells what it is belongs to secret-value-literal,
// and an ARG that is named like one to secret-name-in-arg-env.
func checkSecret(p *diagnostics.Pass, s *stages.Step, secret shell.Secret) {
	if strings.ContainsAny(secret.Value, "$`") {
		return // checkGivenSecrets
	}
	if !isHarmlessPassword(secret.Value) && credentialIn(secret.Word.Text) == "" && credentialIn(lineAt(s, secret.Word.Span.Start)) == "" {
		reportSecretInRun(p, s, secret, "a credential")
	}
}

func reportSecretInRun(p *diagnostics.Pass, s *stages.Step, secret shell.Secret, what string) {
	where := "stays readable in the build cache and in logs of the build"
	if p.Exported() {
		where = "can be read in the history of the image by everyone who has it"
	}
	if secret.Kept {
		where += ", and the command writes it to a file of the layer"
	}
	p.Report(diagnostics.Finding{Step: s, Span: secret.Word.Span, Message: diagnostics.Plain(
		words.Code(secret.By) + " takes " + what + ", which " + where + "; revoke it, and read a new one from " + words.Code("RUN --mount=type=secret,id=…"))})
}

// checkKeyFile is about a file with a key, of which the program keeps a copy. One that a mount brings is left alone.
func checkKeyFile(p *diagnostics.Pass, s *stages.Step, secret shell.Secret) {
	if hasSecretMount(s) || strings.HasPrefix(path.Clean(secret.Value), "/run/secrets/") {
		return
	}
	where := "it stays in the build cache"
	if p.Exported() {
		where = "everyone who has the image has it"
	}
	p.Report(diagnostics.Finding{Step: s, Span: secret.Word.Span, Message: diagnostics.Plain(
		words.Code(secret.By) + " reads a key from a file of the image, and keeps a copy: " + where + ", even if a later step deletes both; mount the key with " + words.Code("RUN --mount=type=secret,id=…") + " and use it in that RUN only")})
}

func hasSecretMount(s *stages.Step) bool {
	mounts, _ := s.Mounts()
	return slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return m.Type == instructions.MountTypeSecret }) ||
		len(mounts) == 0 && strings.Contains(s.Instr.Args.Of(s.Instr.Text), "/run/secrets/")
}

// givenSecret is a credential that is made of variables.
type givenSecret struct {
	secret shell.Secret
	names  []string // of those that may be ARGs
}

type givenKey struct{}

// checkGivenSecrets reports credentials that are ARGs, which the build gives.
func checkGivenSecrets(p *diagnostics.Pass) {
	for _, s := range p.See(givenKey{}, seeGivenSecrets) {
		found, _ := s.What.([]givenSecret)
		for _, given := range found {
			if arg := argOf(p, s.Step, given.names); arg != "" {
				reportSecretInRun(p, s.Step, given.secret, "the value that the build gives "+arg)
			}
		}
	}
}

// seeGivenSecrets finds variables where commands take credentials, and in addresses: https://$TOKEN@host.
func seeGivenSecrets(s *stages.Step) any {
	if s.Instr.Name != "RUN" || !strings.Contains(s.Instr.Text, "$") {
		return nil
	}
	var list []givenSecret
	add := func(secret shell.Secret, value string) {
		if names := maybeGiven(s, value); len(names) > 0 {
			list = append(list, givenSecret{secret, names})
		}
	}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		for _, secret := range c.Secrets() {
			if !secret.File {
				add(secret, secret.Value)
			}
		}
		for _, w := range c.Words {
			if strings.Contains(w.Text, "@") && strings.Contains(w.Text, "://") {
				user, _ := userInfo(w.Text)
				if _, password, two := strings.Cut(user, ":"); two {
					user = password
				}
				add(shell.Secret{Word: w, By: c.Program}, user)
			}
		}
	}
	if list == nil {
		return nil
	}
	return list
}

var variable = lazy.New(`\$\{?([A-Za-z_]\w*)`)

// maybeGiven are the variables of a value that the script does not set itself. One that is named like a secret is not
// among them: it is reported where it is declared.
func maybeGiven(s *stages.Step, value string) (names []string) {
	script := shell.Of(s.Instr, s.Shell)
	for _, m := range variable.FindAllStringSubmatch(value, 10) {
		if name := m[1]; !script.Sets().Has(name) && !isSecretName(name) && !notSecret.MatchString(name) && !fromMount(s, name) {
			names = append(names, name)
		}
	}
	return names
}

// argOf is the first of the names that an ARG of the stage above the step declares, unless an ENV has set it.
func argOf(p *diagnostics.Pass, s *stages.Step, names []string) string {
	for _, defining := range p.See(definesKey{}, seeDefines) {
		c, ok := defining.Instr.Cmd().(*instructions.ArgCommand)
		if !ok || defining.N > s.N {
			continue
		}
		for _, kv := range c.Args {
			def, set := s.Vars.Lookup(kv.Key)
			if slices.Contains(names, kv.Key) && !(set && def.Env) && (kv.Value == nil || !isDummy(kv.Key, *kv.Value)) {
				return kv.Key
			}
		}
	}
	return ""
}

// notSecret matches names of what may stand before the host of an address, and is no credential.
var notSecret = lazy.New(`(?i)(^|_)(user|username|login|name|host|hostname|domain|port|org|owner|group|repo|branch|ref|tag|version|email|url|uri|registry|arch|platform|id)$`)

// fromMount reports whether a secret mount sets the variable.
func fromMount(s *stages.Step, name string) bool {
	mounts, _ := s.Mounts()
	return slices.ContainsFunc(mounts, func(m *instructions.Mount) bool {
		return m.Type == instructions.MountTypeSecret && m.Env != nil && *m.Env == name
	})
}
