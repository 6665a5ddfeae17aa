package server

import (
	"context"
	"encoding/json"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"
)

// This file answers a client that asks for the diagnostics of the whole workspace.

type workspaceDiagnosticParams struct {
	PreviousResultIDs []struct {
		URI   string `json:"uri"`
		Value string `json:"value"`
	} `json:"previousResultIds"`
	// PartialResultToken is where the client takes parts of the answer; null if it wants it in one piece.
	PartialResultToken json.RawMessage `json:"partialResultToken"`
}

const (
	// maxBatch is how many reports are sent at once.
	maxBatch = 20
	// surveyWait is how long it is to be quiet after a change before the workspace is looked at again.
	surveyWait = 500 * time.Millisecond
	// surveyInterval is how often it is looked at without a change that was told: not all files are watched.
	surveyInterval = 30 * time.Second
)

// workspaceDiagnostic answers with the diagnostics of all Dockerfiles. A client that takes them in parts has the
// request answered as long as the session lasts: whenever they are others, it gets those that are. It would only
// ask again otherwise, every few seconds.
func (s *Server) workspaceDiagnostic(params *workspaceDiagnosticParams) work {
	told := map[string]string{}
	for _, previous := range params.PreviousResultIDs {
		told[previous.URI] = previous.Value
	}
	token := params.PartialResultToken
	streams := len(token) > 0 && string(token) != "null"
	return func(ctx context.Context) (any, error) {
		if !streams {
			answer := &protocol.WorkspaceDiagnosticReport{Items: []protocol.WorkspaceDocumentDiagnosticReport{}}
			s.tellWorkspace(ctx, told, true, func(items []protocol.WorkspaceDocumentDiagnosticReport) {
				answer.Items = append(answer.Items, items...)
			})
			return answer, nil
		}
		ctx, end := s.survey.stream(ctx)
		defer end()
		send := func(items []protocol.WorkspaceDocumentDiagnosticReport) {
			value, err := protocol.Marshal(&protocol.WorkspaceDiagnosticReportPartialResult{Items: items})
			if err == nil {
				err = s.conn.Notify(ctx, protocol.MethodProgress, map[string]json.RawMessage{"token": token, "value": json.RawMessage(value)})
			}
			if err != nil {
				s.log.Debug("diagnostics of the workspace", zap.Error(err))
			}
		}
		for first := true; ; first = false {
			rung := s.survey.bell.rung() // before the look: what changes meanwhile is looked at after it
			s.tellWorkspace(ctx, told, first, send)
			if !s.awaitChange(ctx, rung) {
				return &protocol.WorkspaceDiagnosticReport{Items: []protocol.WorkspaceDocumentDiagnosticReport{}}, nil
			}
		}
	}
}

// awaitChange waits until the workspace is to be looked at again. It is false if that is not to be: the client has
// taken its request back, or leaves.
func (s *Server) awaitChange(ctx context.Context, rung <-chan struct{}) bool {
	timer := time.NewTimer(surveyInterval)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-s.leaving:
			return false
		case <-timer.C:
			return true
		case <-rung:
			rung = s.survey.bell.rung()
			timer.Reset(surveyWait)
		}
	}
}

// tellWorkspace sends the reports of all Dockerfiles that are others than those told, by URI, which it brings up to
// date; with unchanged, those that are the same, too. Of what is no Dockerfile any more, or lies in no open folder,
// the client is told that there is nothing to find.
func (s *Server) tellWorkspace(ctx context.Context, told map[string]string, unchanged bool, send func([]protocol.WorkspaceDocumentDiagnosticReport)) {
	var batch []protocol.WorkspaceDocumentDiagnosticReport
	flush := func() {
		if len(batch) > 0 {
			send(batch)
			batch = nil
		}
	}
	defer flush()
	before := map[string]string{} // the URIs of what was told, by path
	for document := range told {
		before[filePath(document)] = document
	}
	add := func(path, document, id string, version *int32, items func() []protocol.Diagnostic) {
		if as, ok := before[path]; ok && path != "" {
			if as != document { // another spelling of it
				told[document] = told[as]
				delete(told, as)
			}
			delete(before, path)
		}
		switch {
		case told[document] != id:
			report := &protocol.WorkspaceFullDocumentDiagnosticReport{URI: uri.URI(document), Version: version}
			report.Kind, report.Items, report.ResultID = string(protocol.DocumentDiagnosticReportKindFull), items(), &id
			if ctx.Err() != nil {
				return
			}
			told[document] = id
			batch = append(batch, report)
		case unchanged:
			report := &protocol.WorkspaceUnchangedDocumentDiagnosticReport{URI: uri.URI(document), Version: version}
			report.Kind, report.ResultID = string(protocol.DocumentDiagnosticReportKindUnchanged), id
			batch = append(batch, report)
		}
		if len(batch) >= maxBatch {
			flush()
		}
	}

	for _, document := range s.workspace.Dockerfiles() {
		if snapshot := s.settled(ctx, document); snapshot != nil && ctx.Err() == nil {
			version := snapshot.Version
			add(snapshot.Path, document, s.resultID(snapshot), &version, func() []protocol.Diagnostic { return s.diagnostics(ctx, snapshot) })
		}
	}
	flush() // those that are looked at come first
	paths, changed := s.workspace.Members(ctx)
	s.changed(changed...)
	stays, looked := map[string]bool{}, newLook()
	for _, path := range paths {
		if ctx.Err() != nil {
			return
		}
		if _, _, open := s.workspace.Opened(path); open {
			delete(before, path)
			continue
		}
		if r := s.survey.of(ctx, path, looked); r != nil {
			stays[path] = true
			add(path, string(uri.File(path)), r.id, nil, func() []protocol.Diagnostic { return r.items })
		}
	}
	if ctx.Err() != nil {
		return
	}
	s.survey.forget(stays)
	s.spawn(s.showProblems)
	for path, document := range before {
		delete(told, document)
		if _, _, open := s.workspace.Opened(path); open && s.workspace.Snapshot(document) != nil {
			continue
		}
		report := &protocol.WorkspaceFullDocumentDiagnosticReport{URI: uri.URI(document)}
		report.Kind, report.Items = string(protocol.DocumentDiagnosticReportKindFull), []protocol.Diagnostic{}
		batch = append(batch, report)
	}
}
