import os from 'node:os';
import * as vscode from 'vscode';
import { CloseAction, ErrorAction, ErrorCodes, LanguageClient, ResponseError, State, type Middleware } from 'vscode-languageclient/node';
import { Crashes, maxRestarts } from './crashes.ts';
import { findServer } from './find.ts';
import type { Answer } from './impact.ts';
import { sourcePatterns, type Build, type Choices } from './sources.ts';
import { ruleUri } from './uris.ts';

/** The settings that are this extension's own; the others are the server's. */
const ownSettings = ['path'];

/** The command that follows an action which edits other files than the one that it is asked for. */
const saveCommand = 'layerwise.save';

/** The command of a lens that leads to the uses of a stage. */
const referencesCommand = 'layerwise.showReferences';

/** The server as this window knows it: at most one, started, watched and started again. */
export class Session implements vscode.Disposable {
  /** The program that the last start found. */
  program: string | undefined;
  /** The builds that the user has chosen, which a new server is told. */
  choices: () => Choices = () => ({});

  private client: LanguageClient | undefined;
  private queue: Promise<void> = Promise.resolve();
  private readonly crashes = new Crashes();
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires whenever the server may have something new to say: it runs, or its findings were asked for anew. */
  readonly onChanged = this.changed.event;

  constructor(
    private readonly extension: string,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Starts the server, after stopping the one that runs. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.stop();
      this.crashes.forget();
      await this.start();
    });
  }

  /** Asks what saving a file does to the builds that it is part of. */
  impacts(file: vscode.Uri, token?: vscode.CancellationToken): Promise<Answer> {
    // A token that is undefined would count as a second parameter.
    const tokens = token === undefined ? [] : [token];
    return this.running().sendRequest<Answer>('layerwise.impact', { uri: this.uri(file) }, ...tokens);
  }

  /** The builds of a Dockerfile that files of the workspace say, the one that counts first. */
  async builds(file: vscode.Uri): Promise<readonly Build[]> {
    return (await this.running().sendRequest<{ builds: Build[] }>('layerwise.builds', { uri: this.uri(file) })).builds;
  }

  /** Makes a build the one that counts. */
  async chooseBuild(dockerfile: string, name: string): Promise<void> {
    await choose(this.running(), dockerfile, name);
    this.changed.fire();
  }

  /** How the server is told of a file. */
  uri(file: vscode.Uri): string {
    return this.running().code2ProtocolConverter.asUri(file);
  }

  private running(): LanguageClient {
    if (this.client?.state !== State.Running) {
      throw new Error('the server is not running');
    }
    return this.client;
  }

  /** Stops the server for good. */
  close(): Promise<void> {
    return this.inTurn(() => this.stop());
  }

  dispose(): void {
    this.changed.dispose();
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(work, work);
    return this.queue;
  }

  private async start(): Promise<void> {
    const found = await findServer({
      setting: vscode.workspace.getConfiguration('layerwise').get<string>('path', '').trim(),
      extension: this.extension,
      path: process.env['PATH'] ?? process.env['Path'] ?? '',
      home: os.homedir(),
      platform: process.platform,
      untrusted: vscode.workspace.isTrusted ? [] : (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    });
    if ('problem' in found) {
      this.program = undefined;
      this.failed(`Layerwise cannot start: ${found.problem}`, 'Open Settings');
      return;
    }
    this.program = found.program;
    this.log.info(`starting ${found.program}`);
    this.client = this.newClient(found.program);
    try {
      await this.client.start();
    } catch (error) {
      this.failed(`Layerwise cannot start ${found.program}: ${error instanceof Error ? error.message : String(error)}`, 'Restart', 'Show Log');
    }
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.log.debug(`stopping: ${String(error)}`); // it had stopped by itself
    }
  }

  private newClient(program: string): LanguageClient {
    let up = false;
    const client: LanguageClient = new LanguageClient(
      'layerwise',
      'Layerwise',
      { command: program, args: ['lsp', '--stdio'] },
      {
        documentSelector: [
          { scheme: 'file', language: 'dockerfile' },
          { scheme: 'untitled', language: 'dockerfile' },
          // VS Code takes these for plain text. The server leaves out what is no Dockerfile.
          { scheme: 'file', pattern: '**/{Dockerfile,Containerfile}{-,_}*' },
          { scheme: 'file', pattern: '**/{Dockerfile,Containerfile}[A-Z0-9]*' },
          { scheme: 'file', pattern: '**/*{Dockerfile,Containerfile}' },
          // Not for their own sake: unsaved changes of them count.
          { scheme: 'file', pattern: '**/.layerwise.{yaml,yml}' },
          { scheme: 'file', pattern: '**/*.dockerignore' },
          // What builds Dockerfiles.
          ...sourcePatterns.map((pattern) => ({ scheme: 'file', pattern })),
        ],
        outputChannel: this.log,
        middleware: { ...middleware(() => this.changed.fire()), sendRequest: whileUp(() => client.state) },
        initializationFailedHandler: () => false,
        errorHandler: {
          // It is in the log. A shutdown would keep the end of the server from closed, and so the server from being started again: one
          // that dies while much is sent to it has many errors before its end is known.
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            if (up) {
              this.closed(client);
            } // else start tells
            return { action: CloseAction.DoNotRestart, handled: true, message: 'The connection to the server is closed.' };
          },
        },
      },
    );
    client.registerFeature({
      fillClientCapabilities: (capabilities) => {
        const experimental: object = capabilities.experimental ?? {};
        capabilities.experimental = { ...experimental, commands: { commands: [referencesCommand] } };
      },
      initialize: () => undefined,
      getState: () => ({ kind: 'static' }),
      clear: () => undefined,
    });
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        up = true;
        this.log.info('the server is running');
        for (const [dockerfile, name] of Object.entries(this.choices())) {
          choose(client, dockerfile, name).catch((error: unknown) => this.log.debug(`build of ${dockerfile}: ${String(error)}`));
        }
        this.changed.fire();
      }
    });
    return client;
  }

  /** The server stopped, and nobody had asked it to. */
  private closed(client: LanguageClient): void {
    if (client !== this.client) {
      return; // it was replaced
    }
    this.client = undefined; // the library cleans up after it
    const crashes = this.crashes.add(Date.now());
    if (crashes > maxRestarts) {
      this.failed(`The Layerwise server stopped ${crashes} times within three minutes and is not started again.`, 'Restart', 'Show Log');
      return;
    }
    this.log.warn('the server stopped unexpectedly; starting it again');
    if (crashes === 1) {
      void this.notice(vscode.window.showWarningMessage('The Layerwise server stopped unexpectedly and is started again.', 'Show Log'));
    }
    void this.inTurn(async () => {
      await this.stop(); // the user may have started another one meanwhile
      await this.start();
    });
  }

  private failed(message: string, ...buttons: string[]): void {
    this.log.error(message);
    void this.notice(vscode.window.showErrorMessage(message, ...buttons));
  }

  private async notice(message: Thenable<string | undefined>): Promise<void> {
    switch (await message) {
      case 'Open Settings':
        await openSetting('layerwise.path');
        break;
      case 'Restart':
        await this.restart();
        break;
      case 'Show Log':
        this.log.show();
        break;
    }
  }
}

