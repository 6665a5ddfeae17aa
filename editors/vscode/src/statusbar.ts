import * as vscode from 'vscode';
import { statusText, type Answer } from './impact.ts';
import type { Session } from './session.ts';

const delay = 250; // milliseconds that nothing happens before the server is asked

/** Whether a document describes how something is built. */
function describes({ languageId, uri }: vscode.TextDocument): boolean {
  return languageId === 'dockerfile' || /((Docker|Container)file[^/]*|\.dockerignore|\.layerwise\.ya?ml|compose[^/]*\.ya?ml|bake[^/]*\.(hcl|json))$/.test(uri.path);
}

/** Shows what saving the file in the active editor reruns. */
export class StatusBar implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly disposables: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private asking: vscode.CancellationTokenSource | undefined;

  constructor(
    private readonly session: Session,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.item = vscode.window.createStatusBarItem('layerwise.impact', vscode.StatusBarAlignment.Left, -10);
    this.item.name = 'Layerwise: impact of saving';
    this.item.command = 'layerwise.showImpact';
    const soon = () => this.schedule();
    this.disposables = [
      this.item,
      session.onChanged(soon),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.item.hide(); // what it says is about another file
        this.schedule();
      }),
      vscode.workspace.onDidSaveTextDocument(soon),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        // Unsaved changes count in what describes the build, not in what it copies.
        if (describes(document)) {
          this.schedule();
        }
      }),
    ];
    this.schedule();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.asking?.cancel();
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.asking?.cancel();
    this.timer = setTimeout(() => void this.update(), delay);
  }

  private async update(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    const file = document?.uri;
    if (document === undefined || file?.scheme !== 'file') {
      this.item.hide();
      return;
    }
    const asking = new vscode.CancellationTokenSource();
    this.asking = asking;
    let answer: Answer = { impacts: [] };
    try {
      answer = await this.session.impacts(file, asking.token);
    } catch (error) {
      this.log.debug(`impact: ${String(error)}`); // cancelled, not running, or too old to know the request
    }
    if (asking.token.isCancellationRequested) {
      return; // a later one shows what is right
    }
    const text = statusText(answer, describes(document));
    if (text === undefined) {
      this.item.hide();
      return;
    }
    this.item.text = `$(layers) ${text}`;
    this.item.tooltip = answer.impacts
      .map(({ uri, by, message }) => `${by ?? vscode.workspace.asRelativePath(vscode.Uri.parse(uri))}: ${message}`)
      .join('\n');
    this.item.show();
  }
}
