package server

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"
)

// Commands of the server.
const (
	// commandChooseBuild makes a build the default one of a Dockerfile. It takes the Dockerfile's URI, and the name
	// of the build: "" takes the choice back, and without one the user is asked.
	commandChooseBuild = "layerwise.chooseBuild"
	// commandOpenFile opens a file, given by its URI, in the editor.
	commandOpenFile = "layerwise.openFile"
)

// methodBuilds is a request of our own: how is this Dockerfile built? It takes {"uri": …} and answers with the
// builds, the default one first.
const methodBuilds = "layerwise.builds"

type buildsParams struct {
	URI string `json:"uri"`
}

type (
	buildsResult struct {
		Builds []buildItem `json:"builds"`
	}
	buildItem struct {
		Name    string          `json:"name"` // for layerwise.chooseBuild
		Words   string          `json:"words"`
		Default bool            `json:"default"`
		Source  *sourceLocation `json:"source,omitempty"`
	}
	sourceLocation struct {
		URI  string `json:"uri"`
		Line int    `json:"line"` // from 0
	}
)

func (s *Server) builds(params *buildsParams) work {
	snapshot := s.workspace.Snapshot(params.URI)
	return func(ctx context.Context) (any, error) {
		result := buildsResult{Builds: []buildItem{}}
		if snapshot == nil {
			return result, nil
		}
		for i, b := range snapshot.Builds() {
			if b.Name == "" {
				continue
			}
			item := buildItem{Name: b.Name, Words: b.Words(), Default: i == 0}
			if b.Source.File != "" {
				item.Source = &sourceLocation{string(uri.File(b.Source.File)), max(0, b.Source.Line-1)}
			}
			result.Builds = append(result.Builds, item)
		}
		return result, nil
	}
}

type commandParams struct {
	Command   string            `json:"command"`
	Arguments []json.RawMessage `json:"arguments"`
}

// text is an argument of a command; "" if it is none.
func (p *commandParams) text(n int) (text string) {
	if n < len(p.Arguments) {
		_ = json.Unmarshal(p.Arguments[n], &text) // what is no text is none
	}
	return text
}

func (s *Server) executeCommand(params *commandParams) work {
	return func(ctx context.Context) (any, error) {
		switch params.Command {
		case commandChooseBuild:
			document := params.text(0)
			name, chosen := params.text(1), len(params.Arguments) > 1
			if !chosen {
				if name, chosen = s.askForBuild(ctx, document); !chosen {
					return nil, nil
				}
			}
			s.chooseBuild(ctx, document, name)
		case commandOpenFile:
			show := &protocol.ShowDocumentParams{URI: uri.URI(params.text(0)), TakeFocus: ref(true)}
			if _, err := s.conn.Call(ctx, protocol.MethodWindowShowDocument, show, nil); err != nil {
				s.log.Debug("show document", zap.Error(err))
			}
		}
		return nil, nil
	}
}

// maxChoices is how many builds a client is asked to show at once.
const maxChoices = 20

// asFound is the answer of a user who takes a choice back.
const asFound = "No choice: as found"

// askForBuild asks the user which build of a Dockerfile is the one to look at; "" is none. ok is false if there is
// nothing to choose, or no answer.
func (s *Server) askForBuild(ctx context.Context, document string) (name string, ok bool) {
	snapshot := s.workspace.Snapshot(document)
	if snapshot == nil {
		return "", false
	}
	ask := &protocol.ShowMessageRequestParams{Type: protocol.MessageTypeInfo, Message: "Which build of " + filepath.Base(snapshot.Path) + " is the one to look at?"}
	for _, b := range snapshot.Builds() {
		action := protocol.MessageActionItem{Title: b.Name}
		if b.Name != "" && len(ask.Actions) < maxChoices && !slices.Contains(ask.Actions, action) {
			ask.Actions = append(ask.Actions, action)
		}
	}
	if s.workspace.Chosen(snapshot.Path) != "" {
		ask.Actions = append(ask.Actions, protocol.MessageActionItem{Title: asFound})
	}
	if len(ask.Actions) < 2 {
		return "", false
	}
	var answer *struct {
		Title string `json:"title"`
	}
	if _, err := s.conn.Call(ctx, protocol.MethodWindowShowMessageRequest, ask, &answer); err != nil || answer == nil {
		return "", false
	}
	if answer.Title == asFound {
		return "", true
	}
	return answer.Title, true
}

// chooseBuild makes a build the default one; "" takes that back. The Dockerfile need not be open, nor the build known
// yet: a client that has kept the choice says it at its start.
func (s *Server) chooseBuild(ctx context.Context, document, name string) {
	path := filePath(document)
	if path == "" {
		return
	}
	affected := s.workspace.Choose(path, name)
	for _, document := range affected { // before its findings are told: they are to be of the new context
		s.workspace.Renew(ctx, document, true, nil)
	}
	s.changed(affected...)
	s.survey.bell.ring()
}

// changed makes known what follows from another build, or another build context.
func (s *Server) changed(documents ...string) {
	s.update(documents...)
	s.refresh(documents...)
	s.refreshLenses(documents...)
	s.refreshHints(documents...)
}
