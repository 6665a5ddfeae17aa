package cache

import (
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/llb"

	"github.com/moby/buildkit/solver/pb"
	"google.golang.org/protobuf/proto"
)

// operation is a vertex as the cache sees it: a digest of what is to be done, and how each input is
// compared.
//
// Source: CacheMap in solver/llbsolver/ops of BuildKit (exec.go, file.go, merge.go).
type operation struct {
	digest string
	deps   []dependency
}

// dependency is how one input of an operation is compared.
type dependency struct {
	content   bool // by what is in it, not by how it was made
	selectors []Selector
}

func operationOf(v *llb.Vertex) operation {
	switch op := v.Op.Op.(type) {
	case *pb.Op_Exec:
		return execOperation(v, op.Exec)
	case *pb.Op_File:
		return fileOperation(v, op.File)
	default: // merge and diff take their inputs as they are
		o := operation{deps: make([]dependency, len(v.Inputs))}
		bare := &pb.Op{Op: v.Op.Op}
		o.digest = digestOf("op", marshal(bare))
		return o
	}
}

// marshal is the same for equal messages of this process.
func marshal(m proto.Message) string {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("BuildKit's own message cannot be encoded: %v", err))
	}
	return string(raw)
}

func digestOf(parts ...string) string {
	h := sha256.New()
	hashStrings(h, parts...)
	return string(h.Sum(nil))
}

func execOperation(v *llb.Vertex, op *pb.ExecOp) operation {
	o := operation{deps: make([]dependency, len(v.Inputs))}
	op = op.CloneVT()
	for _, host := range op.Meta.ExtraHosts {
		host.IP = ""
	}
	op.Meta.ProxyEnv = nil
	for _, m := range op.Mounts {
		o.mount(m)
		m.Selector = ""
		if c := m.CacheOpt; c != nil && !isDefaultCache(m) {
			c.ID, c.Sharing = "", 0
		}
	}
	if isOnlyRoot(op.Mounts) {
		op.Mounts = nil
	}
	var platform string
	if v.Op.Platform != nil {
		platform = marshal(v.Op.Platform)
	}
	o.digest = digestOf("exec", marshal(op), platform)
	return o
}

// isDefaultCache reports whether a cache mount has the id that it gets without one, with or without
// a namespace, and shares with others.
func isDefaultCache(m *pb.Mount) bool {
	_, bare, _ := strings.Cut(m.CacheOpt.ID, "/")
	return m.CacheOpt.Sharing == 0 && (m.CacheOpt.ID == m.Dest || bare == m.Dest)
}

// isOnlyRoot reports whether there is nothing but the root file system, which then is not part of the
// operation's digest.
func isOnlyRoot(mounts []*pb.Mount) bool {
	if len(mounts) != 1 {
		return false
	}
	m := mounts[0]
	return m.Dest == "/" && !m.Readonly && m.MountType == pb.MountType_BIND &&
		m.CacheOpt == nil && m.SSHOpt == nil && m.SecretOpt == nil && m.ResultID == ""
}

// mount notes how the input of a mount is compared: by content, unless it is the root file system, or
// the step's changes to a part of it would be kept. If several mounts have one input, the last decides.
func (o *operation) mount(m *pb.Mount) {
	switch m.MountType {
	case pb.MountType_SECRET, pb.MountType_SSH, pb.MountType_TMPFS:
		return
	}
	if m.Input < 0 || int(m.Input) >= len(o.deps) {
		return
	}
	d := &o.deps[m.Input]
	source := path.Join("/", m.Selector)
	d.selectors = append(d.selectors, Selector{Path: source, FollowLinks: true})
	d.content = m.Dest != "/" && (m.Output == int64(pb.SkipOutput) || m.Readonly || source == "/")
}

func fileOperation(v *llb.Vertex, op *pb.FileOp) operation {
	o := operation{deps: make([]dependency, len(v.Inputs))}
	op = op.CloneVT()
	asBase := map[int64]bool{} // inputs that are changed, not copied from
	for _, action := range op.Actions {
		if action.Input >= 0 {
			asBase[action.Input] = true
		}
		c := action.GetCopy()
		if c == nil || action.SecondaryInput < 0 || int(action.SecondaryInput) >= len(o.deps) {
			continue
		}
		d := &o.deps[action.SecondaryInput]
		d.content = true
		d.selectors = append(d.selectors, Selector{
			Path: c.Src, FollowLinks: c.FollowSymlink, Wildcard: c.AllowWildcard && hasWildcards(c.Src),
			Include: c.IncludePatterns, Exclude: c.ExcludePatterns, Required: c.RequiredPaths,
		})
		c.Src = path.Base(c.Src)
	}
	for i := range o.deps {
		if asBase[int64(i)] {
			o.deps[i] = dependency{}
		}
	}
	o.digest = digestOf("file", marshal(op))
	return o
}

// normal are the selectors without those that others include, in BuildKit's order.
func (d dependency) normal() []Selector {
	var plain, list []Selector
	for _, s := range d.selectors {
		s.Path = path.Join("/", s.Path)
		if s.filtered() {
			list = append(list, s)
		} else {
			plain = append(plain, s)
		}
	}
	for i, s := range plain {
		covered := slices.ContainsFunc(plain, func(other Selector) bool {
			return other.FollowLinks == s.FollowLinks && other.Path != s.Path &&
				strings.HasPrefix(s.Path, strings.TrimSuffix(other.Path, "/")+"/")
		})
		repeated := slices.ContainsFunc(plain[:i], func(other Selector) bool {
			return other.Path == s.Path && other.FollowLinks == s.FollowLinks
		})
		if !covered && !repeated {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b Selector) int { return strings.Compare(a.Path, b.Path) })
	return list
}
