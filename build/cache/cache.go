// Package cache is BuildKit's build cache: it predicts for each operation of a build whether the
// daemon will run it or take the result of an earlier build, and says why.
//
// An operation is cached if its key is known from an earlier build. The key is made of what is to be
// done and of the operation's inputs. Most inputs count by their own keys. What COPY, ADD and mounts
// read counts by its content: of a build context that is known here; of a stage whose steps run again
// it is not, and then the prediction is Depends.
//
// The model follows BuildKit v0.34; testdata/scenarios are observations of a real one.
package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"layerwise/build/llb"

	"github.com/moby/buildkit/solver/pb"
)

// State is what becomes of an operation or instruction in a build.
type State uint8

const (
	Unreached State = iota // no part of the build
	Cached                 // its result is taken from an earlier build
	Depends                // cached, if the steps that it copies from make what they made before
	Rebuilt
)

func (s State) String() string {
	return [...]string{"unreached", "cached", "depends", "rebuilt"}[s]
}

// Sources are what operations read from outside of the build.
type Sources interface {
	// Context is the build context of that name: "context" is the main one. nil is one that is not
	// known, and taken to stay as it is.
	Context(name string) (*Tree, error)
	// Remote tells of an image, a URL or a git repository.
	Remote(op *pb.SourceOp) Remote
}

// Remote is something fetched.
type Remote struct {
	Key string // equal for equal contents; what is not known should be taken to stay as it is
	// Content is the digest of a part of it; nil if nothing is known but the key.
	Content func(Selector) (string, error)
}

// Cache is what a daemon remembers of the builds it has done.
type Cache struct {
	// Fails tells of steps that run, but fail: the build remembers neither these nor what needs them.
	// nil if none does.
	Fails func(*llb.Vertex) bool

	byOperation map[string][]*Step // the steps that are remembered, by the operation's digest
	joined      map[string]string  // results that may be one, as a forest
	made        int                // numbers what is made
}

// atom is one input of an operation as it counts: by its content, or by its keys.
type atom struct {
	names   []string // the input is one that is remembered by any of these
	more    []string // it is remembered by these too
	opaque  bool     // the content is not known: the names only tell where it is from
	results []string // of the input, if it counts by its keys
}

// equals reports whether an input is one that is remembered.
func (old atom) equals(a atom) bool { return overlap(old.names, a.names) || overlap(old.more, a.names) }

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// New is the cache of a daemon that has built nothing.
func New() *Cache {
	return &Cache{byOperation: map[string][]*Step{}, joined: map[string]string{}}
}

// Build is a build as it was predicted.
type Build struct {
	Graph *llb.Graph
	Steps []*Step // by Vertex.Index

	lines map[int][]*Step
}

// Step is the prediction for one vertex.
type Step struct {
	Vertex *llb.Vertex
	State  State
	// Like is the step of an earlier build that this one is compared with: the one with the cached
	// result, or, if there is none, the most similar one; nil if none is similar.
	Like *Step
	// Failed: it fails, as Cache.Fails tells, or does not run because what it needs has failed.
	Failed bool

	operation operation
	atoms     []atom   // of each input
	results   []string // name the result for the steps that count it by its key: builds may have made several
	forced    string   // names what it made, if it was told to run; empty otherwise
	tree      *Tree    // what is in it, if that is known
	remote    func(Selector) (string, error)
}

// InputError is an input of an instruction that cannot be read. A build would fail there.
type InputError struct {
	Line int // of the instruction, from 1
	Err  error
}

func (e *InputError) Error() string { return e.Err.Error() }
func (e *InputError) Unwrap() error { return e.Err }

// Build predicts a build, and remembers it as done.
func (c *Cache) Build(ctx context.Context, g *llb.Graph, sources Sources) (*Build, error) {
	b := &Build{Graph: g, Steps: make([]*Step, len(g.Vertices)), lines: map[int][]*Step{}}
	var add []func()
	for i, v := range g.Vertices {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := &Step{Vertex: v}
		b.Steps[i] = s
		for _, line := range v.Lines {
			b.lines[line] = append(b.lines[line], s)
		}
		if op := v.Op.GetSource(); op != nil {
			if err := c.source(s, op, sources); err != nil {
				return nil, inputError(v, err)
			}
			continue
		}
		remember, err := c.predict(ctx, s, b)
		if err != nil {
			return nil, inputError(v, err)
		}
		if s.Failed = c.fails(s, b); !s.Failed {
			add = append(add, remember)
		}
	}
	for _, remember := range add { // equal operations in one build are one vertex
		remember()
	}
	return b, nil
}

func (c *Cache) fails(s *Step, b *Build) bool {
	for _, edge := range s.Vertex.Inputs {
		if b.Steps[edge.Vertex.Index].Failed {
			return true
		}
	}
	return c.Fails != nil && s.State == Rebuilt && c.Fails(s.Vertex)
}

func inputError(v *llb.Vertex, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	line := 0
	if len(v.Lines) > 0 {
		line = v.Lines[0]
	}
	return &InputError{line, err}
}

// source notes what is in a source.
func (c *Cache) source(s *Step, op *pb.SourceOp, sources Sources) (err error) {
	s.State = Cached
	const local = "local://"
	if len(op.Identifier) > len(local) && op.Identifier[:len(local)] == local {
		name := op.Identifier[len(local):]
		if s.tree, err = sources.Context(name); err != nil {
			return err
		}
		if s.tree == nil {
			s.remote = func(sel Selector) (string, error) { return digestOf("context", name, fmt.Sprintf("%+v", sel)), nil }
		}
		c.made++ // what is sent has a key of its own in each build
		s.results = []string{"local " + strconv.Itoa(c.made)}
		return nil
	}
	r := sources.Remote(op)
	s.remote = r.Content
	s.results = []string{digestOf("source", r.Key)}
	return nil
}

