package hover

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/copies"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// instruction explains what the step creates, what re-runs it, and what re-runs after it.
func instruction(in Input, s *stages.Step) string {
	parts := []string{"**" + s.Instr.Name + "** " + creates(in.Graph, s)}
	if s.Stage != nil {
		parts = append(parts, contents(s), depends(in, s), follows(in.Graph, s))
	} else if s.Instr.Name == "ARG" {
		parts = append(parts, globalArg, follows(in.Graph, s))
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return strings.Join(parts, "\n\n")
}

// creates says whether the step makes a layer, and which one.
func creates(g *stages.Graph, s *stages.Step) string {
	switch {
	case s.Stage == nil:
		return "stands before the first stage: it makes no layer."
	case s.Instr.Name == "FROM":
		return from(g, s.Stage)
	case !s.MakesLayer():
		return "makes no layer, only metadata" + builder(g, s.Stage) + "."
	case !g.Exported(s.Stage):
		return "makes a layer" + builder(g, s.Stage) + "."
	}
	n, of := layerNumber(g, s)
	if s.Stage.Root().Scratch() {
		return fmt.Sprintf("makes a layer: layer %d of the %d in the image.", n, of)
	}
	return fmt.Sprintf("makes a layer: layer %d of the %d that this file adds to the base.", n, of)
}

// builder names a stage whose layers stay out of the image.
func builder(g *stages.Graph, s *stages.Stage) string {
	if g.Exported(s) {
		return ""
	}
	return fmt.Sprintf(" of %s, which is not in the image", stageName(s))
}

func stageName(s *stages.Stage) string {
	if s.Name != "" {
		return "the stage " + code(s.Name)
	}
	return fmt.Sprintf("stage %d", s.Index)
}

// from explains a stage.
func from(g *stages.Graph, s *stages.Stage) string {
	var b strings.Builder
	b.WriteString("starts ")
	if len(g.Stages) > 1 {
		b.WriteString(stageName(s) + " ")
	}
	switch {
	case s.Parent != nil:
		fmt.Fprintf(&b, "on top of %s, with all its layers.", stageName(s.Parent))
		if triggers := s.Triggers(g); len(triggers) > 0 {
			fmt.Fprintf(&b, " Its ONBUILD instructions run here first: %s, with %s.", summaries(triggers), words.Count(triggered(g, s), "layer"))
		}
	case s.Scratch():
		b.WriteString("from nothing: there are no layers below.")
	case s.Base.Known:
		fmt.Fprintf(&b, "from the layers of %s.", code(s.Base.Text))
	default:
		b.WriteString("from the layers of an image that depends on build arguments.")
	}
	switch {
	case g.Target == s:
		_, layers := layerNumber(g, nil)
		to := " to the base"
		if s.Root().Scratch() {
			to = ""
		}
		fmt.Fprintf(&b, " This stage is the image: the file adds %s%s.", words.Count(layers, "layer"), to)
	case g.Exported(s):
		fmt.Fprintf(&b, " Its layers are in the image, because %s builds on it.", stageName(g.Target))
	case !g.Needed(s):
		b.WriteString(" Nothing in the image comes from it, so a build skips it unless it is the target.")
	default:
		b.WriteString(" Its layers are not in the image; other stages use it.")
	}
	return b.String()
}

// layerNumber counts the layers that the file adds to the image's base.
func layerNumber(g *stages.Graph, s *stages.Step) (n, of int) {
	layers := g.Layers()
	return slices.Index(layers, s) + 1, len(layers)
}

// triggered counts the layers of a stage that the ONBUILD instructions of the one below it make.
func triggered(g *stages.Graph, s *stages.Stage) (n int) {
	for _, step := range s.Triggers(g) {
		if step.MakesLayer() {
			n++
		}
	}
	return n
}

// depends says what the step's cache key depends on: what runs it again. For metadata, it says whose
// key it is part of.
func depends(in Input, s *stages.Step) string {
	switch s.Instr.Name {
	case "FROM":
		switch {
		case s.Stage.Parent != nil || s.Stage.Scratch():
			return ""
		case strings.Contains(s.Stage.Base.Text, "@sha256:"):
			return "The digest pins the image: it changes only when this line does."
		}
		return "Re-run by another image behind this name: its manifest counts, not the tag."
	case "RUN":
		return runInputs(s)
	case "COPY", "ADD":
		return copyInputs(in, s)
	case "WORKDIR":
		if !s.MakesLayer() {
			return "The directory counts for every later RUN, and for relative paths."
		}
		return changeOf("its path", "the user"+named(s.User)) + " It makes a layer even if the directory exists."
	case "ARG", "ENV":
		return "It counts for every later RUN, used or not; for COPY, ADD and WORKDIR only where they use it."
	case "USER":
		return "It counts for every later RUN and WORKDIR, not for COPY or ADD."
	case "SHELL":
		return "It counts for every later RUN in shell form."
	case "ONBUILD":
		text := "It runs in the builds that start from this image"
		for i, child := range in.Graph.Children(s.Stage) {
			if i == maxListed {
				text += " and others"
				break
			}
			text += fmt.Sprintf("%s %s (line %d)", []string{", and in", ","}[min(i, 1)], stageName(child), in.Graph.Line(child.Steps[0]))
		}
		return text + "."
	}
	return "A change of it re-runs nothing: it is part of no cache key."
}

func changeOf(inputs ...string) string {
	return "Re-run by a change of: " + strings.Join(inputs, "; ") + "; or of any layer above it in the stage."
}

// named is a value in code, if it is known.
func named(v stages.Value) string {
	if !v.Known || v.Text == "" {
		return ""
	}
	return " " + code(v.Text)
}

func runInputs(s *stages.Step) string {
	inputs := []string{"its text"}
	if len(s.Instr.Heredocs) > 0 || strings.Contains(s.Instr.Args.Of(s.Instr.Text), "\n") {
		inputs[0] += ", with the indentation of the command's lines"
	}
	if names := variables(s); len(names) > 0 {
		inputs = append(inputs, "every ARG and ENV in effect, used or not ("+enumerate(names[:min(len(names), maxListed)], len(names))+")")
	}
	inputs = append(inputs, "the working directory"+named(s.Workdir), "the user"+named(s.User))
	if !s.Instr.JSON && setsShell(s) {
		inputs = append(inputs, "the SHELL")
	}
	mounts, _ := s.Mounts()
	content, hidden := false, false
	for _, m := range mounts {
		if m.Type == instructions.MountTypeBind || m.From != "" {
			content = true
		} else if m.Type != instructions.MountTypeTmpfs {
			hidden = true
		}
	}
	if content {
		inputs = append(inputs, "the files that it mounts")
	}
	text := changeOf(inputs...)
	if hidden {
		text += " What is in a cache mount or a secret does not count."
	}
	return text
}

// variables are the names of the ARGs and ENVs in effect that the file defines, the first one first.
func variables(s *stages.Step) (names []string) {
	s.Vars.All(func(v *stages.Scope) bool {
		if v.Step != nil {
			names = append(names, code(v.Name))
		}
		return true
	})
	slices.Reverse(names)
	return names
}

// setsShell reports whether a SHELL instruction stands above the step.
func setsShell(s *stages.Step) bool {
	isShell := func(step *stages.Step) bool { return step.Instr.Name == "SHELL" }
	above := slices.ContainsFunc(s.Stage.Steps[:s.N], isShell)
	for stage := s.Stage.Parent; stage != nil && !above; stage = stage.Parent {
		above = slices.ContainsFunc(stage.Steps, isShell)
	}
	return above
}

func copyInputs(in Input, s *stages.Step) string {
	what, missing := copied(in, s)
	if missing != "" {
		return code(missing) + " is not in the build context, or is ignored, so the build fails here. If it is built with another context, set `context` in `.layerwise.yaml`."
	}
	text := changeOf(what)
	if cache.Linked(s) {
		text = "Re-run by a change of: " + what + ". With --link, other layers above it only make BuildKit put the same files on top again."
	}
	if s.Vars.Any() {
		text += " ARG and ENV count only where its text uses them."
	}
	return text
}

// copied describes what a COPY or ADD depends on by itself. missing is a file that it does not find.
func copied(in Input, s *stages.Step) (what, missing string) {
	if ref := flag(s, "from"); ref != "" {
		from := code(ref)
		if stage := in.Graph.Find(ref, s.Stage.Index); stage != nil {
			from = stageName(stage)
		}
		return "its text; the content of the files that it takes from " + from, ""
	}
	what = "its text; the content, names and modes (not the times) of the files that it takes"
	c, ok := copies.Of(s)
	switch {
	case !ok && len(s.Instr.Heredocs) > 0:
		return "its text, the heredoc included", ""
	case !ok && flag(s, "checksum") != "":
		return "its text, the checksum included", ""
	case !ok && s.Instr.Name == "ADD" && strings.Contains(s.Instr.Args.Of(s.Instr.Text), "://"):
		return "its text; what it downloads", ""
	case !ok || in.Context == nil:
		return what, ""
	}
	sel := c.Select(in.Context)
	if i := slices.IndexFunc(c.Sources, in.Context.Lacks); i >= 0 {
		return "", c.Sources[i]
	}
	if sel.Files == 1 {
		return "its text; the content, name and mode (not the time) of the file that it takes", ""
	}
	more := ""
	if !in.Context.Complete() {
		more = "more than "
	}
	what = fmt.Sprintf("its text; the content, names and modes (not the times) of the %s%s (%s) that it takes", more, words.Count(sel.Files, "file"), size(sel.Bytes))
	if name, err := filepath.Rel(in.Context.Root, in.Path); err == nil && in.Path != "" && c.Whole() {
		name = filepath.ToSlash(name)
		if in.Context.Exists(name) && !in.Context.Ignored(name) && !c.Excludes(name) {
			what += ", this Dockerfile among them"
		}
	}
	return what, ""
}

func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// follows says what runs again after the step.
func follows(g *stages.Graph, s *stages.Step) string {
	label := "Re-runs after it: "
	switch s.Instr.Name {
	case "FROM":
		if s.Stage.Parent != nil || s.Stage.Scratch() {
			return ""
		}
	case "ARG", "ENV":
		label = "A new value re-runs "
	case "USER", "SHELL", "WORKDIR":
		if !s.MakesLayer() {
			label = "A change of it re-runs "
		}
	default:
		if !s.MakesLayer() {
			return ""
		}
	}
	return list(g, label, cache.Reruns(g, s))
}

// maxListed is how many steps a hover names.
const maxListed = 4

// list names the steps that run again, and those that may because they take files from a stage that does.
func list(g *stages.Graph, label string, again []cache.Rerun) string {
	var sure, maybe []string
	for _, r := range again {
		if r.State == cache.Rebuilt {
			sure = append(sure, fmt.Sprintf("line %d (%s)", g.Line(r.Step), summary(r.Step)))
		} else {
			maybe = append(maybe, fmt.Sprint(g.Line(r.Step)))
		}
	}
	text := label + "nothing."
	if len(sure) > 0 {
		text = label + enumerate(sure[:min(len(sure), maxListed)], len(sure)) + "."
	}
	switch len(maybe) {
	case 0:
		return text
	case 1:
		return text + " Line " + maybe[0] + " takes files from the result, and re-runs only if these have changed."
	}
	return text + " Lines " + enumerate(maybe[:min(len(maybe), maxListed)], len(maybe)) + " re-run only if the files taken from the result have changed."
}

// enumerate joins the first of some names; of is how many there are.
func enumerate(names []string, of int) string {
	if of > len(names) {
		return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", of-len(names))
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return names[0]
}

// summaries are the first steps of a list.
func summaries(steps []*stages.Step) string {
	var names []string
	for _, step := range steps[:min(len(steps), maxListed)] {
		names = append(names, summary(step))
	}
	return enumerate(names, len(steps))
}

// summary is the start of the instruction's text.
func summary(s *stages.Step) string {
	short := strings.Join(strings.Fields(s.Instr.Joined().Line), " ")
	if r := []rune(short); len(r) > 40 {
		short = string(r[:39]) + "…"
	}
	return code(short)
}
