package hover

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// instruction explains what the step creates, what re-runs it, and what re-runs after it.
func instruction(in Input, s *stages.Step) string {
	parts := []string{creates(in.Graph, s)}
	if key := key(in, s); key != "" {
		parts = append(parts, key)
	}
	if cost := cascade(in.Graph, s); cost != "" {
		parts = append(parts, cost)
	}
	return strings.Join(parts, "\n\n")
}

// creates says whether the step makes a layer, and which one.
func creates(g *stages.Graph, s *stages.Step) string {
	title := "**" + s.Instr.Name + "** "
	switch {
	case s.Stage == nil:
		return title + "stands before the first stage: it makes no layer."
	case s.Instr.Name == "FROM":
		return title + from(g, s.Stage)
	case !s.MakesLayer():
		return title + "makes no layer, only metadata" + notInImage(g, s.Stage) + "."
	case g.Exported(s.Stage):
		n, of := layerNumber(g, s)
		return title + fmt.Sprintf("makes a layer: layer %d of the %d that this file adds to the base.", n, of)
	}
	return title + fmt.Sprintf("makes a layer of the stage %s%s.", stageName(s.Stage), notInImage(g, s.Stage))
}

func notInImage(g *stages.Graph, s *stages.Stage) string {
	if g.Exported(s) {
		return ""
	}
	return ", which is not in the image"
}

func stageName(s *stages.Stage) string {
	if s.Name != "" {
		return s.Name
	}
	return fmt.Sprint(s.Index)
}

// from explains a stage.
func from(g *stages.Graph, s *stages.Stage) string {
	var b strings.Builder
	switch {
	case s.Parent != nil:
		fmt.Fprintf(&b, "begins stage %s on top of the stage %s, with all its layers.", stageName(s), stageName(s.Parent))
	case s.Scratch():
		fmt.Fprintf(&b, "begins stage %s from nothing: it has no layers of its own.", stageName(s))
	case s.Base.Known:
		fmt.Fprintf(&b, "begins stage %s with the layers of `%s`. They are not counted here.", stageName(s), s.Base.Text)
	default:
		fmt.Fprintf(&b, "begins stage %s with the layers of an image that depends on the build.", stageName(s))
	}
	switch {
	case g.Target == s:
		b.WriteString(" This stage is the image.")
	case g.Exported(s):
		b.WriteString(" Its layers are in the image, because the last stage builds on it.")
	default:
		b.WriteString(" Its layers are not in the image; other stages take files from it.")
	}
	return b.String()
}

// layerNumber counts the layers that the file adds to the image's base.
func layerNumber(g *stages.Graph, s *stages.Step) (n, of int) {
	for _, stage := range g.Target.Chain() {
		for _, step := range stage.Steps {
			if step.MakesLayer() {
				of++
				if step == s {
					n = of
				}
			}
		}
	}
	return n, of
}

// key says what the step's cache key depends on: what runs it again.
func key(in Input, s *stages.Step) string {
	switch s.Instr.Name {
	case "FROM":
		if s.Stage.Parent != nil || s.Stage.Scratch() {
			return ""
		}
		return "Re-run by: another image behind this name (its manifest counts, not the tag)."
	case "RUN":
		inputs := []string{"its text (" + "the indentation of continued lines included" + ")"}
		if s.Vars.Any() {
			inputs = append(inputs, "every ARG and ENV above it in the stage, used or not")
		}
		inputs = append(inputs, "the directory "+value(s.Workdir), "the user "+user(s.User))
		mounts, _ := s.Mounts()
		if slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return m.Type == instructions.MountTypeBind }) {
			inputs = append(inputs, "the content of its bind mount")
		}
		return "Re-run by a change of: " + strings.Join(inputs, "; ") + "; or of any layer above it in the stage."
	case "COPY", "ADD":
		return copyKey(in, s)
	case "WORKDIR":
		if !s.MakesLayer() {
			return "`WORKDIR /` makes no layer. The directory counts for every later RUN."
		}
		return "Re-run by a change of: its path; the user " + user(s.User) + "; or of any layer above it in the stage. WORKDIR makes a layer even if the directory exists."
	case "ARG", "ENV":
		return "Its value is part of the key of every later RUN of the stage, used or not; COPY, ADD and WORKDIR count only if they use it."
	case "USER":
		return "Counts for every later RUN and WORKDIR, not for COPY or ADD."
	case "SHELL":
		return "Counts for every later RUN in shell form."
	case "LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "VOLUME", "MAINTAINER":
		return "A change of it re-runs nothing: it is part of no cache key."
	case "ONBUILD":
		return "It runs in the builds that start from this image."
	}
	return ""
}

