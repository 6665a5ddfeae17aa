package stages

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// word is a part of an instruction in which BuildKit replaces variables.
type word struct {
	span text.Span // relative to the instruction's Text
	text string
	pair int  // of ARG, ENV and LABEL: which of its pairs it belongs to
	body bool // a here-document, in which quotes mean nothing
	from bool // of COPY --from, in which variables are not allowed
}

// expanded are the words in which BuildKit replaces variables. Those of a RUN are left to its shell.
func (s *Step) expanded() (list []word) {
	in := s.Instr
	flag := func(name, value string) {
		if value != "" {
			list = append(list, word{span: flagSpan(in, name), text: value})
		}
	}
	words := in.Words
	pairs := func(pairs instructions.KeyValuePairs) {
		for i, kv := range pairs { // the form without "=" has one pair, in two words
			list = append(list,
				word{span: words[i].Span, text: kv.Key, pair: i},
				word{span: words[i+len(words)-len(pairs)].Span, text: kv.Value, pair: i})
		}
	}
	switch c := in.Cmd().(type) {
	case *instructions.Stage:
		flag("platform", c.Platform)
		words = words[:min(1, len(words))]
	case *instructions.CopyCommand:
		flag("chown", c.Chown)
		flag("chmod", c.Chmod)
		if c.From != "" {
			list = append(list, word{span: flagSpan(in, "from"), text: c.From, from: true})
		}
	case *instructions.AddCommand:
		flag("chown", c.Chown)
		flag("chmod", c.Chmod)
		flag("checksum", c.Checksum)
	case *instructions.ArgCommand:
		for i, kv := range c.Args { // the name is taken as it is
			if kv.Value != nil {
				list = append(list, word{span: words[i].Span, text: *kv.Value, pair: i})
			}
		}
		return list
	case *instructions.EnvCommand:
		pairs(c.Env)
		return list
	case *instructions.LabelCommand:
		pairs(c.Labels)
		return list
	case *instructions.ExposeCommand, *instructions.StopSignalCommand, *instructions.UserCommand, *instructions.VolumeCommand, *instructions.WorkdirCommand:
	default:
		return nil
	}
	operators := map[text.Span]bool{}
	for _, h := range in.Heredocs {
		operators[h.Op] = true
		if h.Expand {
			list = append(list, word{span: h.Op, text: h.Content.Of(in.Text), body: true})
		}
	}
	for _, w := range words {
		if !operators[w.Span] {
			list = append(list, word{span: w.Span, text: w.Text})
		}
	}
	return list
}

func flagSpan(in *syntax.Instruction, name string) text.Span {
	for _, f := range in.Flags {
		if f.Name.Of(in.Text) == name {
			return f.Span
		}
	}
	return in.Keyword
}

func bodyLex() *shell.Lex {
	lex := shell.NewLex('\\')
	lex.SkipProcessQuotes = true
	return lex
}

// Definition is a variable that an ARG or ENV gives a value, or declares.
type Definition struct {
	Name     string
	HasValue bool
	Empty    bool     // the value is the empty text
	Uses     []string // the variables that its value is made of
}

// Defines are the variables that the step defines, in order. Only ARG and ENV define any.
func (s *Step) Defines() []Definition {
	in := s.Instr
	if in.Name != "ARG" && in.Name != "ENV" || in.Cmd() == nil {
		return nil
	}
	return in.Memo(definesKey{}, func() any {
		var list []Definition
		switch c := in.Cmd().(type) {
		case *instructions.ArgCommand:
			for _, kv := range c.Args {
				list = append(list, Definition{Name: kv.Key, HasValue: kv.Value != nil, Empty: kv.Value != nil && strings.Trim(*kv.Value, `"'`) == ""})
			}
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				list = append(list, Definition{Name: kv.Key, HasValue: true})
			}
		}
		for _, w := range s.expanded() {
			list[w.pair].Uses = append(list[w.pair].Uses, s.variables(w)...)
		}
		return list
	}).([]Definition)
}

type definesKey struct{}

