package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"layerwise/build/buildlog"
	"layerwise/build/cache"
	"layerwise/dockerfile/stages"

	"github.com/spf13/cobra"
)

const explainLong = `Explain every instruction of a Dockerfile: the layer that it makes, what its cache
key is made of, and what runs again when it changes. Without Docker.

With --log, the log of a build (docker buildx build --progress=rawjson or plain) adds
how long each step took, and which were cached.

--format svg draws the stages as columns and their steps as blocks; --line colours
what runs again when that line changes.`

const explainExample = `  layerwise explain
  layerwise explain api/Dockerfile --format json
  layerwise explain --format svg --line 12 > picture.svg
  docker buildx build --progress=rawjson . 2> build.log; layerwise explain --log build.log`

// explain is one run of the command.
type explain struct {
	*build
	line int // of the change to draw; 0 for none
}

// ExplainCommand is the command that explains a Dockerfile.
func ExplainCommand() *cobra.Command {
	e := &explain{build: newBuild()}
	cmd := &cobra.Command{
		Use: "explain [Dockerfile]", Short: "Explain the layers and the cache of a Dockerfile", Long: explainLong, Example: explainExample,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := e.parse(cmd, args, "text", "json", "svg"); err != nil {
				return err
			}
			if err := e.run(cmd.Context()); err != nil {
				e.fail(err)
				return ExitCode(Failed)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	e.addFlags(cmd)
	flags.IntVar(&e.line, "line", 0, "with --format svg: the `line` of a change, to colour what runs again")
	flags.StringVar(&e.Format, "format", "text", "of the report: text, json or svg")
	return cmd
}

func (e *explain) run(ctx context.Context) error {
	if err := e.start(); err != nil {
		return err
	}
	name := e.show(e.abs(e.file()))
	snapshot, _, err := e.snapshot(ctx, e.abs(e.file()), "")
	if err != nil {
		return err
	}
	subject := snapshot.Subject(ctx)
	subject.Options = e.options(subject.Options, nil)
	for name, where := range e.contexts {
		if err := e.addContext(ctx, &subject, name, where, nil); err != nil {
			return err
		}
	}
	b, err := cache.Predict(ctx, subject)
	if missing := (*cache.NotFoundError)(nil); errors.As(err, &missing) {
		// The rest can be told all the same.
		e.note(e.placed(err, name).Error())
		subject.Trees = nil // nothing is known of the files
		b, err = cache.Predict(ctx, subject)
	}
	if err != nil {
		return e.placed(err, name)
	}
	if e.log != "" {
		if e.times, err = e.readLog(subject.Graph, b.Graph); err != nil {
			return err
		}
	}
	page := e.page(filepath.ToSlash(name), subject.Graph, b)
	switch e.Format {
	case "json":
		_, err = fmt.Fprintf(e.streams.Out, "%s\n", encode(page))
	case "svg":
		err = e.picture(page)
	default:
		_, err = io.WriteString(e.streams.Out, e.text(page))
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// The types of the JSON report, which the other forms are made of too.
type (
	explained struct {
		Path         string                 `json:"path"`
		Layers       int                    `json:"layers"` // that the file adds to the image's base
		Stages       []explainedStage       `json:"stages"`
		Instructions []explainedInstruction `json:"instructions"`
		Unknown      []string               `json:"unknownImages"` // of which nothing is known but the name

		takes []taken
	}
	// taken is a stage without layers that another one begins with or takes files from, by their lines.
	taken struct {
		from, to int
		base     bool
	}
	explainedStage struct {
		Name    string `json:"name"`
		Base    string `json:"base"` // an image or another stage
		Line    int    `json:"line"`
		InImage bool   `json:"inImage"` // its layers are
		Reached bool   `json:"reached"` // the build needs it
	}
	explainedInstruction struct {
		Line        int                `json:"line"`
		EndLine     int                `json:"endLine"`
		Stage       string             `json:"stage"` // empty before the first
		Instruction string             `json:"instruction"`
		Layer       bool               `json:"layer"`
		Number      int                `json:"layerNumber,omitempty"` // among those that the file adds to the image's base, from 1
		Reached     bool               `json:"reached"`
		Inputs      []explainedInput   `json:"inputs"`
		Invalidates []explainedCascade `json:"invalidates"`
		Log         string             `json:"log,omitempty"`     // what became of it in the log: done, cached, failed, canceled or unfinished
		Seconds     *float64           `json:"seconds,omitempty"` // that it took when it ran last
	}
	explainedInput struct {
		Kind   cache.Kind `json:"kind"`
		Name   string     `json:"name"`
		Detail string     `json:"detail"`
		Files  int        `json:"files,omitempty"`
		Bytes  int64      `json:"bytes,omitempty"`
		Unused bool       `json:"unused,omitempty"`
	}
	explainedCascade struct {
		Line  int    `json:"line"`
		State string `json:"state"` // rebuilt or depends
	}
)

// page is what there is to tell.
func (e *explain) page(name string, g *stages.Graph, b *cache.Build) explained {
	page := explained{Path: name, Stages: []explainedStage{}, Instructions: []explainedInstruction{}, Unknown: append([]string{}, b.Graph.Unknown...)}
	for _, s := range g.Stages {
		stage := explainedStage{Name: cache.StageName(s), Base: baseOf(s), Line: g.Line(s.Steps[0]), InImage: g.Exported(s)}
		stage.Reached = stage.InImage || slices.ContainsFunc(s.Steps, func(step *stages.Step) bool { return b.Line(g.Line(step)) != cache.Unreached })
		page.Stages = append(page.Stages, stage)
	}
	for i, in := range g.File.Instructions {
		s := g.StepAt(i)
		item := explainedInstruction{
			Line: g.Line(s), EndLine: g.File.Lines().Line(g.Offset(s)+in.Body.End) + 1, Instruction: in.Joined().Line,
			Reached: true, Inputs: []explainedInput{}, Invalidates: []explainedCascade{},
		}
		if s.Stage != nil {
			item.Stage = cache.StageName(s.Stage)
			item.Layer = s.MakesLayer()
			item.Reached = page.Stages[s.Stage.Index].Reached
		}
		for _, input := range b.Inputs(s, item.Line) {
			item.Inputs = append(item.Inputs, explainedInput(input))
		}
		for _, again := range cache.Reruns(g, s) {
			item.Invalidates = append(item.Invalidates, explainedCascade{g.Line(again.Step), again.State.String()})
		}
		if t, ok := e.times[item.Line]; ok {
			item.Log = t.State.String()
		}
		item.Seconds = e.seconds(item.Line)
		page.Instructions = append(page.Instructions, item)
	}
	page.takes = takes(g, b)
	// Layers count along the stages that the image is made of.
	if g.Target != nil {
		for _, stage := range g.Target.Chain() {
			for _, s := range stage.Steps {
				if s.MakesLayer() {
					page.Layers++
					page.Instructions[g.Index(s)].Number = page.Layers
				}
			}
		}
	}
	return page
}

// baseOf is what a stage begins with: as it is written, if a variable of the build decides.
func baseOf(s *stages.Stage) string {
	if s.Base.Known {
		return s.Base.Text
	}
	for _, word := range strings.Fields(s.Steps[0].Instr.Joined().Line)[1:] {
		if !strings.HasPrefix(word, "--") {
			return word
		}
	}
	return ""
}

// takes finds where the images of stages that have no layers of their own go.
func takes(g *stages.Graph, b *cache.Build) (list []taken) {
	heads := map[int]*stages.Stage{}
	for _, s := range g.Stages {
		heads[g.Line(s.Steps[0])] = s
	}
	for i := range g.File.Instructions {
		s := g.StepAt(i)
		if s.Stage == nil || !s.MakesLayer() {
			continue
		}
		to := g.Line(s)
		own := g.Line(s.Stage.Steps[0])
		for _, step := range b.On(to) {
			for n, in := range step.Vertex.Inputs {
				lines := in.Vertex.Lines
				if in.Vertex.Op.GetSource() == nil || len(lines) == 0 || heads[lines[0]] == nil || slices.Contains(lines, own) {
					continue
				}
				if base := n == 0 && !s.Stage.Base.Known; base {
					list = append(list, taken{lines[0], own, true})
				} else if s.Stage.Parent == nil || n > 0 {
					list = append(list, taken{lines[0], to, false})
				}
			}
		}
	}
	return list
}

// text is the report for people.
func (e *explain) text(page explained) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s on top of the base image\n", e.term.paint(bold, Escape(page.Path)), plural(page.Layers, "layer"))
	for _, in := range page.Instructions {
		if i := slices.IndexFunc(page.Stages, func(s explainedStage) bool { return s.Line == in.Line }); i >= 0 {
			fmt.Fprintf(&b, "\n%s%s\n", e.term.paint(bold, Escape("stage "+page.Stages[i].Name)), e.term.paint(dim, stageRole(page.Stages[i])))
		}
		fmt.Fprintf(&b, "%5d  %s\n", in.Line, fit(Escape(oneLine(in.Instruction)), e.term.width-7))
		e.item(&b, "makes", makes(in, page.Layers))
		if words := took(in); words != "" {
			e.item(&b, "last time", words)
		}
		if len(in.Inputs) > 0 {
			e.item(&b, "key", strings.Join(keyWords(in.Inputs), "; "))
		}
		if words := invalidates(in); words != "" {
			e.item(&b, "re-runs", words)
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
	width := e.term.width - indent
	line := ""
	first := true
	flush := func() {
		head := strings.Repeat(" ", indent)
		if first {
			head = "       " + e.term.paint(dim, fmt.Sprintf("%-10s", label))
		}
		fmt.Fprintf(b, "%s%s\n", head, line)
		line, first = "", false
	}
	for _, word := range strings.Fields(Escape(text)) {
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
	for _, in := range inputs {
		switch in.Kind {
		case cache.Env, cache.Arg:
			name := in.Name
			if in.Unused {
				name += " (not used, but it counts)"
			}
			if in.Detail == "" { // those of the base image go without saying
				variables[in.Kind] = append(variables[in.Kind], name)
			}
		case cache.Files:
			if in.Detail != "" {
				parts = append(parts, "files "+in.Name+" ("+in.Detail+")")
				continue
			}
			parts = append(parts, fmt.Sprintf("files %s (%s, %s)", in.Name, plural(in.Files, "file"), size(in.Bytes)))
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
	return parts
}

func bracketed(detail string) string {
	if detail == "" {
		return ""
	}
	return "(" + detail + ")"
}

// invalidates names the lines that run again.
func invalidates(in explainedInstruction) string {
	var sure, maybe []string
	for _, c := range in.Invalidates {
		if c.State == cache.Depends.String() {
			maybe = append(maybe, fmt.Sprint(c.Line))
		} else {
			sure = append(sure, fmt.Sprint(c.Line))
		}
	}
	var parts []string
	if len(sure) > 0 {
		parts = append(parts, verb(len(sure), "line ", "lines ")+strings.Join(sure, ", "))
	}
	if len(maybe) > 0 {
		parts = append(parts, verb(len(maybe), "line ", "lines ")+strings.Join(maybe, ", ")+" if the files taken from the stage come out different")
	}
	return strings.Join(parts, "; ")
}

// size is a number of bytes for people.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB"}
	value, unit := float64(n), 0
	for value >= 1000 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}
