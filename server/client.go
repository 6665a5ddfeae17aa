package server

import (
	"encoding/json"
	"slices"
	"strings"

	"layerwise/dockerfile/text"

	"go.lsp.dev/protocol"
)

// client is what the client said that it can do, as the server uses it.
type client struct {
	encoding text.Encoding

	pull        bool // it is to ask for diagnostics; else they are sent to it
	everywhere  bool // and may ask for those of the whole workspace
	pullRefresh bool
	related     bool
	tags        []protocol.DiagnosticTag
	pages       *pages // that diagnostics link to; nil if it shows no links

	markdown        bool
	documentChanges bool                      // edits are of versions of documents
	createFiles     bool                      // among such edits, whether it says that it takes them or not: Neovim
	actionKinds     []protocol.CodeActionKind // nil if it did not say
	completion      completionClient
	signature       signatureClient
	links           linkClient
	hints           hintClient

	symbols           bool // it asks for the symbols of a document
	symbolTree        bool // and takes a tree; else it gets a list
	workspaceSymbols  bool // it asks for those of a workspace
	deprecatedSymbols bool
	folding           bool
	rangesFormatting  bool // it formats several ranges at once
	typeFormatting    bool // and as one types
	foldLimit         *int // how many folds it wants at most; nil if it did not say
	tokens            tokenWishes
	definitionLinks   bool // definitions may say what they are of, and stand for
	declarationLinks  bool
	prepareRename     bool // it asks first whether a name can be changed
	linkedEditing     bool // it edits places together that belong together
	changeAnnotations bool // edits may say what has to be known of them

	folders               bool // it tells of folders that are opened and closed
	renames               bool // it asks what a file's new name changes
	tellsOfFiles          bool // it tells of files that are created, renamed and deleted in it
	configuration         bool // it answers workspace/configuration
	registerConfiguration bool
	registerWatchers      bool
	progress              bool
	showsReferences       bool // it has a command for it
	lensRefresh           bool // it asks for code lenses anew when told to
}

// completionClient is what the client can do with completions.
type completionClient struct {
	wanted     bool
	replaces   bool // an edit may have one range to insert at and one to replace
	markdown   bool // of the documentation
	tags       bool // it shows what is deprecated, by a tag
	deprecated bool // the same by a field of its own, which is older
	templates  bool // people fill in parts of a text: snippets
	strips     bool // it takes every ${…} for such a part, which it leaves out, and keeps what escapes one: Kate
	labels     bool // an item may have a few words behind its label
	resolves   bool // it asks for the documentation of an item when it shows that
	also       bool // an item may edit other places
	commits    bool // characters may take an item when they are typed
	oneRange   bool // a list may have one range for all its items
}

func newClient(params *protocol.InitializeParams, raw json.RawMessage) client {
	var c client
	caps := &params.Capabilities
	if g := caps.General; g != nil && slices.Contains(g.PositionEncodings, protocol.PositionEncodingKindUTF8) {
		c.encoding = text.UTF8
	}
	if w := caps.Window; w != nil {
		c.progress = is(w.WorkDoneProgress)
	}
	c.readTextDocument(caps.TextDocument)
	c.readWorkspace(caps.Workspace)
	// Kate is the one that does not tell its name, nor which documentation it takes: it shows Markdown as it is.
	if params.ClientInfo.Name == "" && c.completion.templates && !c.completion.replaces {
		c.completion.strips = true
		c.completion.markdown = c.completion.markdown && len(caps.TextDocument.Completion.CompletionItem.DocumentationFormat) > 0
	}
	if params.ClientInfo.Name == "Eglot" {
		c.signature.offsets = false // it cuts them one behind where they are, and fails at the end of the label
	}
	var experimental struct {
		Capabilities struct {
			Experimental struct {
				Commands struct {
					Commands []string `json:"commands"`
				} `json:"commands"`
			} `json:"experimental"`
		} `json:"capabilities"`
	}
	if json.Unmarshal(raw, &experimental) == nil {
		c.showsReferences = slices.Contains(experimental.Capabilities.Experimental.Commands.Commands, commandShowReferences)
	}
	// Helix has the refresh of diagnostics under another name.
	var helix struct {
		Capabilities struct {
			Workspace struct {
				Diagnostic struct {
					RefreshSupport bool `json:"refreshSupport"`
				} `json:"diagnostic"`
			} `json:"workspace"`
		} `json:"capabilities"`
	}
	if json.Unmarshal(raw, &helix) == nil && helix.Capabilities.Workspace.Diagnostic.RefreshSupport {
		c.pullRefresh = true
	}
	if c.pull && !c.pullRefresh && caps.TextDocument.PublishDiagnostics != nil {
		c.pull = false // Neovim 0.10 asks after changes of the Dockerfile only, and would not hear of those of other files
	}
	// When Neovim is told to ask anew, and may ask for those of the workspace, it asks for these only, and then passes
	// over what they say of the documents that it has open.
	c.everywhere = c.pull && params.ClientInfo.Name != "Neovim"
	return c
}

