package security

import (
	"cmp"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var secretNameInArgEnv = &diagnostics.Rule{
	Name:      "secret-name-in-arg-env",
	Secret:    true,
	Code:      "C32",
	Severity:  diagnostics.Warning,
	BuildKit:  []string{"SecretsUsedInArgOrEnv"},
	Hadolint:  []string{"DL3064"},
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"ruby/prefer-secret-mounts-for-build-credentials", "ruby/secrets-in-arg-or-env"}, Trivy: []string{"DS-0031"}, KICS: []string{"c3e1b6ae-d92c-44b3-8ed5-1f5442bab6a4"}, Semgrep: []string{"secret-in-build-arg"}, Sonar: []string{"S6472"}},
	Step:      checkSecretEnv,
	Stage:     checkSecretsFromArgs,
	File: func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			for _, name := range secretArgs(s) {
				reportSecretArg(p, s, name)
			}
		}
	},
}

// checkSecretEnv is about ENV with values that are written out. Values that show by themselves what they are belong to
// secret-value-literal.
func checkSecretEnv(p *diagnostics.Pass, s *stages.Step) {
	if c, ok := s.Instr.Cmd().(*instructions.EnvCommand); ok {
		for n, kv := range c.Env {
			if len(s.Defines()[n].Uses) == 0 && credentialIn(kv.Value) == "" && holdsSecret(kv.Key, kv.Value) {
				reportSecretEnv(p, s, kv.Key, "", "", nil)
			}
		}
	}
}

// secretArgs are the variables of an ARG that are there for a secret.
func secretArgs(s *stages.Step) (names []string) {
	if c, ok := s.Instr.Cmd().(*instructions.ArgCommand); ok {
		for _, kv := range c.Args {
			if mayTakeSecret(kv) && (kv.Value == nil || credentialIn(*kv.Value) == "") {
				names = append(names, kv.Key)
			}
		}
	}
	return names
}

