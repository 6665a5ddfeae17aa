import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.lsp4j.*;
import org.eclipse.lsp4j.jsonrpc.json.MessageJsonHandler;
import org.eclipse.lsp4j.launch.LSPLauncher;
import org.eclipse.lsp4j.services.LanguageClient;
import org.eclipse.lsp4j.services.LanguageServer;

/**
 * Opens a project's Dockerfile as LSP4IJ does: with its template, its capabilities and its library. It
 * prints what the server says, applies the quick fix of one rule and saves the file.
 */
class Client implements LanguageClient {
    private static final Gson GSON = new MessageJsonHandler(Map.of()).getGson();
    private final JsonObject settings;
    private LanguageServer server;
    private String uri;
    private String text;
    private int version = 1;

    Client(JsonObject settings) {
        this.settings = settings;
    }

    /** The template's folder, the recorded messages of LSP4IJ, the project, and the rule to fix. */
    public static void main(String[] args) throws Exception {
        Path template = Path.of(args[0]);
        JsonObject descriptor = read(template.resolve("template.json"));
        JsonObject settings = read(template.resolve("settings.json"));
        settings.getAsJsonObject("layerwise").add("hints", JsonParser.parseString("{\"variables\": true}")); // as a user asks for hints
        JsonElement options = read(template.resolve("initializationOptions.json"));
        String command = descriptor.getAsJsonObject("programArgs").get("default").getAsString();
        String language = descriptor.getAsJsonArray("fileTypeMappings").get(0).getAsJsonObject().get("languageId").getAsString();
        InitializeParams start = recorded(Path.of(args[1]), "initialize", InitializeParams.class);
        start.setInitializationOptions(options);
        Path project = Path.of(args[2]);
        start.setProcessId((int) ProcessHandle.current().pid());
        start.setRootPath(project.toString());
        start.setRootUri(project.toUri().toString());
        start.setWorkspaceFolders(List.of(new WorkspaceFolder(project.toUri().toString(), "project")));

        Process process = new ProcessBuilder(split(command)).directory(project.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            new Client(settings).session(process, start, language, project.resolve("Dockerfile"), args[3]);
            check(process.waitFor(20, TimeUnit.SECONDS), "the server stays");
            check(process.exitValue() == 0, "the server ends with " + process.exitValue());
        } finally {
            process.destroyForcibly();
        }
        System.exit(0); // the library's threads wait for more input
    }

    private void session(Process process, InitializeParams start, String language, Path file, String rule) throws Exception {
        var launcher = LSPLauncher.createClientLauncher(this, process.getInputStream(), process.getOutputStream(), true, null); // true: what lacks a member is refused
        launcher.startListening();
        server = launcher.getRemoteProxy();
        ServerCapabilities can = await(server.initialize(start)).getCapabilities();
        check(can.getDiagnosticProvider() != null, "the server does not offer diagnostics to a client that asks for them");
        server.initialized(new InitializedParams());
        server.getWorkspaceService().didChangeConfiguration(new DidChangeConfigurationParams(settings));

        uri = file.toUri().toString();
        text = Files.readString(file);
        server.getTextDocumentService().didOpen(new DidOpenTextDocumentParams(new TextDocumentItem(uri, language, version, text)));
        Diagnostic finding = null;
        for (Diagnostic d : diagnostics(can)) {
            print("diagnostic", d.getRange(), d.getSeverity() + " " + d.getCode().getLeft() + " " + d.getCodeDescription());
            if (d.getCode().getLeft().equals(rule)) {
                finding = d;
            }
        }
        check(finding != null, "nothing is found by " + rule);

        Hover hover = await(server.getTextDocumentService().hover(new HoverParams(document(), finding.getRange().getStart())));
        print("hover", hover.getRange(), hover.getContents().getRight().getKind() + "\n" + hover.getContents().getRight().getValue());

        CodeActionContext context = new CodeActionContext(List.of(finding), List.of(CodeActionKind.QuickFix));
        context.setTriggerKind(CodeActionTriggerKind.Automatic);
        CodeAction fix = null;
        for (var action : await(server.getTextDocumentService().codeAction(new CodeActionParams(document(), finding.getRange(), context)))) {
            CodeAction a = action.getRight();
            print("action", finding.getRange(), a.getKind() + " preferred=" + a.getIsPreferred() + " " + a.getTitle());
            if (Boolean.TRUE.equals(a.getIsPreferred())) {
                fix = a;
            }
        }
        check(fix != null, "no preferred action");
        if (fix.getEdit() == null) {
            fix = await(server.getTextDocumentService().resolveCodeAction(fix));
        }
        apply(fix.getEdit());
        Files.writeString(file, text);
        server.getTextDocumentService().didSave(new DidSaveTextDocumentParams(document()));
        for (Diagnostic d : diagnostics(can)) {
            print("left", d.getRange(), d.getCode().getLeft());
        }
        features(can, file);
        server.getTextDocumentService().didClose(new DidCloseTextDocumentParams(document()));
        await(server.shutdown());
        server.exit();
    }

