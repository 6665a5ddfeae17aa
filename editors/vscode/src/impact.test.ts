import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildOptions, explainOptions, impactPage, statusText, type Impact } from './impact.ts';

function impact(more: Partial<Impact>): Impact {
  return { uri: 'file:///a/Dockerfile', message: 'saving a.py reruns 4 of 7 steps', steps: 7, rebuilt: 4, depends: 0, effects: [], ...more };
}

test('the status bar', () => {
  const text = (...impacts: Impact[]) => statusText({ impacts });
  assert.equal(text(impact({})), '4 of 7 steps rerun on save');
  assert.equal(text(impact({ rebuilt: 0 })), '0 of 7 steps rerun on save');
  assert.equal(text(impact({ steps: 1, rebuilt: 1 })), '1 of 1 step reruns on save');
  assert.equal(text(impact({ depends: 2 })), '4 of 7 steps rerun on save, perhaps 2 more');
  assert.equal(text(impact({ rebuilt: 1 }), impact({})), '4 of 7 steps rerun on save (2 builds)');
});

test('the status bar names the build, or says it of all builds', () => {
  const message = 'saving package.json reruns npm ci in api and web';
  assert.equal(statusText({ message, impacts: [impact({ build: 'compose.yaml#api' })] }), '4 of 7 steps rerun on save (compose.yaml#api)');
  assert.equal(statusText({ message, impacts: [impact({}), impact({})] }), 'Saving package.json reruns npm ci in api and web');
});

test('the status bar has nothing to say without a prediction', () => {
  assert.equal(statusText({ impacts: [] }), undefined);
  assert.equal(statusText({ impacts: [impact({ error: 'line 3: unknown instruction', steps: 0, rebuilt: 0 })] }), undefined);
  assert.equal(statusText({ impacts: [impact({ steps: 0, rebuilt: 0 })] }), undefined);
});

test('the status bar does not say of what describes a build that it reruns nothing', () => {
  assert.equal(statusText({ message: 'saving Dockerfile reruns nothing', impacts: [impact({ rebuilt: 0 }), impact({ rebuilt: 0 })] }, true), undefined);
  assert.equal(statusText({ impacts: [impact({ rebuilt: 0 })] }, true), undefined);
  assert.equal(statusText({ impacts: [impact({})] }, true), '4 of 7 steps rerun on save');
});

test('the page', () => {
  const effects = [
    { line: 0, endLine: 0, state: 'unreached', reasons: [] },
    { line: 1, endLine: 1, state: 'cached', reasons: [] },
    { line: 2, endLine: 3, state: 'rebuilt', reasons: ['a_b.py changed'] },
    { line: 4, endLine: 4, state: 'depends', reasons: ['on what line 3 makes'] },
  ];
  const lines = ['FROM a', 'WORKDIR /x', 'RUN a | `b` \\', '  c', 'COPY --from=0 /x /x'];
  assert.equal(
    impactPage(impact({ effects }), 'api/Dockerfile', lines),
    [
      '## api/Dockerfile',
      '',
      'Saving a\\.py reruns 4 of 7 steps\\.',
      '',
      '| line | instruction | next build | why |',
      '|---:|---|---|---|',
      '| 2 | ` WORKDIR /x ` | cached |  |',
      '| 3 | `` RUN a \\| `b` … `` | **reruns** | a\\_b\\.py changed |',
      '| 5 | ` COPY --from=0 /x /x ` | **may rerun** | on what line 3 makes |',
      '',
    ].join('\n'),
  );
});

test('the page of a Dockerfile that cannot be read', () => {
  const effects = [{ line: 2, endLine: 3, state: 'rebuilt', reasons: [] }];
  assert.match(impactPage(impact({ effects }), 'Dockerfile', undefined), /^\| 3 \|  \| \*\*reruns\*\* \|  \|$/m);
});

test('how a Dockerfile is built', () => {
  assert.deepEqual(buildOptions(impact({})), []);
  assert.deepEqual(buildOptions(impact({ context: '/a b', target: 'test', buildArgs: { A: '1 2', B: '' } })), [
    '--context=/a b',
    '--target=test',
    '--build-arg=A=1 2',
    '--build-arg=B=',
  ]);
  assert.deepEqual(buildOptions(impact({ contexts: { base: 'docker-image://a' }, platform: 'linux/arm64' })), [
    '--build-context=base=docker-image://a',
    '--platform=linux/arm64',
  ]);
});

test('a build is explained by its name, and by how it is built if only the editor knows it', () => {
  assert.deepEqual(explainOptions(impact({ build: 'compose.yaml#api', context: '/a', target: 'prod' })), [['--build=compose.yaml#api'], ['--context=/a', '--target=prod']]);
  assert.deepEqual(explainOptions(impact({ context: '/a' })), [['--context=/a']]);
});
