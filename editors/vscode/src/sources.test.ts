import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asFound, rows } from './sources.ts';

test('the list of builds says which one counts', () => {
  assert.deepEqual(
    rows([
      { name: 'compose.yaml#api', words: 'compose.yaml, service api: context .', default: true },
      { name: 'compose.yaml#tools', words: 'compose.yaml, service tools: context api', default: false },
    ]),
    [
      { label: 'compose.yaml#api', description: 'counts now', detail: 'compose.yaml, service api: context .' },
      { label: 'compose.yaml#tools', description: '', detail: 'compose.yaml, service tools: context api' },
    ],
  );
});

test('a choice can be taken back, also of a build that is gone', () => {
  const builds = [{ name: 'compose.yaml#api', words: 'compose.yaml, service api: context .', default: true }];
  assert.deepEqual(rows(builds, 'compose.yaml#api').at(-1), { label: asFound, description: '', detail: 'the first build that is found counts' });
  assert.deepEqual(rows(builds, 'compose.yaml#gone').at(-1)?.detail, 'forget compose.yaml#gone, which is not there: the first build that is found counts');
});
