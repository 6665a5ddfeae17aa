package workspace

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/sources"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Image is one that Dockerfiles of the workspace build on, or that its sources make.
type Image struct {
	Ref  string // as it is written
	File string // relative to the workspace, with slashes: one that uses or makes it
	Made bool
}

// MountID is the name of what a mount of a RUN takes: a secret, an SSH agent or a cache.
type MountID struct {
	Kind string // the type of the mount
	Name string
	File string // relative to the workspace, with slashes: a Dockerfile that takes it, or a source that passes it
}

// Images are those that the Dockerfiles of the workspace on disk build on, and those that its sources make; sorted, those
// that are used by most Dockerfiles first. They are read once for each state of what builds the Dockerfiles, and may be a little old.
func (s *Snapshot) Images() []Image {
	known := s.Config.known
	if known == nil {
		return nil
	}
	return usedIn(known).images
}

// MountIDs are those of the mounts of the workspace's Dockerfiles on disk, and of what its builds pass. They are as old as Images.
func (s *Snapshot) MountIDs() []MountID {
	known := s.Config.known
	if known == nil {
		return nil
	}
	return usedIn(known).ids
}

// used is what the Dockerfiles of a workspace use.
type used struct {
	images []Image
	ids    []MountID
}

type usedKey struct{}

func usedIn(known *sources.Known) used {
	return known.Memo(usedKey{}, func() any { return readUsed(known) }).(used)
}

const (
	maxImageFiles = 100      // Dockerfiles that are read for their images
	maxImageFile  = 64 << 10 // bytes of each
	maxImages     = 200
	maxMountIDs   = 200
)

func readUsed(known *sources.Known) (all used) {
	root, err := os.OpenRoot(known.Root)
	if err != nil {
		return used{}
	}
	defer root.Close()
	ids := map[MountID]bool{} // without their files
	add := func(kind, name, file string) {
		if id := (MountID{Kind: kind, Name: name}); name != "" && !ids[id] && len(ids) < maxMountIDs {
			ids[id] = true
			all.ids = append(all.ids, MountID{kind, name, file})
		}
	}
	for _, b := range known.Builds {
		for _, name := range b.Secrets {
			add("secret", name, b.Place.File)
		}
		for _, name := range b.SSH {
			add("ssh", name, b.Place.File)
		}
	}
	uses := map[string]int{}
	for _, name := range known.Dockerfiles[:min(len(known.Dockerfiles), maxImageFiles)] {
		graph := graphOf(root, name)
		if graph == nil {
			continue
		}
		for _, ref := range basesOf(graph) {
			if uses[ref]++; uses[ref] == 1 {
				all.images = append(all.images, Image{Ref: ref, File: name})
			}
		}
		for _, m := range mountsOf(graph) {
			add(string(m.Type), m.CacheID, name)
		}
	}
	all.images = sortedImages(known, all.images, uses)
	return all
}

// sortedImages are the images that are used, and those that builds make.
func sortedImages(known *sources.Known, list []Image, uses map[string]int) []Image {
	for ref, b := range known.Made() {
		if uses[ref] == 0 && !strings.Contains(ref, "$") {
			list = append(list, Image{Ref: ref, File: b.Place.File, Made: true})
		}
	}
	slices.SortFunc(list, func(a, b Image) int {
		if n := uses[b.Ref] - uses[a.Ref]; n != 0 {
			return n
		}
		return strings.Compare(a.Ref, b.Ref)
	})
	return list[:min(len(list), maxImages)]
}

// graphOf is the graph of a Dockerfile's stages; nil if it is no regular file.
func graphOf(root *os.Root, name string) *stages.Graph {
	name = filepath.FromSlash(name)
	if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := root.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	src, err := io.ReadAll(io.LimitReader(file, maxImageFile))
	if err != nil {
		return nil
	}
	return stages.Resolve(syntax.Parse(string(src)), stages.Args{}, nil)
}

// mountsOf are the mounts of the RUNs of a Dockerfile that name what they take.
func mountsOf(graph *stages.Graph) (list []*instructions.Mount) {
	for _, stage := range graph.Stages {
		for _, step := range stage.Steps {
			if step.Instr.Name != "RUN" || !strings.Contains(step.Instr.Text, "--mount") {
				continue
			}
			if mounts, err := step.Mounts(); err == nil {
				list = append(list, mounts...)
			}
		}
	}
	return list
}

// basesOf are the images that the stages of a Dockerfile build on.
func basesOf(graph *stages.Graph) (refs []string) {
	for _, stage := range graph.Stages {
		if ref := stage.Base.Text; stage.Parent == nil && stage.Base.Known && ref != "" && ref != "scratch" && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}
