package scenario

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/llb"

	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Predict evaluates the scenario by the model, as a daemon that has built nothing and then does its
// builds, one after the other. A build that BuildKit refuses, where the scenario allows that, is nil. The
// context is written to dir, which must be empty.
func (s *Scenario) Predict(ctx context.Context, dir string) (builds []*cache.Build, err error) {
	states, err := s.Builds()
	if err != nil {
		return nil, err
	}
	d := &daemon{dir, cache.New(), map[string]*cache.Tree{}, map[string]Response{}}
	for i, st := range states {
		mayFail := s.PriorMayFail && i < len(states)-1
		d.cache.Fails = nil
		if mayFail {
			d.cache.Fails = fails
		}
		b, err := d.build(ctx, st)
		var refused *llb.Error
		if err != nil && !(mayFail && errors.As(err, &refused)) {
			return builds, fmt.Errorf("scenario %s, build %d: %w", s.ID, i+1, err)
		}
		builds = append(builds, b)
	}
	return builds, nil
}

// fails reports whether a RUN is one that plainly fails, as those of scenarios are.
func fails(v *llb.Vertex) bool {
	exec := v.Op.GetExec()
	return exec != nil && failing.MatchString(exec.Meta.Args[len(exec.Meta.Args)-1])
}

var failing = regexp.MustCompile(`(^|&& *|; *)(false|exit +[1-9][0-9]*) *$`)

// Tally counts instructions by how their prediction and what was observed agree.
type Tally struct{ Agree, Depends, Differ int }

func (n Tally) String() string {
	return fmt.Sprintf("agree %d, depends %d, differ %d", n.Agree, n.Depends, n.Differ)
}

// outcomes are the daemon's words for what is predicted.
var outcomes = map[cache.State]Outcome{cache.Unreached: Absent, cache.Cached: Cached, cache.Rebuilt: Run}

// Compare compares the prediction of a build, after those of earlier ones, with what was observed, by
// line of the Dockerfile, and tells of each instruction for which it is wrong. That it depends is only
// right where it takes files of a stage that nobody knows.
func (n *Tally) Compare(b *cache.Build, dockerfile string, observed map[int]Outcome, earlier ...*cache.Build) (wrong []string) {
	lines := strings.Split(dockerfile, "\n")
	fails := func(s *cache.Step) bool { return s.Failed }
	for _, line := range slices.Sorted(maps.Keys(observed)) {
		switch state := b.Line(line); {
		case (observed[line] == Absent || observed[line] == Failed) && slices.ContainsFunc(b.On(line), fails):
			n.Agree++
		case state == cache.Depends && (observed[line] == Cached || observed[line] == Run):
			n.Depends++
			if !dependsOnStage(b, line, earlier) {
				wrong = append(wrong, fmt.Sprintf("line %d depends, but on no stage of which it is not known what is in it: %s", line, lines[line-1]))
			}
		case outcomes[state] == observed[line], state > cache.Unreached && observed[line] != Run && hasTwin(b, line, observed):
			n.Agree++
		case state == cache.Cached && observed[line] == Run && followsForced(b, line):
			n.Agree++
		default:
			n.Differ++
			wrong = append(wrong, fmt.Sprintf("line %d: predicted %s, observed %s: %s", line, state, observed[line], lines[line-1]))
		}
	}
	return wrong
}

// hasTwin reports whether an instruction is the same to the daemon as one that did run.
func hasTwin(b *cache.Build, line int, observed map[int]Outcome) bool {
	ran := func(line int) bool { return observed[line] == Run }
	for _, s := range b.On(line) {
		for _, other := range b.Steps {
			if other != s && b.Same(s, other) && slices.ContainsFunc(other.Vertex.Lines, ran) {
				return true
			}
		}
	}
	return false
}

// followsForced reports whether an instruction builds on a step that is the same to the daemon as one that
// is told to run. If the daemon comes upon that one first, it does its work for both, and has none of
// the keys by which the instruction is found.
func followsForced(b *cache.Build, line int) bool {
	var follows func(v *llb.Vertex) bool
	follows = func(v *llb.Vertex) bool {
		return slices.ContainsFunc(v.Inputs, func(edge llb.Edge) bool {
			in := b.Steps[edge.Vertex.Index]
			forced := func(other *cache.Step) bool { return other != in && other.Vertex.NoCache && b.Same(in, other) }
			return slices.ContainsFunc(b.Steps, forced) || follows(edge.Vertex)
		})
	}
	return slices.ContainsFunc(b.On(line), func(s *cache.Step) bool { return follows(s.Vertex) })
}

