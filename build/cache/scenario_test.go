package cache_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/llb"
	"layerwise/internal/scenario"

	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestScenarios predicts what was observed on a real daemon, by the files of testdata/scenarios and of
// the folder that LAYERWISE_SCENARIOS names.
func TestScenarios(t *testing.T) {
	dirs := []string{"testdata/scenarios"}
	if more := os.Getenv("LAYERWISE_SCENARIOS"); more != "" {
		dirs = append(dirs, more)
	}
	var total tally
	for _, dir := range dirs {
		list, err := scenario.LoadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			t.Run(s.ID, func(t *testing.T) {
				first, b, err := predict(t, s)
				if err != nil {
					t.Fatal(err)
				}
				if first != nil {
					total.compare(t, first, s.Dockerfile, s.FirstBuild)
				}
				total.compare(t, b, s.DockerfileAfter, s.Observed)
				compareLayers(t, b.Graph.History, s.Layers)
			})
		}
	}
	t.Logf("agree %d, depends %d, differ %d", total.agree, total.depends, total.differ)
	if total.agree == 0 {
		t.Error("nothing was compared")
	}
}

// tally counts instructions.
type tally struct{ agree, depends, differ int }

// outcomes are the daemon's words for what is predicted.
var outcomes = map[cache.State]scenario.Outcome{
	cache.Unreached: scenario.Absent, cache.Cached: scenario.Cached, cache.Rebuilt: scenario.Run,
}

// compare compares a prediction with what was observed, by line of the Dockerfile.
func (n *tally) compare(t *testing.T, b *cache.Build, dockerfile string, observed map[int]scenario.Outcome) {
	t.Helper()
	lines := strings.Split(dockerfile, "\n")
	for _, line := range slices.Sorted(maps.Keys(observed)) {
		state := b.Line(line)
		switch {
		case observed[line] == scenario.Failed: // what a command does is not predicted
		case observed[line] == scenario.Absent && slices.ContainsFunc(b.On(line), func(s *cache.Step) bool { return s.Failed }):
			n.agree++
		case state == cache.Depends && observed[line] != scenario.Absent:
			n.depends++
			if !dependsOnStage(b, line) {
				t.Errorf("line %d depends, but on no step of another stage that runs again: %s", line, lines[line-1])
			}
		case outcomes[state] == observed[line]:
			n.agree++
		default:
			n.differ++
			t.Errorf("line %d: predicted %s, observed %s: %s", line, state, observed[line], lines[line-1])
		}
	}
}

// dependsOnStage reports whether an instruction that depends does so for files that it, or a step that
// it builds on, takes from a stage in which something runs again.
func dependsOnStage(b *cache.Build, line int) bool {
	seen := map[*llb.Vertex]bool{}
	var rerun func(v *llb.Vertex) bool
	rerun = func(v *llb.Vertex) bool {
		if seen[v] {
			return false
		}
		seen[v] = true
		for _, edge := range v.Inputs {
			in := b.Steps[edge.Vertex.Index]
			if in.State == cache.Rebuilt || rerun(edge.Vertex) {
				return true
			}
		}
		return false
	}
	for _, s := range b.On(line) {
		if s.State == cache.Depends && rerun(s.Vertex) {
			return true
		}
	}
	return false
}

// compareLayers compares the history that a build adds to its base image's.
func compareLayers(t *testing.T, predicted []ocispecs.History, observed *scenario.Layers) {
	t.Helper()
	if observed == nil {
		return
	}
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
		t.Errorf("%d layers, without layer: %v; observed %d, %v", layers, got, observed.Added, want)
	}
}

// predict evaluates a scenario as a daemon that has done its builds, one after the other. It gives the
// predictions of the first, which is nil if BuildKit refuses it, and of the last one.
func predict(t *testing.T, s *scenario.Scenario) (first, b *cache.Build, err error) {
	states, err := s.Builds()
	if err != nil {
		return nil, nil, err
	}
	d := newDaemon(t)
	for i, st := range states {
		last := i == len(states)-1
		d.cache.Fails = nil
		if s.PriorMayFail && !last {
			d.cache.Fails = fails
		}
		b, err = d.build(st)
		var refused *llb.Error
		if errors.As(err, &refused) && s.PriorMayFail && !last {
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("build %d: %w", i+1, err)
		}
		if i == 0 {
			first = b
		}
	}
	return first, b, nil
}

// fails reports whether a RUN is one that plainly fails, as those of scenarios are.
func fails(v *llb.Vertex) bool {
	exec := v.Op.GetExec()
	return exec != nil && failing.MatchString(exec.Meta.Args[len(exec.Meta.Args)-1])
}

var failing = regexp.MustCompile(`(^|&& *|; *)(false|exit +[1-9][0-9]*) *$`)

// daemon is a daemon with a memory: of builds, of the contexts that it was sent, and of what web
// servers told it.
type daemon struct {
	t     *testing.T
	dir   string
	cache *cache.Cache
	sent  map[string]*cache.Tree
	web   map[string]scenario.Response
}

