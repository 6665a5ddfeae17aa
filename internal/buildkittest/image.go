//go:build linux

package buildkittest

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	image "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Image is an exported image.
type Image struct {
	image.DockerOCIImage // configuration, history, diff IDs

	dir    string
	layers []ocispecs.Descriptor
}

// emptyLayer is the diff ID of a layer in which nothing changed: an empty tar file.
const emptyLayer digest.Digest = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

// readImage reads an image from a directory in OCI layout.
func readImage(dir string, id digest.Digest) (*Image, error) {
	i := &Image{dir: dir}
	var manifest ocispecs.Manifest
	if err := i.readJSON(id, &manifest); err != nil {
		return nil, err
	}
	if manifest.MediaType != ocispecs.MediaTypeImageManifest {
		return nil, errors.New("the image is one of several platforms")
	}
	i.layers = manifest.Layers
	return i, i.readJSON(manifest.Config.Digest, &i.DockerOCIImage)
}

func (i *Image) open(id digest.Digest) (*os.File, error) {
	return os.Open(filepath.Join(i.dir, "blobs", id.Algorithm().String(), id.Encoded()))
}

func (i *Image) readJSON(id digest.Digest, into any) error {
	f, err := i.open(id)
	if err != nil {
		return err
	}
	defer f.Close()
	return json.NewDecoder(f).Decode(into)
}

// Layers is the number of layers.
func (i *Image) Layers() int { return len(i.layers) }

// EmptyTars tells of each layer whether nothing changed in it.
func (i *Image) EmptyTars() (empty []bool) {
	for _, id := range i.RootFS.DiffIDs {
		empty = append(empty, id == emptyLayer)
	}
	return empty
}

// Files is the root file system: of each path the type, mode, owner, and digest of the content or the
// target. Times are left out, as is which files are one by hard links.
func (i *Image) Files() (map[string]string, error) {
	files := map[string]string{}
	for n, layer := range i.layers {
		entries, err := i.read(layer)
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", n+1, err)
		}
		apply(entries, files)
	}
	return files, nil
}

// entry is an entry of a layer's archive.
type entry struct {
	name string
	dir  bool
	link string // of a hard link: the other name
	what string // one line about it
}

// known are the entries of layers that were read already.
var known sync.Map // digest.Digest → []entry

// read reads a layer.
func (i *Image) read(layer ocispecs.Descriptor) (entries []entry, err error) {
	if old, ok := known.Load(layer.Digest); ok {
		return old.([]entry), nil
	}
	if layer.MediaType != ocispecs.MediaTypeImageLayerGzip {
		return nil, fmt.Errorf("%s is not expected", layer.MediaType)
	}
	f, err := i.open(layer.Digest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if err == io.EOF {
			known.Store(layer.Digest, entries)
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		e := entry{name: path.Clean(h.Name), dir: h.Typeflag == tar.TypeDir}
		if h.Typeflag == tar.TypeLink {
			e.link = path.Clean(h.Linkname)
		} else if e.what, err = describe(h, r); err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		entries = append(entries, e)
	}
}

// apply applies a layer to the files below it.
func apply(layer []entry, files map[string]string) {
	written := map[string]bool{} // by this layer
	for _, e := range layer {
		dir, base := path.Split(e.name)
		if base == ".wh..wh..opq" {
			drop(files, path.Clean(dir), false, written)
			continue
		}
		if hidden, ok := strings.CutPrefix(base, ".wh."); ok {
			drop(files, dir+hidden, true, written)
			continue
		}
		if !e.dir {
			drop(files, e.name, true, written) // a file in place of a directory
		}
		files[e.name] = e.what
		if e.link != "" {
			files[e.name] = files[e.link]
		}
		written[e.name] = true
	}
}

// drop removes what lies below a directory, and the path itself, but for what this layer wrote.
func drop(files map[string]string, name string, itself bool, written map[string]bool) {
	for known := range files {
		below := strings.HasPrefix(known, name+"/") || name == "." && known != "."
		if (below || itself && known == name) && !written[known] {
			delete(files, known)
		}
	}
}

// describe is one line about a file.
func describe(h *tar.Header, content io.Reader) (string, error) {
	what := ""
	switch h.Typeflag {
	case tar.TypeReg:
		id, err := digest.FromReader(content)
		if err != nil {
			return "", err
		}
		what = id.String()
	case tar.TypeSymlink:
		what = h.Linkname
	case tar.TypeChar, tar.TypeBlock:
		what = fmt.Sprint(h.Devmajor, ",", h.Devminor)
	}
	mode := h.FileInfo().Mode()
	if mode&fs.ModeSymlink != 0 {
		mode = fs.ModeSymlink
	}
	for _, key := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		if strings.HasPrefix(key, "SCHILY.xattr.") {
			what += fmt.Sprintf(" %s=%q", key, h.PAXRecords[key])
		}
	}
	return fmt.Sprintf("%v %d:%d %s", mode, h.Uid, h.Gid, what), nil
}
