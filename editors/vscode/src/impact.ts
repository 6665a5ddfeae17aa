// What the server says about saving a file, in words. Nothing here knows VS Code.

/** The answer to the request layerwise.impact. */
export interface ImpactResult {
  readonly impacts: readonly Impact[];
}

/** What saving a file does to the next build of one Dockerfile. */
export interface Impact {
  /** Of the Dockerfile. */
  readonly uri: string;
  readonly message: string;
  readonly steps: number;
  readonly rebuilt: number;
  readonly depends: number;
  /** Why there is no prediction. */
  readonly error?: string;
  readonly effects: readonly Effect[];
}

export interface Effect {
  /** From 0. */
  readonly line: number;
  readonly endLine: number;
  readonly state: string;
  readonly reasons: readonly string[];
}

/** The text of the status bar, about the Dockerfile that is hit most; undefined if there is nothing to say. */
export function statusText(impacts: readonly Impact[]): string | undefined {
  const known = impacts.filter((impact) => impact.error === undefined && impact.steps > 0);
  const [worst] = [...known].sort((a, b) => b.rebuilt - a.rebuilt || b.depends - a.depends);
  if (worst === undefined) {
    return undefined;
  }
  const perhaps = worst.depends > 0 ? `, and perhaps ${worst.depends} more,` : '';
  const others = known.length > 1 ? ` (${known.length} Dockerfiles)` : '';
  const verb = worst.steps === 1 ? 'step rebuilds' : 'steps rebuild';
  return `${worst.rebuilt} of ${worst.steps} ${verb}${perhaps} when you save this file${others}`;
}

/** The lines of a Dockerfile, from 0 on, or undefined if it cannot be read. */
export type Lines = readonly string[] | undefined;

/** The page about an impact, in Markdown. name is how the Dockerfile is called, and where it is. */
export function impactPage(impact: Impact, name: string, lines: Lines): string {
  const out = [`## ${text(name)}`, '', `${text(sentence(impact.message))}`, ''];
  for (const effect of impact.effects) {
    if (effect.state === 'unreached') {
      continue;
    }
    const source = lines?.slice(effect.line, effect.endLine + 1).join('\n').trimEnd();
    const why = effect.reasons.length > 0 ? `: ${effect.reasons.map(text).join(', ')}` : '';
    out.push(`**Line ${effect.line + 1}** ${states[effect.state] ?? text(effect.state)}${why}`, '');
    if (source !== undefined && effect.state !== 'cached') {
      out.push(code(source), '');
    }
  }
  return out.join('\n');
}

const states: Readonly<Record<string, string>> = {
  rebuilt: 'rebuilds',
  depends: 'depends',
  cached: 'stays cached',
};

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1) + '.';
}

/** Text that Markdown shows as it is. */
export function text(words: string): string {
  return words.replace(/[\\`*_{}[\]()<>#+\-.!|~&]/g, '\\$&').replace(/\s+/g, ' ');
}

/** A block of code, in a fence that is longer than any within. */
function code(source: string): string {
  const longest = Math.max(2, ...[...source.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}dockerfile\n${source}\n${fence}`;
}
