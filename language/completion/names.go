package completion

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// stages are the stages above, the nearest first, with those that have no name by number if numbers are taken, and the
// named contexts.
func (l *list) stages(numbers bool) {
	seen := map[string]bool{}
	own := l.stage()
	for i := min(own, len(l.doc.Graph.Stages)) - 1; i >= 0; i-- {
		s := l.doc.Graph.Stages[i]
		name := s.Name
		if name == "" && numbers {
			name = strconv.Itoa(i)
		}
		if name == "" || seen[name] || len(seen) >= maxStages {
			l.more = l.more || len(seen) >= maxStages
			continue
		}
		if !fits(l.place.Typed, name) {
			continue
		}
		seen[name] = true
		l.add(Item{Label: name, Kind: Stage, Detail: "stage FROM " + s.Base.Text + ", line " + strconv.Itoa(l.doc.Graph.Line(s.Steps[0])),
			Doc: "A stage of this file, with " + words.Count(len(s.Steps)-1, "step") + ". What is taken from it reruns the steps that take it only if it comes out different.", Bucket: 1 + len(seen)})
	}
	for _, name := range l.doc.Contexts {
		if !seen[name] {
			seen[name] = true
			l.add(Item{Label: name, Kind: Stage, Detail: "named context", Doc: "What the build passes under this name, in place of a stage or an image.", Bucket: imageBucket - 1})
		}
	}
}

// maxStages bounds the stages of one answer; more are found when their names are typed.
const maxStages = 200

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
	add := func(name, detail, doc string, bucket int) *Item {
		if name == "" || seen[name] {
			return nil
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
		n := len(l.items)
		l.add(it)
		if len(l.items) == n {
			return nil
		}
		return &l.items[n]
	}
	from := l.place.Name == "FROM"
	if l.place.Name == "RUN" && l.place.ByShell {
		for _, name := range l.assigned() {
			add(name, "of this script", "", 0)
		}
	}
	l.scope().All(func(v *stages.Scope) bool {
		platform := grammar.FindVariable(grammar.PlatformArgs, v.Name)
		switch {
		case v.Step == nil && platform != nil:
			if from || l.stage() < 0 {
				add(v.Name, "", sentence(platform.Doc), 30)
			}
		case v.Step == nil && l.place.ByShell, v.Step != nil:
			detail, doc := "ARG", "A build argument: another value reruns the RUN steps below its definition."
			if v.Env {
				detail, doc = "ENV", "It is also set in the container."
			}
			if v.Value.Known {
				detail += " = " + words.Shorten(v.Value.Text, 60)
			}
			add(v.Name, detail, doc, 1)
		case v.Value.Known:
			add(v.Name, "of the base image: "+words.Shorten(v.Value.Text, 60), "", 20)
		}
		return true
	})
	if l.place.OnBuild {
		for _, name := range l.ofTriggers() {
			add(name, "of an ONBUILD above", "It is defined in the build of the image that is built on this one, before this instruction runs there.", 1)
		}
	}
	for _, name := range l.withoutDefault() {
		add(name, "ARG without a default", "A build argument: it is unset unless the build passes it.", 2)
	}
	if l.place.Name == "RUN" && l.place.ByShell {
		for _, v := range grammar.ProxyArgs {
			add(v.Name, "", sentence(v.Doc), 40)
		}
		for _, v := range grammar.ProxyArgs {
			add(strings.ToLower(v.Name), "", sentence(v.Doc), 41) // a build sets both
		}
	}
	if !from && l.stage() >= 0 && !l.place.OnBuild {
		l.undeclared(add)
	}
}

// ofTriggers are the variables of the ONBUILD instructions above in the stage, the nearest first: they are there when those below
// run.
func (l *list) ofTriggers() (names []string) {
	table := l.doc.Occurrences()
	l.above(func(s *stages.Step) bool {
		if s.Instr.Name != "ONBUILD" || s.Triggered() || s.Stage != l.step().Stage {
			return s.Stage == l.step().Stage
		}
		for _, r := range slices.Backward(table.In(l.doc.Graph.Index(s))) {
			if r.Defines && r.Kind == occurrences.Variable {
				names = append(names, r.Name)
			}
		}
		return true
	})
	return names
}

// withoutDefault are the arguments that are declared above and get a value only from the build, the nearest first: no
// scope holds them. Before the first FROM, and on a FROM, they are those from above the first FROM.
func (l *list) withoutDefault() (names []string) {
	see := func(s *stages.Step) bool {
		if s.Instr.Name != "ARG" {
			return true
		}
		for _, d := range slices.Backward(s.Defines()) {
			if !d.HasValue {
				names = append(names, d.Name)
			}
		}
		return true
	}
	if l.place.Name != "FROM" && l.stage() >= 0 {
		l.above(see)
		return names
	}
	for _, s := range slices.Backward(l.doc.Graph.Global) {
		if s.Instr != l.place.Instr && (l.stage() >= 0 || s.N < l.place.Index) {
			see(s)
		}
	}
	return names
}

