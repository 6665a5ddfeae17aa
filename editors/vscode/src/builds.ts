import * as vscode from 'vscode';
import type { Session } from './session.ts';
import { asFound, rows, type Choices } from './sources.ts';

const key = 'builds'; // in the state of the workspace

/** Which build of a Dockerfile counts: the user chooses, and this window remembers. */
export class Builds {
  constructor(
    private readonly session: Session,
    private readonly state: vscode.Memento,
  ) {
    session.choices = () => this.choices();
  }

  /** Lets the user choose the build of a Dockerfile: the given one, or that of the active editor. */
  async choose(dockerfile?: string): Promise<void> {
    const file = dockerfile === undefined ? vscode.window.activeTextEditor?.document.uri : vscode.Uri.parse(dockerfile, true);
    if (file === undefined) {
      void vscode.window.showInformationMessage('Layerwise: open a Dockerfile first.');
      return;
    }
    const name = vscode.workspace.asRelativePath(file);
    const builds = await this.session.builds(file);
    if (builds.length === 0) {
      void vscode.window.showInformationMessage(`Layerwise: no file of this workspace builds ${name}. Set context in .layerwise.yaml if its own folder is not the build context.`);
      return;
    }
    const uri = this.session.uri(file);
    const choices = this.choices();
    const picked = await vscode.window.showQuickPick(rows(builds, choices[uri]), { placeHolder: `Which build of ${name} counts?`, matchOnDetail: true });
    if (picked === undefined) {
      return;
    }
    const others = Object.fromEntries(Object.entries(choices).filter(([dockerfile]) => dockerfile !== uri));
    if (picked.label === asFound) {
      await this.state.update(key, others);
      await this.session.chooseBuild(uri, '');
      return;
    }
    await this.state.update(key, { ...others, [uri]: picked.label });
    await this.session.chooseBuild(uri, picked.label);
  }

  private choices(): Choices {
    return this.state.get<Choices>(key, {});
  }
}
