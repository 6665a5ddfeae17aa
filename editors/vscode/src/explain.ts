import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { buildOptions, type Impact } from './impact.ts';
import type { Pages } from './pages.ts';
import type { Session } from './session.ts';

/** Explains a Dockerfile beside the editor: a picture of its stages, and every instruction in words. */
export class Explanation implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;

  constructor(
    private readonly session: Session,
    private readonly pages: Pages,
  ) {}

  dispose(): void {
    this.panel?.dispose();
  }

  /** Explains the Dockerfile that the editor shows, or the one whose build context holds what it shows. */
  async show(editor: vscode.TextEditor): Promise<void> {
    const shown = editor.document.uri.toString();
    const { impacts } = await this.session.impacts(editor.document.uri);
    const uri = (impact: Impact) => vscode.Uri.parse(impact.uri, true);
    const impact = impacts.find((impact) => uri(impact).toString() === shown) ?? impacts[0];
    if (impact === undefined) {
      throw new Error('this file is in no build context of a Dockerfile here');
    }
    const dockerfile = uri(impact);
    const own = dockerfile.toString() === shown;
    const explain = (...options: string[]) =>
      this.pages.ask(['explain', ...buildOptions(impact), ...options, '--', dockerfile.fsPath], path.dirname(dockerfile.fsPath));
    const [picture, words] = await Promise.all([
      // The line of the cursor may be a comment's, or not be saved yet.
      explain('--format', 'svg', ...(own ? ['--line', String(editor.selection.active.line + 1)] : [])).catch(() => explain('--format', 'svg')),
      explain('--color', 'never'),
    ]);
    const panel = this.open();
    panel.title = `Explain ${vscode.workspace.asRelativePath(dockerfile)}`;
    panel.webview.html = page(own && editor.document.isDirty ? 'This is about the file as it was saved last.' : '', picture, words);
    panel.reveal(undefined, true);
  }

  private open(): vscode.WebviewPanel {
    if (this.panel === undefined) {
      this.panel = vscode.window.createWebviewPanel(
        'layerwise.explain',
        'Explain',
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        { enableScripts: false, localResourceRoots: [] },
      );
      this.panel.onDidDispose(() => (this.panel = undefined));
    }
    return this.panel;
  }
}

/** The page. The picture is an image in it, so that nothing in the picture can run or be fetched. */
function page(note: string, picture: string, words: string): string {
  const nonce = randomBytes(16).toString('hex');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}'">
<style nonce="${nonce}">
body { color: var(--vscode-editor-foreground); background: var(--vscode-editor-background); }
/* The picture is dark on white: the white gives way to the editor's own background, in dark themes after all is inverted. */
img { max-width: 100%; mix-blend-mode: multiply; }
.vscode-dark img, .vscode-high-contrast:not(.vscode-high-contrast-light) img { filter: invert(1) hue-rotate(180deg); mix-blend-mode: screen; }
pre { overflow-x: auto; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
</style>
</head>
<body>
<p>${html(note)}</p>
<img alt="The stages of the Dockerfile. The text below says the same in words." src="data:image/svg+xml;base64,${Buffer.from(picture).toString('base64')}">
<pre>${html(words)}</pre>
</body>
</html>`;
}

function html(words: string): string {
  return words.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
