package hover

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/copies"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/language"
)

// commandAt explains the command of a RUN whose program or sub-command stands at the place: what it reads, whether it uses the
// network, which steps above rerun it. Of a command that is not known it says nothing.
func commandAt(in *language.Document, s *stages.Step, at int) (string, text.Span, bool) {
	if s.Instr.Name != "RUN" || s.Stage == nil {
		return "", text.Span{}, false
	}
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if c.Program == "" {
			continue
		}
		phrase := strings.Fields(c.Phrase())
		word := slices.IndexFunc(c.Words, func(w shell.Word) bool { return w.Span.Contains(at) })
		if word < 0 || word > 0 && !slices.Contains(phrase, c.Words[word].Text) {
			continue
		}
		facts := commandFacts(in, s, c)
		if facts == "" {
			return "", text.Span{}, false
		}
		return paragraphs(facts+rerunBy(in, s), consequence(in, s)), c.Words[word].Span, true
	}
	return "", text.Span{}, false
}

// commandFacts says what the table of programs knows of a command; "" if that is nothing.
func commandFacts(in *language.Document, s *stages.Step, c *shell.Command) string {
	effects := c.Effects()
	if !effects.Known {
		return ""
	}
	if effects.Cost == shell.Cheap && !effects.Network {
		return "" // what the whole RUN tells is of more use
	}
	inst, ok := c.Install()
	builds := ok && inst.Build
	var parts []string
	if reads := reads(in, s, c, effects); reads != "" {
		parts = append(parts, "reads "+reads)
	}
	if effects.Network && !builds { // a build may, and often does not
		parts = append(parts, "uses the network")
	}
	switch effects.Cost {
	case shell.Packages:
		parts = append(parts, "installs packages")
	case shell.Compile:
		parts = append(parts, "compiles the project")
	}
	return "**" + c.Phrase() + "** " + enumerate(parts, len(parts)) + "."
}

// reads are the files that a command reads.
func reads(in *language.Document, s *stages.Step, c *shell.Command, effects shell.Effects) string {
	if inst, ok := c.Install(); ok && !inst.Build && known(in) {
		if _, inputs, ok := copies.InputsOf(in.Context(), s, c, inst); ok && len(inputs.Files) > 0 {
			return enumerate(fromCommonFolder(inputs.Files), maxListed)
		}
	}
	switch {
	case effects.Reads.All:
		return "any file"
	case effects.Reads.Tree:
		return "the files of its directory"
	}
	var names []string
	for _, w := range effects.Reads.Words {
		if w.Span.Len() > 0 && w.Text != "" && !slices.Contains(names, code(w.Text)) {
			names = append(names, code(w.Text))
		}
	}
	return enumerate(names, maxListed)
}

// fromCommonFolder are paths seen from the deepest folder that holds all of them, as code: nearly always that in which
// the command runs. Base names alone would be the same for each package.json of a workspace.
func fromCommonFolder(paths []string) []string {
	folder := path.Dir(paths[0]) + "/"
	for _, p := range paths {
		for folder != "./" && !strings.HasPrefix(p, folder) {
			folder = path.Dir(path.Clean(folder)) + "/"
		}
	}
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = code(strings.TrimPrefix(p, folder))
	}
	return names
}

// maxAsked bounds how many copies a hover looks at: what each reruns is all that follows, in a file of any length.
const maxAsked = 20

// rerunBy names the nearest copies above the step whose files rerun it: those are what a keystroke in an editor changes.
func rerunBy(in *language.Document, s *stages.Step) string {
	var names []string
	asked := 0
	for stage, n := s.Stage, s.N; stage != nil; stage = stage.Parent {
		for i := min(n, len(stage.Steps)) - 1; i >= 0 && len(names) < maxListed && asked < maxAsked; i-- {
			above := stage.Steps[i]
			from, _ := sourceOf(above)
			if from != folder {
				continue
			}
			asked++
			if slices.ContainsFunc(cache.Reruns(in.Graph, above), func(r cache.Rerun) bool { return r.Step == s && r.State == cache.Rebuilt }) {
				names = append(names, fmt.Sprintf("%s (line %d)", summary(above), in.Graph.Line(above)))
			}
		}
		n = math.MaxInt
	}
	if len(names) == 0 {
		return ""
	}
	return " A changed file of " + either(names) + " reruns it."
}
