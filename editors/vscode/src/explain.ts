import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { explainOptions, type Impact } from './impact.ts';
import type { Pages } from './pages.ts';
import type { Session } from './session.ts';

/** Explains a Dockerfile beside the editor: a picture of its stages, and every instruction in words. */
export class Explanation implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  /** The file that the panel was asked for, and the Dockerfile that it explains. */
  private shown: { readonly file: vscode.Uri; readonly dockerfile: vscode.Uri } | undefined;
  private readonly saved: vscode.Disposable;

  constructor(
    private readonly session: Session,
    private readonly pages: Pages,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.saved = vscode.workspace.onDidSaveTextDocument((document) => void this.refresh(document.uri));
  }

  dispose(): void {
    this.saved.dispose();
    this.panel?.dispose();
  }

  /** Explains the Dockerfile that the editor shows, or the one whose build context holds what it shows. */
  async show(editor: vscode.TextEditor): Promise<void> {
    const { document, selection } = editor;
    await this.explain(document.uri, selection.active.line + 1, document.isDirty);
    this.panel?.reveal(undefined, true);
  }

  /** Explains anew what the panel shows, when its Dockerfile was saved. */
  private async refresh(saved: vscode.Uri): Promise<void> {
    if (this.panel === undefined || this.shown === undefined || this.shown.dockerfile.toString() !== saved.toString()) {
      return;
    }
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === saved.toString());
    try {
      await this.explain(this.shown.file, editor === undefined ? undefined : editor.selection.active.line + 1, false);
    } catch (error) {
      this.log.debug(`explain: ${String(error)}`); // nobody asked; what was shown stays
    }
  }

  private async explain(file: vscode.Uri, line: number | undefined, unsaved: boolean): Promise<void> {
    const { impacts } = await this.session.impacts(file);
    const uri = (impact: Impact) => vscode.Uri.parse(impact.uri, true);
    const impact = impacts.find((impact) => uri(impact).toString() === file.toString()) ?? impacts[0];
    if (impact === undefined) {
      throw new Error('this file is in no build context of a Dockerfile here');
    }
    const dockerfile = uri(impact);
    const own = dockerfile.toString() === file.toString();
    const [build = [], described] = explainOptions(impact);
    const ask = (how: readonly string[], options: readonly string[]) =>
      this.pages.ask(['explain', ...how, ...options, '--', dockerfile.fsPath], path.dirname(dockerfile.fsPath));
    const explain = (...options: string[]) =>
      ask(build, options).catch((error: unknown) => {
        if (described === undefined) {
          throw error;
        }
        return ask(described, options); // what builds it may not be saved yet
      });
    const [picture, words] = await Promise.all([
      // The line of the cursor may be a comment's, or not be saved yet.
      explain('--format', 'svg', ...(own && line !== undefined ? ['--line', String(line)] : [])).catch(() => explain('--format', 'svg')),
      explain('--color', 'never'),
    ]);
    const panel = this.open();
    this.shown = { file, dockerfile };
    panel.title = `Explain ${vscode.workspace.asRelativePath(dockerfile)}`;
    panel.webview.html = page(own && unsaved ? 'This is about the file as it was saved last. Save it to see it as it is now.' : '', picture, words);
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
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
${indents()}
</style>
</head>
<body>
<p>${html(note)}</p>
<img alt="The stages of the Dockerfile. The text below says the same in words." src="data:image/svg+xml;base64,${Buffer.from(picture).toString('base64')}">
<pre>${lines(words)}</pre>
</body>
</html>`;
}

const maxIndent = 40; // columns

/** The lines of the text. In a narrow panel, what a line goes on with stands below where its last column begins. */
function lines(words: string): string {
  return words
    .split('\n')
    .map((line) => {
      const columns = /^ *(?:\S+ {2,})?/.exec(line)?.[0].length ?? 0;
      return `<div class="indent-${Math.min(columns, maxIndent)}">${html(line)}\n</div>`;
    })
    .join('');
}

/** The styles of lines that go on at a column. */
function indents(): string {
  return Array.from({ length: maxIndent + 1 }, (_, n) => `.indent-${n} { padding-left: ${n}ch; text-indent: -${n}ch; }`).join('\n');
}

function html(words: string): string {
  return words.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
