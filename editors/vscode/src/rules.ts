/** A rule, as the command layerwise rules lists it. */
export interface Rule {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
}

/** Reads the list of rules: a line without blanks before it names a family. */
export function parseRules(list: string): Rule[] {
  return [...list.matchAll(/^ {2}(\S+) +(\S+) +(.*)$/gm)].map(([, name = '', severity = '', summary = '']) => ({
    name,
    severity,
    summary,
  }));
}
