package llb

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"sync"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	fstypes "github.com/tonistiigi/fsutil/types"
)

// frontendClient is the daemon as the frontend sees it. It "solves" by handing out references: to
// the few files that the frontend reads, and to the definition of the build.
type frontendClient struct {
	input   Input
	options map[string]string

	mu      sync.Mutex
	unknown map[string]bool // images that a placeholder stands for; guarded by mu
}

var errOffline = errors.New("nothing is executed or fetched here")

func (c *frontendClient) BuildOpts() client.BuildOpts {
	return client.BuildOpts{
		Opts:      c.options,
		SessionID: "session",
		Workers:   []client.WorkerInfo{{Platforms: []ocispecs.Platform{platform()}}},
		Product:   "layerwise",
		LLBCaps:   llbCaps(),
		Caps:      gatewayCaps(),
	}
}

// The capabilities of the daemon: all that this version of BuildKit knows. The frontend asks often.
var (
	llbCaps     = sync.OnceValue(func() apicaps.CapSet { return pb.Caps.CapSet(pb.Caps.All()) })
	gatewayCaps = sync.OnceValue(func() apicaps.CapSet { return gwpb.Caps.CapSet(gwpb.Caps.All()) })
)

// Solve answers with the files of a local directory that the frontend reads itself, the Dockerfile and
// the ignore files, or with the definition that the build would run.
func (c *frontendClient) Solve(_ context.Context, req client.SolveRequest) (*client.Result, error) {
	if req.Frontend != "" {
		return nil, errOffline
	}
	result := client.NewResult()
	ref := &reference{definition: req.Definition}
	if name, ok := readFrom(req.Definition); ok {
		ref.files = c.filesOf(name)
	}
	result.SetRef(ref)
	return result, nil
}

// readFrom is the name of the local directory of which the frontend wants to read files. These
// requests differ from builds in that changes of the directory need not be told.
func readFrom(def *pb.Definition) (name string, ok bool) {
	for _, raw := range def.GetDef() {
		op := &pb.Op{}
		if op.UnmarshalVT(raw) != nil {
			return "", false
		}
		if source := op.GetSource(); source != nil && source.Attrs[pb.AttrLocalDiffer] == pb.AttrLocalDifferNone {
			return source.Identifier[len("local://"):], true
		}
	}
	return "", false
}

const dockerfile, ignoreFile = "Dockerfile", ".dockerignore"

// filesOf are the files of a local directory that the frontend may read. The ignore file of the main
// context is the one in effect, whatever it is called on disk.
func (c *frontendClient) filesOf(name string) map[string][]byte {
	if name == "dockerfile" {
		filename := c.options["filename"]
		if filename == "" {
			filename = dockerfile
		}
		return map[string][]byte{filename: c.input.Dockerfile}
	}
	files := map[string][]byte{}
	if c.input.Ignore != nil {
		if body := c.input.Ignore(name); body != nil {
			files[ignoreFile] = body
		}
	}
	return files
}

// placeholderEnv is what the environment of an image whose configuration is not known is taken to be.
// What it really is cancels out where two builds on the same image are compared.
var placeholderEnv = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

func (c *frontendClient) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	platform := platform()
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		platform = *opt.ImageOpt.Platform
	}
	var image Image
	ok := false
	if c.input.Image != nil {
		image, ok = c.input.Image(ref, platform)
	}
	if !ok {
		image = Image{}
		image.Config.Config.Env = placeholderEnv
	}
	if image.Digest == "" {
		c.mu.Lock()
		c.unknown[ref] = true
		c.mu.Unlock()
		image.Digest = digest.FromString("image " + ref)
	}
	if image.Config.OS == "" {
		image.Config.Platform = platform
	}
	if len(image.Config.RootFS.DiffIDs) == 0 { // an image without layers would be taken for scratch
		image.Config.RootFS = ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{image.Digest}}
	}
	config, err := json.Marshal(image.Config)
	return ref, image.Digest, config, err
}

func (c *frontendClient) ResolveSourceMetadata(context.Context, *pb.SourceOp, sourceresolver.Opt) (*sourceresolver.MetaResponse, error) {
	return nil, errOffline
}

func (c *frontendClient) Inputs(context.Context) (map[string]llb.State, error) { return nil, nil }

func (c *frontendClient) NewContainer(context.Context, client.NewContainerRequest) (client.Container, error) {
	return nil, errOffline
}

func (c *frontendClient) Warn(context.Context, digest.Digest, string, client.WarnOpts) error {
	return nil
}

// reference is the result of a request.
type reference struct {
	definition *pb.Definition
	files      map[string][]byte
}

func (r *reference) ReadFile(_ context.Context, req client.ReadRequest) ([]byte, error) {
	body, ok := r.files[req.Filename]
	if !ok {
		return nil, fs.ErrNotExist
	}
	if req.Range != nil {
		body = body[min(req.Range.Offset, len(body)):]
		if req.Range.Length > 0 {
			body = body[:min(req.Range.Length, len(body))]
		}
	}
	return body, nil
}

func (r *reference) StatFile(_ context.Context, req client.StatRequest) (*fstypes.Stat, error) {
	body, ok := r.files[req.Path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return &fstypes.Stat{Path: req.Path, Size: int64(len(body))}, nil
}

func (r *reference) ReadDir(context.Context, client.ReadDirRequest) ([]*fstypes.Stat, error) {
	return nil, errOffline
}

func (r *reference) ToState() (llb.State, error) { return llb.State{}, errOffline }

func (r *reference) Evaluate(context.Context) error { return nil }
