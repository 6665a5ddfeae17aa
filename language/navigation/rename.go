package navigation

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/language"
)

// Change is what renaming does.
type Change struct {
	Edits []text.Edit
	// Elsewhere is what changes in other files: the targets of builds that name a stage.
	Elsewhere []FileChange
	// Note is what people have to know beside it, such as who else uses the name; "" for nothing.
	Note string
}

// FileChange are the edits of another file.
type FileChange struct {
	Path  string // absolute
	Edits []text.Edit
}

// Renameable is the name under the cursor, if it can be changed; else why it cannot, for people.
func Renameable(doc *language.Document, offset int) (span text.Span, name string, err error) {
	r, err := renameable(doc, offset)
	if err != nil {
		return text.Span{}, "", err
	}
	span = doc.Occurrences().Span(r)
	return span, r.Name, nil
}

func renameable(doc *language.Document, offset int) (occurrences.Ref, error) {
	none := occurrences.Ref{}
	r, ok := at(doc, offset)
	if !ok {
		return none, errors.New("there is no name here that can be changed")
	}
	table := doc.Occurrences()
	switch r.Kind {
	case occurrences.Stage:
		return r, stageRenameable(table, r)
	case occurrences.Variable:
		return r, variableRenameable(doc, r)
	case occurrences.Heredoc:
		return r, nil
	case occurrences.Local:
		return none, fmt.Errorf("%s is set by the script of this instruction: change it there", r.Name)
	case occurrences.User:
		return none, fmt.Errorf("%s is a user of the image: only names of stages, variables and heredocs can be changed", r.Name)
	}
	return none, errors.New("a path cannot be changed here: only names of stages, variables and heredocs can")
}

func stageRenameable(table *occurrences.Table, r occurrences.Ref) error {
	switch table.KindOf(r) {
	case occurrences.Context:
		return fmt.Errorf("%s is a named context of the build: it gets its name where the build is started", r.Name)
	case occurrences.Image:
		if r.Onbuild {
			return fmt.Errorf("another build decides what %s is in an ONBUILD", r.Name)
		}
		return fmt.Errorf("%s is an image, not a stage of this file", r.Name)
	}
	stage, _ := table.StageOf(r)
	if _, err := strconv.Atoi(r.Name); err == nil {
		return fmt.Errorf("%s is the number of a stage: write its name to change it", r.Name)
	}
	if _, named := table.NameOf(stage); !named {
		return errors.New("this stage has no name")
	}
	return nil
}

func variableRenameable(doc *language.Document, r occurrences.Ref) error {
	table := doc.Occurrences()
	switch {
	case r.By == occurrences.Nobody:
		return fmt.Errorf("$%s is only text here: nothing replaces it", r.Name)
	case strings.IndexByte(r.Name, doc.File.Escape) >= 0:
		return fmt.Errorf("%s is no name that can be used: the builder takes %c away", r.Name, doc.File.Escape)
	case grammar.OfBuilder(r.Name):
		return fmt.Errorf("%s is a name that the builder gives: it has to stay", r.Name)
	case !r.Onbuild && len(table.Definitions(r)) == 0:
		return fmt.Errorf("%s is not defined in this file", r.Name)
	case r.Onbuild && !slices.ContainsFunc(table.Definitions(r), func(d occurrences.Ref) bool { return !d.Same(r) }):
		return fmt.Errorf("another build decides what %s is in an ONBUILD", r.Name)
	}
	return nil
}

