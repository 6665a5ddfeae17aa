// Package workspace holds the open documents and makes immutable snapshots of them.
package workspace

import (
	"context"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// Config is what a user can set; .layerwise.yaml and the editor's settings have this form.
type Config struct {
	// Rules switches rules off or changes their severity: off, hint, info, warning, error.
	Rules map[string]string `yaml:"rules,omitempty" json:"rules,omitempty"`
	// Context is the build context, relative to the configuration file; the Dockerfile's folder if empty.
	Context string `yaml:"context,omitempty" json:"context,omitempty"`
	// BuildArgs are the values given with --build-arg.
	BuildArgs map[string]string `yaml:"buildArgs,omitempty" json:"buildArgs,omitempty"`
	// Target is the stage given with --target; the last stage if empty.
	Target string `yaml:"target,omitempty" json:"target,omitempty"`
}

// Snapshot is an immutable view of one Dockerfile and all that belongs to it.
type Snapshot struct {
	Path    string // absolute; "" for a document that is not on disk
	URI     string
	Version int32
	File    *syntax.File
}

// Graph is the stage graph. Computed once.
func (s *Snapshot) Graph() *stages.Graph { panic("workspace") }

// Context is the build context; nil if the document is not on disk, or it cannot be read. It scans
// on the first call and obeys ctx.
func (s *Snapshot) Context(ctx context.Context) *files.Context { panic("workspace") }

// Diagnostics are the findings, sorted by place, suppressed ones left out. Computed once.
func (s *Snapshot) Diagnostics(ctx context.Context) []diagnostics.Diagnostic { panic("workspace") }
