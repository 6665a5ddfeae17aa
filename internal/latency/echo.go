package main

import (
	"context"
	"os"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// echo is a server that does nothing, on the protocol library that the real one uses.
type echo struct {
	protocol.UnimplementedServer
	conn jsonrpc2.Conn
}

func serveEcho() {
	s := &echo{}
	s.conn = jsonrpc2.NewConn(jsonrpc2.NewStream(stdio{os.Stdin, os.Stdout}), jsonrpc2.WithCodec(codec{}))
	s.conn.Go(context.Background(), protocol.ServerHandler(s, jsonrpc2.MethodNotFoundHandler))
	<-s.conn.Done()
}

func (*echo) Initialize(context.Context, *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	return &protocol.InitializeResult{}, nil
}

func (s *echo) DidOpen(ctx context.Context, p *protocol.DidOpenTextDocumentParams) error {
	return s.publish(ctx, protocol.PublishDiagnosticsParams{URI: p.TextDocument.URI, Version: protocol.NewOptional(p.TextDocument.Version)})
}

func (s *echo) DidChange(ctx context.Context, p *protocol.DidChangeTextDocumentParams) error {
	return s.publish(ctx, protocol.PublishDiagnosticsParams{URI: p.TextDocument.URI, Version: protocol.NewOptional(p.TextDocument.Version)})
}

func (s *echo) publish(ctx context.Context, p protocol.PublishDiagnosticsParams) error {
	p.Diagnostics = []protocol.Diagnostic{}
	return s.conn.Notify(ctx, protocol.MethodTextDocumentPublishDiagnostics, &p)
}

type codec struct{}

func (codec) Marshal(v any) ([]byte, error)      { return protocol.Marshal(v) }
func (codec) Unmarshal(data []byte, v any) error { return protocol.Unmarshal(data, v) }

type stdio struct{ in, out *os.File }

func (s stdio) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s stdio) Write(p []byte) (int, error) { return s.out.Write(p) }
func (s stdio) Close() error                { return s.in.Close() }