func newDaemon(t *testing.T) *daemon {
	return &daemon{t, t.TempDir(), cache.New(), map[string]*cache.Tree{}, map[string]scenario.Response{}}
}

func (d *daemon) build(st *scenario.State) (*cache.Build, error) {
	if st.Prune.All {
		d.cache = cache.New()
	}
	if st.Prune.Local || st.Prune.All {
		d.sent = map[string]*cache.Tree{}
	}
	if err := st.Files.Write(d.dir); err != nil {
		return nil, err
	}
	w := &world{daemon: d, st: st, trees: map[string]*cache.Tree{}}
	g, err := llb.Convert(context.Background(), w.input())
	if err != nil {
		return nil, err
	}
	return d.cache.Build(context.Background(), g, w)
}

// world is what a daemon sees of a state.
type world struct {
	*daemon
	st    *scenario.State
	trees map[string]*cache.Tree
}

func (w *world) filename() string {
	if name := w.st.Opts["filename"]; name != "" {
		return name
	}
	return "Dockerfile"
}

func (w *world) input() llb.Input {
	options := map[string]string{}
	for k, v := range w.st.Opts {
		options[k] = v
	}
	for k, v := range w.st.BuildArgs {
		options["build-arg:"+k] = v
	}
	if w.st.Target != "" {
		options["target"] = w.st.Target
	}
	for name := range w.st.NamedContexts {
		options["context:"+name] = "local:" + name
	}
	return llb.Input{
		Dockerfile: []byte(w.st.Dockerfile), Options: options,
		Ignore: func(name string) []byte {
			if name == "context" {
				if f := w.st.Files[w.filename()+".dockerignore"]; f != nil {
					return f.Data
				}
			}
			if f := w.st.Files[path.Join(w.st.NamedContexts[name], ".dockerignore")]; f != nil {
				return f.Data
			}
			return nil
		},
		Image: func(ref string, p ocispecs.Platform) (llb.Image, bool) {
			image, ok := w.image(ref)
			if !ok {
				w.t.Errorf("the scenario has no image %s", ref)
				return llb.Image{}, false
			}
			config := image.Resolved()
			out := llb.Image{Digest: digest.Digest(image.Identity())}
			out.Config.Config = config
			return out, true
		},
	}
}

func (w *world) image(ref string) (scenario.Image, bool) {
	name, _, _ := strings.Cut(ref, "@")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
	if image, ok := w.st.Images[name]; ok {
		return image, true
	}
	image, ok := w.st.Images[strings.TrimSuffix(name, ":latest")]
	return image, ok
}

func (w *world) Context(name string) (*cache.Tree, error) {
	if t := w.trees[name]; t != nil {
		return t, nil
	}
	root := w.dir
	opts := files.Options{}
	if name == "context" {
		opts.Dockerfile = filepath.Join(w.dir, w.filename())
	} else {
		root = filepath.Join(w.dir, w.st.NamedContexts[name])
	}
	c, err := files.Scan(context.Background(), root, opts)
	if err != nil {
		return nil, err
	}
	tree := cache.NewTree(c, &files.Hasher{})
	if _, err := tree.Warm(context.Background(), w.sent[name]); err != nil {
		return nil, err
	}
	w.sent[name] = tree
	w.trees[name] = tree
	return tree, nil
}

func (w *world) Remote(op *pb.SourceOp) cache.Remote {
	switch kind, rest, _ := strings.Cut(op.Identifier, "://"); kind {
	case "docker-image":
		image, ok := w.image(rest)
		if !ok {
			return cache.Remote{Key: op.Identifier}
		}
		_, dgst, _ := strings.Cut(rest, "@")
		return cache.Remote{Key: dgst, Content: func(s cache.Selector) (string, error) {
			p := path.Join("/", s.Path)
			if s.Wildcard || slices.Contains([]string{"/", "/etc", "/etc/salt"}, p) {
				return hash("salted", image.RootfsID, image.RootfsExtra, fmt.Sprint(s)), nil
			}
			return hash("same", fmt.Sprint(s)), nil
		}}
	case "http", "https":
		body := w.st.HTTP["/"+strings.SplitN(rest, "/", 2)[1]]
		if last, ok := w.web[rest]; ok && (last.Headers["ETag"] != "" && last.Headers["ETag"] == body.Headers["ETag"] || op.Attrs["http.checksum"] != "") {
			body = last // the server answers that nothing has changed, or is not asked
		}
		w.web[rest] = body
		return cache.Remote{Key: body.Content, Content: func(s cache.Selector) (string, error) {
			return hash(body.Content, op.Attrs["http.perm"]), nil
		}}
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
	commits, ok := w.st.Git[path.Base(name)]
	if !ok {
		w.t.Errorf("the scenario has no repository %s", op.Identifier)
	}
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
