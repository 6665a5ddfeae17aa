package server

import (
	"context"
	"encoding/json"
	"fmt"

	"layerwise/internal/words"
	"layerwise/language/navigation"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// commandShowReferences is a command of the client, which shows places that use something. It takes what VS Code's
// own does: the document's URI, the position, and the places. A client says that it has it as rust-analyzer's do, in
// the experimental capability commands.commands.
const commandShowReferences = "layerwise.showReferences"

// codeLens says above the first FROM what builds a Dockerfile, above each stage what an edit of its sources reruns and
// how often it is used, and above each build of a source of builds how many findings its Dockerfile has.
func (s *Server) codeLens(params *documentParams) work {
	document := params.TextDocument.URI
	return func(ctx context.Context) (any, error) {
		lenses := s.lensesOf(ctx, document)
		s.lenses.gave(document, lenses)
		return lenses, nil
	}
}

func (s *Server) lensesOf(ctx context.Context, document string) []protocol.CodeLens {
	lenses := []protocol.CodeLens{}
	if snapshot := s.workspace.Snapshot(document); snapshot != nil {
		cfg := snapshot.Config
		if cfg.ShowsLens(workspace.LensBuilds) {
			lenses = append(lenses, buildLenses(document, snapshot)...)
		}
		if cfg.ShowsLens(workspace.LensReruns) {
			lenses = append(lenses, rerunLenses(ctx, snapshot)...)
		}
		if cfg.ShowsLens(workspace.LensReferences) {
			lenses = append(lenses, s.referenceLenses(ctx, snapshot)...)
		}
	} else if known, place, ok := s.workspace.Source(document); ok && s.workspace.ConfigOf(filePath(document)).ShowsLens(workspace.LensFindings) {
		lenses = append(lenses, s.sourceLenses(ctx, known, place)...)
	}
	return lenses
}

func buildLenses(document string, snapshot *workspace.Snapshot) []protocol.CodeLens {
	builds := snapshot.Builds()
	g := snapshot.Graph()
	if builds[0].Source.Kind != workspace.FromSource || len(g.Stages) == 0 {
		return nil
	}
	title := "Built by " + builds[0].Words()
	if more := len(builds) - 1; more > 0 {
		title += fmt.Sprintf("; %d more", more)
	}
	return []protocol.CodeLens{lensAt(stageLine(snapshot, 0), title, commandChooseBuild, document)}
}

// rerunLenses tell of each stage that takes sources how much of it an edit reruns.
func rerunLenses(ctx context.Context, snapshot *workspace.Snapshot) (lenses []protocol.CodeLens) {
	for _, e := range snapshot.SourceEdits(ctx) {
		lenses = append(lenses, lensAt(stageLine(snapshot, e.Stage), rerunTitle(e), ""))
	}
	return lenses
}

// rerunTitle says how much of a stage an edit reruns: "4 of 7 steps rerun on an edit of src/main.go".
func rerunTitle(e workspace.SourceEdit) string {
	title := fmt.Sprintf("%d of %s %s on an edit of %s", e.Rebuilt, words.Count(e.Steps, "step"), words.For(e.Rebuilt, "reruns", "rerun"), e.File)
	if e.Depends > 0 {
		title += fmt.Sprintf(", and perhaps %d more", e.Depends)
	}
	return title
}

// referenceLenses tell of each stage how often it is used. A client that can show the places asks for them when it
// shows the lens.
func (s *Server) referenceLenses(ctx context.Context, snapshot *workspace.Snapshot) (lenses []protocol.CodeLens) {
	doc := s.document(ctx, snapshot)
	for i := range doc.Graph.Stages {
		uses := len(navigation.StageUses(doc, i)) + len(navigation.StageTargets(doc, i))
		switch {
		case uses == 0:
		case s.client.showsReferences:
			lens := lensAt(stageLine(snapshot, i), "", "")
			lens.Command = protocol.Command{}
			if data, err := json.Marshal(lensData{snapshot.URI, i, uses}); err == nil {
				lens.Data = protocol.LSPAny(data)
				lenses = append(lenses, lens)
			}
		default:
			lenses = append(lenses, lensAt(stageLine(snapshot, i), words.Count(uses, "reference"), ""))
		}
	}
	return lenses
}

// lensData is what a lens about the uses of a stage is found again by.
type lensData struct {
	URI   string `json:"uri"`
	Stage int    `json:"stage"`
	Uses  int    `json:"uses"` // so that lenses which differ look so
}

type lensParams struct {
	Range protocol.Range `json:"range"`
	Data  lensData       `json:"data"`
}

// resolveCodeLens gives a lens about the uses of a stage its command.
func (s *Server) resolveCodeLens(params *lensParams) work {
	snapshot := s.workspace.Snapshot(params.Data.URI)
	return func(ctx context.Context) (any, error) {
		lens := protocol.CodeLens{Range: params.Range}
		if snapshot == nil || params.Data.Stage < 0 || params.Data.Stage >= len(snapshot.Graph().Stages) {
			lens.Command.Title = words.Count(params.Data.Uses, "reference") // of a text that is gone
			return lens, nil
		}
		doc := s.document(ctx, snapshot)
		locations := []protocol.Location{}
		for _, span := range navigation.StageUses(doc, params.Data.Stage) {
			locations = append(locations, protocol.Location{URI: uri.URI(snapshot.URI), Range: s.client.span(snapshot.Lines(), span)})
		}
		locations = append(locations, s.client.targetsOf(doc, navigation.StageTargets(doc, params.Data.Stage))...)
		shown := lensAt(0, words.Count(len(locations), "reference"), commandShowReferences, params.Data.URI, params.Range.Start, locations)
		lens.Command = shown.Command
		return lens, nil
	}
}

// stageLine is the line of a stage's FROM, from 0.
func stageLine(snapshot *workspace.Snapshot, stage int) int {
	g := snapshot.Graph()
	return g.Line(g.Stages[stage].Steps[0]) - 1
}

func lensAt(line int, title, command string, arguments ...any) protocol.CodeLens {
	at := protocol.Position{Line: uint32(max(0, line))}
	lens := protocol.CodeLens{Range: protocol.Range{Start: at, End: at}, Command: protocol.Command{Title: title, Command: command}}
	for _, a := range arguments {
		if raw, err := protocol.Marshal(a); err == nil {
			lens.Command.Arguments = append(lens.Command.Arguments, protocol.LSPAny(raw))
		}
	}
	return lens
}
