package hover

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// Build is one way in which the Dockerfile is built, as a file of the workspace says it.
type Build struct {
	Source
	Context string // the folder, as the file's workspace calls it; "" if it is none
	Kind    string // what is to be known of the context: "of the commit"; if Context is "", what it is
	Target  string
	Args    map[string]string
	Hidden  []string // names of arguments with values that are not to be seen
	Unknown []string // names of arguments with values that only the run knows
	Unsure  bool     // there may be more, which only the run knows
}

// Source is the place where a file of the workspace says how something is built.
type Source struct {
	File string // relative to the workspace, with slashes
	Link string // to the line in it, as a URL; "" for none
	Unit string // what the file calls a build: service, target, job; "" if it has no word for it
	Name string // of the build in the file; "" if it has none
}

// Made is an image that the workspace makes.
type Made struct {
	Source
	Dockerfile string // relative to the workspace, with slashes; "" for a text in the source
}

// urlOfLink makes a URL one that ends where the link does.
var urlOfLink = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\n", "%0A")

// words are the source as Markdown. What stands in files is code there, so that nothing of it counts as Markdown.
func (s Source) words() string {
	file := code(s.File)
	if s.Link != "" {
		file = "[" + file + "](" + urlOfLink.Replace(s.Link) + ")"
	}
	switch {
	case s.Name == "" || s.Name == s.File:
		return file
	case s.Unit == "":
		return file + ", " + code(s.Name)
	}
	return file + ", " + s.Unit + " " + code(s.Name)
}

// builtBy says what builds the file, on the FROM of the first stage and on that of the target.
func builtBy(in Input, s *stages.Step) string {
	if s.Instr.Name != "FROM" || len(in.Builds) == 0 || s.Stage != in.Graph.Target && s.Stage.Index != 0 {
		return ""
	}
	b := in.Builds[0]
	parts := []string{b.Kind}
	if b.Context != "" {
		parts[0] = strings.TrimSpace("context " + code(b.Context) + " " + b.Kind)
	}
	if b.Target != "" {
		parts = append(parts, "target "+code(b.Target))
	}
	if b.Unsure {
		parts = append(parts, "perhaps more, which only the run knows")
	}
	text := "Built by " + b.words() + ": " + strings.Join(parts, ", ")
	if more := len(in.Builds) - 1; more > 0 {
		text += fmt.Sprintf("; %d more %s", more, words.For(more, "build", "builds"))
	}
	return text + "."
}

// madeHere says what makes the image of a FROM, if the workspace does.
func madeHere(in Input, s *stages.Step) string {
	if s.Instr.Name != "FROM" || s.Stage.Parent != nil || in.Made == nil || !s.Stage.Base.Known {
		return ""
	}
	made, ok := in.Made(s.Stage.Base.Text)
	if !ok {
		return ""
	}
	from := code(made.Dockerfile)
	if made.Dockerfile == "" {
		from = "a Dockerfile in the source"
	}
	return fmt.Sprintf("%s is made here from %s (%s).", code(short(s.Stage.Base.Text)), from, made.words())
}

// passed says which values the builds give an argument of an ARG; of one with several, which has to be named.
func passed(in Input, s *stages.Step, name string) string {
	if s == nil || s.Instr.Name != "ARG" {
		return ""
	}
	if defines := s.Defines(); name == "" && len(defines) == 1 {
		name = defines[0].Name
	}
	return passedTo(in.Builds, name)
}

// undecided is said of a value that only the run knows.
const undecided = "is decided by the run"

// maxValues is how many values of an argument are told.
const maxValues = 3

func passedTo(builds []Build, name string) string {
	var values []string
	in := map[string][]string{} // by value, in words: the builds
	add := func(value string, b Build) {
		if in[value] == nil {
			values = append(values, value)
		}
		if who := b.words(); !slices.Contains(in[value], who) {
			in[value] = append(in[value], who)
		}
	}
	for _, b := range builds {
		value, known := b.Args[name]
		switch {
		case slices.Contains(b.Hidden, name):
			add("is set", b)
		case known:
			add("is "+code(value), b)
		}
	}
	for _, b := range builds {
		if slices.Contains(b.Unknown, name) {
			add(undecided, b)
		}
	}
	if len(values) == 0 {
		return ""
	}
	parts := []string{}
	for i, value := range values {
		if i == maxValues {
			parts = append(parts, words.Count(len(values)-i, "other value"))
			break
		}
		who := in[value][0]
		if n := len(in[value]); n > 2 {
			who += fmt.Sprintf(" and %d more builds", n-1)
		} else if n == 2 {
			who += " and in " + in[value][1]
		}
		if value == undecided && i > 0 {
			value = "the run decides it"
		}
		parts = append(parts, value+" in "+who)
	}
	return code(name) + " " + strings.Join(parts, "; ") + "."
}

// isHidden reports whether a build gives an argument a value that is not to be seen.
func isHidden(in Input, name string) bool {
	return slices.ContainsFunc(in.Builds, func(b Build) bool { return slices.Contains(b.Hidden, name) })
}
