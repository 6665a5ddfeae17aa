package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"
)

// handler is what the JSON-RPC library calls with every message.
func (s *Server) handler() jsonrpc2.Handler {
	cancellable, cancel := jsonrpc2.CancelHandler(s.dispatch)
	return func(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
		isCall, method := req.IsCall(), strings.Clone(req.Method()) // req may be gone when dispatch returns
		defer func() {
			if r := recover(); r != nil {
				s.log.Error("panic", zap.String("method", method), zap.Any("value", r), zap.Stack("stack"))
				result, err = nil, jsonrpc2.NewError(jsonrpc2.InternalError, "internal error in "+method)
			}
			if !isCall && err != nil {
				// The library would end the connection.
				s.log.Warn("notification failed", zap.String("method", method), zap.Error(err))
				err = nil
			}
			if errors.Is(err, context.Canceled) {
				err = protocol.ErrRequestCancelled
			}
		}()
		if method == protocol.MethodCancelRequest && !isCall {
			var params struct {
				ID json.RawMessage `json:"id"`
			}
			if err := json.Unmarshal(req.Params(), &params); err != nil {
				return nil, err
			}
			if id, ok := parseID(params.ID); ok {
				cancel(id)
			}
			return nil, nil
		}
		return cancellable(requestContext{jsonrpc2.DetachContext(ctx), ctx}, req)
	}
}

// requestContext lives as long as the connection and has the values of the request's own context,
// which the library takes back, with its cancellation, while a handler may still look at it.
type requestContext struct {
	context.Context
	request context.Context
}

func (c requestContext) Value(key any) any {
	if key == (requestKey{}) {
		return c.request
	}
	return c.request.Value(key)
}

// requestKey gets the request's own context from a requestContext.
type requestKey struct{}

var (
	errNotInitialized = jsonrpc2.NewError(jsonrpc2.ServerNotInitialized, "the first request must be initialize")
	errInitialized    = jsonrpc2.NewError(jsonrpc2.InvalidRequest, "already initialized")
	errShutDown       = jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server was shut down")
)

// dispatch calls the method's handler.
func (s *Server) dispatch(ctx context.Context, req *jsonrpc2.Request) (any, error) {
	if !req.IsCall() {
		return nil, s.notification(ctx, req)
	}
	method := req.Method()
	switch {
	case s.state == created && method != protocol.MethodInitialize:
		return nil, errNotInitialized
	case s.state != created && method == protocol.MethodInitialize:
		return nil, errInitialized
	case s.state == shutDown && method != protocol.MethodShutdown:
		return nil, errShutDown
	}
	switch method {
	case protocol.MethodInitialize:
		return s.initialize(req)
	case protocol.MethodShutdown:
		s.shutdown()
		return nil, nil
	case protocol.MethodTextDocumentHover:
		return request(ctx, s, req, s.hover)
	case protocol.MethodTextDocumentCompletion:
		return request(ctx, s, req, s.completion)
	case protocol.MethodTextDocumentSignatureHelp:
		return request(ctx, s, req, s.signatureHelp)
	case protocol.MethodTextDocumentDocumentLink:
		return request(ctx, s, req, s.documentLink)
	case protocol.MethodTextDocumentInlayHint:
		return request(ctx, s, req, s.inlayHint)
	case protocol.MethodCompletionItemResolve:
		return request(ctx, s, req, s.resolveCompletion)
	case protocol.MethodTextDocumentDefinition:
		return request(ctx, s, req, s.definition)
	case protocol.MethodTextDocumentDeclaration:
		return request(ctx, s, req, s.declaration)
	case protocol.MethodTextDocumentReferences:
		return request(ctx, s, req, s.references)
	case protocol.MethodTextDocumentDocumentHighlight:
		return request(ctx, s, req, s.highlight)
	case protocol.MethodTextDocumentPrepareRename:
		return request(ctx, s, req, s.prepareRename)
	case protocol.MethodTextDocumentRename:
		return request(ctx, s, req, s.rename)
	case protocol.MethodTextDocumentLinkedEditingRange:
		return request(ctx, s, req, s.linkedEditing)
	case protocol.MethodTextDocumentCodeAction:
		return request(ctx, s, req, s.codeAction)
	case protocol.MethodTextDocumentDiagnostic:
		return request(ctx, s, req, s.diagnostic)
	case protocol.MethodWorkspaceWillRenameFiles:
		return request(ctx, s, req, s.willRenameFiles)
	case protocol.MethodWorkspaceSymbol:
		return request(ctx, s, req, s.workspaceSymbol)
	case protocol.MethodWorkspaceDiagnostic:
		return request(ctx, s, req, s.workspaceDiagnostic)
	case protocol.MethodTextDocumentCodeLens:
		return request(ctx, s, req, s.codeLens)
	case protocol.MethodCodeLensResolve:
		return request(ctx, s, req, s.resolveCodeLens)
	case protocol.MethodTextDocumentDocumentSymbol:
		return request(ctx, s, req, s.documentSymbol)
	case protocol.MethodTextDocumentFoldingRange:
		return request(ctx, s, req, s.foldingRange)
	case protocol.MethodTextDocumentSemanticTokensFull:
		return request(ctx, s, req, s.semanticTokens)
	case protocol.MethodTextDocumentSemanticTokensFullDelta:
		return request(ctx, s, req, s.semanticTokensDelta)
	case protocol.MethodTextDocumentSemanticTokensRange:
		return request(ctx, s, req, s.semanticTokensRange)
	case protocol.MethodTextDocumentSelectionRange:
		return request(ctx, s, req, s.selectionRange)
	case protocol.MethodTextDocumentFormatting:
		return request(ctx, s, req, s.format)
	case protocol.MethodTextDocumentRangeFormatting:
		return request(ctx, s, req, s.formatRange)
	case protocol.MethodTextDocumentRangesFormatting:
		return request(ctx, s, req, s.formatRanges)
	case protocol.MethodTextDocumentOnTypeFormatting:
		return request(ctx, s, req, s.formatTyped)
	case protocol.MethodWorkspaceExecuteCommand:
		return request(ctx, s, req, s.executeCommand)
	case methodImpact:
		return request(ctx, s, req, s.impact)
	case methodBuilds:
		return request(ctx, s, req, s.builds)
	}
	return nil, jsonrpc2.NewError(jsonrpc2.MethodNotFound, fmt.Sprintf("unknown method %.100s", method))
}

