package refusals

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"layerwise/build/images"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// plain reports whether the file is certainly taken: it is made of nothing but the usual instructions, in
// forms in which BuildKit has nothing to refuse. Most files are, and need no conversion. It may say false of
// any file: then the frontend decides. All instructions are readable (see removeRejected).
func plain(g *stages.Graph, options map[string]string) bool {
	f := g.File
	if !utf8.ValidString(f.Src) || strings.Contains(strings.ToLower(f.Header), "check") {
		return false
	}
	for name, value := range options {
		switch name {
		case "target": // which was looked up
		case "platform":
			if value != "" && !plainPlatform.MatchString(value) {
				return false
			}
		default:
			return false
		}
	}
	for _, s := range g.Global {
		if !plainArgs(s) {
			return false
		}
	}
	for _, stage := range g.Stages {
		if !plainFrom(g, stage) {
			return false
		}
		for _, s := range stage.Steps[1:] {
			if !plainStep(g, s) {
				return false
			}
		}
	}
	return len(g.Stages) > 0
}

var (
	plainPlatform = regexp.MustCompile(`^(linux|windows)/(amd64|arm64|arm64/v8|arm/v7|arm/v6|386|ppc64le|s390x|riscv64)$`)
	plainPath     = regexp.MustCompile(`^[\w./*()@+, -]+$`)
	numericOwner  = regexp.MustCompile(`^\d+(:\d+)?$`)
	plainMode     = regexp.MustCompile(`^[0-7]{3,4}$`)
	plainPort     = regexp.MustCompile(`^([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d)(/tcp|/udp)?$`)
	plainSignal   = regexp.MustCompile(`^SIG(TERM|KILL|INT|QUIT|HUP|USR1|USR2|WINCH)$`)
	// plainVariable is a use of a variable that takes any value, also none.
	plainVariable = regexp.MustCompile(`\$(\w+|\{\w+(:?[-+]([\w./:-]|\$\w)*)?\})`)
)

// mountPath is a path that stays below the directory that it is taken from, and is not that itself.
const mountPath = `/?\w[\w/-]*(\.\w[\w/-]*)*`

var plainMount = regexp.MustCompile(`^(type=cache(,id=[\w./-]+|,sharing=(shared|private|locked))*,target=` + mountPath + `(,id=[\w./-]+|,sharing=(shared|private|locked))*|` +
	`type=secret,id=[\w.-]+|type=bind,source=` + mountPath + `,target=` + mountPath + `)$`)

// builder are the platforms that FROM may take from the build.
var builder = map[string]bool{"$BUILDPLATFORM": true, "${BUILDPLATFORM}": true, "$TARGETPLATFORM": true, "${TARGETPLATFORM}": true}

func plainFrom(g *stages.Graph, stage *stages.Stage) bool {
	from, ok := stage.Steps[0].Instr.Cmd().(*instructions.Stage)
	if !ok || !stage.Base.Known || from.Platform != "" && !builder[from.Platform] && !plainPlatform.MatchString(from.Platform) {
		return false
	}
	if strings.EqualFold(from.Name, "scratch") { // of which BuildKit takes each for the other
		return false
	}
	return stage.Parent != nil || stage.Scratch() || isImage(stage.Base.Text)
}

func isImage(name string) bool {
	_, err := images.Parse(name)
	return err == nil
}

