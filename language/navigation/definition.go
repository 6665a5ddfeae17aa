package navigation

import (
	"path"
	"path/filepath"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/language"
)

// Definition is where the name under the cursor, which stands at origin, gets its meaning: the definition that
// counts there, and, for an ARG without a value, the global one from which it takes it. A path that is taken leads
// to the file or folder of the build context, or to the step that made it in another stage; a user to the RUN
// that makes it; a named context to where the build gives it its name; an image to nothing.
func Definition(doc *language.Document, offset int) (origin text.Span, targets []Target) {
	r, ok := at(doc, offset)
	if !ok {
		return text.Span{}, nil
	}
	table := doc.Occurrences()
	origin = table.Span(r)
	switch r.Kind {
	case occurrences.Path:
		if r.Place == occurrences.InSource {
			targets = source(doc, r)
		}
	case occurrences.User:
		targets = user(doc, r)
	case occurrences.Stage:
		if stage, ok := table.StageOf(r); ok {
			targets = append(targets, stageTarget(doc, stage))
		} else if table.KindOf(r) == occurrences.Context {
			for _, place := range contextPlaces(doc, r.Name) {
				targets = append(targets, Target{Path: place.Path, Line: place.Line, Span: place.Span})
			}
		}
	default:
		for _, def := range table.Definitions(r) {
			targets = append(targets, target(doc, def))
		}
	}
	return origin, targets
}

// Declaration is where the name under the cursor stands first: of a variable, the global ARG or the first
// definition of it; of all else, its definition.
func Declaration(doc *language.Document, offset int) (origin text.Span, targets []Target) {
	r, ok := at(doc, offset)
	if !ok || r.Kind != occurrences.Variable {
		return Definition(doc, offset)
	}
	table := doc.Occurrences()
	if len(table.Definitions(r)) == 0 {
		return table.Span(r), nil
	}
	for _, o := range table.All(r) {
		if o.Defines {
			return table.Span(r), []Target{target(doc, o)}
		}
	}
	return table.Span(r), nil
}

// target is a name and its instruction.
func target(doc *language.Document, r occurrences.Ref) Target {
	return Target{Span: doc.Occurrences().Span(r), Full: body(doc, r.Index)}
}

// body is an instruction in the source, without the comments before it.
func body(doc *language.Document, index int) text.Span {
	return doc.File.Instructions[index].Body.Shift(doc.File.Start(index))
}

// stageTarget is the FROM of a stage: the stage's name, or, where it has none, what it builds on.
func stageTarget(doc *language.Document, stage int) Target {
	table := doc.Occurrences()
	if def, ok := table.NameOf(stage); ok {
		return target(doc, def)
	}
	from := doc.Graph.Stages[stage].Steps[0]
	span := from.Instr.Keyword
	if len(from.Instr.Words) > 0 {
		span = from.Instr.Words[0].Span
	}
	return Target{Span: span.Shift(doc.Graph.Offset(from)), Full: body(doc, doc.Graph.Index(from))}
}

// source is what a source of COPY, ADD or a mount names.
func source(doc *language.Document, r occurrences.Ref) []Target {
	step := doc.Occurrences().Step(r)
	name := step.Expand(r.Name)
	if r.Onbuild || !name.Known || step.Stage == nil {
		return nil
	}
	if from, ok := fromOf(doc, r); ok {
		table := doc.Occurrences()
		if stage, ok := table.StageOf(from); ok {
			return maker(doc, doc.Graph.Stages[stage], name.Text)
		}
		return nil
	}
	bc := doc.Context()
	if bc == nil || strings.Contains(name.Text, "://") {
		return nil
	}
	return inContext(bc, name.Text)
}

// ContextFiles are the regular files of the build context that a source of COPY, ADD or a mount names, absolute; nothing
// for a folder, and for what is taken from elsewhere.
func ContextFiles(doc *language.Document, r occurrences.Ref) (list []string) {
	if _, elsewhere := fromOf(doc, r); elsewhere {
		return nil
	}
	for _, t := range source(doc, r) {
		name, err := filepath.Rel(doc.Context().Root, t.Path)
		if err != nil {
			continue
		}
		if e, ok := doc.Context().Lookup(filepath.ToSlash(name)); ok && e.Mode.IsRegular() {
			list = append(list, t.Path)
		}
	}
	return list
}

// maxMatches is how many files a wildcard leads to.
const maxMatches = 100

