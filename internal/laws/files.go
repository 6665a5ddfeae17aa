package laws

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// This file holds the law that each file which a command reads is there when it runs. It knows of files only that
// a word, a variable or a custom names them: what the readers of manifests know, it must not ask, or it would
// overlook what they do.

// Fed: each file of the context that a command names, by a word, by the environment or by custom, and that was in
// the image when the command ran, is there after the fix too. context is the build context by its files' names;
// changed are those that the fix changed, such as the ignore file.
func Fed(before, after string, context, changed map[string]string) string {
	then := maps.Clone(context)
	if then == nil {
		then = map[string]string{}
	}
	maps.Copy(then, changed)
	was, is := meals(before, context), meals(after, then)
	if len(was) != len(is) {
		return "" // Conserved says so
	}
	for i, meal := range was {
		for _, at := range slices.Sorted(maps.Keys(meal.names)) {
			if source := meal.names[at]; is[i].there[at] != source {
				return fmt.Sprintf("%q names %s, which is not there any more when it runs", meal.command, source)
			}
		}
	}
	return ""
}

// meal is a command with what is there for it: files of the context by their paths in the image.
type meal struct {
	command string
	names   map[string]string // those that it names
	there   map[string]string // all
}

// meals are the commands of all RUNs in their order, but for those that only change the shell.
func meals(src string, context map[string]string) (list []meal) {
	bc := files.InMemory(maps.Clone(context))
	ends := map[*stages.Stage]map[string]string{} // what is in each stage at its end
	for _, stage := range Graph(src).Stages {
		there := map[string]string{}
		if stage.Parent != nil {
			maps.Copy(there, ends[stage.Parent])
		}
		for _, s := range stage.Steps {
			if c, ok := copies.Of(s); ok {
				put(bc, c, there)
			}
			if s.Instr.Name != "RUN" {
				continue
			}
			now := maps.Clone(there)
			for _, c := range shell.Of(s.Instr, s.Shell).Commands {
				if c.Depth == 0 && (c.Effects().Shell != 0 || len(c.Words) == 0) {
					continue
				}
				list = append(list, meal{command: text(c), names: named(s, c, context, now), there: now})
			}
		}
		ends[stage] = there
	}
	return list
}

// put notes what a COPY brings.
func put(bc *files.Context, c copies.Copy, there map[string]string) {
	for _, source := range c.Taken(bc) {
		bc.All(func(e files.Entry) bool {
			switch {
			case e.Ignored || e.Mode.IsDir() || e.Mode&fs.ModeSymlink != 0 || len(c.Exclude) > 0 && c.LeavesOut(e.Path):
			case e.Path == source && (c.IsDir || len(c.Sources) > 1 || source != c.Sources[0]):
				there[path.Join(c.Dest, path.Base(e.Path))] = e.Path
			case e.Path == source:
				there[c.Dest] = e.Path
			case source == "." || strings.HasPrefix(e.Path, source+"/"):
				there[path.Join(c.Dest, strings.TrimPrefix(e.Path, source+"/"))] = e.Path
			}
			return true
		})
	}
}

func text(c *shell.Command) string {
	return strings.Join(shell.Texts(c.Words), " ")
}

