package catalog_test

import (
	"regexp"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// difference is a finding that only one side has.
type difference struct {
	text  lintText
	graph *stages.Graph
	step  *stages.Step
}

const (
	buildKitAlone = "BuildKit alone"
	weAlone       = "we alone"
	anyCheck      = "any"
)

// meant is a difference that is meant, with the reason. when says to which instructions it applies; nil is all.
type meant struct {
	check, who, why string
	when            func(difference) bool
}

// differences are those from BuildKit.
var differences = []meant{
	{anyCheck, weAlone, "what an ONBUILD holds is checked as what it will be, which BuildKit does in the builds of other images", func(d difference) bool {
		return d.step.Instr.Name == "ONBUILD"
	}},
	{"JSONArgsRecommended", buildKitAlone, "exec puts the program in the place of the shell, so that signals arrive", func(d difference) bool {
		return shell.Of(d.step.Instr, d.step.Shell).Execs()
	}},
	{"JSONArgsRecommended", buildKitAlone, "it is meant as a list, but is no JSON, which invalid-json-form reports", func(d difference) bool {
		return strings.HasPrefix(d.step.Instr.Args.Of(d.step.Instr.Text), "[")
	}},
	{"WorkdirRelativePath", buildKitAlone, "~ is meant as the home directory, which tilde-not-expanded reports", func(d difference) bool {
		return strings.HasPrefix(strings.Trim(d.step.Expand(d.step.Instr.Cmd().(*instructions.WorkdirCommand).Path).Text, `"'`), "~")
	}},
	{"InvalidDefaultArgInFrom", buildKitAlone, "the ARG is not even declared, which undefined-arg-in-from reports", func(d difference) bool {
		return slices.ContainsFunc(d.step.Unset(), func(u stages.Unset) bool { return !declaredGlobally(d.graph, u.Name) })
	}},
	{"InvalidDefaultArgInFrom", buildKitAlone, "the name is written out, so that BuildKit refuses it, which build-refused reports", func(d difference) bool {
		return !strings.Contains(d.step.Instr.Args.Of(d.step.Instr.Text), "$")
	}},
	{"ExposeInvalidFormat", buildKitAlone, "BuildKit refuses the port itself, which build-refused reports", func(d difference) bool {
		return slices.ContainsFunc(d.step.Ports(), func(p stages.Port) bool { return !p.Valid && p.Host != "" })
	}},
	{"UndefinedVar", buildKitAlone, "each use says what holds without a value, as in ${X:-y}", func(d difference) bool {
		return !slices.ContainsFunc(d.step.Unset(), func(u stages.Unset) bool { return !u.Fallback })
	}},
	{"UndefinedVar", buildKitAlone, "nothing is known of the base image, which may set the variable", func(d difference) bool {
		facts, known := images.Of(d.step.Stage)
		return !d.step.Stage.Root().Scratch() && (!known || !facts.Tagged || facts.Recalled)
	}},
	{"UndefinedVar", buildKitAlone, "an image of Linux is asked for Windows: nothing is known of that", func(d difference) bool {
		facts, known := images.Of(d.step.Stage)
		return d.step.Stage.Windows && known && facts.Source == ""
	}},
	{"UndefinedVar", buildKitAlone, "$env:NAME is what PowerShell reads", func(d difference) bool {
		return d.step.Stage.Windows && strings.Contains(d.step.Instr.Text, "$env:")
	}},
	{"UndefinedVar", weAlone, "BuildKit says nothing of EXPOSE, though it puts nothing in the place of the variable there, too", func(d difference) bool {
		return d.step.Instr.Name == "EXPOSE"
	}},
	{"UndefinedVar", weAlone, "BuildKit gives an image of Windows a PATH as well, if it is asked for Linux", func(d difference) bool {
		return d.step.Stage.Windows && strings.Contains(d.step.Instr.Text, "PATH")
	}},
	{"WorkdirRelativePath", buildKitAlone, "the directory is a variable whose value is not known", func(d difference) bool {
		c := d.step.Instr.Cmd().(*instructions.WorkdirCommand)
		v := d.step.Expand(c.Path)
		return strings.Contains(c.Path, "$") && (!v.Known || v.Text == "")
	}},
	{"WorkdirRelativePath", buildKitAlone, "a path with a drive is absolute on Windows, for which the image is, or may be", func(d difference) bool {
		path := d.step.Expand(d.step.Instr.Cmd().(*instructions.WorkdirCommand).Path)
		return strings.Contains(path.Text, ":") && (d.step.Stage.Windows || !d.step.Workdir.Known)
	}},
	{"RedundantTargetPlatform", buildKitAlone, "the file gives TARGETPLATFORM a value of its own", func(d difference) bool {
		return declaredGlobally(d.graph, "TARGETPLATFORM")
	}},
	{"FromPlatformFlagConstDisallowed", buildKitAlone, "an image for another system than Linux is for one platform only", func(d difference) bool {
		return !strings.HasPrefix(d.step.Stage.Platform, "linux") || d.step.Stage.Windows
	}},
	{"SecretsUsedInArgOrEnv", buildKitAlone, "the value is nothing, or that of another variable, which is reported where it may hold a secret", func(d difference) bool {
		return named(d.step, func(name, value string, has bool) bool { return has && (value == "" || strings.Contains(value, "$")) })
	}},
	{"SecretsUsedInArgOrEnv", buildKitAlone, "the value is no secret: a path, an address, a fingerprint, a switch, a placeholder", func(d difference) bool {
		return named(d.step, func(name, value string, has bool) bool {
			return has && (value == "" || strings.Contains(value, "$") || harmless.MatchString(value))
		})
	}},
	{"SecretsUsedInArgOrEnv", buildKitAlone, "the last word of the name tells that it is no secret: AUTH_TYPE, CACHE_KEY", func(d difference) bool {
		return named(d.step, func(name, value string, has bool) bool { return !credentialNoun.MatchString(name) })
	}},
	{"SecretsUsedInArgOrEnv", buildKitAlone, "an ENV below stores the value of the ARG, and is reported in its stead", func(d difference) bool {
		return d.step.Instr.Name == "ARG" && d.step.Stage != nil && slices.ContainsFunc(d.step.Stage.Steps[d.step.N:], func(s *stages.Step) bool {
			return s.Instr.Name == "ENV" && slices.ContainsFunc(s.Defines(), func(env stages.Definition) bool {
				return named(d.step, func(name, _ string, _ bool) bool { return slices.Contains(env.Uses, name) })
			})
		})
	}},
	{"SecretsUsedInArgOrEnv", weAlone, "the name is one that BuildKit's list has not, such as PGPASSWORD or clientSecret, or the value is a credential", func(d difference) bool {
		return !named(d.step, func(string, string, bool) bool { return true }) || strings.Contains(d.step.Instr.Text, "://")
	}},
	{"JSONArgsRecommended", buildKitAlone, "another instruction of the stage replaces it, which is told in its stead", func(d difference) bool {
		return slices.ContainsFunc(d.step.Stage.Steps[d.step.N+1:], func(s *stages.Step) bool { return s.Instr.Name == d.step.Instr.Name })
	}},
	{"FromAsCasing", buildKitAlone, "BuildKit refuses the instruction anyway", refused},
	{"StageNameCasing", buildKitAlone, "BuildKit refuses the instruction anyway", refused},
	{anyCheck, buildKitAlone, "it is about an ONBUILD of the stage below, which runs in this one", func(d difference) bool {
		return d.step.Instr.Name == "FROM" && len(d.step.Stage.Triggers(d.graph)) > 0
	}},
	{anyCheck, buildKitAlone, "a comment above the instruction silences it, as later releases of BuildKit read it", func(d difference) bool {
		return slices.ContainsFunc(d.step.Instr.Comments, func(c text.Span) bool { return strings.Contains(c.Of(d.step.Instr.Text), "check=skip=") })
	}},
	{"CopyIgnoredFile", buildKitAlone, "nothing in the folder matches the pattern", func(d difference) bool {
		return slices.ContainsFunc(copies.Sources(d.step), func(source string) bool { return strings.ContainsAny(source, "*?[") })
	}},
	{"InvalidDefinitionDescription", buildKitAlone, "the comment silences a finding, and is no description", func(d difference) bool {
		return len(diagnostics.IgnoresOf(d.step.Instr)) > 0
	}},
	{"NoEmptyContinuation", buildKitAlone, "the blank lines are the last ones of the file, and nothing is continued", func(d difference) bool {
		return len(d.step.Instr.BlankLines()) == 0 && d.graph.Index(d.step) == len(d.graph.File.Instructions)-1
	}},
}

// secretName is BuildKit's pattern for names, and notSecret that for those that it lets pass; harmless matches values that
// unlock nothing, and credentialNoun names that end like those of secrets.
var (
	secretName     = regexp.MustCompile(`(?i)(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)`)
	notSecret      = regexp.MustCompile(`(?i)(?:_|^)(?:public|file|version)(?:_|$)`)
	harmless       = regexp.MustCompile(`^(\S*[/.]\S*|(0x)?[0-9A-Fa-f ]+|[a-z_-]+|[A-Z]?[a-z]+)$`)
	credentialNoun = regexp.MustCompile(`(?i)(apikey|credentials?|password|pword|passwd|secret|token)$`)
)

// named reports whether all variables of a step whose names BuildKit takes for those of secrets are such as the function
// says, and there is one. has tells of an ARG whether it has a value.
func named(s *stages.Step, such func(name, value string, has bool) bool) bool {
	found := false
	all := true
	look := func(name, value string, has bool) {
		if secretName.MatchString(name) && !notSecret.MatchString(name) {
			found = true
			all = all && such(name, strings.Trim(value, `"'`), has)
		}
	}
	switch c := s.Instr.Cmd().(type) {
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			if kv.Value == nil {
				look(kv.Key, "", false)
			} else {
				look(kv.Key, *kv.Value, true)
			}
		}
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			look(kv.Key, kv.Value, true)
		}
	}
	return found && all
}

func refused(d difference) bool { return d.step.Instr.Cmd() == nil }

// declaredGlobally reports whether an ARG above the first FROM declares the variable.
func declaredGlobally(g *stages.Graph, name string) bool {
	return slices.ContainsFunc(g.Global, func(s *stages.Step) bool {
		return slices.ContainsFunc(s.Defines(), func(d stages.Definition) bool { return d.Name == name })
	})
}
