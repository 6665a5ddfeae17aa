import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Pages } from './pages.ts';
import type { Session } from './session.ts';

/** Shows the picture of a Dockerfile's stages, with what a change of the cursor's line re-runs, and every instruction explained. */
export async function explain(editor: vscode.TextEditor, session: Session, pages: Pages): Promise<void> {
  const dockerfile = await dockerfileOf(editor.document, session);
  if (dockerfile === undefined) {
    void vscode.window.showInformationMessage('Layerwise: this is no Dockerfile, and no Dockerfile that is open or above it has it in its build context.');
    return;
  }
  const own = dockerfile.toString() === editor.document.uri.toString();
  const file = dockerfile.fsPath;
  const [picture, words] = await Promise.all([
    pages.ask(['explain', '--format', 'svg', ...(own ? lineArgs(editor) : []), '--', file], path.dirname(file)).catch((error: unknown) => {
      if (!own) {
        throw error;
      } // the cursor stands in a comment or on a line that is not saved yet
      return pages.ask(['explain', '--format', 'svg', '--', file], path.dirname(file));
    }),
    pages.ask(['explain', '--color', 'never', '--', file], path.dirname(file)),
  ]);
  const name = vscode.workspace.asRelativePath(dockerfile);
  const note = own && editor.document.isDirty ? 'This is about the file as it was saved last.' : '';
  const panel = vscode.window.createWebviewPanel(
    'layerwise.explain',
    `Explain ${name}`,
    { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
    { enableScripts: false, localResourceRoots: [] },
  );
  panel.webview.html = page(note, picture, words);
}

/** The Dockerfile that the document is, or that has it in its build context. */
async function dockerfileOf(document: vscode.TextDocument, session: Session): Promise<vscode.Uri | undefined> {
  if (document.languageId === 'dockerfile') {
    return document.uri;
  }
  const source = new vscode.CancellationTokenSource();
  const impacts = (await session.impact(document.uri, source.token))?.impacts ?? [];
  return impacts[0] && vscode.Uri.parse(impacts[0].uri, true);
}

function lineArgs(editor: vscode.TextEditor): string[] {
  return ['--line', String(editor.selection.active.line + 1)];
}

/** The picture is an image, so that nothing in it can run or be fetched. */
function page(note: string, picture: string, words: string): string {
  const nonce = randomBytes(16).toString('base64');
  const image = Buffer.from(picture).toString('base64');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}'">
<style nonce="${nonce}">
img { max-width: 100%; }
pre { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); white-space: pre-wrap; }
</style>
</head>
<body>
<p>${html(note)}</p>
<img alt="The stages of the Dockerfile; the text below says the same in words" src="data:image/svg+xml;base64,${image}">
<pre>${html(words)}</pre>
</body>
</html>`;
}

function html(words: string): string {
  return words.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
