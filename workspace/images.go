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
)

// Image is one that Dockerfiles of the workspace build on, or that its sources make.
type Image struct {
	Ref  string // as it is written
	File string // relative to the workspace, with slashes: one that uses or makes it
	Made bool
}

// Images are those that the Dockerfiles of the workspace on disk build on, and those that its sources make; sorted, those
// that are used by most Dockerfiles first. They are read once for each state of what builds the Dockerfiles, and may be a little old.
func (s *Snapshot) Images() []Image {
	known := s.Config.known
	if known == nil {
		return nil
	}
	return imagesOf(known)
}

type imagesKey struct{}

func imagesOf(known *sources.Known) []Image {
	return known.Memo(imagesKey{}, func() any { return readImages(known) }).([]Image)
}

const (
	maxImageFiles = 100      // Dockerfiles that are read for their images
	maxImageFile  = 64 << 10 // bytes of each
	maxImages     = 200
)

func readImages(known *sources.Known) (list []Image) {
	root, err := os.OpenRoot(known.Root)
	if err != nil {
		return nil
	}
	defer root.Close()
	uses := map[string]int{}
	for _, name := range known.Dockerfiles[:min(len(known.Dockerfiles), maxImageFiles)] {
		for _, ref := range basesOf(root, name) {
			if uses[ref]++; uses[ref] == 1 {
				list = append(list, Image{Ref: ref, File: name})
			}
		}
	}
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

// basesOf are the images that the stages of a Dockerfile build on; none if it is no regular file.
func basesOf(root *os.Root, name string) (refs []string) {
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
	for _, stage := range stages.Resolve(syntax.Parse(string(src)), stages.Args{}, nil).Stages {
		if ref := stage.Base.Text; stage.Parent == nil && stage.Base.Known && ref != "" && ref != "scratch" && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}
