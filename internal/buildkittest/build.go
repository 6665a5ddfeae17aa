//go:build linux

package buildkittest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"layerwise/internal/scenario"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/frontend/subrequests/convertllb"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/opencontainers/go-digest"
	"github.com/tonistiigi/fsutil"
)

// BuildRequest is what "docker build" is told.
type BuildRequest struct {
	ContextDir    string
	Dockerfile    string // path; Dockerfile in the context if empty
	BuildArgs     map[string]string
	Target        string
	Opts          map[string]string // more options of the frontend: platform, no-cache …
	Secrets       map[string]string
	NamedContexts map[string]string // name → directory
	Export        bool              // the image
}

// Result is what a build did.
type Result struct {
	Vertices []Vertex              // in the order in which they appeared
	Status   []*client.SolveStatus // as the daemon told it
	Image    *Image                // if it was exported
}

// Vertex is a step as the daemon sees it. An instruction has none to three of them: it may need a
// source to be fetched, and COPY --link is a copy and a merge.
type Vertex struct {
	Digest digest.Digest
	Name   string
	Lines  []int // of the instructions: equal steps of several stages are one vertex
	State  scenario.Outcome
	Kind   string // op, source (has no inputs) or merge
	Error  string
}

// Build builds. A result tells what was done even if there is an error.
func (d *Daemon) Build(ctx context.Context, r BuildRequest) (*Result, error) {
	dockerfile := r.Dockerfile
	if dockerfile == "" {
		dockerfile = filepath.Join(r.ContextDir, "Dockerfile")
	}
	attrs := map[string]string{"filename": filepath.Base(dockerfile), "target": r.Target}
	directories := map[string]string{"context": r.ContextDir, "dockerfile": filepath.Dir(dockerfile)}
	for name, dir := range r.NamedContexts {
		directories[name] = dir
		attrs["context:"+name] = "local:" + name
	}
	for name, value := range r.BuildArgs {
		attrs["build-arg:"+name] = value
	}
	maps.Copy(attrs, r.Opts)
	secrets := map[string][]byte{}
	for id, value := range r.Secrets {
		secrets[id] = []byte(value)
	}
	opt := client.SolveOpt{
		LocalMounts: map[string]fsutil.FS{},
		// The daemon compares a context with the last one of the same key.
		SharedKey:           r.ContextDir,
		Session:             []session.Attachable{secretsprovider.FromMap(secrets)},
		AllowedEntitlements: []string{"security.insecure", "network.host"},
	}
	for name, dir := range directories {
		fs, err := fsutil.NewFS(dir)
		if err != nil {
			return nil, err
		}
		opt.LocalMounts[name] = fs
	}
	if r.Export { // what lies there already is not sent again
		opt.Exports = []client.ExportEntry{{Type: client.ExporterOCI, OutputDir: d.path("images"), Attrs: map[string]string{"tar": "false"}}}
	}

	result := &Result{}
	status := make(chan *client.SolveStatus)
	collected := make(chan bool)
	go func() {
		for s := range status {
			result.Status = append(result.Status, s)
		}
		close(collected)
	}()
	var converted []byte
	response, err := d.client.Build(ctx, opt, "layerwise", func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		// Asked first, so that the lines are known of a build that fails.
		ask := maps.Clone(attrs)
		ask["requestid"] = convertllb.RequestConvertLLB
		ask["frontend.caps"] = "moby.buildkit.frontend.subrequests"
		answer, err := c.Solve(ctx, gateway.SolveRequest{Frontend: "dockerfile.v0", FrontendOpt: ask})
		if err != nil {
			return nil, err
		}
		converted = answer.Metadata["result.json"]
		return c.Solve(ctx, gateway.SolveRequest{Frontend: "dockerfile.v0", FrontendOpt: attrs})
	}, status)
	<-collected
	if converted != nil {
		lines, lineErr := readLines(converted)
		err = errors.Join(err, lineErr)
		result.Vertices = readVertices(result.Status, lines)
	}
	if err == nil && r.Export {
		id := digest.Digest(response.ExporterResponse[exptypes.ExporterImageDigestKey])
		result.Image, err = readImage(d.path("images"), id)
	}
	return result, err
}

// said is what the steps of the build wrote, the end of it.
func (r *Result) said() string {
	var b strings.Builder
	for _, s := range r.Status {
		for _, l := range s.Logs {
			b.Write(l.Data)
		}
	}
	return b.String()[max(0, b.Len()-3000):]
}

// WriteRawJSON writes the status as --progress=rawjson does.
func (r *Result) WriteRawJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	for _, s := range r.Status {
		if err := encoder.Encode(s); err != nil {
			return err
		}
	}
	return nil
}

// readLines reads BuildKit's own account of which lines a step comes from: by digest, and by name for
// builds for another platform, which that account does not know of.
func readLines(converted []byte) (map[string][]int, error) {
	var llb struct {
		Metadata map[string]struct {
			Description map[string]string `json:"description"`
		} `json:"metadata"`
		Source struct {
			Locations map[string]struct {
				Locations []struct {
					Ranges []struct {
						Start struct{ Line int }
					}
				}
			}
		} `json:"source"`
	}
	if err := json.Unmarshal(converted, &llb); err != nil {
		return nil, fmt.Errorf("the daemon's list of source lines: %w", err)
	}
	lines := map[string][]int{}
	for id, step := range llb.Metadata {
		name := step.Description["llb.customname"]
		for _, location := range llb.Source.Locations[id].Locations {
			if len(location.Ranges) == 0 {
				continue
			}
			first := location.Ranges[0].Start.Line
			for _, r := range location.Ranges {
				first = min(first, r.Start.Line)
			}
			for _, key := range []string{id, name, place(name)} {
				if key != "" && !slices.Contains(lines[key], first) {
					lines[key] = append(lines[key], first)
				}
			}
		}
	}
	return lines, nil
}

var (
	inStage = regexp.MustCompile(`^(\[[^\]]*\]) (LINK )?\w+`)
	link    = regexp.MustCompile(`^\[[^\]]*\] LINK `)
)

// place is "[stage n/N] KEYWORD" of a step's name.
func place(name string) string { return inStage.FindString(name) }

// readVertices sums up the status of each vertex.
func readVertices(status []*client.SolveStatus, lines map[string][]int) []Vertex {
	var order []digest.Digest
	last := map[digest.Digest]*client.Vertex{}
	for _, s := range status {
		for _, v := range s.Vertexes {
			known := last[v.Digest]
			if known == nil {
				order = append(order, v.Digest)
				known = &client.Vertex{}
				last[v.Digest] = known
			}
			cached := v.Cached || known.Cached
			*known = *v
			known.Cached = cached
		}
	}
	var vertices []Vertex
	for _, id := range order {
		v := last[id]
		vertex := Vertex{Digest: id, Name: v.Name, Error: v.Error, State: scenario.Absent, Kind: "op"}
		switch {
		case link.MatchString(v.Name):
			vertex.Kind = "merge"
		case len(v.Inputs) == 0:
			vertex.Kind = "source"
		}
		switch {
		case v.Error != "":
			vertex.State = scenario.Failed
		case v.Cached:
			vertex.State = scenario.Cached
		case v.Completed != nil:
			vertex.State = scenario.Run
		}
		for _, key := range []string{id.String(), v.Name, place(v.Name)} {
			if vertex.Lines == nil && key != "" {
				vertex.Lines = lines[key]
			}
		}
		vertices = append(vertices, vertex)
	}
	return vertices
}
