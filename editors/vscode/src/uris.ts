import * as vscode from 'vscode';

// The pages of this extension are documents of their own scheme. The manifest has VS Code show them as
// Markdown, not as text.

export const scheme = 'layerwise';

/** The page of a rule. */
export function ruleUri(name: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/rule/${name}.md` });
}

/** The page about what saving a file does. */
export function impactUri(file: vscode.Uri): vscode.Uri {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return vscode.Uri.from({ scheme, path: `/impact/Impact of ${name}.md`, query: file.toString() });
}
