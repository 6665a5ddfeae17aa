package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/sources"
	"layerwise/cli/report"
	"layerwise/dockerfile/names"
	"layerwise/workspace"

	"github.com/spf13/cobra"
)

const buildsLong = `Show how the Dockerfiles of a folder are built: by which compose file, workflow, script
or other file of the workspace, with which build context, target and arguments, and which
of several builds counts. Nothing is run, and nothing is fetched: what only the run can
know is told as such.

The first build of a Dockerfile, marked with *, is the default one: explain and impact
look at that. check looks at all of them. To choose another one, set build in
.layerwise.yaml to its name.

Of a folder in a repository, the Dockerfiles in it and below are shown, and all files of
the repository may build them. In JSON the folder itself is all that is looked through:
paths count from it.`

const buildsExample = `  layerwise builds
  layerwise builds services/api/Dockerfile
  layerwise builds --format json . | jq '.builds[] | select(.default)'`

// buildsCommand is one run of the command.
type buildsCommand struct {
	*build
	root  string // absolute: what paths are relative to
	below string // the folder whose Dockerfiles are asked for, relative to the root; "." for all
	only  string // the one Dockerfile that is asked for, relative to the root; "" for all
}

// BuildsCommand is the command that shows how Dockerfiles are built.
func BuildsCommand() *cobra.Command {
	b := &buildsCommand{build: newBuild()}
	cmd := &cobra.Command{
		Use: "builds [folder or Dockerfile]", Short: "Show how Dockerfiles are built, and by what", Long: buildsLong, Example: buildsExample,
		Args: cobra.MaximumNArgs(1),
		RunE: b.reports(b.run),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&b.Config, "config", "", "configuration `file` (default: the nearest .layerwise.yaml above each Dockerfile)")
	flags.StringVar(&b.Format, "format", "text", "of the report: text, json or svg")
	flags.StringVar(&b.Color, "color", "auto", "auto, always or never")
	return cmd
}

func (b *buildsCommand) run(ctx context.Context) error {
	if err := b.start(); err != nil {
		return err
	}
	if err := b.place(); err != nil {
		return err
	}
	known := b.knownIn(ctx, b.root)
	if known == nil {
		return fmt.Errorf("%s: it cannot be read", b.show(b.root))
	}
	list := b.list(ctx, known)
	var err error
	switch b.Format {
	case "json":
		_, err = fmt.Fprintf(b.streams.Out, "%s\n", report.JSON(list))
	case "svg":
		_, err = io.WriteString(b.streams.Out, list.svg())
	default:
		_, err = io.WriteString(b.streams.Out, b.text(list))
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// place settles which folder is looked through, and for which Dockerfile.
func (b *buildsCommand) place() error {
	abs := b.abs(cmp.Or(b.dockerfile, "."))
	info, err := os.Stat(abs)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", b.show(abs), plain(err))
	case info.IsDir() && b.Format == "json":
		b.root, b.below = abs, "."
		return nil
	case info.IsDir():
		b.root = cmp.Or(workspace.RootOf(filepath.Join(abs, "Dockerfile")), abs)
		rel, err := filepath.Rel(b.root, abs)
		b.below = filepath.ToSlash(rel)
		return err
	}
	b.root = cmp.Or(workspace.RootOf(abs, b.about.Dir), filepath.Dir(abs))
	rel, err := filepath.Rel(b.root, abs)
	b.only = filepath.ToSlash(rel)
	return err
}

// asked reports whether a file of the workspace is one that is asked for.
func (b *buildsCommand) asked(name string) bool {
	if b.only != "" {
		return name == b.only
	}
	return b.below == "." || strings.HasPrefix(name, b.below+"/")
}

// buildList is all that was found, as JSON has it. Paths are relative to the root, with slashes.
type buildList struct {
	Builds []buildEntry `json:"builds"`
	Notes  []buildNote  `json:"notes"`

	dockerfiles []string // all that there are, sorted
}

type buildEntry struct {
	Name        string             `json:"name"` // for --build and .layerwise.yaml
	Dockerfile  string             `json:"dockerfile"`
	Context     string             `json:"context"`
	ContextKind string             `json:"contextKind"`
	Target      string             `json:"target"`
	Args        map[string]*string `json:"args"`
	Contexts    map[string]string  `json:"contexts"`
	Secrets     []string           `json:"secrets"`
	Platforms   []string           `json:"platforms"`
	Source      buildSource        `json:"source"`
	Default     bool               `json:"default"`

	found sources.Build
}

type buildSource struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Kind string `json:"kind"`
}

