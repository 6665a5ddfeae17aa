package copies

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// OfWholeContext are the stage's copies of the whole context. There are none if the context is not
// known, or does not look like the one that the file is built with: it lacks a file that a COPY or a
// command names, or holds nothing but what describes the build.
func OfWholeContext(ctx *files.Context, s *stages.Stage) (whole []Copy) {
	if ctx == nil {
		return nil
	}
	for _, step := range s.Steps {
		if len(whole) > 0 && lacks(ctx, whole, step) {
			return nil
		}
		c, ok := Of(step)
		if !ok {
			continue
		}
		if len(c.Select(ctx).Missing) > 0 {
			return nil
		}
		if c.Whole() {
			whole = append(whole, c)
		}
	}
	if len(whole) > 0 && !hasContent(ctx) {
		return nil
	}
	return whole
}

type contentKey struct{}

// hasContent reports whether the context holds more than descriptions of the build.
func hasContent(ctx *files.Context) bool {
	return ctx.Memo(contentKey{}, func() any { return slices.ContainsFunc(ctx.List("."), isContent) }).(bool)
}

// isContent reports whether the entry is more than a description of the build.
func isContent(e files.Entry) bool {
	switch e.Path {
	case ".dockerignore", ".layerwise.yaml", ".layerwise.yml", "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-bake.hcl", ".github", ".gitlab-ci.yml", "Jenkinsfile":
		return false
	}
	return !strings.HasPrefix(e.Path, "Dockerfile") && !strings.HasSuffix(e.Path, ".dockerignore")
}

// lacks reports whether the step needs something in a copied directory that the context has not got:
// the project that it builds, its Makefile, a script. A step above may have made it, but then nothing
// is lost except a finding.
func lacks(ctx *files.Context, whole []Copy, s *stages.Step) bool {
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		inst, isInstall := cmd.Install()
		if !isInstall {
			inst = &shell.Install{Command: cmd}
		}
		at := WorkingDir(s, cmd, inst)
		for _, c := range whole {
			if program := programPath(cmd, at); program != "" {
				p, ok := c.Delivers(program)
				if ok && !ctx.Exists(p) {
					return true
				}
			}
			dir, ok := c.Delivers(at)
			if ok && (isInstall && !manifests.Present(ctx, dir, inst) || lacksMakefile(ctx, dir, cmd)) {
				return true
			}
		}
	}
	return false
}

// programPath is the absolute path of a program that is called by its path; "" if it is found
// through PATH.
func programPath(cmd *shell.Command, dir string) string {
	if len(cmd.Words) == 0 || !cmd.Words[0].Literal || !strings.Contains(cmd.Words[0].Text, "/") {
		return ""
	}
	if program := cmd.Words[0].Text; !path.IsAbs(program) {
		return path.Join(dir, program)
	}
	return path.Clean(cmd.Words[0].Text)
}

func lacksMakefile(ctx *files.Context, dir string, cmd *shell.Command) bool {
	if cmd.Program != "make" || cmd.HasFlag("-C", "-f", "--directory", "--file", "--makefile") {
		return false
	}
	return !slices.ContainsFunc([]string{"GNUmakefile", "makefile", "Makefile"}, func(name string) bool {
		return ctx.Exists(path.Join(dir, name))
	})
}

// WorkingDir is the directory of the image in which the command of the step works, in the form of
// Copy.Dest.
func WorkingDir(s *stages.Step, cmd *shell.Command, inst *shell.Install) string {
	dir := Dir(s)
	for _, to := range []string{cmd.Dir, inst.Dir.Text} {
		if path.IsAbs(to) {
			dir = path.Clean(to)
		} else {
			dir = path.Join(dir, to)
		}
	}
	return dir
}
