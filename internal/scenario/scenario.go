// Package scenario is the file format of the build cache's conformance tests: a Dockerfile with
// everything its build reads, the edits made to them, and what a real BuildKit did then.
//
// A scenario is built once as it stands, once more after each of PriorEdits, and a last time after
// Edit. Builds gives the state before each of these builds; Observed tells of the last one.
package scenario

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	image "github.com/moby/docker-image-spec/specs-go/v1"
)

// Outcome is what became of an instruction in a build.
type Outcome string

const (
	Cached Outcome = "CACHED"
	Run    Outcome = "RUN"
	Absent Outcome = "ABSENT" // not part of the build
	Failed Outcome = "ERROR"
)

// Scenario is one file of the format.
type Scenario struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Notes string `json:"notes,omitempty"`

	Dockerfile    string            `json:"dockerfile"`
	Context       map[string]Entry  `json:"context"`
	Dockerignore  *string           `json:"dockerignore,omitempty"`
	BuildArgs     map[string]string `json:"build_args,omitempty"`
	Target        string            `json:"target,omitempty"`
	Opts          map[string]string `json:"opts,omitempty"` // options of the frontend as they are
	Secrets       map[string]string `json:"secrets,omitempty"`
	NamedContexts map[string]string `json:"named_contexts,omitempty"` // name → folder of the context
	BaseImages    map[string]Image  `json:"base_images"`
	HTTP          []Edit            `json:"http,omitempty"` // of op "http"
	Git           []Edit            `json:"git,omitempty"`  // of op "git"

	PriorEdits   [][]Edit `json:"prior_edits,omitempty"`
	PriorMayFail bool     `json:"prior_may_fail,omitempty"` // a build before the last may fail
	Edit         []Edit   `json:"edit"`

	DockerfileAfter string          `json:"dockerfile_after,omitempty"`
	FirstBuild      map[int]Outcome `json:"first_build,omitempty"` // by line of Dockerfile
	Observed        map[int]Outcome `json:"observed,omitempty"`    // by line of DockerfileAfter
	Vertices        []Vertex        `json:"vertices,omitempty"`
	Layers          *Layers         `json:"layers_in_image,omitempty"`
}

// Entry is a file of the build context: one of content, bytes, symlink, hardlink, dir and file_from.
type Entry struct {
	Content  *string           `json:"content,omitempty"`
	Bytes    []byte            `json:"bytes,omitempty"`
	Symlink  string            `json:"symlink,omitempty"`
	Hardlink string            `json:"hardlink,omitempty"` // to this path of the context
	Dir      bool              `json:"dir,omitempty"`
	FileFrom string            `json:"file_from,omitempty"` // a copy of this file of the machine
	Mode     string            `json:"mode,omitempty"`      // octal; 644, and 755 of directories, if empty
	MTime    *int64            `json:"mtime,omitempty"`     // in seconds
	UID      *int              `json:"uid,omitempty"`
	GID      *int              `json:"gid,omitempty"`
	XAttrs   map[string]string `json:"xattrs,omitempty"`
}

// Image is a base image in the registry. All images have the same files but for a salt, so two of
// them are the same image if and only if they are equal.
type Image struct {
	RootfsID    string                      `json:"rootfs_id,omitempty"`    // the salt
	RootfsExtra string                      `json:"rootfs_extra,omitempty"` // more of it
	Config      *image.DockerOCIImageConfig `json:"config,omitempty"`
	Arch        string                      `json:"arch,omitempty"` // amd64 if empty
}

// DefaultPath is the PATH of images whose configuration has no environment.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Resolved is the whole configuration of the image.
func (i Image) Resolved() image.DockerOCIImageConfig {
	var config image.DockerOCIImageConfig
	if i.Config != nil {
		config = *i.Config
	}
	if config.Env == nil {
		config.Env = []string{"PATH=" + DefaultPath}
	}
	return config
}

// Architecture is that of the image's programs, as it says.
func (i Image) Architecture() string {
	if i.Arch == "" {
		return "amd64"
	}
	return i.Arch
}

// Identity stands for the digest of the image's manifest, which needs the image itself: it is equal
// where that is equal.
func (i Image) Identity() string {
	i.Arch = i.Architecture()
	config := i.Resolved()
	i.Config = &config
	text, err := json.Marshal(i)
	if err != nil {
		panic(err) // a struct of strings
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Vertex is a step of the last build as the daemon reported it.
type Vertex struct {
	Line  int     `json:"line"`
	Name  string  `json:"name"`
	State Outcome `json:"state"`
	Kind  string  `json:"kind"` // op, source or merge
}

// Layers is what the image of the last build consists of.
type Layers struct {
	Total          int       `json:"total"`
	FromBaseImage  int       `json:"from_base_image"`
	Added          int       `json:"added"`
	EmptyTarLayers int       `json:"empty_tar_layers"`
	HistoryAdded   []History `json:"history_added"`
}

// History is an entry of the image's history that the build added.
type History struct {
	CreatedBy       string `json:"created_by"`
	EmptyLayer      bool   `json:"empty_layer"`                  // there is no layer
	LayerIsEmptyTar bool   `json:"layer_is_empty_tar,omitempty"` // there is one, with nothing in it
}

// Load reads a scenario. What the format does not know is an error.
func Load(name string) (*Scenario, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	s := &Scenario{}
	if err := decoder.Decode(s); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// LoadDir reads all scenarios of a folder, in order of their names.
func LoadDir(dir string) ([]*Scenario, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no scenarios (*.json)", dir)
	}
	var list []*Scenario
	for _, name := range names {
		s, err := Load(name)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
