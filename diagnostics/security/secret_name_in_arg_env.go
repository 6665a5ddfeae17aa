package security

import (
	"cmp"
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
	Stage:    checkSecretsFromArgs,
	File: func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			checkSecretNames(p, s)
		}
	},
}

// checkSecretNames is about ARG, and about ENV with values that are written out.
func checkSecretNames(p *diagnostics.Pass, s *stages.Step) {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			what := ""
			if kv.Value != nil {
				what = credentialIn(*kv.Value)
			}
			if what != "" && holdsSecret(kv.Key, *kv.Value) || mayTakeSecret(kv) {
				p.Report(diagnostics.Finding{Step: s, Span: keySpan(s, kv.Key), Message: diagnostics.Plain(secretArg(p, kv.Key, what))})
			}
		}
	case *instructions.EnvCommand:
		for n, kv := range c.Env {
			if len(s.Defines()[n].Uses) == 0 && holdsSecret(kv.Key, kv.Value) {
				reportSecretEnv(p, s, kv.Key, credentialIn(kv.Value), "")
			}
		}
	}
}

// mayTakeSecret reports whether an ARG is there for a secret: by its name, unless its default says that
// none is meant.
func mayTakeSecret(kv instructions.KeyValuePairOptional) bool {
	return isSecretName(kv.Key) && (kv.Value == nil || !isDummy(kv.Key, *kv.Value))
}

// isDummy reports whether a default is there, and harmless.
func isDummy(name, value string) bool {
	v := strings.Trim(value, `"'`)
	return v != "" && !strings.Contains(v, "$") && credentialIn(v) == "" && isHarmlessValue(name, v)
}

type definesKey struct{}

// checkSecretsFromArgs is about ENV with values that are made of variables: one that a build can give by
// an ARG ends in the image.
func checkSecretsFromArgs(p *diagnostics.Pass) {
	given := map[string]string{} // variables that hold what the build may give an ARG, and that ARG
	stored := map[string]bool{}
	for _, s := range p.SeeChain(definesKey{}, seeDefines) {
		switch c := s.Instr.Cmd().(type) {
		case *instructions.ArgCommand:
			for _, kv := range c.Args {
				if !stored[kv.Key] && (kv.Value == nil || !isDummy(kv.Key, *kv.Value)) { // ENV wins over ARG
					given[kv.Key] = kv.Key
				}
			}
		case *instructions.EnvCommand:
			for n, kv := range c.Env {
				uses := s.Defines()[n].Uses
				if s.Stage == p.Stage && len(uses) > 0 {
					checkStored(p, s.Step, kv, uses, given)
				}
				from := ""
				for _, name := range uses {
					from = cmp.Or(from, given[name])
				}
				stored[kv.Key], given[kv.Key] = true, from
			}
		}
	}
}

func seeDefines(s *stages.Step) any {
	if list := s.Defines(); len(list) > 0 {
		return list
	}
	return nil
}

// checkStored looks at one variable of an ENV that is made of others.
func checkStored(p *diagnostics.Pass, s *stages.Step, kv instructions.KeyValuePair, uses []string, given map[string]string) {
	if v := s.Expand(kv.Value); v.Known && holdsSecret(kv.Key, v.Text) {
		reportSecretEnv(p, s, kv.Key, credentialIn(v.Text), "")
		return
	}
	raw := strings.Trim(kv.Value, `"'`)
	user, inURL := userInfo(raw)
	_, password, _ := strings.Cut(user, ":")
	for _, name := range uses {
		switch {
		case given[name] == "":
			continue
		case inURL && strings.Contains(password, "$"):
			if !strings.Contains(password, name) {
				continue
			}
			reportSecretEnv(p, s, kv.Key, "a password in a URL", given[name])
		case isSecretName(kv.Key) && !pathLike.MatchString(raw) && (inURL || !strings.Contains(raw, "://")):
			reportSecretEnv(p, s, kv.Key, "", given[name])
		}
		return
	}
}

func reportSecretEnv(p *diagnostics.Pass, s *stages.Step, name, what, from string) {
	p.Report(diagnostics.Finding{Step: s, Span: keySpan(s, name), Message: diagnostics.Plain(secretEnv(p, name, what, from))})
}

// secretArg is the message about an ARG. what is the credential that its default is; "" if only its name
// tells. No message holds a value: reports are kept and shown.
func secretArg(p *diagnostics.Pass, name, what string) string {
	holds := "The value of " + name
	if what != "" {
		holds = "The default of " + name + " holds " + what + ", which"
	}
	message := holds + " stays readable in the image's history, and each new value re-runs every later RUN of the stage"
	switch {
	case p.Stage == nil && what != "":
		message = holds + " anyone who has the Dockerfile can read, and each stage that takes " + name + " over by ARG keeps"
	case p.Stage == nil:
		message = "Each stage that takes " + name + " over by ARG keeps its value, and re-runs its RUN steps for each new one"
	case !p.Exported():
		message = holds + " stays readable in the build cache, and each new value re-runs every later RUN of the stage"
	}
	return message + "; a secret mount does neither: RUN --mount=type=secret,id=" + strings.ToLower(name)
}

// secretEnv is the message about an ENV. what is the credential that its value shows, from the variable
// that the value is taken from; both may be empty.
func secretEnv(p *diagnostics.Pass, name, what, from string) string {
	subject, as := name+" is", ""
	switch {
	case from != "":
		subject = "The value that the build gives " + from + " is"
		if from != name {
			as = " as " + name
		}
		if what != "" {
			as = " as part of " + name
		}
	case what != "":
		subject = name + " holds " + what + ", which is"
	}
	if !p.Exported() {
		return subject + " stored in the build cache" + as + ", and goes wherever that cache is pushed; give it to a RUN by --mount=type=secret"
	}
	return subject + " stored in the image" + as + ", where anyone who can pull it can read it; give it to the container when it starts, or to a RUN by --mount=type=secret"
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
