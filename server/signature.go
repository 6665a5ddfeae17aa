package server

import (
	"context"
	"strings"
	"unicode/utf16"

	"layerwise/language/signature"

	"go.lsp.dev/protocol"
)

// Signature help opens by itself where the value of a flag, a key of a mount or a JSON array begins. A blank only
// brings help that is open up to date: else it would open after every word of a command.
var (
	signatureTriggers   = []string{"=", ",", "["}
	signatureRetriggers = []string{",", " "}
)

// signatureClient is what the client can do with signatures.
type signatureClient struct {
	offsets  bool // a parameter may be given by its place in the label
	each     bool // each signature may have its own active parameter
	none     bool // there may be no active parameter
	markdown bool // of the documentation
}

func (s *signatureClient) read(caps *protocol.SignatureHelpClientCapabilities) {
	if caps == nil {
		return
	}
	if i := caps.SignatureInformation; i != nil {
		s.each, s.none = is(i.ActiveParameterSupport), is(i.NoActiveParameterSupport)
		s.markdown = len(i.DocumentationFormat) > 0 && i.DocumentationFormat[0] == protocol.MarkupKindMarkdown
		s.offsets = i.ParameterInformation != nil && is(i.ParameterInformation.LabelOffsetSupport)
	}
}

func (s *Server) signatureHelp(params *placeParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	return func(context.Context) (any, error) {
		help, ok := signature.At(snapshot.File, params.Position.offset(snapshot.Lines(), s.client.encoding))
		if !ok {
			return nil, nil
		}
		active := help.Signatures[help.Active].Active
		if active == signature.None && !s.client.signature.none {
			return nil, nil // it would show the first parameter as the active one
		}
		out := &protocol.SignatureHelp{ActiveSignature: ref(uint32(help.Active)), ActiveParameter: parameterNumber(active)}
		for _, sig := range help.Signatures {
			out.Signatures = append(out.Signatures, s.client.signature.information(sig))
		}
		return out, nil
	}
}

func parameterNumber(n int) protocol.Nullable[uint32] {
	if n == signature.None {
		return protocol.NullNullable[uint32]()
	}
	return protocol.NewNullable(uint32(n))
}

// information is a signature as the client takes it.
func (s *signatureClient) information(sig signature.Signature) protocol.SignatureInformation {
	out := protocol.SignatureInformation{Label: sig.Label, Documentation: s.documentation(sig.Doc)}
	for _, p := range sig.Parameters {
		var param protocol.ParameterInformation
		if p.Doc != "" {
			param.Documentation = s.documentation(p.Doc)
		}
		if s.offsets {
			param.Label = protocol.ParameterInformationLabelTuple{units(sig.Label[:p.Span.Start]), units(sig.Label[:p.Span.End])}
		} else {
			param.Label = protocol.String(named(sig.Label, p))
		}
		out.Parameters = append(out.Parameters, param)
	}
	if s.each && (sig.Active != signature.None || s.none) {
		out.ActiveParameter = parameterNumber(sig.Active)
	}
	return out
}

// units is the length of a text in UTF-16, by which labels are counted whatever positions are counted by.
func units(s string) uint32 { return uint32(len(utf16.Encode([]rune(s)))) }

// named is a parameter's text in a label. A client looks for it from the start, so what stands before is added until
// it is found first where it is.
func named(label string, p signature.Parameter) string {
	start := p.Span.Start
	for start > 0 && strings.Index(label, label[start:p.Span.End]) < start {
		start--
	}
	return label[start:p.Span.End]
}

func (s *signatureClient) documentation(doc string) protocol.InlayHintTooltip {
	if s.markdown {
		return &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: doc}
	}
	return protocol.String(plainText(doc))
}
