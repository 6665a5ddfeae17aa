import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crashes } from './crashes.ts';
import { parseRules } from './rules.ts';
import { run } from './run.ts';

test('too many crashes in a short time are not followed by another start', () => {
  const crashes = new Crashes();
  for (let i = 0; i < Crashes.restarts; i++) {
    assert.equal(crashes.mayRestart(i), true);
  }
  assert.equal(crashes.mayRestart(Crashes.restarts), false);
  assert.equal(crashes.mayRestart(Crashes.restarts + Crashes.period), true, 'they are long ago');
  for (let i = 0; i <= Crashes.restarts; i++) {
    crashes.mayRestart(i);
  }
  crashes.forget();
  assert.equal(crashes.mayRestart(0), true);
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
