package workspace

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/sources"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/words"
)

// Mistakes are what builds say that is not so in the workspace: Dockerfiles and folders that are not there, targets
// that are no stage of their Dockerfile, and arguments that no ARG takes of any Dockerfile that they are passed to. read gives the text of a
// Dockerfile by its absolute path.
func Mistakes(known *sources.Known, read func(abs string) (string, error)) (wrong []sources.Note) {
	if known == nil {
		return nil
	}
	graphs := map[string]*stages.Graph{}
	graph := func(b sources.Build) *stages.Graph {
		key := b.Dockerfile + "\x00" + b.Inline
		g, seen := graphs[key]
		if !seen {
			src, err := b.Inline, error(nil)
			if b.Dockerfile != "" {
				src, err = read(filepath.Join(known.Root, filepath.FromSlash(b.Dockerfile)))
			}
			if err == nil {
				g = stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
			}
			graphs[key] = g
		}
		return g
	}
	said := map[sources.Note]bool{}
	tell := func(n sources.Note) {
		if n.Wrong = true; !said[n] {
			said[n] = true
			wrong = append(wrong, n)
		}
	}
	var passed passedArgs
	for _, b := range known.Builds {
		if b.Elsewhere {
			continue
		}
		g := graph(b)
		if b.Missing != "" { // the reader has said so, where it is a mistake
			g = nil
		}
		if b.Target != "" && g != nil && len(g.Stages) > 0 && g.Find(b.Target, len(g.Stages)) == nil {
			at := placeOf(b, b.At.Target)
			tell(sources.Note{File: at.File, Line: at.Line, Word: b.Target, Message: fmt.Sprintf("%s has no stage %q: the build fails", fileOf(b), b.Target)})
		}
		passed.add(b, g)
	}
	for _, n := range passed.unused() {
		tell(n)
	}
	return wrong
}

// placeOf is where a build says something, or else where it stands itself.
func placeOf(b sources.Build, at sources.Text) line {
	if at.Line == 0 {
		return line{b.Place.File, b.Place.Line}
	}
	return line{at.File, at.Line}
}

// line is a line of a file, relative to the workspace.
type line struct {
	File string
	Line int
}

func fileOf(b sources.Build) string {
	if b.Dockerfile == "" {
		return "the Dockerfile in this file"
	}
	return b.Dockerfile
}

// passedArgs are the arguments that builds pass, by the line that says so: several builds may share it, and then the
// argument is for those whose Dockerfiles take it.
type passedArgs struct {
	order []line
	names map[line]map[string]*passedArg
}

type passedArg struct {
	taken bool     // a Dockerfile takes it, or may
	files []string // that do not
}

// add takes in those of a build; g is nil if its Dockerfile is not known.
func (p *passedArgs) add(b sources.Build, g *stages.Graph) {
	var declared map[string]bool
	if g != nil && len(g.Stages) > 0 {
		declared = declaredArgs(g)
	}
	for name := range b.Args {
		at := placeOf(b, b.At.Args[name])
		if p.names[at] == nil {
			if p.names == nil {
				p.names = map[line]map[string]*passedArg{}
			}
			p.names[at] = map[string]*passedArg{}
			p.order = append(p.order, at)
		}
		arg := p.names[at][name]
		if arg == nil {
			arg = &passedArg{}
			p.names[at][name] = arg
		}
		arg.taken = arg.taken || declared == nil || declared[name] || grammar.Predefined(name)
		if file := fileOf(b); !slices.Contains(arg.files, file) {
			arg.files = append(arg.files, file)
		}
	}
}

// unused says which arguments no Dockerfile takes, a note for each line and Dockerfile.
func (p *passedArgs) unused() (wrong []sources.Note) {
	slices.SortFunc(p.order, func(a, b line) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	for _, at := range p.order {
		of := map[string][]string{}
		for name, arg := range p.names[at] {
			if !arg.taken {
				files := enumerated(slices.Sorted(slices.Values(arg.files)), "or")
				of[files] = append(of[files], name)
			}
		}
		for _, files := range slices.Sorted(maps.Keys(of)) {
			list := slices.Sorted(slices.Values(of[files]))
			word := ""
			if len(list) == 1 {
				word = list[0]
			}
			wrong = append(wrong, sources.Note{File: at.File, Line: at.Line, Word: word,
				Message: fmt.Sprintf("no ARG of %s takes %s: passing %s does nothing", files, enumerated(list, "and"), words.For(len(list), "it", "them"))})
		}
	}
	return wrong
}

func enumerated(names []string, and string) string {
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) > 10:
		return words.Some(names)
	}
	return words.Alternatives(names, and)
}

// declaredArgs are the names of all ARGs of a file.
func declaredArgs(g *stages.Graph) map[string]bool {
	declared := map[string]bool{}
	add := func(steps []*stages.Step) {
		for _, s := range steps {
			if s.Instr.Name == "ARG" || strings.EqualFold(s.Instr.Name, "ONBUILD") {
				for _, d := range s.Defines() {
					declared[d.Name] = true
				}
			}
		}
	}
	add(g.Global)
	for _, stage := range g.Stages {
		add(stage.Steps)
	}
	return declared
}
