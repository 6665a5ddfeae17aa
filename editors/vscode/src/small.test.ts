import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crashes } from './crashes.ts';
import { parseRules } from './rules.ts';
import { run } from './run.ts';

test('crashes count together for three minutes', () => {
  const crashes = new Crashes();
  const minute = 60 * 1000;
  assert.deepEqual([0, 1, 2.5, 3, 10].map((time) => crashes.add(time * minute)), [1, 2, 3, 3, 1]);
  crashes.forget();
  assert.equal(crashes.add(10 * minute), 1);
});

test('the list of rules', () => {
  assert.deepEqual(parseRules('cache\n  copy-before-install warning  The sources: all of them.\nsize\n  big                 hint     Big.\n'), [
    { name: 'copy-before-install', severity: 'warning', summary: 'The sources: all of them.' },
    { name: 'big', severity: 'hint', summary: 'Big.' },
  ]);
});

test('a program that is run', async () => {
  assert.equal(await run('sh', ['-c', 'printf "%s" "$0"', 'a b']), 'a b');
  await assert.rejects(run('sh', ['-c', 'echo layerwise: Dockerfile is missing >&2; exit 2']), /^Error: Dockerfile is missing$/);
  await assert.rejects(run('/nowhere/layerwise', []), /ENOENT/);
});