/** Opens a setting of the machine: on a remote one, it is not among the user's. */
async function openSetting(name: string): Promise<void> {
  if (vscode.env.remoteName === undefined) {
    await vscode.commands.executeCommand('workbench.action.openSettings', name);
  } else {
    await vscode.commands.executeCommand('workbench.action.openRemoteSettings', { query: name });
  }
}

/** Has a server make a build the one that counts. */
async function choose(client: LanguageClient, dockerfile: string, name: string): Promise<void> {
  await client.sendRequest('workspace/executeCommand', { command: 'layerwise.chooseBuild', arguments: [dockerfile, name] });
}

/**
 * Keeps requests from a server that is being stopped. The library asks whether it is only before it waits for other things, such as
 * documents that are to be opened first: a request that got past would come after the shutdown, and be refused, which the log calls an
 * error. With this code the library takes it as one that nobody waits for any more.
 */
function whileUp(state: () => State): NonNullable<Middleware['sendRequest']> {
  return async (type, param, token, next) => {
    if (state() === State.Stopped) {
      throw new ResponseError(ErrorCodes.ConnectionInactive, 'the server is being stopped');
    }
    return next(type, param, token);
  };
}

function middleware(asked: () => void): Middleware {
  return {
    workspace: {
      configuration: async (params, token, next) => {
        const sections = await next(params, token);
        return Array.isArray(sections) ? sections.map(serverSettings) : sections;
      },
      // The server then asks for what it needs, Dockerfile by Dockerfile.
      didChangeConfiguration: (_sections, next) => next(undefined),
    },
    provideCodeLenses: async (document, token, next) => {
      const lenses = await next(document, token);
      for (const { command } of lenses ?? []) {
        if (command?.command === 'layerwise.chooseBuild') {
          command.command = 'layerwise.pickBuild'; // which shows a list, and remembers
        }
      }
      return lenses;
    },
    provideDiagnostics: async (document, previous, token, next) => {
      const report = await next(document, previous, token);
      asked();
      if (report?.kind === 'full') {
        report.items.forEach(link);
      }
      return report;
    },
    provideWorkspaceDiagnostics: (previous, token, report, next) =>
      next(previous, token, (chunk) => {
        for (const item of chunk?.items ?? []) {
          if (item.kind === 'full') {
            item.items.forEach(link);
          }
        }
        report(chunk);
      }),
    provideCompletionItem: async (document, position, context, token, next) => {
      const list = await next(document, position, context, token);
      (Array.isArray(list) ? list : (list?.items ?? [])).forEach(goOn);
      return list;
    },
    provideCodeActions: async (document, range, context, token, next) => {
      const actions = await next(document, range, context, token);
      actions?.forEach((action) => saveOthers(document, action));
      return actions;
    },
  };
}

