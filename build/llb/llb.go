// Package llb turns a Dockerfile into the graph of operations that BuildKit runs for it.
//
// It runs BuildKit's own Dockerfile frontend in this process, as a daemon would: nothing is executed,
// fetched or resolved. It is the only importer of that frontend. Conversion stops at the
// first error, and takes some milliseconds: it has no place on the way of a keystroke.
package llb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	image "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Input is what a build is started with.
type Input struct {
	Dockerfile []byte
	// Options are the attributes of the frontend, as BuildKit's clients send them: build-arg:NAME,
	// target, platform, no-cache, context:NAME=local:NAME and so on.
	Options map[string]string
	// Ignore is the text of the ignore file of a local context: "context", the main one, or a named
	// one. It may be nil.
	Ignore func(context string) []byte
	// Image tells of a base image, by its full reference, such as docker.io/library/alpine:3.20. If
	// it is nil or does not know the image, a placeholder stands for it.
	Image func(ref string, platform ocispecs.Platform) (Image, bool)
}

// Image is what a registry tells of an image.
type Image struct {
	Digest digest.Digest // of its manifest; empty if only the configuration is known: the rest is then a placeholder
	Config image.DockerOCIImage
}

// Graph is the operations of a build.
type Graph struct {
	Vertices []*Vertex // those that one reads before itself
	Targets  []*Vertex // whose results are exported, one for each platform; empty if that is scratch
	History  []ocispecs.History
	Config   image.DockerOCIImageConfig // of the image, of the first platform
	Unknown  []string                   // base images that placeholders stand for, sorted
}

// Vertex is one operation. What it reads and writes is in Op, in BuildKit's terms.
type Vertex struct {
	Index   int // in Graph.Vertices
	Digest  digest.Digest
	Op      *pb.Op
	Inputs  []Edge
	Name    string // as BuildKit's progress shows it: "[build 2/4] RUN make"
	Lines   []int  // of the instructions that it belongs to, from 1, sorted; equal steps are one vertex
	NoCache bool   // run whatever the cache holds
}

// Edge is one output of another vertex.
type Edge struct {
	Vertex *Vertex
	Output int
}

// Internal reports whether the vertex belongs to no instruction, such as the loading of the context.
func (v *Vertex) Internal() bool { return strings.HasPrefix(v.Name, "[internal]") }

