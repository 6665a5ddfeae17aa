//go:build linux

package buildkittest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"layerwise/internal/scenario"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/opencontainers/go-digest"
)

// webServer is the address at which scenarios think that HTTP and Git are served.
const webServer = "127.0.0.1:5078"

// Build is one build of a scenario.
type Build struct {
	*scenario.State
	*Result
	Outcomes map[int]scenario.Outcome // of RUN, COPY, ADD and WORKDIR, by line
	Err      error
}

// Play makes the builds of a scenario, beginning with a daemon that remembers nothing. The image of
// the last one is exported. A build that fails ends the scenario and is an error, unless the scenario
// allows it.
func (d *Daemon) Play(ctx context.Context, s *scenario.Scenario) ([]Build, error) {
	states, err := s.Builds()
	if err != nil {
		return nil, err
	}
	if err := d.PruneAll(ctx); err != nil {
		return nil, err
	}
	d.plays++
	dir := d.path(fmt.Sprintf("context-%d", d.plays))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var builds []Build
	for n, st := range states {
		last := n == len(states)-1
		if err := d.prune(ctx, st.Prune); err != nil {
			return builds, err
		}
		request, err := d.prepare(st, dir)
		if err != nil {
			return builds, fmt.Errorf("scenario %s, build %d: %w", s.ID, n+1, err)
		}
		request.Export = last
		b := Build{State: st}
		b.Result, b.Err = d.Build(ctx, request)
		if b.Err == nil || s.PriorMayFail && !last && ctx.Err() == nil {
			b.Outcomes, err = outcomes(st.Dockerfile, b.Result)
		}
		builds = append(builds, b)
		if !s.PriorMayFail || last {
			err = errors.Join(b.Err, err)
		}
		if err != nil {
			return builds, fmt.Errorf("scenario %s, build %d: %w", s.ID, n+1, err)
		}
	}
	return builds, nil
}

func (d *Daemon) prune(ctx context.Context, what scenario.Prune) error {
	var errs []error
	if what.All {
		errs = append(errs, d.PruneAll(ctx))
	}
	if what.Local {
		errs = append(errs, d.PruneLocal(ctx))
	}
	if what.CacheMounts {
		errs = append(errs, d.PruneCacheMounts(ctx))
	}
	return errors.Join(errs...)
}

// prepare lays out what a build reads.
func (d *Daemon) prepare(st *scenario.State, dir string) (BuildRequest, error) {
	request := BuildRequest{
		ContextDir:    dir,
		BuildArgs:     st.BuildArgs,
		Target:        st.Target,
		Opts:          st.Opts,
		Secrets:       st.Secrets,
		NamedContexts: map[string]string{},
	}
	for name, folder := range st.NamedContexts {
		request.NamedContexts[name] = filepath.Join(dir, filepath.FromSlash(folder))
	}
	if err := d.SetImages(st.Images); err != nil {
		return request, err
	}
	d.SetHTTP(st.HTTP)
	for repo, commits := range st.Git {
		if err := d.server.commit(repo, commits); err != nil {
			return request, err
		}
	}
	// The Dockerfile on disk has our address, and the digests of our images. Another one may lie there
	// from before it got another name.
	files := st.Files.Clone()
	for _, f := range files {
		f.Data = bytes.ReplaceAll(f.Data, []byte(webServer), []byte(d.addr))
	}
	file := files[st.Filename()]
	file.Data = []byte(d.pin(string(file.Data)))
	return request, files.Write(dir)
}

var pinned = regexp.MustCompile(`(\S+)@sha256:[0-9a-f]{64}`)

// pin replaces the digests of images by those that our images have.
func (d *Daemon) pin(dockerfile string) string {
	return pinned.ReplaceAllStringFunc(dockerfile, func(ref string) string {
		name := pinned.FindStringSubmatch(ref)[1]
		if id, ok := d.server.images[canonical(name)]; ok {
			return name + "@" + id.String()
		}
		return ref
	})
}

// outcomes tells what became of each RUN, COPY, ADD and WORKDIR, but for a WORKDIR that is the first
// step of an empty stage: where nothing else runs either, the daemon neither runs it nor says so.
func outcomes(dockerfile string, r *Result) (map[int]scenario.Outcome, error) {
	parsed, err := parser.Parse(bytes.NewReader([]byte(dockerfile)))
	if err != nil {
		return nil, err
	}
	byLine := map[int][]Vertex{}
	for _, v := range r.Vertices {
		for _, line := range v.Lines {
			byLine[line] = append(byLine[line], v)
		}
	}
	found := map[int]scenario.Outcome{}
	for _, node := range parsed.AST.Children {
		switch strings.ToUpper(node.Value) {
		case "RUN", "COPY", "ADD", "WORKDIR":
			vertices := byLine[node.StartLine]
			if len(vertices) == 1 && vertices[0].Kind == "source" && vertices[0].State == scenario.Run {
				continue
			}
			found[node.StartLine] = outcome(vertices)
		}
	}
	return found, nil
}

// outcome sums up the vertices of an instruction. What it fetches and where it merges count only if
// there is nothing else.
func outcome(vertices []Vertex) scenario.Outcome {
	main := slices.DeleteFunc(slices.Clone(vertices), func(v Vertex) bool { return v.Kind != "op" })
	if len(main) == 0 {
		main = vertices
	}
	for _, o := range []scenario.Outcome{scenario.Run, scenario.Failed, scenario.Cached} {
		if slices.ContainsFunc(main, func(v Vertex) bool { return v.State == o }) {
			return o
		}
	}
	return scenario.Absent
}

// Layers counts the layers of an exported image as scenarios do.
func (d *Daemon) Layers(i *Image) scenario.Layers {
	from := d.base(i.RootFS.DiffIDs)
	layers := scenario.Layers{Total: i.Layers(), FromBaseImage: from, Added: i.Layers() - from}
	empty := i.EmptyTars()
	for _, e := range empty {
		if e {
			layers.EmptyTarLayers++
		}
	}
	next := 0 // layer
	for n, h := range i.History {
		added := scenario.History{CreatedBy: strings.ReplaceAll(h.CreatedBy, d.addr, webServer), EmptyLayer: h.EmptyLayer}
		if !h.EmptyLayer {
			added.LayerIsEmptyTar = empty[next]
			next++
		}
		if n >= from { // an image of ours has one entry a layer
			layers.HistoryAdded = append(layers.HistoryAdded, added)
		}
	}
	return layers
}

// base is how many of an image's layers come from the image that its build began with.
func (d *Daemon) base(layers []digest.Digest) int {
	for _, id := range d.server.images {
		if base := d.server.layers[id]; len(base) <= len(layers) && slices.Equal(base, layers[:len(base)]) {
			return len(base)
		}
	}
	return 0
}
