// The extension: it finds the server, starts it, and shows what only an editor can. All that is known
// about Dockerfiles is in the server.
import * as vscode from 'vscode';
import { Builds } from './builds.ts';
import { Explanation } from './explain.ts';
import { Pages } from './pages.ts';
import { save, Session, showReferences } from './session.ts';
import { StatusBar } from './statusbar.ts';

let session: Session | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel('Layerwise', { log: true });
  const server = (session = new Session(context.extensionPath, log));
  const builds = new Builds(server, context.workspaceState);
  const pages = new Pages(server);
  const explanation = new Explanation(server, pages, log);
  const command = (name: string, action: (...args: never[]) => Promise<void> | void) =>
    vscode.commands.registerCommand(`layerwise.${name}`, async (...args: never[]) => {
      try {
        await action(...args);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        log.error(`${name}: ${message}`);
        void vscode.window.showErrorMessage(`Layerwise: ${message}`);
      }
    });
  context.subscriptions.push(
    log,
    server,
    pages,
    explanation,
    new StatusBar(server, log),
    command('restart', () => server.restart()),
    command('showLog', () => log.show()),
    command('explain', () => withEditor((editor) => explanation.show(editor))),
    command('showImpact', () => withEditor((editor) => pages.openImpact(editor.document.uri))),
    command('pickBuild', (dockerfile?: string) => builds.choose(dockerfile)),
    command('save', (...uris: string[]) => save(...uris)),
    command('showReferences', showReferences),
    command('openRulePage', (rule?: string) => pages.openRule(rule)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('layerwise.path')) {
        void server.restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
  );
  await server.restart();
}

export async function deactivate(): Promise<void> {
  await session?.close();
}

async function withEditor(action: (editor: vscode.TextEditor) => Promise<void>): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.uri.scheme !== 'file') {
    void vscode.window.showInformationMessage('Layerwise: open a file first.');
    return;
  }
  await action(editor);
}
