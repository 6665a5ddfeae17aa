package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"layerwise/workspace"

	"github.com/spf13/pflag"
)

// buildFlags say how Dockerfiles are built, as they are given. All commands that look at builds have
// the same ones.
type buildFlags struct {
	name, context, target, platform string
	args, contexts                  []string
	all                             bool // all builds of the Dockerfile, not only the default one
}

// add adds the flags.
func (b *buildFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&b.context, "context", "", "build context `folder` (default: as configured, or the Dockerfile's)")
	flags.StringArrayVar(&b.args, "build-arg", nil, "`NAME=VALUE` of a build argument, or NAME to take the value from the environment")
	flags.StringArrayVar(&b.contexts, "build-context", nil, "`NAME=FOLDER` of a named context, as docker buildx build has it, or NAME=docker-image://IMAGE and the like")
	flags.StringVar(&b.target, "target", "", "the `stage` that the build exports (default: as configured, or the last)")
	flags.StringVar(&b.platform, "platform", "", "the `platform` that is built for, such as linux/arm64")
	flags.StringVar(&b.name, "build", "", "the `name` of the build that counts, as layerwise builds shows it, if a Dockerfile has several")
	flags.BoolVar(&b.all, "all-builds", false, "look at all builds of the Dockerfile")
}

// read makes sense of the flags. Folders stay as they are given.
func (b *buildFlags) read() (flags workspace.Flags, err error) {
	flags = workspace.Flags{Build: b.name, Context: b.context, Target: b.target, Platform: b.platform}
	if flags.Args, err = parseBuildArgs(b.args); err != nil {
		return flags, err
	}
	flags.Contexts, err = parseContexts("--build-context", b.contexts)
	return flags, err
}

// at are the flags with their folders counted from the working directory; the build context from
// root, if there is one.
func (r *runner) at(flags workspace.Flags, root string) workspace.Flags {
	switch {
	case root != "" && !filepath.IsAbs(flags.Context):
		flags.Context = filepath.Join(root, filepath.FromSlash(flags.Context))
	case flags.Context != "":
		flags.Context = r.abs(flags.Context)
	}
	contexts := map[string]string{}
	for name, where := range flags.Contexts {
		if !workspace.Fetched(where) {
			where = r.abs(where)
		}
		contexts[name] = where
	}
	flags.Contexts = contexts
	return flags
}

// parseContexts reads named contexts as docker buildx build does.
func parseContexts(flag string, given []string) (map[string]string, error) {
	contexts := map[string]string{}
	for _, text := range given {
		name, where, ok := strings.Cut(text, "=")
		if !ok || name == "" || where == "" {
			return nil, fmt.Errorf("%s must be NAME=FOLDER, not %q", flag, text)
		}
		contexts[name] = where
	}
	return contexts, nil
}
