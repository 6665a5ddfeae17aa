package server

import (
	"context"
	"maps"
	"path/filepath"
	"slices"

	"layerwise/build/files"
	"layerwise/dockerfile/text"
	"layerwise/language/renames"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// This file takes part in what the user does with files in the editor.

// fileOperations are those that the client tells of, and lets the server take part in.
func (c *client) fileOperations() *protocol.FileOperationOptions {
	if !c.renames && !c.tellsOfFiles {
		return nil
	}
	all := protocol.FileOperationRegistrationOptions{Filters: []protocol.FileOperationFilter{{Scheme: ref("file"), Pattern: protocol.FileOperationPattern{Glob: "**/*"}}}}
	options := &protocol.FileOperationOptions{}
	if c.renames {
		options.WillRename = all
	}
	if c.tellsOfFiles {
		options.DidCreate, options.DidRename, options.DidDelete = all, all, all
	}
	return options
}

type renameFilesParams struct {
	Files []struct {
		OldURI string `json:"oldUri"`
		NewURI string `json:"newUri"`
	} `json:"files"`
}

type filesParams struct {
	Files []struct {
		URI string `json:"uri"`
	} `json:"files"`
}

func (s *Server) didRenameFiles(params *renameFilesParams) {
	var paths []string
	for _, f := range params.Files {
		paths = append(paths, filePath(f.OldURI), filePath(f.NewURI))
	}
	s.touched(slices.DeleteFunc(paths, func(p string) bool { return p == "" })...)
}

// didChangeFiles: files were created or deleted.
func (s *Server) didChangeFiles(params *filesParams) {
	var paths []string
	for _, f := range params.Files {
		paths = append(paths, filePath(f.URI))
	}
	s.touched(slices.DeleteFunc(paths, func(p string) bool { return p == "" })...)
}

// maxRenamed is how many files are renamed at a time that Dockerfiles are looked at for.
const maxRenamed = 1000

// willRenameFiles answers with what has to change in the Dockerfiles whose build contexts hold the files, in their ignore
// files, and in what says how Dockerfiles are built.
func (s *Server) willRenameFiles(params *renameFilesParams) work {
	var moved []renames.Rename // absolute
	for _, f := range params.Files {
		if old, by := filePath(f.OldURI), filePath(f.NewURI); old != "" && by != "" && old != by {
			moved = append(moved, renames.Rename{Old: old, New: by})
		}
	}
	if len(moved) == 0 || len(moved) > maxRenamed {
		return nil
	}
	return func(ctx context.Context) (any, error) {
		r := renaming{s: s, moved: moved, dockerfiles: map[string]fileEdits{}, ignoreFiles: map[string]fileEdits{}, sources: map[string]fileEdits{}}
		paths, changed := s.workspace.Members(ctx) // first, since it reads what builds them
		s.changed(changed...)
		for _, document := range s.workspace.Dockerfiles() {
			if snapshot := s.settled(ctx, document); snapshot != nil && snapshot.Path != "" {
				r.look(ctx, document, &snapshot.Version, snapshot)
			}
		}
		lister := new(files.Lister)
		for _, path := range paths {
			if _, _, open := s.workspace.Opened(path); open || ctx.Err() != nil {
				continue
			}
			if snapshot := s.workspace.Closed(path, lister); snapshot != nil {
				r.look(ctx, string(uri.File(path)), nil, snapshot)
			}
		}
		r.lookAtSources()
		return r.edit(), nil
	}
}

// renaming gathers what changes with the names of files.
type renaming struct {
	s           *Server
	moved       []renames.Rename // absolute paths
	dockerfiles map[string]fileEdits
	ignoreFiles map[string]fileEdits // by path
	sources     map[string]fileEdits // of builds, by path
}

// fileEdits are the edits of one file.
type fileEdits struct {
	document string
	version  *int32
	lines    *text.Lines
	edits    []text.Edit
	unsure   bool // several builds want something else: nothing is changed
}

// look looks at one Dockerfile. What is to change has to be the same for all of its builds.
func (r *renaming) look(ctx context.Context, document string, version *int32, snapshot *workspace.Snapshot) {
	builds, all := snapshot.ByBuild()
	var edits []text.Edit
	for i, of := range builds {
		b := of.Build(ctx)
		in := inContext(b.Context, r.moved)
		if len(in) > 0 {
			r.lookAtIgnoreFile(ctx, of, in)
		}
		own := renames.InDockerfile(of.Graph(), slices.Sorted(maps.Keys(b.Contexts)), in)
		if len(own) > 0 && of.ContextDoubted(ctx) {
			return
		}
		if i > 0 && !slices.Equal(own, edits) {
			return
		}
		edits = own
	}
	if all && len(edits) > 0 && ctx.Err() == nil {
		r.dockerfiles[document] = fileEdits{document: document, version: version, lines: snapshot.Lines(), edits: edits}
	}
}

// inContext are the renames of what lies in a build context, and stays in it, relative to it.
func inContext(root string, moved []renames.Rename) (in []renames.Rename) {
	if root == "" {
		return nil
	}
	for _, m := range moved {
		old, err := filepath.Rel(root, m.Old)
		by, other := filepath.Rel(root, m.New)
		if err == nil && other == nil && filepath.IsLocal(old) && filepath.IsLocal(by) && old != "." && by != "." {
			in = append(in, renames.Rename{Old: filepath.ToSlash(old), New: filepath.ToSlash(by)})
		}
	}
	return in
}

// maxIgnoreFile bounds the bytes of an ignore file.
const maxIgnoreFile = 1 << 20

func (r *renaming) lookAtIgnoreFile(ctx context.Context, of *workspace.Snapshot, in []renames.Rename) {
	bc := of.Context(ctx)
	if bc == nil || bc.Ignore == nil || bc.Ignore.Abs == "" || of.ContextDoubted(ctx) {
		return
	}
	abs := bc.Ignore.Abs
	f := fileEdits{document: string(uri.File(abs))}
	src, open := r.s.workspace.OpenText(abs)
	if open {
		document, version, _ := r.s.workspace.Opened(abs)
		f.document, f.version = document, &version
	} else {
		var err error
		if src, err = files.ReadRegular(filepath.Dir(abs), filepath.Base(abs), maxIgnoreFile); err != nil {
			return
		}
	}
	f.lines, f.edits = text.NewLines(src), renames.InIgnoreFile(src, in)
	if before, seen := r.ignoreFiles[abs]; seen && !slices.Equal(before.edits, f.edits) {
		f.unsure = true
	}
	f.unsure = f.unsure || r.ignoreFiles[abs].unsure
	r.ignoreFiles[abs] = f
}

// edit is all of it, in an order; nil if there is nothing.
func (r *renaming) edit() *protocol.WorkspaceEdit {
	c := &r.s.client
	edit := &protocol.WorkspaceEdit{}
	any := false
	for _, list := range []map[string]fileEdits{r.dockerfiles, r.ignoreFiles, r.sources} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			f := list[name]
			if f.unsure || len(f.edits) == 0 {
				continue
			}
			any = true
			c.addEdits(edit, f.document, f.version, c.textEdits(f.lines, f.edits), "")
		}
	}
	if !any {
		return nil
	}
	return edit
}