// Error is BuildKit's refusal of a Dockerfile.
type Error struct {
	Line    int // from 1; 0 if it has no place
	Message string
	Crash   bool // the frontend panicked, rather than said no
	Lint    bool // the file asks that warnings be errors, and has some
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// Convert makes the graph of a build. A Dockerfile that BuildKit refuses is an *Error.
func Convert(ctx context.Context, in Input) (graph *Graph, err error) {
	defer func() {
		if r := recover(); r != nil {
			graph, err = nil, &Error{Message: fmt.Sprintf("BuildKit cannot take this file: %v", r), Crash: true}
		}
	}()
	c := &frontendClient{input: in, options: maps.Clone(in.Options), unknown: map[string]bool{}}
	if c.options == nil {
		c.options = map[string]string{}
	}
	result, err := build(ctx, c)
	if err != nil {
		return nil, refusal(ctx, err)
	}
	graph = &Graph{Unknown: slices.Sorted(maps.Keys(c.unknown))}
	if err := graph.addImage(result.Metadata); err != nil {
		return nil, err
	}
	known := map[digest.Digest]*Vertex{}
	for _, id := range append([]string{""}, slices.Sorted(maps.Keys(result.Refs))...) {
		ref := result.Ref
		if id != "" {
			ref = result.Refs[id]
		}
		r, ok := ref.(*reference)
		if !ok {
			continue
		}
		if err := graph.add(r.definition, known); err != nil {
			return nil, err
		}
	}
	return graph, nil
}

// build does what the frontend's own Build does, for the parts that make operations: it does not fetch
// the frontend that "# syntax=" names, and it resolves each image by itself.
func build(ctx context.Context, c *frontendClient) (*client.Result, error) {
	ui, err := dockerui.NewClient(c)
	if err != nil {
		return nil, err
	}
	source, err := ui.ReadEntrypoint(ctx, "Dockerfile")
	if err != nil {
		return nil, err
	}
	builder, err := ui.Build(ctx, func(ctx context.Context, platform *ocispecs.Platform, _ int) (*dockerui.BuildResult, error) {
		config := ui.Config
		config.BuildArgs = maps.Clone(config.BuildArgs) // each platform adds to them
		converted, err := dockerfile2llb.Dockerfile2LLB(ctx, source.Data, dockerfile2llb.ConvertOpt{
			Config: config, Client: ui, SourceMap: source.SourceMap, MetaResolver: c, TargetPlatform: platform,
		})
		if err != nil {
			return nil, err
		}
		definition, err := converted.State.Marshal(ctx)
		if err != nil {
			return nil, err
		}
		return &dockerui.BuildResult{
			Reference: &reference{definition: definition.ToPB()},
			Image:     converted.Image, BaseImage: converted.BaseImage, Epoch: converted.Epoch,
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return builder.Finalize()
}

// refusal is the error of the frontend with its place in the Dockerfile.
func refusal(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out := &Error{Message: err.Error()}
	var at *parser.LocationError
	if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		out.Line = at.Locations[0][0].Start.Line
	}
	out.Lint = out.Line == 0 && strings.HasPrefix(out.Message, "lint violation found")
	// The wrapping names the place once more: "dockerfile parse error on line 3: unknown flag: x".
	if _, rest, ok := strings.Cut(out.Message, fmt.Sprintf(" on line %d: ", out.Line)); ok {
		out.Message = rest
	}
	return out
}

// addImage notes what the result says of the image.
func (g *Graph) addImage(metadata map[string][]byte) error {
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if key != exptypes.ExporterImageConfigKey && !strings.HasPrefix(key, exptypes.ExporterImageConfigKey+"/") {
			continue
		}
		var exported image.DockerOCIImage
		if err := json.Unmarshal(metadata[key], &exported); err != nil {
			return fmt.Errorf("the image's configuration: %w", err)
		}
		g.History, g.Config = exported.History, exported.Config
		return nil
	}
	return nil
}

// add takes the vertices of a definition that are not known yet.
func (g *Graph) add(def *pb.Definition, known map[digest.Digest]*Vertex) error {
	if def == nil || len(def.Def) == 0 {
		return nil
	}
	for _, raw := range def.Def {
		op := &pb.Op{}
		if err := op.UnmarshalVT(raw); err != nil {
			return fmt.Errorf("the definition: %w", err)
		}
		id := digest.FromBytes(raw)
		if known[id] != nil {
			continue
		}
		v := &Vertex{Digest: id, Op: op}
		for _, in := range op.Inputs {
			input := known[digest.Digest(in.Digest)]
			if input == nil {
				return errors.New("the definition is not in order")
			}
			v.Inputs = append(v.Inputs, Edge{input, int(in.Index)})
		}
		if op.Op == nil { // the head, which only names the result
			if len(v.Inputs) > 0 {
				g.Targets = append(g.Targets, v.Inputs[0].Vertex)
			}
			continue
		}
		if meta := def.Metadata[string(id)]; meta != nil {
			v.Name, v.NoCache = meta.Description["llb.customname"], meta.IgnoreCache
		}
		v.Lines = lines(def.Source, id)
		v.Index = len(g.Vertices)
		known[id] = v
		g.Vertices = append(g.Vertices, v)
	}
	return nil
}

// lines are the first lines of the instructions that a vertex belongs to.
func lines(source *pb.Source, id digest.Digest) (lines []int) {
	for _, location := range source.GetLocations()[string(id)].GetLocations() {
		first := 0
		for _, r := range location.Ranges {
			if line := int(r.Start.GetLine()); first == 0 || line < first {
				first = line
			}
		}
		if first > 0 {
			lines = append(lines, first)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// platform is the one that builds run on and for, unless they ask for another: Linux on this
// machine's processor.
func platform() ocispecs.Platform {
	return platforms.Normalize(ocispecs.Platform{OS: "linux", Architecture: runtime.GOARCH})
}

// Link reports whether the vertex is the half of a COPY --link that lays the files on the stage.
func (v *Vertex) Link() bool { return v.Op.GetMerge() != nil }
