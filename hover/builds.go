package hover

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
	"layerwise/language"
)

// urlOfLink makes a URL one that ends where the link does.
var urlOfLink = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\n", "%0A")

// sourceWords are the source as Markdown. What stands in files is code there, so that nothing of it counts as Markdown.
func sourceWords(s language.Source) string {
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
func builtBy(in *language.Document, s *stages.Step) string {
	if s.Instr.Name != "FROM" || len(in.Builds()) == 0 || s.Stage != in.Graph.Target && s.Stage.Index != 0 {
		return ""
	}
	b := in.Builds()[0]
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
	text := "Built by " + sourceWords(b.Source) + ": " + strings.Join(parts, ", ")
	if more := len(in.Builds()) - 1; more > 0 {
		text += fmt.Sprintf("; %d more %s", more, words.For(more, "build", "builds"))
	}
	return text + "."
}

// madeHere says what makes the image of a FROM, if the workspace does.
func madeHere(in *language.Document, s *stages.Step) string {
	if s.Instr.Name != "FROM" || s.Stage.Parent != nil || !s.Stage.Base.Known {
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
	return fmt.Sprintf("%s is made here from %s (%s).", code(short(s.Stage.Base.Text)), from, sourceWords(made.Source))
}

// passed says which values the builds give an argument of an ARG; of one with several, which has to be named.
func passed(in *language.Document, s *stages.Step, name string) string {
	if s == nil || s.Instr.Name != "ARG" {
		return ""
	}
	if defines := s.Defines(); name == "" && len(defines) == 1 {
		name = defines[0].Name
	}
	return passedTo(in.Builds(), name)
}

// undecided is said of a value that only the run knows.
const undecided = "is decided by the run"

// maxValues is how many values of an argument are told.
const maxValues = 3

func passedTo(builds []language.Build, name string) string {
	var values []string
	by := map[string][]string{} // by value, in words: the builds
	add := func(value string, b language.Build) {
		if by[value] == nil {
			values = append(values, value)
		}
		if who := sourceWords(b.Source); !slices.Contains(by[value], who) {
			by[value] = append(by[value], who)
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
		who := by[value][0]
		if n := len(by[value]); n > 2 {
			who += fmt.Sprintf(" and %d more builds", n-1)
		} else if n == 2 {
			who += " and in " + by[value][1]
		}
		if value == undecided && i > 0 {
			value = "the run decides it"
		}
		parts = append(parts, value+" in "+who)
	}
	return code(name) + " " + strings.Join(parts, "; ") + "."
}

// isHidden reports whether a build gives an argument a value that is not to be seen.
func isHidden(in *language.Document, name string) bool {
	return slices.ContainsFunc(in.Builds(), func(b language.Build) bool { return slices.Contains(b.Hidden, name) })
}