// inContext are the file or folder of a name, or the files that a wildcard takes.
func inContext(bc *files.Context, name string) (targets []Target) {
	clean := strings.TrimPrefix(path.Clean("/"+filepath.ToSlash(name)), "/")
	if clean == "" {
		return nil // the context itself is no file to open
	}
	if bc.Exists(clean) {
		return []Target{{Path: filepath.Join(bc.Root, filepath.FromSlash(clean))}}
	}
	if !strings.ContainsAny(clean, "*?[") || strings.ContainsAny(path.Dir(clean), "*?[") {
		return nil
	}
	for _, e := range bc.List(path.Dir(clean)) {
		if ok, err := path.Match(clean, e.Path); ok && err == nil && !e.Mode.IsDir() && len(targets) < maxMatches {
			targets = append(targets, Target{Path: filepath.Join(bc.Root, filepath.FromSlash(e.Path))})
		}
	}
	return targets
}

// fromOf is the --from of a COPY, or the from= of the same mount, that says where a path is taken from.
func fromOf(doc *language.Document, r occurrences.Ref) (from occurrences.Ref, ok bool) {
	in := doc.File.Instructions[r.Index]
	var flag text.Span
	for _, f := range in.Flags {
		if f.Span.Contains(r.Span.Start) {
			flag = f.Span
		}
	}
	for _, o := range doc.Occurrences().In(r.Index) {
		if o.Kind != occurrences.Stage || o.Defines {
			continue
		}
		if flag.Len() == 0 && o.Place == occurrences.InCopy || flag.Len() > 0 && flag.Contains(o.Span.Start) {
			return o, true
		}
	}
	return occurrences.Ref{}, false
}

// maker is the step of a stage, or of those that it builds on, that made a path: the last one that names it, or
// the folder of the most parts that holds it.
func maker(doc *language.Document, stage *stages.Stage, name string) []Target {
	name = path.Join("/", name)
	var found *stages.Step
	var span text.Span
	best := 0
	for ; stage != nil; stage = stage.Parent {
		for i := len(stage.Steps) - 1; i >= 0; i-- {
			step := stage.Steps[i]
			at, length := makes(doc, step, name)
			if length > best {
				found, span, best = step, at, length
			}
		}
	}
	if found == nil {
		return nil
	}
	return []Target{{Span: span.Shift(doc.Graph.Offset(found)), Full: body(doc, doc.Graph.Index(found))}}
}

// makes is where a step says that it makes a path or a folder that holds it, and how long what it says is.
func makes(doc *language.Document, step *stages.Step, name string) (at text.Span, length int) {
	switch step.Instr.Name {
	case "COPY", "ADD", "WORKDIR":
	case "RUN":
		if i := strings.Index(step.Instr.Text, name); i >= 0 && len(name) > 1 && step.Instr.Body.Contains(i) {
			return text.Span{Start: i, End: i + len(name)}, len(name)
		}
		return text.Span{}, 0
	default:
		return text.Span{}, 0
	}
	for _, o := range occurrences.In(step.Instr, doc.File.Escape, step.Shell) {
		if o.Kind != occurrences.Path || o.Place != occurrences.InTarget {
			continue
		}
		to := step.Expand(o.Name)
		if !to.Known {
			continue
		}
		full := step.Join(to.Text)
		if full.Known && (full.Text == name || full.Text != "/" && strings.HasPrefix(name, full.Text+"/")) {
			return o.Span, len(full.Text)
		}
	}
	return text.Span{}, 0
}

// user is the RUN that makes a user, above in the stage or in those that it builds on.
func user(doc *language.Document, r occurrences.Ref) []Target {
	step := doc.Occurrences().Step(r)
	if r.Group || r.Onbuild || step.Stage == nil {
		return nil
	}
	before := step.N
	for stage := step.Stage; stage != nil; stage = stage.Parent {
		if stage != step.Stage {
			before = len(stage.Steps)
		}
		for i := before - 1; i > 0; i-- {
			run := stage.Steps[i]
			if run.Instr.Name != "RUN" || !strings.Contains(run.Instr.Text, r.Name) {
				continue
			}
			for _, cmd := range shell.Commands(run.Instr, run.Shell) {
				for _, w := range cmd.MakesUsers() {
					if w.Text == r.Name {
						start := doc.Graph.Offset(run)
						return []Target{{Span: w.Span.Shift(start), Full: body(doc, doc.Graph.Index(run))}}
					}
				}
			}
		}
	}
	return nil
}
