package hover

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
	"layerwise/language"
)

// consequence is the most useful line of a hover: what reruns when the step changes.
func consequence(in *language.Document, s *stages.Step) string {
	g := in.Graph
	if s.Stage == nil && s.Instr.Name != "ARG" {
		return "" // BuildKit refuses it
	}
	if s.Stage != nil && !g.Needed(s.Stage) {
		return "A build skips " + stageName(s.Stage) + ": nothing in the image comes from it."
	}
	again := cache.Reruns(g, s)
	switch s.Instr.Name {
	case "FROM":
		switch {
		case s.Stage.Parent != nil || s.Stage.Scratch():
			return ""
		case !s.Stage.Base.Known:
			return reruns(g, "Another base image", "", again)
		case strings.Contains(s.Stage.Base.Text, "@sha256:"):
			return reruns(g, "Another digest here", "", again)
		}
		return reruns(g, "A new image behind "+code(s.Stage.Base.Text), "", again)
	case "ARG", "ENV":
		if s.Stage == nil && len(again) == 0 {
			return ""
		}
		return reruns(g, "A new value", "", again)
	case "COPY", "ADD":
		if name := missing(in, s); name != "" {
			return code(name) + " is not in the build context, or is ignored, so the build fails here. If it is built with another context, set `context` in `.layerwise.yaml`."
		}
		return reruns(g, takenFrom(in, s), " else", again)
	case "RUN":
		return reruns(g, "Changing this RUN", " else", again)
	case "ONBUILD":
		if len(again) == 0 {
			return "Changing this ONBUILD reruns nothing in this file."
		}
	}
	if s.MakesLayer() {
		return reruns(g, "Changing this "+s.Instr.Name, " else", again)
	}
	return reruns(g, "Changing this "+s.Instr.Name, "", again)
}

// maxListed is how many steps a hover names, and maxLines how many it tells the lines of only.
const (
	maxListed = 3
	maxLines  = 5
)

// maxSummary is how long the text of a step is that a hover names, in characters.
const maxSummary = 32

// reruns names the steps that rerun when the subject changes, and those that may, because they take
// files from a stage that does. besides is " else" if the subject's own step reruns too.
func reruns(g *stages.Graph, subject, besides string, again []cache.Rerun) string {
	var sure, maybe []*stages.Step
	for _, r := range again {
		if r.State == cache.Rebuilt {
			sure = append(sure, r.Step)
		} else {
			maybe = append(maybe, r.Step)
		}
	}
	text := subject + " reruns "
	switch {
	case len(sure) == 0 && len(maybe) == 0:
		return text + "nothing" + besides + "."
	case len(sure) == 0:
		return text + steps(g, maybe) + ", but only if the files " + words.For(len(maybe), "it takes", "they take") + " come out different."
	case len(maybe) == 0:
		return text + steps(g, sure) + "."
	}
	return text + steps(g, sure) + ". " + words.For(len(maybe), "Line ", "Lines ") +
		enumerateSteps(maybe, maxLines, func(s *stages.Step) string { return fmt.Sprint(g.Line(s)) }) +
		words.For(len(maybe), " reruns only if the files it takes", " rerun only if the files they take") + " come out different."
}

// steps names steps by their text and line.
func steps(g *stages.Graph, list []*stages.Step) string {
	return enumerateSteps(list, maxListed, func(s *stages.Step) string { return fmt.Sprintf("%s (line %d)", summary(s), g.Line(s)) })
}

// enumerate joins names, or the first of them if they are more than most.
func enumerate(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + andMore(len(names)-most)
	}
	if len(names) > 1 {
		return words.Alternatives(names, "and")
	}
	return strings.Join(names, "")
}

func andMore(n int) string { return fmt.Sprintf(" and %d more", n) }

// enumerateSteps is enumerate for the names of steps: of thousands it makes the few that are shown.
func enumerateSteps(list []*stages.Step, most int, name func(*stages.Step) string) string {
	names := make([]string, min(len(list), most))
	for i := range names {
		names[i] = name(list[i])
	}
	if more := len(list) - len(names); more > 0 {
		return strings.Join(names, ", ") + andMore(more)
	}
	return enumerate(names, most)
}

// summaries are the first steps of a list.
func summaries(steps []*stages.Step) string {
	return enumerateSteps(steps, maxListed, summary)
}

// assignment is a variable that is set for one command, in a word without quotes.
var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=[^"'\x60$\\]*$`)

// summary is the start of the instruction's text; of a RUN, the start of its command, without the variables
// that are set for it. A long one ends before the first word in quotes, and one of a COPY has no flag but --from.
func summary(s *stages.Step) string {
	fields := strings.Fields(s.Instr.Joined().Line)
	if flags := len(s.Instr.Flags); s.Instr.Name == "RUN" && !s.Instr.JSON && len(s.Instr.Heredocs) == 0 && flags+1 < len(fields) {
		fields = fields[flags+1:]
		for len(fields) > 1 && assignment.MatchString(fields[0]) {
			fields = fields[1:]
		}
	}
	shown := strings.Join(fields, " ")
	if (s.Instr.Name == "COPY" || s.Instr.Name == "ADD") && len(shown) > maxSummary { // what it takes says more than who owns it
		fields = slices.DeleteFunc(fields, func(f string) bool { return strings.HasPrefix(f, "--") && !strings.HasPrefix(f, "--from=") })
		shown = strings.Join(fields, " ")
	}
	if quote := slices.IndexFunc(fields, func(f string) bool { return strings.ContainsAny(f, `"'`) }); quote > 1 && len(shown) > maxSummary {
		if before := strings.Join(fields[:quote], " "); len(before) > maxSummary/3 { // "if [" would say nothing
			shown = before + "…"
		}
	}
	return code(words.Shorten(shown, maxSummary))
}
