// Package manifests tells which files of the build context an install command reads, and whether
// that list is proven complete.
package manifests

import (
	"layerwise/build/files"
	"layerwise/dockerfile/shell"
)

// Inputs is what an install command reads from the context.
type Inputs struct {
	Files        []string // existing, not ignored; manifests first, then lock files, then the rest; relative to the context root
	Outputs      []string // directories in the context's terms that the install fills and a later COPY could clobber
	Proven       bool     // the list is complete, and the install writes none of it
	Why          string   // if not Proven: the reason, as the end of a sentence ("package.json runs a postinstall script")
	OutputIsLink string   // an output directory that is a link in the context
	Never        bool     // the install needs the sources: a move above them would break it
}

// Read finds the inputs of an install that runs in the directory dir of the context (the context's
// directory that is copied to the working directory; "." for the root).
func Read(c *files.Context, dir string, inst *shell.Install) Inputs { panic("manifests") }