// notification handles a message that is not answered. Unknown ones are ignored.
func (s *Server) notification(ctx context.Context, req *jsonrpc2.Request) error {
	method := req.Method()
	if method == protocol.MethodExit {
		s.exit(exitCode(s.state == shutDown))
		return nil
	}
	if s.state != initialized {
		return nil
	}
	switch method {
	case protocol.MethodInitialized:
		s.initialized()
	case protocol.MethodTextDocumentDidOpen:
		return notify(req, s.didOpen)
	case protocol.MethodTextDocumentDidChange:
		return notify(req, func(p *didChangeParams) { s.didChange(ctx, p) })
	case protocol.MethodTextDocumentDidClose:
		return notify(req, s.didClose)
	case protocol.MethodTextDocumentDidSave:
		return notify(req, s.didSave)
	case protocol.MethodWorkspaceDidChangeConfiguration:
		return notify(req, s.didChangeConfiguration)
	case protocol.MethodWorkspaceDidChangeWatchedFiles:
		return notify(req, s.didChangeWatchedFiles)
	case protocol.MethodWorkspaceDidChangeWorkspaceFolders:
		return notify(req, s.didChangeWorkspaceFolders)
	case protocol.MethodWorkspaceDidRenameFiles:
		return notify(req, s.didRenameFiles)
	case protocol.MethodWorkspaceDidCreateFiles, protocol.MethodWorkspaceDidDeleteFiles:
		return notify(req, s.didChangeFiles)
	case protocol.MethodShutdown: // Kate, which waits for no answer
		s.shutdown()
	}
	return nil
}

// shutdown ends what would go on as long as the session.
func (s *Server) shutdown() {
	s.state = shutDown
	s.leave()
}

func exitCode(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

// request answers a request beside the messages that follow it. start runs before any of them is
// read, and takes what it needs from the state of the session; it returns the rest of the work,
// which may look at nothing else.
func request[P any](ctx context.Context, s *Server, req *jsonrpc2.Request, start func(*P) work) (any, error) {
	params, err := decode[P](req)
	if err != nil {
		return nil, err
	}
	rest := start(params)
	if rest == nil {
		return nil, nil
	}
	s.answers.begin()
	s.slots <- struct{}{}
	jsonrpc2.Async(ctx)
	// The request's own context ends when the answer is written. From Async on it is not reused.
	context.AfterFunc(ctx.Value(requestKey{}).(context.Context), func() {
		<-s.slots
		s.answers.end()
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result, err := rest(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}

// work is the part of a request that runs beside other messages.
type work func(ctx context.Context) (any, error)

func notify[P any](req *jsonrpc2.Request, handle func(*P)) error {
	params, err := decode[P](req)
	if err != nil {
		return err
	}
	handle(params)
	return nil
}

func decode[P any](req *jsonrpc2.Request) (*P, error) {
	var params P
	if len(req.Params()) == 0 {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "no parameters")
	}
	if err := protocol.Unmarshal(req.Params(), &params); err != nil {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, fmt.Sprintf("parameters of %s: %v", req.Method(), err))
	}
	return &params, nil
}
