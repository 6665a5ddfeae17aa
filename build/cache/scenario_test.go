package cache_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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

// TestScenarios predicts what was observed on a real daemon.
func TestScenarios(t *testing.T) {
	dirs := []string{"testdata/scenarios"}
	if more := os.Getenv("LAYERWISE_SCENARIOS"); more != "" {
		dirs = append(dirs, more)
	}
	agree, depends, differ := 0, 0, 0
	for _, dir := range dirs {
		list, err := scenario.LoadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			t.Run(s.ID, func(t *testing.T) {
				predicted, b, err := predict(t, s)
				if err != nil {
					t.Fatal(err)
				}
				_ = b
				for line, observed := range s.Observed {
					got := predicted[line]
					switch {
					case got == "DEPENDS":
						depends++
						t.Logf("DEP line %d: observed %s: %s", line, observed, strings.Split(s.DockerfileAfter, "\n")[line-1])
					case got == string(observed):
						agree++
					default:
						differ++
						t.Errorf("line %d: predicted %s, observed %s: %s", line, got, observed, strings.Split(s.DockerfileAfter, "\n")[line-1])
					}
				}
			})
		}
	}
	t.Logf("agree %d, depends %d, differ %d", agree, depends, differ)
}

func predict(t *testing.T, s *scenario.Scenario) (map[int]string, *cache.Build, error) {
	states, err := s.Builds()
	if err != nil {
		return nil, nil, err
	}
	dir := t.TempDir()
	c := cache.New()
	views := map[string]*cache.Tree{}
	web := map[string]scenario.Response{}
	var b *cache.Build
	for i, st := range states {
		if st.Prune.All {
			c = cache.New()
		}
		if st.Prune.Local || st.Prune.All {
			views = map[string]*cache.Tree{}
		}
		if err := st.Files.Write(dir); err != nil {
			return nil, nil, err
		}
		w := &world{t: t, st: st, dir: dir, views: views, web: web}
		g, err := llb.Convert(context.Background(), w.input())
		if err == nil {
			b, err = c.Build(context.Background(), g, w)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("build %d: %w", i+1, err)
		}
	}
	out := map[int]string{}
	for line := range s.Observed {
		out[line] = map[cache.State]string{cache.Unreached: "ABSENT", cache.Cached: "CACHED", cache.Depends: "DEPENDS", cache.Rebuilt: "RUN"}[b.Line(line)]
	}
	return out, b, nil
}

// world is what a daemon sees of a state.
type world struct {
	t     *testing.T
	st    *scenario.State
	dir   string
	views map[string]*cache.Tree
	web   map[string]scenario.Response
	done  map[string]*cache.Tree
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
				w.t.Logf("no image %s", ref)
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
	if t := w.done[name]; t != nil {
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
	if _, err := tree.Warm(context.Background(), w.views[name]); err != nil {
		return nil, err
	}
	w.views[name] = tree
	if w.done == nil {
		w.done = map[string]*cache.Tree{}
	}
	w.done[name] = tree
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
	default:
		return cache.Remote{Key: op.Identifier}
	}
}

func hash(parts ...string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(parts, "\x00"))))
}

var _ fs.FileMode
