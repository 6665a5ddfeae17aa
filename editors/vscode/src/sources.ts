// The files that may say how Dockerfiles are built. Nothing here knows VS Code.

/** Their names: those of Patterns in build/sources, as a test compares. */
export const sourcePatterns: readonly string[] = [
  '**/*{compose,Compose,COMPOSE}*.{yaml,yml}',
  '**/*bake*.{hcl,json}',
  '**/.{github,forgejo,gitea}/workflows/*.{yaml,yml}',
  '**/action.{yaml,yml}',
  '**/*.gitlab-ci.yml',
  '**/.circleci/*.{yaml,yml}',
  '**/.{woodpecker,drone}.{yaml,yml}',
  '**/.woodpecker/**/*.{yaml,yml}',
  '**/*azure-pipelines*.{yaml,yml}',
  '**/.azure/*.{yaml,yml}',
  '**/cloudbuild*.{yaml,yml,json}',
  '**/*[Bb]uild*.{yaml,yml}',
  '**/{Jenkinsfile,Jenkinsfile.*,*.jenkinsfile,*.Jenkinsfile}',
  '**/{Makefile,makefile,GNUmakefile,Makefile.*,*.mk}',
  '**/{justfile,Justfile,.justfile,*.just}',
  '**/*[Tt]askfile*.{yaml,yml}',
  '**/{tasks,taskfiles,.taskfiles,.task}/*.{yaml,yml}',
  '**/*.{sh,bash}',
  '**/package.json',
  '**/skaffold*.{yaml,yml}',
  '**/Tiltfile',
  '**/{devcontainer,.devcontainer}.json',
  '**/*goreleaser*.{yaml,yml}',
];

/** A build of a Dockerfile, as the server answers layerwise.builds. */
export interface Build {
  /** What the server calls it: compose.yaml#api. */
  readonly name: string;
  /** What builds it, for people. */
  readonly words: string;
  readonly default: boolean;
}

/** The builds that were chosen, by the Dockerfile's URI. */
export type Choices = Readonly<Record<string, string>>;

/** A row of the list of builds. */
export interface Row {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** The row that takes a choice back. */
export const asFound = 'No choice';

/** The list of builds: the one that counts now comes first. Where one was chosen, the last row takes that back. */
export function rows(builds: readonly Build[], chosen?: string): Row[] {
  const list = builds.map(({ name, words, default: now }) => ({ label: name, description: now ? 'counts now' : '', detail: words }));
  if (chosen === undefined) {
    return list;
  }
  const gone = builds.every(({ name }) => name !== chosen);
  const detail = gone ? `forget ${chosen}, which is not there: the first build that is found counts` : 'the first build that is found counts';
  return [...list, { label: asFound, description: '', detail }];
}