// assigned are the names that the script of the RUN gives values to, before the place.
func (l *list) assigned() (names []string) {
	step := l.step()
	if step == nil {
		return nil
	}
	at := l.place.Offset - l.doc.File.Start(l.place.Index)
	for _, cmd := range commands(step) {
		if cmd.Span.Start >= at {
			break
		}
		if len(cmd.Words) == 0 {
			for _, a := range cmd.Assigns {
				names = append(names, a.Name)
			}
		}
		for _, a := range cmd.Exports() {
			names = append(names, a.Name)
		}
	}
	slices.Reverse(names)
	return names
}

// undeclared are the platform arguments and the global ones that the stage does not declare yet: taking one declares it
// above the instruction.
func (l *list) undeclared(add func(name, detail, doc string, bucket int) *Item) {
	step := l.step()
	if step == nil || step.Stage == nil || step.N == 0 || len(l.doc.File.Instructions) > maxDeclare {
		return
	}
	declare := func(name, doc string, bucket int) {
		if it := add(name, "adds ARG "+name, doc, bucket); it != nil {
			change := rewrite.Of(l.doc.Graph)
			change.Insert(rewrite.Above(step), rewrite.Keyword(step, "ARG")+" "+name)
			edit, err := change.Edit()
			if err != nil || edit.Create {
				l.items = l.items[:len(l.items)-1]
				return
			}
			it.Also = edit.Edits
		}
	}
	if l.place.Typed == "" || strings.Trim(l.place.Typed, "${") == "" {
		l.more = true // they are many, and few are meant
		return
	}
	l.doc.Graph.GlobalVars().All(func(v *stages.Scope) bool {
		if v.Step != nil && !v.Env {
			declare(v.Name, "A build argument from above the first FROM, which a stage sees only if it declares it.", 45)
		}
		return true
	})
	for _, v := range grammar.PlatformArgs {
		declare(v.Name, sentence(v.Doc), 50)
	}
}

// maxDeclare is the number of instructions up to which a declaration is offered: it is tried on the whole file.
const maxDeclare = 3000

func (l *list) modifiers() {
	for i, m := range grammar.Modifiers {
		if strings.HasPrefix(m.Text, l.place.Typed) {
			l.add(Item{Label: m.Text, Kind: Value, Detail: m.Word, Doc: m.Doc, Bucket: 1 + i})
		}
	}
}

// madeUser is a user or a group that the file makes or that the base image has.
type madeUser struct {
	name, detail string
	group        bool // and no user
}

// made are the users and groups that the stage makes above the place, and those that its image makes.
func (l *list) made() (list []madeUser) {
	add := func(name, detail string, group bool) {
		if name == "" || strings.ContainsAny(name, "$ \t\"'`") {
			return
		}
		if i := slices.IndexFunc(list, func(u madeUser) bool { return u.name == name }); i >= 0 {
			list[i].group = list[i].group && group
			return
		}
		list = append(list, madeUser{name, detail, group})
	}
	steps := 0
	l.above(func(s *stages.Step) bool {
		for _, cmd := range commands(s) {
			for _, w := range cmd.Effects().Users {
				if w.Literal {
					add(w.Text, "made in line "+strconv.Itoa(l.doc.Graph.Line(s)), len(cmd.MakesUsers()) == 0)
				}
			}
		}
		steps++
		return steps < maxAbove
	})
	if s := l.step(); s != nil && s.Stage != nil {
		if f, ok := images.Of(s.Stage); ok {
			for _, name := range slices.Sorted(maps.Keys(f.Users)) {
				add(name, "of the base image", false)
			}
			if f.User != "" && !images.IsRoot(f.User) {
				add(f.User, "the user of the base image", false)
			}
		}
	}
	return list
}

// users are those that the stage makes, those of the base image, those that the file names, and root; behind a colon, as
// groups.
func (l *list) users() {
	seen := map[string]bool{}
	prefix := ""
	if user, _, group := strings.Cut(l.place.Typed, ":"); group {
		prefix = user + ":"
	}
	n := 0
	add := func(name, detail string) {
		if !seen[name] && (prefix == "" || !strings.Contains(name, ":")) {
			seen[name] = true
			n++
			l.add(Item{Label: prefix + name, Kind: Value, Detail: detail, Bucket: n})
		}
	}
	for _, u := range l.made() {
		if !u.group || prefix != "" {
			add(u.name, u.detail)
		}
	}
	for _, s := range l.doc.Graph.Stages {
		for _, step := range s.Steps {
			if step.Instr.Name == "USER" && step.Instr != l.place.Instr && len(step.Instr.Words) > 0 {
				if name := step.Instr.Words[0].Text; !strings.ContainsAny(name, "$ \t\"'") && name != "root" {
					add(name, "used in line "+strconv.Itoa(l.doc.Graph.Line(step)))
				}
			}
		}
	}
	if s := l.step(); s != nil && s.Stage != nil {
		if f, ok := images.Of(s.Stage); ok && l.place.Typed != "" && l.place.Typed != prefix {
			for _, name := range slices.Sorted(maps.Keys(f.SystemUsers)) {
				if name != "root" {
					add(name, "of "+f.Family)
				}
			}
		}
	}
	l.more = true
	add("root", "")
}