// dependsOnStage reports whether an instruction that depends does so for files that it, or a step that
// it builds on, takes from a stage in which something runs again, or which is not the one that an earlier
// build took them from.
func dependsOnStage(b *cache.Build, line int, earlier []*cache.Build) bool {
	type reading struct{ op, from string }
	read := func(v *llb.Vertex, edge llb.Edge) reading {
		raw, err := (&pb.Op{Op: v.Op.Op}).MarshalVT()
		if err != nil {
			panic(err) // it was made of bytes
		}
		return reading{string(raw), edge.Vertex.Digest.String()}
	}
	known := map[reading]bool{}
	for _, old := range earlier {
		if old == nil { // it was refused
			continue
		}
		for _, v := range old.Graph.Vertices {
			for _, edge := range v.Inputs {
				if old.Steps[v.Index].State != cache.Depends { // what it took then was not known either
					known[read(v, edge)] = true
				}
			}
		}
	}
	seen := map[*llb.Vertex]bool{}
	var unknown func(v *llb.Vertex) bool
	unknown = func(v *llb.Vertex) bool {
		if seen[v] {
			return false
		}
		seen[v] = true
		for _, edge := range v.Inputs {
			if edge.Vertex.Op.GetSource() != nil {
				continue
			}
			if b.Steps[edge.Vertex.Index].State == cache.Rebuilt || !known[read(v, edge)] || unknown(edge.Vertex) {
				return true
			}
		}
		return false
	}
	for _, s := range b.On(line) {
		if s.State == cache.Depends && unknown(s.Vertex) {
			return true
		}
	}
	return false
}

// CompareLayers compares the history that a build is predicted to add to its base image's with what it
// added: an error tells of the difference.
func CompareLayers(predicted []ocispecs.History, observed *Layers) error {
	var got, want []bool
	layers := 0
	for _, h := range predicted {
		got = append(got, h.EmptyLayer)
		if !h.EmptyLayer {
			layers++
		}
	}
	for _, h := range observed.HistoryAdded {
		want = append(want, h.EmptyLayer)
	}
	if layers != observed.Added || !slices.Equal(got, want) {
		return fmt.Errorf("predicted are %d layers, of the history without one %v; observed %d, %v", layers, got, observed.Added, want)
	}
	return nil
}

// daemon is the model of a daemon with a memory: of builds, of the contexts that it was sent, and of
// what web servers told it.
type daemon struct {
	dir   string // of the build context
	cache *cache.Cache
	sent  map[string]*cache.Tree
	web   map[string]Response
}

func (d *daemon) build(ctx context.Context, st *State) (*cache.Build, error) {
	if st.Prune.All {
		d.cache = cache.New()
	}
	if st.Prune.Local || st.Prune.All {
		d.sent = map[string]*cache.Tree{}
	}
	if err := st.Files.Write(d.dir); err != nil {
		return nil, err
	}
	w := &world{daemon: d, ctx: ctx, st: st, trees: map[string]*cache.Tree{}}
	g, err := llb.Convert(ctx, w.input())
	if err != nil {
		return nil, err
	}
	if len(g.Unknown) > 0 {
		return nil, fmt.Errorf("it has no images %v", g.Unknown)
	}
	b, err := d.cache.Build(ctx, g, w)
	if err == nil {
		d.forget(b)
	}
	return b, err
}

// forget drops the contexts that a RUN of the build may write to. For that, BuildKit makes what it was
// sent immutable, and begins anew with what it is sent next.
func (d *daemon) forget(b *cache.Build) {
	for _, s := range b.Steps {
		if s.State != cache.Rebuilt {
			continue
		}
		for _, m := range s.Vertex.Op.GetExec().GetMounts() {
			if m.Readonly || m.Dest == "/" || m.MountType != pb.MountType_BIND || m.Input < 0 {
				continue
			}
			source := s.Vertex.Inputs[m.Input].Vertex.Op.GetSource()
			if name, ok := strings.CutPrefix(source.GetIdentifier(), "local://"); ok {
				delete(d.sent, name)
			}
		}
	}
}

// world is what a daemon sees of a state.
type world struct {
	*daemon
	ctx   context.Context
	st    *State
	trees map[string]*cache.Tree
}

