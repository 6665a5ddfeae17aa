package server

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"layerwise/workspace"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"
)

// settings are those of the editor. It can give them when it starts the server, send them, or
// answer when it is asked; the later ways override the earlier ones, key by key.
type settings struct {
	initial workspace.Config

	mu   sync.Mutex
	told map[string]bool // the problems that the user was told about; guarded by mu

	showing sync.Mutex
	shown   map[string]bool // the configuration files, by path, whose problems are shown; guarded by showing
}

// configure takes the settings given at the start.
func (s *Server) configure(raw protocol.LSPAny) {
	cfg, ok := s.readSettings(raw)
	if !ok {
		return
	}
	s.settings.initial = cfg
	s.workspace.Configure(cfg)
}

// didChangeConfiguration takes settings that the editor sends. Several send null, an empty list, or
// the settings of everyone: then there may be something to ask for.
func (s *Server) didChangeConfiguration(params *protocol.DidChangeConfigurationParams) {
	if cfg, ok := s.readSettings(params.Settings); ok {
		s.reconfigured(s.workspace.Configure(workspace.Merge(s.settings.initial, cfg))...)
	}
	s.survey.bell.ring()
	s.spawn(s.pullConfiguration)
}

// reconfigured makes the effects of other settings known.
func (s *Server) reconfigured(documents ...string) {
	s.update(documents...)
	s.refresh(documents...)
	s.refreshHints(documents...)
	s.renewAll(documents)
}

// readSettings finds our settings in what the editor sent: an object with our section, or the
// section itself.
func (s *Server) readSettings(raw []byte) (cfg workspace.Config, ok bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || object == nil {
		return cfg, false
	}
	theirs, found := predecessorSettings(object["docker"])
	if section, ours := object[Name]; ours {
		if cfg, ok = s.readSection(section); ok {
			return workspace.Merge(theirs, cfg), true
		}
	}
	if found {
		return theirs, true
	}
	if !slices.ContainsFunc(workspace.ConfigKeys(), func(key string) bool { _, known := object[key]; return known }) {
		return cfg, false // somebody else's, or empty
	}
	return s.readSection(raw)
}

// readSection reads our settings. What is wrong in them is told, and the rest applies.
func (s *Server) readSection(raw []byte) (cfg workspace.Config, ok bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || object == nil {
		return cfg, false
	}
	cfg, err := workspace.FromJSON(raw)
	if err != nil {
		s.tell("settings: " + err.Error())
	}
	return cfg, true
}

// showProblems shows what is wrong with configuration files that were read anew. They are sent to
// clients that pull as well: these pull for Dockerfiles only.
func (s *Server) showProblems(ctx context.Context) {
	s.settings.showing.Lock()
	defer s.settings.showing.Unlock()
	for path, problems := range s.workspace.TakeProblems() {
		params := &protocol.PublishDiagnosticsParams{URI: uri.File(path), Diagnostics: []protocol.Diagnostic{}}
		if open, _, ok := s.workspace.Opened(path); ok {
			params.URI = uri.URI(open)
		}
		for _, p := range problems {
			severity := protocol.DiagnosticSeverityError
			if p.Warning {
				severity = protocol.DiagnosticSeverityWarning
			}
			at := protocol.Position{Line: uint32(max(0, p.Line-1)), Character: uint32(max(0, p.Column-1))}
			params.Diagnostics = append(params.Diagnostics, protocol.Diagnostic{
				Range:    protocol.Range{Start: at, End: at},
				Severity: severity,
				Code:     protocol.String("configuration"),
				Source:   protocol.NewOptional(Name),
				Message:  protocol.String(p.Message),
			})
		}
		if len(problems) == 0 && !s.settings.shown[path] {
			continue // it is right, and was so before
		}
		s.settings.shown[path] = len(problems) > 0
		if err := s.conn.Notify(ctx, protocol.MethodTextDocumentPublishDiagnostics, params); err != nil {
			s.log.Debug("publish", zap.Error(err))
		}
	}
}

// pullConfiguration asks the client for the settings of every open Dockerfile, and of the folders in which
// Dockerfiles are looked at that are not open.
func (s *Server) pullConfiguration(ctx context.Context) {
	s.pullConfigurationOf(ctx, s.workspace.Dockerfiles())
	if !s.client.pull {
		return
	}
	var folders []string
	for _, folder := range s.workspace.OpenFolders() {
		folders = append(folders, string(uri.File(folder)))
	}
	for i, cfg := range s.askForConfiguration(ctx, folders) {
		s.reconfigured(s.workspace.ConfigureFolder(filePath(folders[i]), cfg)...)
		s.survey.bell.ring()
	}
}

func (s *Server) pullConfigurationOf(ctx context.Context, documents []string) {
	for i, cfg := range s.askForConfiguration(ctx, documents) {
		if s.workspace.ConfigureDocument(documents[i], cfg) {
			s.reconfigured(documents[i])
		}
	}
}

// askForConfiguration asks the client for the settings that hold for documents or folders, by their URIs. There are
// none if it does not answer.
func (s *Server) askForConfiguration(ctx context.Context, of []string) (list []workspace.Config) {
	if !s.client.configuration || len(of) == 0 {
		return nil
	}
	params := &protocol.ConfigurationParams{}
	for _, scope := range of {
		params.Items = append(params.Items, protocol.ConfigurationItem{ScopeURI: ref(uri.URI(scope)), Section: ref(Name)})
	}
	var answers []protocol.LSPAny
	if _, err := s.conn.Call(ctx, protocol.MethodWorkspaceConfiguration, params, &answers); err != nil {
		s.log.Debug("configuration", zap.Error(err))
		return nil
	}
	for i, answer := range answers {
		if i >= len(of) {
			break
		}
		cfg := s.settings.initial
		if section, ok := s.readSection(answer); ok {
			cfg = workspace.Merge(cfg, section)
		}
		list = append(list, cfg)
	}
	return list
}

// tell shows the user a problem, once.
func (s *Server) tell(message string) {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	if s.settings.told[message] {
		return
	}
	s.settings.told[message] = true
	s.spawn(func(ctx context.Context) {
		params := &protocol.ShowMessageParams{Type: protocol.MessageTypeWarning, Message: Name + ": " + message}
		if err := s.conn.Notify(ctx, protocol.MethodWindowShowMessage, params); err != nil {
			s.log.Debug("message", zap.Error(err))
		}
	})
}