    /** What an item replaces: its own range or, for LSP4IJ says that it knows it, the one of the whole list. */
    private static Range rangeOf(CompletionItem item, CompletionItemDefaults shared) {
        if (item.getTextEdit() == null) {
            return shared.getEditRange().isLeft() ? shared.getEditRange().getLeft() : shared.getEditRange().getRight().getInsert();
        }
        return item.getTextEdit().isLeft() ? item.getTextEdit().getLeft().getRange() : item.getTextEdit().getRight().getInsert();
    }

    /** Asks everything about a Dockerfile that the server offers and LSP4IJ shows, each answer read by its type. */
    private void features(ServerCapabilities can, Path file) throws Exception {
        text = "ARG TAG=3.12\nFROM python:$TAG AS base\nCOPY <<EOF /etc/app.conf\n\ud83d\udc33\nEOF\nRUN --mount=type=cache,target=/cache pip install app\nFROM base\nCOPY --from= . \n";
        version++;
        server.getTextDocumentService().didChange(new DidChangeTextDocumentParams(
            new VersionedTextDocumentIdentifier(uri, version), List.of(new TextDocumentContentChangeEvent(text))));
        var about = server.getTextDocumentService();
        Position stage = new Position(6, 6);
        CompletionList list = await(about.completion(new CompletionParams(document(), new Position(7, 12)))).getRight();
        for (CompletionItem item : list.getItems()) {
            print("completion", rangeOf(item, list.getItemDefaults()), item.getLabel());
        }
        SignatureHelp help = await(about.signatureHelp(new SignatureHelpParams(document(), new Position(7, 14))));
        System.out.println("signature " + help.getSignatures().get(help.getActiveSignature()).getLabel());
        for (LocationLink link : await(about.definition(new DefinitionParams(document(), stage))).getRight()) {
            print("definition", link.getTargetSelectionRange(), "");
        }
        for (Location place : await(about.references(new ReferenceParams(document(), stage, new ReferenceContext(true))))) {
            print("reference", place.getRange(), "");
        }
        for (DocumentHighlight place : await(about.documentHighlight(new DocumentHighlightParams(document(), stage)))) {
            print("highlight", place.getRange(), place.getKind().toString());
        }
        for (var symbol : await(about.documentSymbol(new DocumentSymbolParams(document())))) {
            print("symbol", symbol.getRight().getSelectionRange(), symbol.getRight().getName());
        }
        for (FoldingRange fold : await(about.foldingRange(new FoldingRangeRequestParams(document())))) {
            System.out.println("fold " + fold.getStartLine() + "-" + fold.getEndLine());
        }
        for (SelectionRange range = await(about.selectionRange(new SelectionRangeParams(document(), List.of(stage)))).get(0); range != null; range = range.getParent()) {
            print("selection", range.getRange(), "");
        }
        List<String> types = can.getSemanticTokensProvider().getLegend().getTokenTypes();
        List<Integer> tokens = await(about.semanticTokensFull(new SemanticTokensParams(document()))).getData();
        check(tokens.size() % 5 == 0, "tokens have five numbers each");
        System.out.println("token " + types.get(tokens.get(3)));
        for (DocumentLink link : await(about.documentLink(new DocumentLinkParams(document())))) {
            print("link", link.getRange(), link.getTarget());
        }
        for (InlayHint hint : await(about.inlayHint(new InlayHintParams(document(), new Range(new Position(0, 0), new Position(8, 0)))))) {
            print("hint", new Range(hint.getPosition(), hint.getPosition()), hint.getLabel().isLeft() ? hint.getLabel().getLeft() : hint.getLabel().getRight().get(0).getValue());
        }
        System.out.println("lenses " + await(about.codeLens(new CodeLensParams(document()))));
        for (TextEdit edit : await(about.formatting(new DocumentFormattingParams(document(), new FormattingOptions(4, true))))) {
            print("format", edit.getRange(), edit.getNewText());
        }
        WorkspaceEdit rename = await(about.rename(new RenameParams(document(), stage, "builder")));
        for (var edit : rename.getDocumentChanges().get(0).getLeft().getEdits()) {
            TextEdit e = edit.getLeft();
            print("rename", e.getRange(), e.getNewText());
        }
    }