// named are the files that the command names, of those that are there.
func named(s *stages.Step, c *shell.Command, context, there map[string]string) map[string]string {
	names := map[string]string{}
	dirs := []string{join(copies.Dir(s), c.Dir)}
	note := func(dir, name string) {
		at := join(dir, name)
		if source, ok := there[at]; ok && names[at] == "" {
			names[at] = source
			for _, other := range companions(context[source]) {
				if beside := join(path.Dir(at), other); there[beside] != "" {
					names[beside] = there[beside]
				}
			}
		}
	}
	words := []string{}
	for _, w := range c.Words {
		_, value, _ := strings.Cut(w.Text, "=")
		words = append(words, w.Text, value)
	}
	variables := copies.Env(s)
	for _, v := range variables {
		if customs[c.Program].reads(v.Name) {
			words = append(words, v.Value)
		}
	}
	for _, a := range c.Assigns {
		words = append(words, a.Value.Text)
	}
	for _, w := range words { // a folder that an option names is one to work in
		if dir := join(dirs[0], w); w != "" && slices.ContainsFunc(slices.Collect(maps.Keys(there)), func(at string) bool { return strings.HasPrefix(at, dir+"/") }) {
			dirs = append(dirs, dir)
		}
	}
	for _, w := range words {
		if w == "" {
			continue
		}
		note(dirs[0], w)
		for ending, other := range besides {
			if stem, ok := strings.CutSuffix(w, ending); ok && customs[c.Program].beside {
				note(dirs[0], stem+other)
			}
		}
	}
	k := customs[c.Program]
	if !k.installs(c) || k.replaced(names) {
		return names
	}
	if len(dirs) > 1 {
		dirs = dirs[1:]
	}
	files := k.files
	for at := range names {
		if strings.HasSuffix(at, ".mod") {
			files = []string{"go.mod"} // it says where the module is, and -modfile what is in it
		}
	}
	for _, dir := range dirs {
		for _, name := range files {
			note(dir, name)
		}
	}
	return names
}

func join(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// companions are the files that a file of requirements names.
func companions(text string) (names []string) {
	for _, m := range requires.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

var requires = regexp.MustCompile(`(?m)^(?:-r|-c) *(\S+)$`)

// besides are endings of names, and those of the files beside them that a tool reads too.
var besides = map[string]string{".gemfile": ".gemfile.lock", ".mod": ".sum", ".json": ".lock", "Cargo.toml": "Cargo.lock"}

// custom is what a program reads without being told.
type custom struct {
	subs   []string // of the commands that install; none for all
	files  []string
	vars   []string // variables that name files for it
	beside bool     // also files beside those that are named
}

func (k custom) reads(name string) bool { return slices.Contains(k.vars, name) }

// replaced reports whether one of the named files stands in for those that the program looks for by itself.
func (k custom) replaced(names map[string]string) bool {
	for at := range names {
		if slices.Contains(k.files, path.Base(at)) || k.beside && (strings.HasSuffix(at, ".gemfile") || strings.HasSuffix(at, ".json")) {
			return true
		}
	}
	return false
}

// installs reports whether the command is one that reads the files.
func (k custom) installs(c *shell.Command) bool {
	if len(k.subs) == 0 {
		return len(k.files) > 0
	}
	return slices.ContainsFunc(c.Words, func(w shell.Word) bool { return slices.Contains(k.subs, w.Text) }) &&
		!slices.ContainsFunc(c.Words, func(w shell.Word) bool { return w.Text == "-g" || w.Text == "config" })
}

var customs = map[string]custom{
	"bundle":   {subs: []string{"install"}, files: []string{"Gemfile", "Gemfile.lock"}, vars: []string{"BUNDLE_GEMFILE"}, beside: true},
	"cargo":    {subs: []string{"fetch", "build"}, files: []string{"Cargo.toml", "Cargo.lock"}, vars: []string{"CARGO_MANIFEST_PATH"}, beside: true},
	"composer": {subs: []string{"install"}, files: []string{"composer.json", "composer.lock"}, vars: []string{"COMPOSER"}, beside: true},
	"go":       {subs: []string{"mod", "build"}, files: []string{"go.mod", "go.sum", "go.work", "go.work.sum"}, beside: true},
	"mvn":      {files: []string{"pom.xml"}},
	"npm":      {subs: []string{"ci", "install"}, files: []string{"package.json", "package-lock.json", ".npmrc"}, vars: []string{"NPM_CONFIG_USERCONFIG"}},
	"pip":      {vars: []string{"PIP_REQUIREMENT", "PIP_CONSTRAINT"}},
	"pnpm":     {subs: []string{"install"}, files: []string{"package.json", "pnpm-lock.yaml", ".npmrc"}, vars: []string{"NPM_CONFIG_USERCONFIG"}},
	"python":   {vars: []string{"PIP_REQUIREMENT", "PIP_CONSTRAINT"}},
	"yarn":     {subs: []string{"install"}, files: []string{"package.json", "yarn.lock", ".npmrc", ".yarnrc"}, vars: []string{"NPM_CONFIG_USERCONFIG"}},
}
