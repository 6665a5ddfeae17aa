package server

import (
	"slices"

	"go.lsp.dev/protocol"
)

// workspaceOptions are what the server takes part in of what happens to folders and files; nil for none.
func (c *client) workspaceOptions() *protocol.WorkspaceOptions {
	options := &protocol.WorkspaceOptions{FileOperations: c.fileOperations()}
	if c.folders {
		options.WorkspaceFolders = &protocol.WorkspaceFoldersServerCapabilities{Supported: ref(true), ChangeNotifications: protocol.Boolean(true)}
	}
	if options.FileOperations == nil && options.WorkspaceFolders == nil {
		return nil
	}
	return options
}

type foldersParams struct {
	Event struct {
		Added   []folderParams `json:"added"`
		Removed []folderParams `json:"removed"`
	} `json:"event"`
}

type folderParams struct {
	URI string `json:"uri"`
}

// didChangeWorkspaceFolders has what lies in an added folder known, and forgets what lies in a removed one only: the
// diagnostics of its Dockerfiles go, but for those that are open.
func (s *Server) didChangeWorkspaceFolders(params *foldersParams) {
	open := s.workspace.OpenFolders()
	for _, f := range params.Event.Removed {
		path := filePath(f.URI)
		open = slices.DeleteFunc(open, func(folder string) bool { return folder == path })
	}
	for _, f := range params.Event.Added {
		if path := filePath(f.URI); path != "" && !slices.Contains(open, path) {
			open = append(open, path)
		}
	}
	s.reconfigured(s.workspace.Folders(open)...)
	s.survey.bell.ring()
	s.spawn(s.pullConfiguration)
}
