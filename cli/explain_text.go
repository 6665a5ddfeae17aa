package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"layerwise/build/buildlog"
	"layerwise/build/cache"
	"layerwise/cli/terminal"
	"layerwise/internal/words"
)

// text is the report for people.
func (e *explain) text(page explained) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s on top of the base image\n", e.screen.Paint(terminal.Bold, terminal.Escape(page.Path)), words.Count(page.Layers, "layer"))
	for _, in := range page.Instructions {
		if i := slices.IndexFunc(page.Stages, func(s explainedStage) bool { return s.Line == in.Line }); i >= 0 {
			fmt.Fprintf(&b, "\n%s%s\n", e.screen.Paint(terminal.Bold, terminal.Escape("stage "+page.Stages[i].Name)), e.screen.Paint(terminal.Dim, stageRole(page.Stages[i])))
		}
		fmt.Fprintf(&b, "%5d  %s\n", in.Line, terminal.Fit(terminal.Escape(words.OneLine(in.Instruction)), e.screen.Width-7))
		e.item(&b, "makes", makes(in, page.Layers))
		if words := took(in); words != "" {
			e.item(&b, "last time", words)
		}
		if len(in.Inputs) > 0 {
			e.item(&b, "key", strings.Join(keyWords(in.Inputs), "; "))
		}
		if words := invalidates(in); words != "" {
			e.item(&b, "reruns", words)
		}
	}
	return b.String()
}

func stageRole(s explainedStage) string {
	switch {
	case s.InImage:
		return ", in the image"
	case s.Reached:
		return ", not in the image: others take files from it"
	}
	return ", which the build does not need"
}

// item writes a labelled text, broken into lines.
func (e *explain) item(b *strings.Builder, label, text string) {
	const indent = 17
	width := e.screen.Width - indent
	line := ""
	first := true
	flush := func() {
		head := strings.Repeat(" ", indent)
		if first {
			head = "       " + e.screen.Paint(terminal.Dim, fmt.Sprintf("%-10s", label))
		}
		fmt.Fprintf(b, "%s%s\n", head, line)
		line, first = "", false
	}
	for _, word := range strings.Fields(terminal.Escape(text)) {
		if line != "" && len(line)+1+len(word) > width {
			flush()
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	flush()
}

func makes(in explainedInstruction, of int) string {
	switch {
	case strings.HasPrefix(strings.ToUpper(in.Instruction), "FROM"):
		return "no layer: it begins a stage"
	case !in.Layer:
		return "no layer, only metadata"
	case in.Number > 0:
		return fmt.Sprintf("layer %d of %d", in.Number, of)
	}
	return "a layer that is not in the image"
}

// took tells what the log says.
func took(in explainedInstruction) string {
	if in.Seconds == nil {
		return in.Log
	}
	time := seconds(time.Duration(*in.Seconds * float64(time.Second)))
	if in.Log == buildlog.Done.String() {
		return time
	}
	return in.Log + "; " + time + " when it ran"
}

// keyWords are the parts of a key in words.
func keyWords(inputs []explainedInput) (parts []string) {
	variables := map[cache.Kind][]string{}
	var unnamed []string
	for _, in := range inputs {
		switch in.Kind {
		case cache.Env, cache.Arg:
			switch {
			case in.Detail != "": // those of the base image go without saying
			case in.Unused: // by its text: the program may well read it
				unnamed = append(unnamed, strings.ToUpper(string(in.Kind))+" "+in.Name)
			default:
				variables[in.Kind] = append(variables[in.Kind], in.Name)
			}
		case cache.Files:
			if in.Detail != "" {
				parts = append(parts, "files "+in.Name+" ("+in.Detail+")")
				continue
			}
			parts = append(parts, fmt.Sprintf("files %s (%s, %s)", in.Name, words.Count(in.Files, "file"), words.Size(in.Bytes)))
		case cache.Text:
			parts = append(parts, in.Detail)
		case cache.StageOut:
			parts = append(parts, "what "+in.Name+" leaves at "+strings.TrimSuffix(in.Detail, ", by its content"))
		case cache.Base:
			parts = append(parts, "the image "+in.Name)
		case cache.Parent:
			parts = append(parts, "all that "+in.Name+" depends on")
		case cache.Workdir:
			parts = append(parts, "the directory "+in.Name)
		case cache.User:
			parts = append(parts, "the user "+in.Name)
		case cache.Shell:
			parts = append(parts, "the shell "+in.Name)
		default:
			parts = append(parts, strings.TrimSpace(in.Name+" "+bracketed(in.Detail)))
		}
	}
	for _, kind := range []cache.Kind{cache.Arg, cache.Env} {
		if names := variables[kind]; len(names) > 0 {
			parts = append(parts, strings.ToUpper(string(kind))+" "+strings.Join(names, ", "))
		}
	}
	if len(unnamed) > 0 {
		parts = append(parts, "also what its text does not name: "+strings.Join(unnamed, ", "))
	}
	return parts
}

func bracketed(detail string) string {
	if detail == "" {
		return ""
	}
	return "(" + detail + ")"
}

// maxListed is how many lines the report names that rerun with one: beyond, they are counted.
const maxListed = 20

// invalidates names the lines that rerun.
func invalidates(in explainedInstruction) string {
	var sure, maybe []int
	for _, c := range in.Invalidates {
		if c.State == cache.Depends.String() {
			maybe = append(maybe, c.Line)
		} else {
			sure = append(sure, c.Line)
		}
	}
	var parts []string
	if len(sure) > 0 {
		parts = append(parts, listed(sure))
	}
	if len(maybe) > 0 {
		parts = append(parts, listed(maybe)+" if the files taken from the stage come out different")
	}
	return strings.Join(parts, "; ")
}

// listed names lines, or the first of many.
func listed(lines []int) string {
	names := make([]string, 0, maxListed)
	for _, line := range lines[:min(len(lines), maxListed)] {
		names = append(names, fmt.Sprint(line))
	}
	text := words.For(len(lines), "line ", "lines ") + strings.Join(names, ", ")
	if more := len(lines) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more, to line %d", more, lines[len(lines)-1])
	}
	return text
}