func value(v stages.Value) string {
	if !v.Known {
		return "that the base image sets"
	}
	return "`" + v.Text + "`"
}

func user(v stages.Value) string {
	if v.Known && v.Text == "" {
		return "`root`"
	}
	return value(v)
}

func copyKey(in Input, s *stages.Step) string {
	if c, ok := s.Instr.Cmd().(*instructions.CopyCommand); ok && c.From != "" {
		return "Re-run by a change of: its text; the content of the files it takes from `" + c.From + "` (not when that stage merely runs again with the same result); or of any layer above it in the stage."
	}
	what := "the content, names and modes of the files it takes (not their times)"
	c, ok := copies.Of(s)
	if ok && in.Context != nil {
		sel := c.Select(in.Context)
		if len(sel.Missing) > 0 {
			return "`" + sel.Missing[0] + "` is not in the build context, or is ignored."
		}
		more := ""
		if !in.Context.Complete() {
			more = "more than "
		}
		what = fmt.Sprintf("the content, names and modes of the %s%s (%s) it takes, not their times", more, plural(sel.Files, "file"), size(sel.Bytes))
		if c.Whole() && !in.Context.Ignored("Dockerfile") && in.Context.Exists("Dockerfile") {
			what += " — the Dockerfile is one of them"
		}
	}
	return "Re-run by a change of: its text; " + what + "; or of any layer above it in the stage. ARG and ENV count only if it uses them."
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

// below are the steps that come after s in its stage and in the stages that build on it.
func below(g *stages.Graph, s *stages.Step) []*stages.Step {
	steps := append([]*stages.Step(nil), s.Stage.Steps[s.N+1:]...)
	for queue := g.Children(s.Stage); len(queue) > 0; queue = queue[1:] {
		steps = append(steps, queue[0].Steps[1:]...)
		queue = append(queue, g.Children(queue[0])...)
	}
	return steps
}

// cascade says what runs again after the step.
func cascade(g *stages.Graph, s *stages.Step) string {
	if s.Stage == nil || !s.MakesLayer() && s.Instr.Name != "FROM" {
		return ""
	}
	var lines []string
	n := 0
	for _, step := range below(g, s) {
		if step.MakesLayer() {
			n++
			if len(lines) < 4 {
				lines = append(lines, fmt.Sprintf("line %d (%s)", g.Line(step), summary(step)))
			}
		}
	}
	copied := ""
	if readers := copiedBy(g, s.Stage); len(readers) > 0 {
		copied = fmt.Sprintf(" COPY --from on line %d runs again only if the files it takes have changed.", g.Line(readers[0]))
	}
	if n == 0 {
		return "When it runs again, nothing after it has to." + copied
	}
	more := ""
	if n > len(lines) {
		more = fmt.Sprintf(" and %d more", n-len(lines))
	}
	return "When it runs again, so do: " + strings.Join(lines, ", ") + more + "." + copied
}

// copiedBy are the steps that copy files out of the stage.
func copiedBy(g *stages.Graph, s *stages.Stage) (steps []*stages.Step) {
	for _, stage := range g.Stages {
		for _, step := range stage.Steps {
			if c, ok := step.Instr.Cmd().(*instructions.CopyCommand); ok && c.From != "" && g.Find(c.From, stage.Index) == s {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// summary is the start of the instruction's text.
func summary(s *stages.Step) string {
	line := s.Instr.Joined().Line
	words := strings.Fields(line)
	short := strings.Join(words, " ")
	if r := []rune(short); len(r) > 40 {
		short = string(r[:39]) + "…"
	}
	return "`" + strings.ReplaceAll(short, "`", "'") + "`"
}