    private List<Diagnostic> diagnostics(ServerCapabilities can) throws Exception {
        DocumentDiagnosticParams params = new DocumentDiagnosticParams(document());
        params.setIdentifier(can.getDiagnosticProvider().getIdentifier());
        return await(server.getTextDocumentService().diagnostic(params)).getLeft().getItems();
    }

    /** Applies an edit of the one document from its end to its start, and tells the server of each change. */
    private void apply(WorkspaceEdit edit) {
        check(edit.getDocumentChanges().size() == 1, "the edit is not of one document");
        TextDocumentEdit change = edit.getDocumentChanges().get(0).getLeft();
        check(change.getTextDocument().getUri().equals(uri), "the edit is of " + change.getTextDocument().getUri());
        check(change.getTextDocument().getVersion() == version, "the edit is of version " + change.getTextDocument().getVersion());
        List<TextEdit> edits = new ArrayList<>();
        change.getEdits().forEach(e -> edits.add(e.getLeft()));
        edits.sort(Comparator.comparingInt((TextEdit e) -> offset(e.getRange().getStart())).reversed());
        for (TextEdit e : edits) {
            int from = offset(e.getRange().getStart());
            int to = offset(e.getRange().getEnd());
            text = text.substring(0, from) + e.getNewText() + text.substring(to);
            version++;
            var event = new TextDocumentContentChangeEvent(e.getRange(), e.getNewText());
            event.setRangeLength(to - from);
            server.getTextDocumentService().didChange(
                new DidChangeTextDocumentParams(new VersionedTextDocumentIdentifier(uri, version), List.of(event)));
        }
    }

    /** Java's strings are UTF-16, as the protocol's columns are. */
    private int offset(Position at) {
        int line = 0;
        for (int i = 0; i < at.getLine(); i++) {
            line = text.indexOf('\n', line) + 1;
        }
        return line + at.getCharacter();
    }

    private TextDocumentIdentifier document() {
        return new TextDocumentIdentifier(uri);
    }

    @Override
    public CompletableFuture<List<Object>> configuration(ConfigurationParams params) {
        List<Object> answers = new ArrayList<>();
        params.getItems().forEach(item -> answers.add(settings.get(item.getSection())));
        return CompletableFuture.completedFuture(answers);
    }

    @Override
    public CompletableFuture<Void> registerCapability(RegistrationParams params) {
        params.getRegistrations().forEach(r -> System.out.println("registered " + r.getMethod()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> refreshDiagnostics() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void publishDiagnostics(PublishDiagnosticsParams params) {
        System.out.println("unasked diagnostics " + params);
    }

    @Override
    public void showMessage(MessageParams params) {
        System.out.println("message " + params.getMessage());
    }

    @Override
    public CompletableFuture<MessageActionItem> showMessageRequest(ShowMessageRequestParams params) {
        showMessage(params);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void logMessage(MessageParams params) {
        showMessage(params);
    }

    @Override
    public void telemetryEvent(Object event) {
        System.out.println("telemetry " + event);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static void print(String what, Range range, String rest) {
        Position start = range.getStart();
        Position end = range.getEnd();
        System.out.printf("%s %d:%d-%d:%d %s%n", what, start.getLine(), start.getCharacter(), end.getLine(), end.getCharacter(), rest);
    }

    /** Splits a command line at blanks that are not quoted. */
    private static List<String> split(String command) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        for (char c : (command + " ").toCharArray()) {
            if (c == '"') {
                quoted = !quoted;
            } else if (c != ' ' || quoted) {
                word.append(c);
            } else if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
        }
        return words;
    }

    private static JsonObject read(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    /** The parameters of the first recorded message of a method. */
    private static <T> T recorded(Path file, String method, Class<T> type) throws IOException {
        JsonArray messages = read(file).getAsJsonArray("messages");
        for (JsonElement message : messages) {
            if (message.getAsJsonObject().get("method").getAsString().equals(method)) {
                return GSON.fromJson(message.getAsJsonObject().get("params"), type);
            }
        }
        throw new IOException(file + " has no " + method);
    }
}