func reportSecretArg(p *diagnostics.Pass, s *stages.Step, name string) {
	p.Report(diagnostics.Finding{Step: s, Span: keySpan(s, name), Message: diagnostics.Plain(secretArg(p, name))})
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

// declared is an ARG for a secret.
type declared struct {
	step *stages.Step
	name string
}

// checkSecretsFromArgs is about ARG, and about ENV with values that are made of variables: one that a build can give by
// an ARG ends in the image. An ARG whose value an ENV stores is the same leak, and belongs to the finding about that.
func checkSecretsFromArgs(p *diagnostics.Pass) {
	given := map[string]string{} // variables that hold what the build may give an ARG, and that ARG
	stored := map[string]bool{}
	var args []declared // those of the stage
	told := map[string]bool{}
	for _, s := range p.SeeChain(definesKey{}, seeDefines) {
		switch c := s.Instr.Cmd().(type) {
		case *instructions.ArgCommand:
			for _, kv := range c.Args {
				if !stored[kv.Key] && (kv.Value == nil || !isDummy(kv.Key, *kv.Value)) { // ENV wins over ARG
					given[kv.Key] = kv.Key
				}
			}
			if s.Stage == p.Stage {
				for _, name := range secretArgs(s.Step) {
					args = append(args, declared{s.Step, name})
				}
			}
		case *instructions.EnvCommand:
			for n, kv := range c.Env {
				d := s.What.([]defined)[n]
				if s.Stage == p.Stage && len(d.uses) > 0 {
					var from []declared
					for _, a := range args {
						if slices.Contains(d.uses, a.name) && !told[a.name] {
							from = append(from, a)
						}
					}
					if checkStored(p, s.Step, kv, d, given, from) {
						for _, a := range from {
							told[a.name] = true
						}
					}
				}
				from := ""
				for _, name := range d.uses {
					from = cmp.Or(from, given[name])
				}
				stored[kv.Key], given[kv.Key] = true, from
			}
		}
	}
	for _, a := range args {
		if !told[a.name] {
			reportSecretArg(p, a.step, a.name)
		}
	}
}

// defined is a variable that a step defines.
type defined struct {
	uses   []string // the variables that its value is made of
	secret bool     // it is of an ENV, and with their values it holds a secret
	shown  bool     // it is of an ENV, and its text shows a credential, whatever the variables in it hold
	named  bool     // it is of an ENV, its name is that of a secret, and its value no path
}

func seeDefines(s *stages.Step) any {
	list := s.Defines()
	if len(list) == 0 {
		return nil
	}
	env, _ := s.Instr.Cmd().(*instructions.EnvCommand)
	all := make([]defined, len(list))
	for n, d := range list {
		all[n].uses = d.Uses
		if env != nil && len(d.Uses) > 0 {
			v := s.Expand(env.Env[n].Value)
			all[n].shown = credentialIn(env.Env[n].Value) != ""
			all[n].secret = v.Known && holdsSecret(d.Name, v.Text)
			all[n].named = isSecretName(d.Name) && !pathLike.MatchString(strings.Trim(env.Env[n].Value, `"'`))
		}
	}
	return all
}

// checkStored looks at one variable of an ENV that is made of others, and reports whether it is a leak.
func checkStored(p *diagnostics.Pass, s *stages.Step, kv instructions.KeyValuePair, d defined, given map[string]string, args []declared) bool {
	if d.shown {
		return false // secret-value-literal
	}
	if d.secret {
		reportSecretEnv(p, s, kv.Key, credentialIn(s.Expand(kv.Value).Text), "", args)
		return true
	}
	raw := strings.Trim(kv.Value, `"'`)
	user, inURL := userInfo(raw)
	_, password, _ := strings.Cut(user, ":")
	for _, name := range d.uses {
		switch {
		case given[name] == "":
			continue
		case inURL && strings.Contains(password, "$"):
			if !strings.Contains(password, name) {
				continue
			}
			reportSecretEnv(p, s, kv.Key, "a password in a URL", given[name], args)
		case d.named && (inURL || !strings.Contains(raw, "://")):
			reportSecretEnv(p, s, kv.Key, "", given[name], args)
		default:
			return false
		}
		return true
	}
	return false
}

// reportSecretEnv reports an ENV, and in passing the ARGs that its value is from.
func reportSecretEnv(p *diagnostics.Pass, s *stages.Step, name, what, from string, args []declared) {
	f := diagnostics.Finding{Step: s, Span: keySpan(s, name), Message: diagnostics.Plain(secretEnv(p, name, what, from))}
	for _, a := range args {
		f.Related = append(f.Related, diagnostics.Related{Step: a.step, Span: keySpan(a.step, a.name), Message: "its value stays in the history, too"})
	}
	p.Report(f)
}

// secretArg is the message about an ARG. No message holds a value: reports are kept and shown.
func secretArg(p *diagnostics.Pass, name string) string {
	message := ""
	switch {
	case p.Stage == nil:
		message = "Each stage that declares " + words.Code("ARG "+name) + " keeps its value, and every new value reruns the RUN steps there"
	case p.Exported():
		message = "Anyone who has the image can read the value of " + name + " in its history"
	default:
		message = "The value of " + name + " stays readable in the build cache"
	}
	if p.Stage != nil {
		message += ", and every new value reruns each later RUN of the stage"
	}
	return message + "; use " + words.Code("RUN --mount=type=secret,id="+strings.ToLower(name)) + " instead"
}

// secretEnv is the message about an ENV. what is the credential that its value shows, from the variable
// that the value is taken from; both may be empty.
func secretEnv(p *diagnostics.Pass, name, what, from string) string {
	value, end := "value of "+name, "goes wherever that is pushed; pass it to a RUN with `--mount=type=secret`"
	if p.Exported() {
		end = "pass it when the container starts, or to a RUN with `--mount=type=secret`"
	}
	switch {
	case from != "":
		value = "value that the build gives " + from
		if what != "" {
			value += ", stored as part of " + name
		} else if from != name {
			value += ", stored as " + name
		}
	case what != "" && p.Exported():
		return name + " holds " + what + ": anyone who can pull the image can read it; " + end
	case what != "":
		return name + " holds " + what + ": it stays in the build cache, and " + end
	}
	if p.Exported() {
		return "Anyone who can pull the image can read the " + value + "; " + end
	}
	if strings.Contains(value, ",") {
		value += ","
	}
	return "The " + value + " stays in the build cache, and " + end
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