type buildNote struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// list puts together what the files of the workspace say, and what configurations choose.
func (b *buildsCommand) list(ctx context.Context, known *sources.Known) *buildList {
	list := &buildList{Builds: []buildEntry{}, Notes: []buildNote{}}
	mistakes := workspace.Mistakes(known, func(abs string) (string, error) {
		return b.read(ctx, target{name: b.show(abs), abs: abs, root: b.root})
	})
	notes := slices.Concat(known.Notes, mistakes)
	slices.SortStableFunc(notes, func(x, y sources.Note) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line))
	})
	for _, n := range notes {
		list.Notes = append(list.Notes, buildNote{n.File, max(n.Line, 1), n.Message})
	}
	for _, found := range known.Builds {
		// A text in a source, or a Dockerfile of elsewhere, lies where its source does.
		name := found.Dockerfile
		if name == "" || found.Elsewhere {
			name = found.Place.File
		}
		if b.asked(name) {
			list.Builds = append(list.Builds, entryOf(found))
		}
	}
	for _, name := range known.Dockerfiles {
		if b.asked(name) {
			b.choose(ctx, known, name, list)
		}
	}
	if b.only != "" && !slices.Contains(list.dockerfiles, b.only) {
		b.choose(ctx, known, b.only, list)
	}
	slices.SortStableFunc(list.Builds, func(x, y buildEntry) int {
		return cmp.Or(cmp.Compare(x.Dockerfile, y.Dockerfile), compareBool(y.Default, x.Default))
	})
	return list
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// choose marks the default build of a Dockerfile, and adds those that no source says.
func (b *buildsCommand) choose(ctx context.Context, known *sources.Known, name string, list *buildList) {
	abs := filepath.Join(b.root, filepath.FromSlash(name))
	t := target{name: name, abs: abs, root: b.root, named: name == b.only}
	src, err := b.read(ctx, t)
	if err != nil || len(known.Of(name)) == 0 && names.Doubtful(abs) && !names.HoldsInstructions(src) {
		return
	}
	list.dockerfiles = append(list.dockerfiles, name)
	cfg, notices, err := b.config(t)
	for _, notice := range notices {
		b.note(notice)
	}
	if err != nil {
		list.Notes = append(list.Notes, buildNote{name, 1, err.Error()})
	}
	cfg = cfg.Knowing(known)
	for _, p := range b.unfound(cfg) {
		list.Notes = append(list.Notes, buildNote{p.Path, p.Line, p.Message})
	}
	for i, build := range workspace.NewFileSnapshot(abs, src, cfg, b.lister).Builds() {
		switch build.Source.Kind {
		case workspace.FromSource:
			if i == 0 {
				is := func(e buildEntry) bool { return build.Is(e.found) } // which may name a link to the file
				if n := slices.IndexFunc(list.Builds, is); n >= 0 {
					list.Builds[n].Default = true
				}
			}
			continue
		case workspace.FromNowhere:
			list.Notes = append(list.Notes, buildNote{name, 1, "nothing in the workspace says how this Dockerfile is built: its own folder is taken for the build context; if that is wrong, set context in .layerwise.yaml"})
			continue
		}
		list.Builds = append(list.Builds, b.entryOf(build, name, i == 0))
	}
}

// entryOf is what a source says.
func entryOf(found sources.Build) buildEntry {
	e := buildEntry{
		Name: found.ID, Dockerfile: found.Dockerfile, Context: found.Context, ContextKind: string(found.Kind), Target: found.Target,
		Args: found.Args, Contexts: found.Contexts, Secrets: found.Secrets, Platforms: found.Platforms,
		Source: buildSource{found.Place.File, found.Place.Line, string(found.Place.Kind)}, Default: found.Inline != "" || found.Elsewhere, found: found,
	}
	e.complete()
	return e
}

// entryOf is what a configuration says, or the text of the Dockerfile.
func (b *buildsCommand) entryOf(build workspace.Build, name string, isDefault bool) buildEntry {
	rel := func(abs string) string {
		if r, err := filepath.Rel(b.root, abs); err == nil && filepath.IsAbs(abs) {
			return filepath.ToSlash(r)
		}
		return abs
	}
	e := buildEntry{
		Name: build.Name, Dockerfile: name, Context: rel(build.Context), ContextKind: string(sources.Folder), Target: build.Target,
		Args: map[string]*string{}, Contexts: map[string]string{}, Source: buildSource{name, 1, "inferred"}, Default: isDefault,
	}
	if build.Source.Kind != workspace.FromFiles {
		e.Source = buildSource{rel(build.Source.File), max(build.Source.Line, 1), "config"}
	}
	for arg, value := range build.Args {
		e.Args[arg] = &value
	}
	for context, where := range build.Contexts {
		e.Contexts[context] = rel(where)
	}
	if build.Platform != "" {
		e.Platforms = []string{build.Platform}
	}
	e.complete()
	return e
}

// complete has no list and no map missing, as programs like it.
func (e *buildEntry) complete() {
	if e.Args == nil {
		e.Args = map[string]*string{}
	}
	if e.Contexts == nil {
		e.Contexts = map[string]string{}
	}
	if e.Secrets == nil {
		e.Secrets = []string{}
	}
	if e.Platforms == nil {
		e.Platforms = []string{}
	}
}