// Uses are the variables whose values are part of the instruction when BuildKit has expanded it. What
// the shell of a RUN expands is not among them.
func (s *Step) Uses() []string {
	in := s.Instr
	if !strings.Contains(in.Text, "$") || in.Cmd() == nil {
		return nil
	}
	return in.Memo(usesKey{}, func() any {
		var names []string
		for _, w := range s.expanded() {
			names = append(names, s.variables(w)...)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}).([]string)
}

type usesKey struct{}

// variables are those that BuildKit looks up when it expands the word.
func (s *Step) variables(w word) []string {
	if !strings.Contains(w.text, "$") || strings.ContainsRune(w.text, 0) || !utf8.ValidString(w.text) {
		return nil // BuildKit's lexer complains of such bytes on standard error
	}
	lex := shell.NewLex(rune(s.escape))
	if w.body {
		lex = bodyLex()
	}
	var names recorder
	_, _, _ = lex.ProcessWord(w.text, &names) // of a word that it refuses, as far as it gets
	return names
}

// SetByBuild is the name of an ARG of which the text's value is made, directly or by way of ENV, so that a
// build may give it another one than the file says; "" if there is none.
func (s *Step) SetByBuild(text string) string {
	return setByBuild(s.variables(word{text: text}), s.Vars, 0)
}

func setByBuild(names []string, vars *Scope, depth int) string {
	for _, name := range names {
		def, ok := vars.Lookup(name)
		switch {
		case !ok:
		case !def.Env:
			return name
		case def.Step != nil && depth < maxMadeOf:
			for _, d := range def.Step.Defines() {
				if d.Name != name {
					continue
				}
				if arg := setByBuild(d.Uses, def.Step.Vars, depth+1); arg != "" {
					return arg
				}
			}
		}
	}
	return ""
}

// maxMadeOf is how many ENVs, each made of the next, are followed to an ARG.
const maxMadeOf = 20

// recorder is an environment that remembers what it is asked for.
type recorder []string

func (r *recorder) Get(name string) (string, bool) {
	*r = append(*r, name)
	return "x", true
}

func (r *recorder) Keys() []string { return nil }

// Sources are the stages that a step takes files from, by COPY --from and by the mounts of RUN. Of stages with one name
// BuildKit takes the last one of the file, and refuses it where it does not come before the step's own.
func (g *Graph) Sources(s *Step) (list []*Stage) {
	if s.Stage == nil || len(s.Instr.Flags) == 0 {
		return nil
	}
	add := func(stage *Stage) {
		if stage != nil && stage.Index < s.Stage.Index {
			list = append(list, stage)
		}
	}
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			add(g.Find(c.From, len(g.Stages)))
		}
	case *instructions.RunCommand:
		mounts, _ := s.Mounts()
		for _, m := range mounts {
			add(g.byName(m.From, len(g.Stages))) // a number is no stage here, but the name of an image
		}
	}
	return list
}

// Needed reports whether the build needs the stage: it is the target, or one that the target builds on
// or takes files from, directly or not. Where that depends on what is not known, it is needed.
func (g *Graph) Needed(s *Stage) bool {
	g.needing.Do(func() {
		g.needed = make([]bool, len(g.Stages))
		all := false
		var mark func(s *Stage)
		mark = func(s *Stage) {
			if s == nil || g.needed[s.Index] {
				return
			}
			g.needed[s.Index] = true
			for _, step := range slices.Concat(s.Triggers(g), s.Steps) {
				for _, source := range g.Sources(step) {
					mark(source)
				}
				all = all || unknownMounts(step) // it may take files from any
			}
			mark(s.Parent)
			for _, other := range s.mayBuildOn(g.Stages[:s.Index]) {
				mark(other)
			}
		}
		mark(g.Target)
		for i := range g.needed {
			g.needed[i] = g.needed[i] || all
		}
	})
	return g.needed[s.Index]
}

// mayBuildOn are those of the stages above that the stage may build on, by a name that depends on what is not known, such as
// FROM build-$TARGETARCH.
func (s *Stage) mayBuildOn(above []*Stage) (list []*Stage) {
	from, ok := s.Steps[0].Instr.Cmd().(*instructions.Stage)
	if !ok || s.Parent != nil || s.Base.Known {
		return nil
	}
	start, _, _ := strings.Cut(from.BaseName, "$")
	start = strings.ToLower(start)
	if literal := variableInName.ReplaceAllString(from.BaseName, ""); strings.ContainsAny(literal, "/:@") {
		return nil
	}
	for _, other := range above {
		if other.Name != "" && strings.HasPrefix(other.Name, start) {
			list = append(list, other)
		}
	}
	return list
}

var variableInName = regexp.MustCompile(`\$(?:\{[^}]*\}|\w+)`)

// unknownMounts reports whether a RUN has mounts that depend on what is not known.
func unknownMounts(s *Step) bool {
	if s.Instr.Name != "RUN" || !slices.ContainsFunc(s.Instr.Flags, func(f syntax.Flag) bool { return f.Name.Of(s.Instr.Text) == "mount" }) {
		return false
	}
	mounts, _ := s.Mounts()
	return len(mounts) == 0
}
