package server

import (
	"context"
	"slices"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"layerwise/build/sources"
	"layerwise/codeactions"
	"layerwise/dockerfile/text"
	"layerwise/language/refactorings"
)

func (s *Server) initialize(req *jsonrpc2.Request) (any, error) {
	params, raw, err := decodeInitialize(req)
	if err != nil {
		return nil, err
	}
	s.client = newClient(params, raw)
	s.state = initialized
	s.workspace.Folders(folders(params))
	if pid := params.ProcessID; pid != nil && *pid > 0 {
		s.spawn(func(ctx context.Context) { s.watchParent(ctx, int(*pid)) })
	}
	s.configure(params.InitializationOptions)
	s.log.Debug("initialize", zap.String("client", params.ClientInfo.Name), zap.Bool("pull", s.client.pull))
	return &protocol.InitializeResult{
		Capabilities: s.capabilities(),
		ServerInfo:   protocol.ServerInfo{Name: Name, Version: protocol.NewOptional(s.version)},
	}, nil
}

func (s *Server) capabilities() protocol.ServerCapabilities {
	incremental := protocol.TextDocumentSyncKindIncremental
	actions := &protocol.CodeActionOptions{CodeActionKinds: []protocol.CodeActionKind{codeactions.QuickFix, codeactions.SourceFixAll}}
	caps := protocol.ServerCapabilities{
		PositionEncoding: protocol.PositionEncodingKindUTF16,
		TextDocumentSync: &protocol.TextDocumentSyncOptions{
			OpenClose: ref(true),
			Change:    &incremental,
			Save:      protocol.Boolean(true), // without the text: ALE's is wrong
		},
		HoverProvider:      protocol.Boolean(true),
		CodeActionProvider: actions,
	}
	if s.client.actionKinds != nil {
		for _, kind := range refactorings.Kinds {
			if s.client.takesKind(kind) {
				actions.CodeActionKinds = append(actions.CodeActionKinds, protocol.CodeActionKind(kind))
			}
		}
	}
	caps.DefinitionProvider, caps.DeclarationProvider = protocol.Boolean(true), protocol.Boolean(true)
	caps.ReferencesProvider, caps.DocumentHighlightProvider = protocol.Boolean(true), protocol.Boolean(true)
	caps.RenameProvider = protocol.Boolean(true)
	if s.client.prepareRename {
		caps.RenameProvider = &protocol.RenameOptions{PrepareProvider: ref(true)}
	}
	if s.client.linkedEditing {
		caps.LinkedEditingRangeProvider = protocol.Boolean(true)
	}
	// Some use these without a word of them: Neovim 0.7 formats, Kate shows signatures, lsp-mode grows selections.
	caps.DocumentFormattingProvider, caps.DocumentRangeFormattingProvider = protocol.Boolean(true), protocol.Boolean(true)
	caps.SignatureHelpProvider = &protocol.SignatureHelpOptions{TriggerCharacters: signatureTriggers, RetriggerCharacters: signatureRetriggers}
	caps.SelectionRangeProvider = protocol.Boolean(true)
	caps.CodeLensProvider = &protocol.CodeLensOptions{}
	if s.client.showsReferences {
		caps.CodeLensProvider.ResolveProvider = ref(true)
	}
	caps.ExecuteCommandProvider = protocol.ExecuteCommandOptions{Commands: []string{commandChooseBuild, commandOpenFile}}
	if s.client.encoding == text.UTF8 {
		caps.PositionEncoding = protocol.PositionEncodingKindUTF8
	}
	if s.client.completion.wanted {
		caps.CompletionProvider = &protocol.CompletionOptions{TriggerCharacters: completionTriggers}
		if s.client.completion.resolves {
			caps.CompletionProvider.ResolveProvider = ref(true)
		}
	}
	if s.client.links.wanted {
		caps.DocumentLinkProvider = &protocol.DocumentLinkOptions{}
	}
	if s.client.hints.wanted {
		caps.InlayHintProvider = protocol.Boolean(true)
	}
	if s.client.symbols {
		caps.DocumentSymbolProvider = protocol.Boolean(true)
	}
	if s.client.workspaceSymbols {
		caps.WorkspaceSymbolProvider = protocol.Boolean(true)
	}
	if s.client.folding {
		caps.FoldingRangeProvider = protocol.Boolean(true)
	}
	if s.client.rangesFormatting {
		caps.DocumentRangeFormattingProvider = &protocol.DocumentRangeFormattingOptions{RangesSupport: ref(true)}
	}
	if s.client.typeFormatting {
		caps.DocumentOnTypeFormattingProvider = protocol.DocumentOnTypeFormattingOptions{
			FirstTriggerCharacter: "\n", MoreTriggerCharacter: []string{`\`, "`"},
		}
	}
	caps.SemanticTokensProvider = s.client.tokens.provider()
	if s.client.pull {
		caps.DiagnosticProvider = &protocol.DiagnosticOptions{Identifier: ref(Name), WorkspaceDiagnostics: s.client.everywhere}
	}
	caps.Workspace = s.client.workspaceOptions()
	return caps
}

// folders are those that are open in the editor, by their absolute paths.
func folders(params *protocol.InitializeParams) (list []string) {
	open, _ := params.WorkspaceFolders.Get()
	for _, f := range open {
		if path := filePath(string(f.URI)); path != "" {
			list = append(list, path)
		}
	}
	//lint:ignore SA1019 clients of the time before workspace folders still send it
	if root := params.RootURI; len(list) == 0 && root != nil {
		if path := filePath(string(*root)); path != "" {
			list = append(list, path)
		}
	}
	return list
}

func ref[T any](v T) *T { return &v }

// initialized asks the client to tell about changes, if it offers to.
func (s *Server) initialized() {
	var registrations []protocol.Registration
	if s.client.registerConfiguration {
		registrations = append(registrations, protocol.Registration{
			ID: "configuration", Method: protocol.MethodWorkspaceDidChangeConfiguration,
			RegisterOptions: protocol.LSPAny(`{"section":"` + Name + `"}`),
		})
	}
	if s.client.registerWatchers {
		options, err := protocol.Marshal(&protocol.DidChangeWatchedFilesRegistrationOptions{Watchers: watchers()})
		if err != nil {
			s.log.Error("watchers", zap.Error(err))
			return
		}
		registrations = append(registrations, protocol.Registration{
			ID: "files", Method: protocol.MethodWorkspaceDidChangeWatchedFiles, RegisterOptions: options,
		})
	}
	s.spawn(func(ctx context.Context) {
		if len(registrations) > 0 {
			params := &protocol.RegistrationParams{Registrations: registrations}
			if _, err := s.conn.Call(ctx, protocol.MethodClientRegisterCapability, params, nil); err != nil {
				s.log.Warn("registration", zap.Error(err))
			}
		}
		s.pullConfiguration(ctx)
	})
}

// watchedFiles are what a finding may depend on besides the names of files and what builds Dockerfiles: what is
// ignored, the configuration, and the manifests that install commands read. A watcher of all files would cost
// editors more than it is worth; the time stamps of folders tell of new and deleted files.
var watchedFiles = []string{
	"**/.layerwise.{yaml,yml}", "**/.hadolint.{yaml,yml}", "**/.trivyignore", "**/.dockerignore", "**/*.dockerignore",
	"**/package-lock.json", "**/npm-shrinkwrap.json", "**/yarn.lock",
	"**/pnpm-lock.yaml", "**/pnpm-workspace.yaml", "**/.npmrc", "**/bun.lock*",
	"**/requirements*.txt", "**/pyproject.toml", "**/poetry.lock", "**/uv.lock", "**/Pipfile*", "**/setup.{py,cfg}",
	"**/go.{mod,sum,work}", "**/Cargo.{toml,lock}", "**/Gemfile*", "**/composer.{json,lock}",
	"**/.env", "**/{Dockerfile,Containerfile}*",
	"**/pom.xml", "**/*.gradle*", "**/*.csproj", "**/*.sln", "**/mix.{exs,lock}",
}

func watchers() (all []protocol.FileSystemWatcher) {
	for _, pattern := range slices.Concat(watchedFiles, sources.Patterns) {
		all = append(all, protocol.FileSystemWatcher{GlobPattern: protocol.Pattern(pattern)})
	}
	return all
}
