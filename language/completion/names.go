package completion

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// stages are the stages above, the nearest first, with those that have no name by number if numbers are taken;
// the named contexts; and the images that the file uses.
func (l *list) stages(numbers bool) {
	seen := map[string]bool{}
	own := l.stage()
	for i := min(own, len(l.doc.Graph.Stages)) - 1; i >= 0; i-- {
		s := l.doc.Graph.Stages[i]
		name := s.Name
		if name == "" && numbers {
			name = strconv.Itoa(i)
		}
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		l.add(Item{Label: name, Kind: Stage, Detail: "stage FROM " + s.Base.Text + ", line " + strconv.Itoa(l.doc.Graph.Line(s.Steps[0])), Bucket: 1 + own - i})
	}
	base := 1 + max(own, 0) + 1
	for _, name := range l.doc.Contexts {
		if !seen[name] {
			seen[name] = true
			l.add(Item{Label: name, Kind: Stage, Detail: "named context", Bucket: base})
		}
	}
	for i, s := range l.doc.Graph.Stages {
		if i != own && s.Parent == nil && s.Base.Known && s.Base.Text != "" && !seen[s.Base.Text] {
			seen[s.Base.Text] = true
			l.add(Item{Label: s.Base.Text, Kind: Image, Detail: "image, used in line " + strconv.Itoa(l.doc.Graph.Line(s.Steps[0])), Bucket: base + 1})
		}
	}
	if l.place.Name == "FROM" && !seen["scratch"] {
		l.add(Item{Label: "scratch", Kind: Image, Detail: "no files at all", Bucket: base + 2})
	}
}

// scope are the variables in effect at the place.
func (l *list) scope() *stages.Scope {
	step := l.step()
	if step == nil {
		return nil
	}
	return step.Vars
}

// variables are those that may be used at the place, with their values.
func (l *list) variables() {
	seen := map[string]bool{}
	add := func(name, detail, doc string, bucket int) {
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		it := Item{Label: "$" + name, Kind: Variable, Detail: detail, Doc: doc, Bucket: bucket}
		if l.place.Braced {
			it.Label = "${" + name + "}"
		}
		it.Text = it.Label
		if l.place.Closed {
			it.Text = "${" + name // its brace stands there already
		}
		l.add(it)
	}
	from := l.place.Name == "FROM"
	l.scope().All(func(v *stages.Scope) bool {
		platform := grammar.FindVariable(grammar.PlatformArgs, v.Name)
		switch {
		case v.Step == nil && platform != nil:
			if from || l.stage() < 0 {
				add(v.Name, "", platform.Doc, 30)
			}
		case v.Step == nil && l.place.ByShell, v.Step != nil:
			detail := "ARG"
			if v.Env {
				detail = "ENV"
			}
			if v.Value.Known {
				detail += " = " + words.Shorten(v.Value.Text, 60)
			}
			add(v.Name, detail, "", 1)
		case v.Value.Known:
			add(v.Name, "of the base image: "+words.Shorten(v.Value.Text, 60), "", 20)
		}
		return true
	})
	if l.place.ByShell && (l.place.Name == "RUN") {
		for _, v := range grammar.ProxyArgs {
			add(v.Name, "", v.Doc, 40)
		}
	}
}

func (l *list) modifiers() {
	for i, m := range grammar.Modifiers {
		if strings.HasPrefix(m.Text, l.place.Typed) {
			l.add(Item{Label: m.Text, Kind: Value, Detail: m.Word, Doc: m.Doc, Bucket: 1 + i})
		}
	}
}

// users are root, those of the base image, and those that the file names.
func (l *list) users() {
	seen := map[string]bool{}
	add := func(name, detail string, bucket int) {
		if name != "" && !seen[name] && !strings.ContainsAny(name, "$ \t\"'") {
			seen[name] = true
			l.add(Item{Label: name, Kind: Value, Detail: detail, Bucket: bucket})
		}
	}
	if s := l.step(); s != nil && s.Stage != nil {
		if f, ok := images.Of(s.Stage); ok {
			for name := range f.Users {
				add(name, "of the base image", 2)
			}
		}
	}
	for _, s := range l.doc.Graph.Stages {
		for _, step := range s.Steps {
			if step.Instr.Name == "USER" && step.Instr != l.place.Instr && len(step.Instr.Words) > 0 {
				add(step.Instr.Words[0].Text, "used in line "+strconv.Itoa(l.doc.Graph.Line(step)), 1)
			}
		}
	}
	add("root", "", 3)
	slices.SortStableFunc(l.items, func(a, b Item) int { return strings.Compare(a.Label, b.Label) })
}

// path are paths for COPY and ADD: files of the context for a source, folders of the image for a destination.
func (l *list) path(n int) {
	if l.place.Name != "COPY" && l.place.Name != "ADD" {
		return
	}
	for _, f := range l.place.Flags {
		if f.Name == "from" {
			return
		}
	}
	if n > 0 && n >= len(l.place.Words)-1 {
		if l.place.Typed == "" || l.place.Typed == "." {
			l.add(Item{Label: "./", Kind: Folder, Detail: "the working directory", Bucket: 0})
		}
	}
	l.contextPaths()
}

// contextPaths are the entries of the folder of the context that is typed, without those that are ignored.
func (l *list) contextPaths() {
	bc := l.doc.Context()
	if bc == nil || l.place.OnBuild {
		return
	}
	typed := l.place.Typed
	dir, _ := path.Split(typed)
	at := path.Clean("/" + dir)[1:]
	if at == "" {
		at = "."
	}
	span := l.place.Word
	span.Start += len(dir)
	for _, e := range bc.List(at) {
		name := path.Base(e.Path)
		if e.Ignored || strings.ContainsAny(name, " \t\n\"'$\\`[]*?<") {
			continue
		}
		it := Item{Label: name, Kind: File, Detail: words.Size(e.Size), Bucket: 10}
		if e.Mode.IsDir() {
			sel := bc.Select([]string{e.Path}, nil)
			it.Label, it.Kind, it.Bucket = name+"/", Folder, 5
			it.Detail = words.Count(sel.Files, "file") + ", " + words.Size(sel.Bytes)
		}
		l.addAt(it, span)
	}
}