func plainStep(g *stages.Graph, s *stages.Step) bool {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.ArgCommand:
		return plainArgs(s)
	case *instructions.EnvCommand:
		return plainPairs(c.Env)
	case *instructions.LabelCommand:
		return plainPairs(c.Labels)
	case *instructions.RunCommand:
		return plainRun(s, c)
	case *instructions.CopyCommand:
		if c.Parents || c.From != "" && !plainSource(g, s.Stage, c.From) {
			return false
		}
		return plainCopy(s.Stage, c.SourcesAndDest, c.Chown, c.Chmod, c.Link, c.ExcludePatterns)
	case *instructions.AddCommand:
		variable := slices.ContainsFunc(c.SourcePaths, func(source string) bool { return strings.Contains(source, "$") }) // it may be a URL
		return !variable && c.Checksum == "" && c.KeepGitDir == nil && c.Unpack == nil && plainCopy(s.Stage, c.SourcesAndDest, c.Chown, c.Chmod, c.Link, c.ExcludePatterns)
	case *instructions.WorkdirCommand:
		return plainDirectory(s.Stage, c.Path)
	case *instructions.UserCommand:
		return plainText(c.User)
	case *instructions.ExposeCommand:
		return !slices.ContainsFunc(c.Ports, func(port string) bool { return !plainPort.MatchString(port) })
	case *instructions.VolumeCommand:
		return !slices.ContainsFunc(c.Volumes, func(name string) bool {
			folder := s.Expand(name) // which must not be empty
			return !folder.Known || !plainPath.MatchString(folder.Text)
		})
	case *instructions.StopSignalCommand:
		return plainSignal.MatchString(c.Signal)
	case *instructions.ShellCommand:
		return len(c.Shell) > 0
	case *instructions.CmdCommand, *instructions.EntrypointCommand, *instructions.HealthCheckCommand, *instructions.MaintainerCommand:
		return true
	}
	return false // ONBUILD, and what there may be one day
}

// plainText reports whether a text that can be expanded can be so with any values.
func plainText(text string) bool {
	return !strings.Contains(text, "$") || !strings.Contains(plainVariable.ReplaceAllString(text, ""), "$")
}

func plainPairs(pairs instructions.KeyValuePairs) bool {
	return !slices.ContainsFunc(pairs, func(kv instructions.KeyValuePair) bool {
		return kv.Key == "" || strings.Contains(kv.Key, "$") || !plainText(kv.Value)
	})
}

func plainArgs(s *stages.Step) bool {
	c, ok := s.Instr.Cmd().(*instructions.ArgCommand)
	return ok && !slices.ContainsFunc(c.Args, func(kv instructions.KeyValuePairOptional) bool {
		special := kv.Key == "SOURCE_DATE_EPOCH" || kv.Value != nil && strings.HasSuffix(kv.Key, "PLATFORM") && !plainPlatform.MatchString(*kv.Value) || strings.HasPrefix(kv.Key, "BUILDKIT_")
		return special || kv.Value != nil && !plainText(*kv.Value)
	})
}

func plainRun(s *stages.Step, c *instructions.RunCommand) bool {
	if len(c.CmdLine) == 0 || c.CmdLine[0] == "" || len(c.Files) > 0 && (len(c.CmdLine) > 1 || !c.PrependShell) {
		return false
	}
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) != "mount" || !plainMount.MatchString(f.Value.Of(s.Instr.Text)) {
			return false
		}
	}
	return true
}

// plainSource reports whether a COPY --from names a stage above, or an image.
func plainSource(g *stages.Graph, stage *stages.Stage, from string) bool {
	if n, err := strconv.Atoi(from); err == nil {
		return n >= 0 && n < stage.Index
	}
	named := false
	for _, other := range g.Stages {
		if strings.EqualFold(other.Name, from) {
			if named = true; other.Index >= stage.Index {
				return false
			}
		}
	}
	return named || isImage(from)
}

// plainDirectory reports whether a directory can be worked out: on Linux any can, on Windows there are drives.
func plainDirectory(stage *stages.Stage, name string) bool {
	return plainPath.MatchString(name) || !stage.Windows && plainText(name)
}

func plainCopy(stage *stages.Stage, paths instructions.SourcesAndDest, chown, chmod string, link bool, exclude []string) bool {
	if len(exclude) > 0 || len(paths.SourceContents) > 0 || !plainDirectory(stage, paths.DestPath) ||
		!plainText(chown) || link && chown != "" && !numericOwner.MatchString(chown) || chmod != "" && !plainMode.MatchString(chmod) {
		return false
	}
	for _, source := range paths.SourcePaths {
		if path := plainVariable.ReplaceAllString(source, ""); path != "" && !plainPath.MatchString(path) || strings.HasPrefix(source, "github.com/") {
			return false
		}
	}
	return len(paths.SourcePaths) > 0
}