func (c *client) readTextDocument(caps *protocol.TextDocumentClientCapabilities) {
	if caps == nil {
		caps = new(protocol.TextDocumentClientCapabilities)
	}
	// Each way of getting diagnostics has its own list of what may be in them.
	var extras protocol.DiagnosticsCapabilities
	if caps.PublishDiagnostics != nil {
		extras = caps.PublishDiagnostics.DiagnosticsCapabilities
	}
	if caps.Diagnostic != nil {
		c.pull = true
		// Clients that pull mostly still describe the details under publishDiagnostics only.
		pulled := caps.Diagnostic.DiagnosticsCapabilities
		if pulled.RelatedInformation != nil {
			extras.RelatedInformation = pulled.RelatedInformation
		}
		if pulled.TagSupport.ValueSet != nil {
			extras.TagSupport = pulled.TagSupport
		}
		if pulled.CodeDescriptionSupport != nil {
			extras.CodeDescriptionSupport = pulled.CodeDescriptionSupport
		}
	}
	c.related = is(extras.RelatedInformation)
	c.tags = extras.TagSupport.ValueSet
	if is(extras.CodeDescriptionSupport) {
		c.pages = new(pages)
	}
	if h := caps.Hover; h != nil {
		// The first is the one that it prefers. ALE names both, and shows Markdown as it is.
		c.markdown = len(h.ContentFormat) > 0 && h.ContentFormat[0] == protocol.MarkupKindMarkdown
	}
	if d := caps.DocumentSymbol; d != nil {
		c.symbols, c.symbolTree = true, is(d.HierarchicalDocumentSymbolSupport)
		c.deprecatedSymbols = slices.Contains(d.TagSupport.ValueSet, protocol.SymbolTagDeprecated)
	}
	if f := caps.FoldingRange; f != nil {
		c.folding = true
		if f.RangeLimit != nil {
			c.foldLimit = ref(int(*f.RangeLimit))
		}
	}
	c.typeFormatting = caps.OnTypeFormatting != nil
	c.rangesFormatting = caps.RangeFormatting != nil && is(caps.RangeFormatting.RangesSupport)
	c.tokens.read(caps.SemanticTokens)
	if completion := caps.Completion; completion != nil {
		c.completion.wanted = true
		c.completion.read(completion.CompletionItem, c.markdown)
		if list := completion.CompletionList; list != nil {
			c.completion.oneRange = slices.Contains(list.ItemDefaults, "editRange")
		}
	}
	c.signature.read(caps.SignatureHelp)
	c.links.read(caps.DocumentLink)
	c.hints.wanted = caps.InlayHint != nil
	c.definitionLinks = caps.Definition != nil && is(caps.Definition.LinkSupport)
	c.declarationLinks = caps.Declaration != nil && is(caps.Declaration.LinkSupport)
	c.linkedEditing = caps.LinkedEditingRange != nil
	c.prepareRename = caps.Rename != nil && is(caps.Rename.PrepareSupport)
	if a := caps.CodeAction; a != nil {
		c.actionKinds = a.CodeActionLiteralSupport.CodeActionKind.ValueSet
	}
}

// read reads what the client says of items. hover is whether it takes Markdown in hovers: some say that there only.
func (c *completionClient) read(item *protocol.ClientCompletionItemOptions, hover bool) {
	c.markdown = hover
	if item == nil {
		return
	}
	c.replaces = is(item.InsertReplaceSupport)
	if len(item.DocumentationFormat) > 0 {
		c.markdown = item.DocumentationFormat[0] == protocol.MarkupKindMarkdown
	}
	c.tags = slices.Contains(item.TagSupport.ValueSet, protocol.CompletionItemTagDeprecated)
	c.deprecated = is(item.DeprecatedSupport)
	c.templates = is(item.SnippetSupport)
	c.labels = is(item.LabelDetailsSupport)
	c.commits = is(item.CommitCharactersSupport)
	c.resolves = slices.Contains(item.ResolveSupport.Properties, "documentation")
	c.also = slices.Contains(item.ResolveSupport.Properties, "additionalTextEdits") // there is no other word for it
}

func (c *client) readWorkspace(caps *protocol.WorkspaceClientCapabilities) {
	if caps == nil {
		return
	}
	c.workspaceSymbols = caps.Symbol != nil
	if f := caps.FileOperations; f != nil {
		c.renames = is(f.WillRename)
		c.tellsOfFiles = is(f.DidCreate) && is(f.DidRename) && is(f.DidDelete)
	}
	c.configuration, c.folders = is(caps.Configuration), is(caps.WorkspaceFolders)
	if e := caps.WorkspaceEdit; e != nil {
		c.documentChanges = is(e.DocumentChanges)
		c.changeAnnotations = c.documentChanges && e.ChangeAnnotationSupport != nil
		c.createFiles = slices.Contains(e.ResourceOperations, protocol.ResourceOperationKindCreate)
	}
	if h := caps.InlayHint; h != nil {
		c.hints.refresh = is(h.RefreshSupport)
	}
	if l := caps.CodeLens; l != nil {
		c.lensRefresh = is(l.RefreshSupport)
	}
	if d := caps.DidChangeConfiguration; d != nil {
		c.registerConfiguration = is(d.DynamicRegistration)
	}
	if d := caps.DidChangeWatchedFiles; d != nil {
		c.registerWatchers = is(d.DynamicRegistration)
	}
	if d := caps.Diagnostics; d != nil {
		c.pullRefresh = is(d.RefreshSupport)
	}
}

func is(b *bool) bool { return b != nil && *b }

// takesKind reports whether the client knows the kind of action, or a kind above it.
func (c *client) takesKind(kind string) bool {
	if len(c.actionKinds) == 0 {
		return true
	}
	return slices.ContainsFunc(c.actionKinds, func(k protocol.CodeActionKind) bool { return covers(string(k), kind) })
}

// covers reports whether a kind of action is, or is above, another one.
func covers(kind, other string) bool {
	return kind == "" || kind == other || strings.HasPrefix(other, kind+".")
}
