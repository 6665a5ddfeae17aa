package scenario

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Random makes up a scenario, the same from the same source: a Dockerfile of up to four stages with
// all kinds of instructions, a build context, and edits of either. Its images need busybox, a
// /made that everyone may write to, and the user node. Nearly all of its builds succeed; which do not
// is for the daemon to say.
func Random(rng *rand.Rand) *Scenario {
	g := &generator{Rand: rng, s: &Scenario{
		Title:      "random",
		Context:    map[string]Entry{},
		BuildArgs:  map[string]string{},
		Opts:       map[string]string{},
		Secrets:    map[string]string{"token": "secret"},
		BaseImages: map[string]Image{},
	}}
	g.context()
	g.images()
	for range 1 + min(g.IntN(5), g.IntN(4)) {
		g.doc.stages = append(g.doc.stages, g.stage())
	}
	g.doc.globals = "ARG BASE=" + g.image() + "\n"
	if g.IntN(4) > 0 {
		g.doc.globals += "ARG A1=global\n"
	}
	if g.IntN(4) == 0 {
		g.s.BuildArgs[g.name("A")] = g.value()
	}
	if g.IntN(6) == 0 {
		g.s.Target = of(g, g.doc.stages).name
	}
	last := g.doc.stages[len(g.doc.stages)-1]
	focused := g.IntN(4) == 0 // on one edit, for which there is something to edit
	if focused && !last.scratch {
		last.steps = slices.Insert(last.steps, g.IntN(len(last.steps)),
			step{text: "RUN " + cacheMount + ",id=own echo 1"}, step{text: "COPY src /w/src/", files: []string{"src"}})
	}
	g.st = g.start()
	works := g.doc.checker(g.st)
	for n, s := range g.doc.stages {
		s.steps = slices.DeleteFunc(s.steps, func(s step) bool { return !works(n, s) })
		if len(s.steps) == 0 {
			s.steps = []step{{text: "RUN true"}}
		}
	}
	g.s.Dockerfile = g.doc.String()
	g.st = g.start()
	if focused {
		g.s.Edit = g.telling()
		g.s.DockerfileAfter = g.st.Dockerfile
		return g.s
	}
	if g.IntN(3) == 0 {
		before := g.doc.clone()
		g.s.PriorEdits = [][]Edit{g.edits()}
		if e := g.noCache(); g.IntN(3) == 0 && g.try(e) {
			g.s.PriorEdits[0] = append(g.s.PriorEdits[0], e)
		}
		if g.IntN(4) > 0 { // and back
			g.doc = before
			back := Edit{Op: "dockerfile", Entry: Entry{Content: ptr(g.doc.String())}}
			if g.try(back) {
				g.s.Edit = []Edit{back}
			}
		}
		if e := g.noCache(); e.Op == "opt" && g.IntN(2) == 0 && g.try(e) {
			g.s.Edit = append(g.s.Edit, e)
		}
	}
	g.s.Edit = append(g.s.Edit, g.edits()...)
	g.s.DockerfileAfter = g.st.Dockerfile
	return g.s
}

// generator is the state of making up one scenario.
type generator struct {
	*rand.Rand
	s   *Scenario
	doc document
	st  *State // after the edits so far
	n   int    // counts names, which so are unique

	repo string // name of the git repository, of which no other scenario knows
}

// document is a Dockerfile in the making.
type document struct {
	globals string
	stages  []*stage
}

type stage struct {
	id      string // stands for the stage in the texts of others, as {id}, or {#id} for its number
	name    string
	from    string
	scratch bool // nothing can run in it
	steps   []step
}

// step is an instruction and what it needs to succeed.
type step struct {
	text  string
	files []string // of the context
	stage string   // id of the stage it reads
	reads string   // path in that stage, if somebody has to make it
	makes string
}

func (d document) String() string {
	var names []string
	for n, s := range d.stages {
		names = append(names, "{"+s.id+"}", s.name, "{#"+s.id+"}", fmt.Sprint(n))
	}
	var b strings.Builder
	b.WriteString(d.globals)
	for _, s := range d.stages {
		fmt.Fprintf(&b, "FROM %s AS %s\n", s.from, s.name)
		for _, step := range s.steps {
			b.WriteString(step.text + "\n")
		}
	}
	return strings.NewReplacer(names...).Replace(b.String())
}

func (d document) clone() document {
	var stages []*stage
	for _, s := range d.stages {
		c := *s
		c.steps = slices.Clone(s.steps)
		stages = append(stages, &c)
	}
	return document{d.globals, stages}
}

// start is the state before the edits.
func (g *generator) start() *State {
	st, err := g.s.start()
	if err != nil {
		panic(err) // the context is made so that this cannot be
	}
	return st
}

// works reports whether all steps find what they read.
func (d document) works(st *State) bool {
	works := d.checker(st)
	for n, s := range d.stages {
		for _, step := range s.steps {
			if !works(n, step) {
				return false
			}
		}
	}
	return st.Target == "" || slices.ContainsFunc(d.stages, func(s *stage) bool { return s.name == st.Target })
}

// checker tells of a step of the n-th stage whether it finds what it reads.
func (d document) checker(st *State) func(n int, s step) bool {
	var ignore []byte
	for _, name := range []string{".dockerignore", st.Filename() + ".dockerignore"} { // the last one wins
		if f := st.Files[name]; f != nil {
			ignore = f.Data
		}
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(ignore))
	if err != nil {
		panic(err) // a buffer
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return func(int, step) bool { return false }
	}
	visible := func(name string) bool {
		real, err := st.Files.follow(name, true)
		if err != nil || real != "." && st.Files[real] == nil {
			return false
		}
		for _, p := range []string{name, real} {
			if hidden, err := matcher.MatchesOrParentMatches(p); hidden || err != nil {
				return false
			}
		}
		return true
	}
	return func(n int, s step) bool {
		for _, name := range s.files {
			if !visible(name) {
				return false
			}
		}
		if s.stage == "" {
			return true
		}
		from := slices.IndexFunc(d.stages, func(other *stage) bool { return other.id == s.stage })
		if from < 0 || from >= n {
			return false
		}
		return s.reads == "" || slices.ContainsFunc(d.stages[from].steps, func(other step) bool { return other.makes == s.reads })
	}
}

func ptr[T any](v T) *T { return &v }

// of picks one.
func of[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) one(list ...string) string { return of(g, list) }

func (g *generator) maybe(text string) string {
	if g.IntN(3) > 0 {
		return ""
	}
	return text
}

func (g *generator) next() int {
	g.n++
	return g.n
}

func (g *generator) name(letter string) string { return fmt.Sprint(letter, 1+g.IntN(3)) }

func (g *generator) value() string {
	return g.one("1", "2", "3", "x", "/srv", `"a b"`, "$A1", "${E1:-none}")
}
