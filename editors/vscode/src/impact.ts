// What the server says about saving a file, in words. Nothing here knows VS Code.

/** What the server answers about saving a file. */
export interface Answer {
  /** About all builds, in a sentence; missing if there is nothing to say. */
  readonly message?: string;
  readonly impacts: readonly Impact[];
}

/** What saving a file does to the next run of one build. */
export interface Impact {
  /** Of the Dockerfile. */
  readonly uri: string;
  /** The name of the build, if it has one. */
  readonly build?: string;
  /** What builds the Dockerfile, in words, if it has several builds. */
  readonly by?: string;
  readonly message: string;
  readonly steps: number;
  readonly rebuilt: number;
  readonly depends: number;
  /** Why there is no prediction. */
  readonly error?: string;
  readonly effects: readonly Effect[];
  /** How the Dockerfile is built, if it is not as usual. */
  readonly context?: string;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly contexts?: Readonly<Record<string, string>>;
  readonly platform?: string;
}

export interface Effect {
  /** From 0. */
  readonly line: number;
  readonly endLine: number;
  readonly state: string;
  readonly reasons: readonly string[];
}

/**
 * The text of the status bar, about all builds that the file is part of; undefined if there is nothing to say. describes
 * is whether the file says how something is built: what is changed in that reruns anyway, so that it tells only what the
 * file reruns as one of the build context.
 */
export function statusText({ message, impacts }: Answer, describes = false): string | undefined {
  const known = impacts.filter((impact) => impact.error === undefined && impact.steps > 0);
  const [worst] = [...known].sort((a, b) => b.rebuilt - a.rebuilt || b.depends - a.depends);
  if (worst === undefined || (describes && worst.rebuilt + worst.depends === 0)) {
    return undefined;
  }
  if (known.length > 1 && message !== undefined) {
    return message.charAt(0).toUpperCase() + message.slice(1);
  }
  const perhaps = worst.depends > 0 ? `, perhaps ${worst.depends} more` : '';
  const others = known.length > 1 ? ` (${known.length} builds)` : worst.build === undefined ? '' : ` (${worst.build})`;
  const verb = worst.steps === 1 ? 'step reruns' : 'steps rerun';
  return `${worst.rebuilt} of ${worst.steps} ${verb} on save${perhaps}${others}`;
}

/**
 * The page about an impact, in Markdown. name is how the Dockerfile is called; lines are its lines, if it
 * can be read.
 */
export function impactPage(impact: Impact, name: string, lines: readonly string[] | undefined): string {
  const rows = impact.effects
    .filter((effect) => effect.state !== 'unreached')
    .map((effect) => {
      const instruction = lines?.[effect.line]?.trim().replace(/\s*\\$/, ' …') ?? '';
      const state = states[effect.state] ?? effect.state;
      return `| ${effect.line + 1} | ${code(instruction)} | ${state} | ${effect.reasons.map(text).join(', ')} |`;
    });
  const head = `## ${text(name)}\n\n${text(sentence(impact.message))}\n`;
  return rows.length === 0 ? head : `${head}\n| line | instruction | next build | why |\n|---:|---|---|---|\n${rows.join('\n')}\n`;
}

/**
 * How the Dockerfile is built, as options of the program. The first are the ones to try: a build that has a name goes
 * by it. The program reads what is saved, so that a build may not be there yet: then the others say how it is built.
 */
export function explainOptions(impact: Impact): string[][] {
  return impact.build === undefined ? [buildOptions(impact)] : [[`--build=${impact.build}`], buildOptions(impact)];
}

export function buildOptions({ context, target, buildArgs = {}, contexts = {}, platform }: Impact): string[] {
  return [
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...Object.entries(buildArgs).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...Object.entries(contexts).map(([name, where]) => `--build-context=${name}=${where}`),
    ...(platform === undefined ? [] : [`--platform=${platform}`]),
  ];
}

const states: Readonly<Record<string, string>> = {
  rebuilt: '**reruns**',
  depends: '**may rerun**',
  cached: 'cached',
};

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1) + '.';
}

/** Text that Markdown shows as it is. */
export function text(words: string): string {
  return words.replace(/[\\`*_{}[\]()<>#+\-.!|~&]/g, '\\$&').replace(/\s+/g, ' ');
}

/** Code within a line of a table, where a bar ends a cell even between backticks. */
function code(source: string): string {
  const longest = Math.max(0, ...[...source.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return source === '' ? '' : `${fence} ${source.replaceAll('|', '\\|')} ${fence}`;
}