// Rename changes the name under the cursor everywhere. err says, for people, why it cannot be done.
func Rename(doc *language.Document, offset int, name string) (Change, error) {
	r, err := renameable(doc, offset)
	if err != nil {
		return Change{}, err
	}
	table := doc.Occurrences()
	all := table.All(r)
	if name == r.Name {
		return Change{}, nil
	}
	switch r.Kind {
	case occurrences.Stage:
		err = checkStage(doc, r, name)
	case occurrences.Variable:
		err = checkVariable(doc, r, all, name)
	case occurrences.Heredoc:
		err = checkHeredoc(doc, r, name)
	}
	if err != nil {
		return Change{}, err
	}
	var places []rewrite.Named
	for _, o := range all {
		if o.Kind == occurrences.Stage && isNumber(o.Name) && o.Place == occurrences.InCopy {
			continue // COPY --from=0 stays
		}
		span := table.Span(o)
		places = append(places, rewrite.Named{Span: span, New: spelled(o, span.Of(doc.File.Src), name)})
	}
	edits := rewrite.Names(places)
	if err := meansTheSame(doc, r, name, edits); err != nil {
		return Change{}, err
	}
	change := Change{Edits: edits, Note: note(doc, r, all)}
	if r.Kind == occurrences.Stage {
		var left []string
		change.Elsewhere, left = retarget(doc, r, name)
		change.Note = leftNote(left)
	}
	return change, nil
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// spelled is the new name as it has to stand at a place.
func spelled(o occurrences.Ref, old, name string) string {
	switch {
	case o.Place == occurrences.InFrom:
		return strings.ToLower(name) // FROM finds no others
	case o.Kind == occurrences.Heredoc && o.Defines && old != o.Name:
		return `"` + name + `"` // it was quoted, in part
	}
	return name
}

var (
	stageName   = regexp.MustCompile(`^[a-z][a-z0-9-_.]*$`)
	heredocName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
)

func checkStage(doc *language.Document, r occurrences.Ref, name string) error {
	table := doc.Occurrences()
	lower := strings.ToLower(name)
	stage, _ := table.StageOf(r)
	def, _ := table.NameOf(stage)
	switch {
	case !stageName.MatchString(lower):
		return fmt.Errorf("%q cannot name a stage: write a letter first, then letters, digits, dots, - or _", name)
	case lower == "scratch" || lower == "context":
		return fmt.Errorf("%s has a meaning of its own and cannot name a stage", name)
	case slices.Contains(doc.Contexts, lower):
		return fmt.Errorf("%s is a named context of the build, which would be taken in place of the stage", name)
	}
	for _, other := range table.Stages() {
		if other.Name == lower && other.Index != def.Index {
			return fmt.Errorf("line %d has a stage that is called %s already", lineOf(doc, other), name)
		}
	}
	for _, s := range doc.Graph.Stages {
		from := s.Steps[0].Instr
		if len(from.Words) == 0 || !strings.Contains(from.Words[0].Text, "$") {
			continue
		}
		start, _, _ := strings.Cut(from.Words[0].Text, "$")
		if s.Parent != nil && s.Parent.Index == stage || s.Parent == nil && !s.Base.Known && s.Index > stage && strings.HasPrefix(def.Name, strings.ToLower(start)) {
			return fmt.Errorf("FROM %s on line %d makes the name of the stage of a variable: it would not find it any more", from.Words[0].Text, doc.Graph.Line(s.Steps[0]))
		}
	}
	return nil
}

func lineOf(doc *language.Document, r occurrences.Ref) int {
	return doc.File.Lines().Line(doc.Occurrences().Span(r).Start) + 1
}

func checkVariable(doc *language.Document, r occurrences.Ref, all []occurrences.Ref, name string) error {
	table := doc.Occurrences()
	switch {
	case !occurrences.IsVariableName(name):
		return fmt.Errorf("%q cannot name a variable: write letters, digits and _, with no digit first", name)
	case grammar.OfBuilder(name):
		return fmt.Errorf("%s is a name that the builder gives a value", name)
	}
	seen := map[*stages.Stage]bool{nil: true}
	for _, o := range all {
		step := table.Step(o)
		if seen[step.Stage] {
			continue
		}
		seen[step.Stage] = true
		for _, other := range step.Stage.Steps {
			switch other.Instr.Name {
			case "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK":
				if len(other.Shell) > 0 && !shell.IsShellName(other.Shell[0]) && strings.Contains(other.Instr.Text, r.Name) {
					return fmt.Errorf("line %d may use %s in a shell that is not understood here", doc.Graph.Line(other), r.Name)
				}
			}
		}
	}
	return nil
}

func checkHeredoc(doc *language.Document, r occurrences.Ref, name string) error {
	if !heredocName.MatchString(name) {
		return fmt.Errorf("%q cannot end a heredoc: write letters, digits, dots, - or _", name)
	}
	in := doc.File.Instructions[r.Index]
	for n, h := range in.Heredocs {
		if n != r.Pair {
			continue
		}
		for line := range strings.Lines(h.Content.Of(in.Text)) {
			line = strings.TrimRight(line, "\r\n")
			if h.Chomp {
				line = strings.TrimLeft(line, "\t")
			}
			if line == name {
				return fmt.Errorf("the heredoc has a line %s, which would end it", name)
			}
		}
	}
	return nil
}

// meansTheSame tries the edits: each name has to mean what it meant before.
func meansTheSame(doc *language.Document, r occurrences.Ref, name string, edits []text.Edit) error {
	args := func(arg string) string {
		if r.Kind == occurrences.Variable && arg == r.Name {
			return name
		}
		return arg
	}
	after := occurrences.Of(doc.Graph.With(doc.File.Edit(edits), args), doc.Contexts...)
	other, differs := doc.Occurrences().Differs(after, r.Name, name)
	switch {
	case !differs:
		return nil
	case other.IsZero():
		return fmt.Errorf("with %s the file would not have the same instructions", name)
	}
	if other.Kind == occurrences.Stage && strings.EqualFold(other.Name, name) {
		return fmt.Errorf("%s on line %d is an image, and would be taken for this stage", other.Name, lineOf(doc, other))
	}
	return fmt.Errorf("with the name %s, %s on line %d would mean something else", name, other.Name, lineOf(doc, other))
}

// note tells of those who use the name outside of the file.
func note(doc *language.Document, r occurrences.Ref, all []occurrences.Ref) string {
	switch r.Kind {
	case occurrences.Variable:
		if slices.ContainsFunc(all, func(o occurrences.Ref) bool { return o.Defines && !o.Env }) {
			return fmt.Sprintf("who passes --build-arg %s has to pass the new name, and each RUN after it reruns once", r.Name)
		}
		return "each RUN after it reruns once"
	case occurrences.Heredoc:
		if in := doc.File.Instructions[r.Index]; in.Name != "RUN" {
			return fmt.Sprintf("where %s makes files in a folder, the file gets this name", in.Name)
		}
	}
	return ""
}
