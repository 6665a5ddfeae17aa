import assert from 'node:assert/strict';
import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { findServer, type Places } from './find.ts';

/** A folder with programs in it, by their relative paths; false are files that are none. */
async function folder(t: TestContext, files: Record<string, boolean>): Promise<string> {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'find-'));
  t.after(() => fs.rm(dir, { recursive: true }));
  for (const [name, executable] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await fs.writeFile(path.join(dir, name), '', { mode: executable ? 0o755 : 0o644 });
  }
  return dir;
}

function places(dir: string, more: Partial<Places>): Places {
  const joined = ['first', 'second'].map((name) => path.join(dir, name)).join(path.delimiter);
  return { setting: '', extension: path.join(dir, 'extension'), path: joined, home: dir, platform: 'linux', untrusted: [], ...more };
}

test('the setting comes before the bundled server, and that before the PATH', async (t) => {
  const dir = await folder(t, { 'mine/lw': true, 'extension/server/layerwise': true, 'second/layerwise': true });
  assert.deepEqual(await findServer(places(dir, { setting: path.join(dir, 'mine/lw') })), { program: path.join(dir, 'mine/lw') });
  assert.deepEqual(await findServer(places(dir, { setting: '~/mine/lw' })), { program: path.join(dir, 'mine/lw') });
  assert.deepEqual(await findServer(places(dir, {})), { program: path.join(dir, 'extension/server/layerwise') });
  assert.deepEqual(await findServer(places(dir, { extension: path.join(dir, 'none') })), { program: path.join(dir, 'second/layerwise') });
});

test('a setting that leads nowhere is told', async (t) => {
  const dir = await folder(t, { 'text': false, 'extension/server/layerwise': true });
  for (const setting of [path.join(dir, 'missing'), path.join(dir, 'text'), dir, 'layerwise']) {
    const found = await findServer(places(dir, { setting }));
    assert.ok('problem' in found && found.problem.includes(setting), JSON.stringify(found));
  }
});

test('a bundled server that lost its bit gets it back', async (t) => {
  const dir = await folder(t, { 'extension/server/layerwise': false });
  assert.deepEqual(await findServer(places(dir, {})), { program: path.join(dir, 'extension/server/layerwise') });
});

test('relative folders of the PATH and files that are no programs are passed over', async (t) => {
  const dir = await folder(t, { 'first/layerwise': false, 'second/layerwise': true, 'here/layerwise': true });
  const cwd = process.cwd();
  t.after(() => process.chdir(cwd));
  process.chdir(path.join(dir, 'here'));
  const found = await findServer(places(dir, { path: ['', '.', path.join(dir, 'first'), path.join(dir, 'second')].join(path.delimiter) }));
  assert.deepEqual(found, { program: path.join(dir, 'second/layerwise') });
});

test('nothing is started from a workspace that is not trusted', async (t) => {
  const dir = await folder(t, { 'work/bin/layerwise': true, 'second/layerwise': true, 'workshop/layerwise': true });
  await fs.symlink(path.join(dir, 'work/bin'), path.join(dir, 'link'));
  await fs.symlink(path.join(dir, 'work'), path.join(dir, 'alias'));
  for (const untrusted of [['work'], ['alias']].map(([name = '']) => [path.join(dir, name)])) {
    for (const first of ['work/bin', 'link']) {
      const found = await findServer(places(dir, { untrusted, path: [first, 'second'].map((name) => path.join(dir, name)).join(path.delimiter) }));
      assert.deepEqual(found, { program: path.join(dir, 'second/layerwise') });
      const set = await findServer(places(dir, { untrusted, setting: path.join(dir, first, 'layerwise') }));
      assert.ok('problem' in set && set.problem.includes('not trusted'), JSON.stringify(set));
    }
  }
  const beside = await findServer(places(dir, { untrusted: [path.join(dir, 'work')], path: path.join(dir, 'workshop') }));
  assert.deepEqual(beside, { program: path.join(dir, 'workshop/layerwise') });
});

test('on Windows the program has another name', async (t) => {
  const dir = await folder(t, { 'second/layerwise': true, 'first/layerwise.exe': true });
  assert.deepEqual(await findServer(places(dir, { platform: 'win32' })), { program: path.join(dir, 'first/layerwise.exe') });
});

test('where no server is, the message says what to do', async (t) => {
  const dir = await folder(t, {});
  const found = await findServer(places(dir, {}));
  assert.ok('problem' in found && found.problem.includes('set layerwise.path'), JSON.stringify(found));
});
