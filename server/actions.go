package server

import (
	"context"
	"slices"

	"layerwise/codeactions"
	"layerwise/diagnostics"
	"layerwise/dockerfile/text"
	"layerwise/language/formatting"
	"layerwise/language/refactorings"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
)

// codeAction answers with what can be done at a range. It looks at our own findings: several
// clients send none of them along. The edits are in the actions, so the client needs no command, and no second
// request: what is offered has been tried, so that its edits are known.
func (s *Server) codeAction(params *codeActionParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	only := params.Context.Only
	return func(ctx context.Context) (any, error) {
		span := params.Range.span(snapshot.Lines(), s.client.encoding)
		in := codeactions.Input{
			Path: snapshot.Path, File: snapshot.File, Graph: snapshot.Graph(),
			Context: snapshot.Context(ctx), Diagnostics: snapshot.Diagnostics(ctx),
		}
		actions := []protocol.CommandOrCodeAction{}
		if wants(only, codeactions.QuickFix) {
			for _, a := range codeactions.At(in, span, s.client.createFiles) {
				if wants(only, a.Kind) && s.client.takesKind(a.Kind) {
					actions = append(actions, s.action(snapshot, a))
				}
			}
		}
		actions = append(actions, s.refactorings(ctx, snapshot, span, only)...)
		if namesSource(only) && s.client.takesKind(codeactions.SourceFixAll) {
			if a, ok := s.fixAll(ctx, snapshot, in); ok {
				actions = append(actions, s.action(snapshot, a))
			}
		}
		return actions, nil
	}
}

// refactorings are those at a range, of the kinds that are wanted. A client that says nothing of kinds may know no
// actions but commands.
func (s *Server) refactorings(ctx context.Context, snapshot *workspace.Snapshot, span text.Span, only []string) (actions []protocol.CommandOrCodeAction) {
	offers := func(kind string) bool { return wants(only, kind) && s.client.takesKind(kind) }
	if s.client.actionKinds == nil || !slices.ContainsFunc(refactorings.Kinds, offers) {
		return nil
	}
	for _, r := range refactorings.At(s.document(ctx, snapshot), span, func() formatting.Options { return formatOptions(snapshot) }) {
		if offers(r.Kind) {
			actions = append(actions, s.action(snapshot, codeactions.Action{Title: r.Title, Kind: r.Kind, Edits: []diagnostics.FileEdit{diagnostics.Edit(r.Edits...)}}))
		}
	}
	return actions
}

// wants reports whether a client that asks for some kinds, or for all, wants this one.
func wants(only []string, kind string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(k string) bool { return covers(k, kind) })
}

// namesSource reports whether the client asks for our source action by name. Asking for everything
// is not enough: clients do so at each move of the cursor, and it is much work.
func namesSource(only []string) bool {
	return slices.ContainsFunc(only, func(k string) bool {
		return k != "" && covers(k, codeactions.SourceFixAll)
	})
}

func (s *Server) fixAll(ctx context.Context, snapshot *workspace.Snapshot, in codeactions.Input) (codeactions.Action, bool) {
	state := snapshot
	edits := codeactions.FixAll(in, func(src string, files map[string]string) []diagnostics.Diagnostic {
		if ctx.Err() != nil {
			return nil
		}
		state = state.With(src, files)
		return state.Diagnostics(ctx)
	})
	if !s.client.createFiles && slices.ContainsFunc(edits, func(e diagnostics.FileEdit) bool { return e.Create }) {
		return codeactions.Action{}, false
	}
	return codeactions.Action{
		Title: "Apply all safe fixes of Layerwise", Kind: codeactions.SourceFixAll, Edits: edits,
	}, len(edits) > 0
}

func (s *Server) action(snapshot *workspace.Snapshot, a codeactions.Action) *protocol.CodeAction {
	kind := protocol.CodeActionKind(a.Kind)
	out := &protocol.CodeAction{Title: a.Title, Kind: &kind, Edit: s.workspaceEdit(snapshot, a.Edits)}
	if a.Diagnostic != nil {
		out.Diagnostics = []protocol.Diagnostic{s.client.diagnostic(snapshot, snapshot.URI, a.Diagnostic)}
	}
	if a.Preferred {
		out.IsPreferred = ref(true)
	}
	return out
}
