package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/gitignore"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// This file finds folders that only some projects make: a folder called build may hold sources as well
// as outputs. Three things prove that nobody needs the one of the host: a manifest beside it, a command
// below the COPY that makes it anew, and, where the manifest does not say enough, a line of .gitignore.

// made is a folder that a tool makes beside a manifest.
type made struct {
	name       string
	beside     []string // wildcards
	ecosystems []string // whose commands make it
	gitignored bool     // the project must say that it is no source
}

var node = []string{"bun", "npm", "pnpm", "yarn"}

var madeOutputs = []made{
	{name: "target", beside: []string{"Cargo.toml"}, ecosystems: []string{"cargo"}},
	{name: "target", beside: []string{"pom.xml"}, ecosystems: []string{"maven"}},
	{name: "target", beside: []string{"build.sbt", "build.properties"}, ecosystems: []string{"sbt"}},
	{name: "target", beside: []string{"project.clj"}, ecosystems: []string{"lein"}},
	{name: "build", beside: []string{"*.gradle", "*.gradle.kts"}, ecosystems: []string{"gradle"}},
	{name: "bin", beside: []string{"*.csproj", "*.fsproj", "*.vbproj"}, ecosystems: []string{"dotnet"}},
	{name: "obj", beside: []string{"*.csproj", "*.fsproj", "*.vbproj"}, ecosystems: []string{"dotnet"}},
	{name: "_build", beside: []string{"mix.exs"}, ecosystems: []string{"mix"}},
	{name: "_build", beside: []string{"rebar.config"}, ecosystems: []string{"rebar3"}},
	{name: "_build", beside: []string{"dune-project"}, ecosystems: []string{"opam"}},
	{name: ".build", beside: []string{"Package.swift"}, ecosystems: []string{"swift"}},
	{name: "out", beside: []string{"build.mill", "build.sc"}, ecosystems: []string{"mill"}},
	{name: "dist", beside: []string{"package.json"}, ecosystems: node, gitignored: true},
	{name: "build", beside: []string{"package.json"}, ecosystems: node, gitignored: true},
	{name: "out", beside: []string{"package.json"}, ecosystems: node, gitignored: true},
}

var madeDeps = []made{
	{name: "deps", beside: []string{"mix.exs"}, ecosystems: []string{"mix"}, gitignored: true},
	{name: "vendor/bundle", beside: []string{"Gemfile"}, ecosystems: []string{"bundler"}, gitignored: true},
}

// taken are the folders that the copies take in and a later command of the stage makes anew.
func (m made) taken(p *diagnostics.Pass, list []copies.Copy) (found []files.Entry) {
	for _, e := range p.Context().Folders(path.Base(m.name)) {
		dir, ok := strings.CutSuffix("/"+e.Path, "/"+m.name)
		dir = path.Join(".", strings.TrimPrefix(dir, "/"))
		if !ok || !m.hasManifest(p.Context(), dir) || m.gitignored && !gitignored(p.Context(), e.Path) || !m.remade(p, list, dir) {
			continue
		}
		if !p.Context().BroughtBack(e.Path) {
			found = append(found, e)
		}
	}
	return found
}

func (m made) hasManifest(ctx *files.Context, dir string) bool {
	return slices.ContainsFunc(ctx.List(dir), func(e files.Entry) bool {
		return slices.ContainsFunc(m.beside, func(pattern string) bool {
			ok, err := path.Match(pattern, path.Base(e.Path))
			return ok && err == nil && !e.Ignored
		})
	})
}

// remade reports whether a command below the copy makes the folder of dir, and nothing before it names it.
func (m made) remade(p *diagnostics.Pass, list []copies.Copy, dir string) bool {
	for _, s := range p.Stage.Steps[list[0].Step.N+1:] {
		if s.Instr.Name != "RUN" {
			if strings.Contains(s.Instr.Body.Of(s.Instr.Text), path.Base(m.name)) {
				return false
			}
			continue
		}
		for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
			inst, ok := cmd.Install()
			if ok && slices.Contains(m.ecosystems, inst.Ecosystem) && m.makes(cmd, inst) && worksIn(dir, list, s, cmd, inst) {
				return true
			}
			if strings.Contains(cmd.Span.Of(s.Instr.Text), path.Base(m.name)) {
				return false
			}
		}
	}
	return false
}

// worksIn reports whether the command works in dir or above, as the copies lay the context out.
func worksIn(dir string, list []copies.Copy, s *stages.Step, cmd *shell.Command, inst *shell.Install) bool {
	at := copies.WorkingDir(s, cmd, inst)
	return slices.ContainsFunc(list, func(c copies.Copy) bool {
		from, ok := c.Delivers(at)
		_, below := relative(from, dir)
		return ok && (below || from == dir)
	})
}

// makes reports whether the command, which is one of the ecosystem, makes the folder.
func (m made) makes(cmd *shell.Command, inst *shell.Install) bool {
	switch {
	case slices.Contains(node, inst.Ecosystem):
		return inst.Build && slices.ContainsFunc(cmd.Operands(), func(w shell.Word) bool { return strings.HasPrefix(w.Text, "build") })
	case m.name == "deps", m.name == "vendor/bundle":
		return !inst.Build
	}
	return inst.Build
}

// gitignored reports whether git ignores a path of the context, or a folder that it is in, as far as the
// context's own .gitignore files say. It may be tracked all the same.
func gitignored(ctx *files.Context, name string) bool {
	var list gitignore.List
	read := func(dir string) {
		if body, err := ctx.Read(path.Join(dir, ".gitignore")); err == nil {
			list = list.With(dir, body)
		}
	}
	e, found := ctx.Lookup(name)
	folder := !found || e.Mode.IsDir()
	ignored := false
	read(".")
	for i, c := range name {
		if c != '/' || ignored {
			continue
		}
		ignored = list.Ignores(name[:i], true)
		read(name[:i])
	}
	return ignored || list.Ignores(name, folder)
}