/** Has the next list opened when an item was taken behind which something follows: a folder, a flag with a value. */
function goOn(item: vscode.CompletionItem): void {
  if (typeof item.insertText === 'string' && /[=/ ]$/.test(item.insertText)) {
    item.command ??= { command: 'editor.action.triggerSuggest', title: 'Suggest' };
  }
}

/**
 * Has the other files that an action edits saved after it, such as .dockerignore: nobody looks at them, and
 * a build reads what is saved. One with unsaved changes of the user's own is left to them.
 */
function saveOthers(document: vscode.TextDocument, action: vscode.Command | vscode.CodeAction): void {
  if (!('edit' in action) || action.edit === undefined || action.command !== undefined) {
    return;
  }
  const changed = new Set(vscode.workspace.textDocuments.filter((other) => other.isDirty).map((other) => other.uri.toString()));
  changed.add(document.uri.toString());
  const others = action.edit.entries().map(([uri]) => uri.toString()).filter((uri) => !changed.has(uri));
  if (others.length > 0) {
    action.command = { title: 'Save', command: saveCommand, arguments: others };
  }
}

/** Saves documents, by their URIs. */
export async function save(...uris: string[]): Promise<void> {
  for (const uri of uris) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
    await document.save();
  }
}

/** Shows places that use something, as the server gives them. */
export async function showReferences(uri: string, position: Place, locations: { uri: string; range: { start: Place; end: Place } }[]): Promise<void> {
  const at = ({ line, character }: Place) => new vscode.Position(line, character);
  await vscode.commands.executeCommand(
    'editor.action.showReferences',
    vscode.Uri.parse(uri, true),
    at(position),
    locations.map((l) => new vscode.Location(vscode.Uri.parse(l.uri, true), new vscode.Range(at(l.range.start), at(l.range.end)))),
  );
}

interface Place {
  readonly line: number;
  readonly character: number;
}

/** The settings without this extension's own, which the server would take for misspelt ones. */
function serverSettings(section: unknown): unknown {
  if (typeof section !== 'object' || section === null) {
    return section;
  }
  return Object.fromEntries(Object.entries(section).filter(([name]) => !ownSettings.includes(name)));
}

/** The code of what is told of files that build Dockerfiles: it is no rule's. */
export const buildCode = 'build';

/** Makes the name of a diagnostic's rule a link to the rule's page, which this extension shows; the server's link is a file. */
function link(diagnostic: vscode.Diagnostic): void {
  const rule = typeof diagnostic.code === 'object' ? diagnostic.code.value : diagnostic.code;
  if (typeof rule === 'string' && rule !== buildCode) {
    diagnostic.code = { value: rule, target: ruleUri(rule) };
  }
}