func (w *world) input() llb.Input {
	options := cache.Options(w.st.BuildArgs, w.st.Target, "")
	maps.Copy(options, w.st.Opts)
	for name := range w.st.NamedContexts {
		options["context:"+name] = "local:" + name
	}
	return llb.Input{
		Dockerfile: []byte(w.st.Dockerfile), Options: options,
		Ignore: func(name string) []byte {
			if name == cache.MainContext {
				if f := w.st.Files[w.st.Filename()+".dockerignore"]; f != nil {
					return f.Data
				}
			}
			if f := w.st.Files[path.Join(w.st.NamedContexts[name], ".dockerignore")]; f != nil {
				return f.Data
			}
			return nil
		},
		Image: func(ref string, _ ocispecs.Platform) (out llb.Image, ok bool) {
			image, ok := w.image(ref)
			if ok {
				out.Digest = digest.Digest(image.Identity())
				out.Config.Config = image.Resolved()
				out.Config.Platform = ocispecs.Platform{OS: "linux", Architecture: image.Architecture()}
			}
			return out, ok
		},
	}
}

func (w *world) image(ref string) (Image, bool) {
	name, _, _ := strings.Cut(ref, "@")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
	if image, ok := w.st.Images[name]; ok {
		return image, true
	}
	image, ok := w.st.Images[strings.TrimSuffix(name, ":latest")]
	return image, ok
}

// Context is a method of cache.Sources.
func (w *world) Context(name string) (*cache.Tree, error) {
	if t := w.trees[name]; t != nil {
		return t, nil
	}
	root := w.dir
	opts := files.Options{}
	if name == cache.MainContext {
		opts.Dockerfile = filepath.Join(w.dir, w.st.Filename())
	} else {
		root = filepath.Join(w.dir, w.st.NamedContexts[name])
	}
	c, err := new(files.Lister).List(w.ctx, root, opts)
	if err != nil {
		return nil, err
	}
	tree := cache.NewTree(c, &files.Hasher{})
	if _, err := tree.Warm(w.ctx, w.sent[name]); err != nil {
		return nil, err
	}
	w.sent[name] = tree
	w.trees[name] = tree
	return tree, nil
}

// Remote is a method of cache.Sources.
func (w *world) Remote(op *pb.SourceOp) cache.Remote {
	same := func(parts ...string) func(cache.Selector) (string, error) {
		return func(s cache.Selector) (string, error) { return hash(append(parts, fmt.Sprint(s))...), nil }
	}
	switch kind, rest, _ := strings.Cut(op.Identifier, "://"); kind {
	case "docker-image":
		image, ok := w.image(rest)
		if !ok {
			return cache.Remote{Key: op.Identifier}
		}
		_, id, _ := strings.Cut(rest, "@")
		return cache.Remote{Key: id, Content: func(s cache.Selector) (string, error) {
			p := path.Join("/", s.Path)
			if s.Wildcard { // what it matches lies below the part without wildcards
				p = path.Dir(p[:strings.IndexAny(p, `*?[\`)+1])
			}
			if slices.Contains([]string{"/", "/etc", "/etc/salt"}, p) {
				return same("salted", image.RootfsID, image.RootfsExtra)(s)
			}
			return same("image")(s)
		}}
	case "http", "https":
		body := w.st.HTTP["/"+strings.SplitN(rest, "/", 2)[1]]
		if last, ok := w.web[rest]; ok && (last.Headers["ETag"] != "" && last.Headers["ETag"] == body.Headers["ETag"] || op.Attrs["http.checksum"] != "") {
			body = last // the server answers that nothing has changed, or is not asked
		}
		w.web[rest] = body
		return cache.Remote{Key: body.Content, Content: same(body.Content, op.Attrs["http.perm"])}
	case "git":
		return w.repository(op)
	default:
		return cache.Remote{Key: op.Identifier}
	}
}

// repository is a git repository: known by its newest commit, compared by its files.
func (w *world) repository(op *pb.SourceOp) cache.Remote {
	place, fragment, _ := strings.Cut(op.Identifier, "#")
	name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(place, "/"), "/.git"), ".git")
	commits := w.st.Git[path.Base(name)]
	key := fmt.Sprintf("%s, commit %d", op.Identifier, len(commits))
	kept := op.Attrs["git.keepgitdir"] == "true"
	_, dir, _ := strings.Cut(fragment, ":")
	tree := map[string]string{}
	for _, c := range commits {
		maps.Copy(tree, c.Files)
	}
	return cache.Remote{Key: key, Content: func(s cache.Selector) (string, error) {
		parts := []string{"git"}
		below := path.Join("/", dir, s.Path)
		for _, file := range slices.Sorted(maps.Keys(tree)) {
			at := path.Join("/", file)
			if s.Wildcard || below == "/" || at == below || strings.HasPrefix(at, below+"/") {
				parts = append(parts, strings.TrimPrefix(at, below), tree[file])
			}
		}
		if kept {
			parts = append(parts, key)
		}
		return hash(parts...), nil
	}}
}

func hash(parts ...string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(parts, "\x00"))))
}
