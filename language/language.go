// Package language holds what all features of the language service start from: one state of one document, with
// what is known around it. The features are packages below it, of pure functions over a Document: they take byte
// offsets and return plain values, and know nothing of editors.
package language

import (
	"sync"

	"layerwise/build/files"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// Document is one state of a Dockerfile. It is made for a request, and may be used by several goroutines.
type Document struct {
	Path     string // absolute; "" if the document is not on disk
	File     *syntax.File
	Graph    *stages.Graph // of the default build
	Contexts []string      // the names of the named contexts of the default build, sorted

	// What stands around the document is asked for when it is needed, and once: it may take time. Each may be nil.

	Listed  func() *files.Context                   // see Context
	Doubts  func() bool                             // see Doubted
	BuiltBy func() []Build                          // see Builds
	Maker   func(image string) (made Made, ok bool) // see Made
	Known   func() []Image                          // see Images
	IDs     func() []MountID                        // see MountIDs
	Rules   func() []Rule                           // that comments may name
	Read    func(path string) (src string, ok bool) // see Text

	listing  sync.Once
	context  *files.Context
	doubting sync.Once
	doubted  bool
	building sync.Once
	builds   []Build
}

// Occurrences are the names in the text, with what they mean. They are kept with the graph.
func (d *Document) Occurrences() *occurrences.Table {
	return occurrences.Of(d.Graph, d.Contexts...)
}

// Context is the build context of the default build; nil if there is none, or if it is not listed yet.
func (d *Document) Context() *files.Context {
	d.listing.Do(func() {
		if d.Listed != nil {
			d.context = d.Listed()
		}
	})
	return d.context
}

// Doubted reports whether the file tells that Context is not the folder that it is built with, so that its files
// say nothing. The rules run to know it.
func (d *Document) Doubted() bool {
	d.doubting.Do(func() { d.doubted = d.Doubts != nil && d.Doubts() })
	return d.doubted
}

// Builds are the builds that files of the workspace say, the default one first.
func (d *Document) Builds() []Build {
	d.building.Do(func() {
		if d.BuiltBy != nil {
			d.builds = d.BuiltBy()
		}
	})
	return d.builds
}

// Made says what makes an image, if the workspace does.
func (d *Document) Made(image string) (made Made, ok bool) {
	if d.Maker == nil {
		return Made{}, false
	}
	return d.Maker(image)
}

// Images are those that other Dockerfiles of the workspace use, and those that the workspace makes, each once. They may
// be a little old.
func (d *Document) Images() []Image {
	if d.Known == nil {
		return nil
	}
	return d.Known()
}

// MountIDs are the names of secrets, SSH agents and caches that other Dockerfiles of the workspace mount, and that its builds
// pass, each once. They may be a little old.
func (d *Document) MountIDs() []MountID {
	if d.IDs == nil {
		return nil
	}
	return d.IDs()
}

// Text is that of another file of the workspace, given by its absolute path, as it stands in the editor or on disk.
func (d *Document) Text(path string) (src string, ok bool) {
	if d.Read == nil {
		return "", false
	}
	return d.Read(path)
}

// Image is the name of an image as a file of the workspace has it.
type Image struct {
	Ref  string // with its tag, if it has one
	File string // relative to the workspace, with slashes: one that uses or makes it
	Made bool   // the file says how it is made
}

// MountID is the name of what mounts of RUN take.
type MountID struct {
	Kind string // the type of the mount: secret, ssh, cache
	Name string
	File string // relative to the workspace, with slashes: a Dockerfile that takes it, or a source that passes it
}

// Rule is what a comment may name to be spared its findings.
type Rule struct {
	ID       string
	Doc      string   // a few words
	Hadolint []string // the ids of hadolint's rules for the same
}
