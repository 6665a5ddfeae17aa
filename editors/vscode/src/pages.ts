import * as vscode from 'vscode';
import { impactPage, text } from './impact.ts';
import { parseRules } from './rules.ts';
import { run } from './run.ts';
import { buildCode, type Session } from './session.ts';
import { impactUri, ruleUri, scheme } from './uris.ts';

/** The pages of rules and impacts, as read-only documents that are made when they are shown. */
export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);

  constructor(private readonly session: Session) {}

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  async provideTextDocumentContent(page: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const [, kind = '', name = ''] = page.path.split('/');
    switch (kind) {
      case 'rule':
        return this.ask(['rule', name.replace(/\.md$/, '')]);
      case 'impact':
        return this.impact(vscode.Uri.parse(page.query, true), token);
    }
    return '';
  }

  /** Opens the page of a rule: the given one, that of the finding at the cursor, or one from the list. */
  async openRule(name?: string): Promise<void> {
    const rule = name ?? ruleAtCursor() ?? (await this.pickRule());
    if (rule !== undefined) {
      await this.show(ruleUri(rule));
    }
  }

  /** Opens the page that says what saving a file reruns. */
  async openImpact(file: vscode.Uri): Promise<void> {
    await this.show(impactUri(file));
  }

  /** Runs the server's program. */
  async ask(args: readonly string[], cwd?: string): Promise<string> {
    if (this.session.program === undefined) {
      throw new Error('the program layerwise was not found');
    }
    return run(this.session.program, args, cwd);
  }

  private async show(page: vscode.Uri): Promise<void> {
    this.changed.fire(page); // it may be open from before
    await vscode.workspace.openTextDocument(page); // so that an error is told, not shown as a page
    await vscode.commands.executeCommand('vscode.open', page);
  }

  private async impact(file: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const { impacts } = await this.session.impacts(file, token);
    if (impacts.length === 0) {
      const name = text(vscode.workspace.asRelativePath(file));
      return `${name} is in no build context of a Dockerfile here: saving it reruns nothing.\n`;
    }
    const parts = await Promise.all(
      impacts.map(async (impact) => {
        const dockerfile = vscode.Uri.parse(impact.uri, true);
        const lines = await vscode.workspace.openTextDocument(dockerfile).then(
          (document) => document.getText().split(/\r?\n/),
          () => undefined,
        );
        const name = vscode.workspace.asRelativePath(dockerfile);
        return impactPage(impact, impact.by === undefined ? name : `${name}, built by ${impact.by}`, lines);
      }),
    );
    return parts.join('\n');
  }

  private async pickRule(): Promise<string | undefined> {
    const rules = parseRules(await this.ask(['rule']));
    const items = rules.map((rule) => ({ label: rule.name, description: rule.severity, detail: rule.summary }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: 'The page of which rule?', matchOnDetail: true });
    return picked?.label;
  }
}

function ruleAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  const here = vscode.languages
    .getDiagnostics(editor.document.uri)
    .find((diagnostic) => diagnostic.source === 'layerwise' && diagnostic.range.contains(editor.selection.active));
  const code = typeof here?.code === 'object' ? here.code.value : here?.code;
  return typeof code === 'string' && code !== buildCode ? code : undefined;
}
