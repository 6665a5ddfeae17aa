import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rows } from './sources.ts';

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