// predict decides a step whose inputs are decided. remember is to be called when the build is done.
func (c *Cache) predict(ctx context.Context, s *Step, b *Build) (remember func(), err error) {
	s.operation = operationOf(s.Vertex)
	s.atoms = make([]atom, len(s.Vertex.Inputs))
	runs := s.Vertex.NoCache
	for i, edge := range s.Vertex.Inputs {
		in := b.Steps[edge.Vertex.Index]
		d := s.operation.deps[i]
		output := strconv.Itoa(edge.Output)
		if d.content {
			if s.atoms[i], err = in.content(ctx, d.normal(), output); err != nil {
				return nil, err
			}
			continue
		}
		// A step that is told to run keeps its keys from those that begin with it: they run too. But
		// theirs are told, so that what follows them is found again.
		runs = runs || in.forced != ""
		s.atoms[i].results = in.results
		for _, r := range in.results {
			s.atoms[i].names = append(s.atoms[i].names, output+" "+r)
		}
	}
	if s.tree, err = s.apply(ctx, b); err != nil {
		return nil, err
	}
	var like *Step
	var possible []string // results of steps that may turn out to be this one
	for _, old := range c.byOperation[s.operation.digest] {
		switch {
		case slices.EqualFunc(old.atoms, s.atoms, atom.equals):
			s.results = append(s.results, old.results...)
			if s.State != Cached {
				like, s.State = old, Cached
			}
		case s.State != Cached && slices.EqualFunc(old.atoms, s.atoms, c.mayEqual):
			possible = append(possible, old.results...)
			like, s.State = old, Depends
		}
	}
	if s.State != Cached {
		c.made++
		s.results = []string{"result " + strconv.Itoa(c.made)}
		for _, r := range possible {
			c.join(r, s.results[0])
		}
	}
	slices.Sort(s.results)
	s.results = slices.Compact(s.results)
	if runs || s.State == Unreached {
		s.State = Rebuilt
	}
	if like != nil && !s.Vertex.NoCache {
		s.Like = like
	}
	if s.Vertex.NoCache {
		c.made++
		s.forced = "forced " + strconv.Itoa(c.made)
	}
	return func() {
		c.byOperation[s.operation.digest] = append(c.byOperation[s.operation.digest], s)
	}, nil
}

// mayEqual reports whether the inputs of two equal operations may turn out to be equal.
func (c *Cache) mayEqual(old, a atom) bool {
	return old.equals(a) || old.opaque || a.opaque || slices.ContainsFunc(old.results, func(r string) bool {
		return slices.ContainsFunc(a.results, func(other string) bool { return c.root(r) == c.root(other) })
	})
}

// join notes that two results may be one: whether they are depends on contents that are not known.
func (c *Cache) join(a, b string) {
	if a, b = c.root(a), c.root(b); a != b {
		c.joined[a] = b
	}
}

// root stands for all the results that may be the same as this one.
func (c *Cache) root(result string) string {
	for c.joined[result] != "" {
		result = c.joined[result]
	}
	return result
}

// Same reports whether two steps may be one to the daemon, having equal keys. It does the work of one of
// them then, and shows the other as cached, as cancelled or not at all, whichever it comes upon first.
func (b *Build) Same(x, y *Step) bool {
	if x.Vertex == y.Vertex {
		return true
	}
	if x.operation.digest == "" || y.operation.digest == "" { // a source
		return x.operation.digest == y.operation.digest && overlap(x.results, y.results)
	}
	if x.operation.digest != y.operation.digest || len(x.atoms) != len(y.atoms) {
		return false
	}
	for i, edge := range x.Vertex.Inputs {
		other := y.Vertex.Inputs[i]
		same := edge.Output == other.Output && x.operation.deps[i].content == y.operation.deps[i].content
		if same && x.operation.deps[i].content {
			same = x.atoms[i].opaque || y.atoms[i].opaque || x.atoms[i].equals(y.atoms[i])
		} else if same {
			same = b.Same(b.Steps[edge.Vertex.Index], b.Steps[other.Vertex.Index])
		}
		if !same {
			return false
		}
	}
	return true
}

// content is what counts of the selected parts of a step's result.
func (s *Step) content(ctx context.Context, selectors []Selector, output string) (atom, error) {
	known := func(digest func(Selector) (string, error)) (atom, error) {
		parts := []string{"content"}
		for _, sel := range selectors {
			d, err := digest(sel)
			if err != nil {
				return atom{}, err
			}
			parts = append(parts, d)
		}
		return atom{names: []string{digestOf(parts...)}}, nil
	}
	switch {
	case s.tree != nil:
		return known(func(sel Selector) (string, error) { return s.tree.Digest(ctx, sel) })
	case s.remote != nil:
		return known(s.remote)
	}
	place := []string{output}
	for _, sel := range selectors {
		place = append(place, fmt.Sprintf("%+v", sel))
	}
	from := func(made string) string { return digestOf(append([]string{"opaque", made}, place...)...) }
	a := atom{opaque: true}
	for _, r := range s.results {
		a.names = append(a.names, from(r))
	}
	if s.forced != "" { // it keeps its keys from this build only
		a.names, a.more = []string{from(s.forced)}, a.names
	}
	return a, nil
}
