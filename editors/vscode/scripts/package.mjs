// Makes a VSIX for one platform, with the server's program inside: node scripts/package.mjs [TARGET]
// TARGET is one of VS Code's names, such as linux-x64 or win32-arm64; without one, this machine's.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import * as esbuild from 'esbuild';
import { createVSIX } from '@vscode/vsce';

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const root = path.dirname(path.dirname(here));
const target = process.argv[2] ?? `${process.platform}-${process.arch}`;
const { goos, goarch } = platform(target);
const stage = path.join(here, 'build', target);
const vsix = path.join(here, 'build', `layerwise-${target}.vsix`);

// Only what is put on the stage is packed.
fs.rmSync(stage, { recursive: true, force: true });
fs.mkdirSync(stage, { recursive: true });
const manifest = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));
// The bundle is no module of the kind that the sources are.
const { private: _private, type: _type, scripts: _scripts, devDependencies: _devDependencies, ...shipped } = manifest;
if (!pictures(shipped.contributes)) {
  delete shipped.contributes.walkthroughs;
  shipped.files = shipped.files.filter((name) => name !== 'screenshots'); // vsce refuses what is not there
}
fs.writeFileSync(path.join(stage, 'package.json'), JSON.stringify(shipped, null, 2));
fs.copyFileSync(path.join(root, 'LICENSE'), path.join(stage, 'LICENSE'));
fs.copyFileSync(path.join(here, 'CHANGELOG.md'), path.join(stage, 'CHANGELOG.md'));
fs.writeFileSync(path.join(stage, 'README.md'), readme());
fs.writeFileSync(path.join(stage, 'icon.png'), icon());
const bundle = await esbuild.build({
  metafile: true,
  absWorkingDir: here,
  entryPoints: ['src/extension.ts'],
  outfile: path.join(stage, 'dist', 'extension.js'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  minify: true,
});
fs.copyFileSync(path.join(root, 'docs', 'layerwise.schema.json'), path.join(stage, 'dist', 'layerwise.schema.json'));
const program = path.join(stage, 'server', goos === 'windows' ? 'layerwise.exe' : 'layerwise');
go('build', '-tags=grpcnotrace', '-trimpath', '-ldflags=-s -w', '-o', program, '.');
fs.writeFileSync(path.join(stage, 'THIRD_PARTY_LICENSES.txt'), licenses([...npmPackages(bundle), ...goModules()]));
await createVSIX({
  cwd: stage,
  target,
  packagePath: vsix,
  dependencies: false,
  allowMissingRepository: true,
});

/** Runs Go for the target's platform, and returns what it prints. */
function go(...args) {
  const env = { ...process.env, CGO_ENABLED: '0', GOOS: goos, GOARCH: goarch, GOARM: '7' };
  return execFileSync('go', args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The names that Go has for one of VS Code's targets. */
function platform(target) {
  const [os, arch] = target.split('-');
  const goos = { linux: 'linux', alpine: 'linux', darwin: 'darwin', win32: 'windows' }[os];
  const goarch = { x64: 'amd64', arm64: 'arm64', armhf: 'arm' }[arch];
  if (goos === undefined || goarch === undefined) {
    throw new Error(`there is no server for ${target}`);
  }
  return { goos, goarch };
}

/** The README without its picture: VS Code shows none that do not come from the network. */
function readme() {
  return fs.readFileSync(path.join(here, 'README.md'), 'utf8').replace(/!\[.*\]\(.*\)\n\n/g, '');
}

/** Puts the pictures of the walkthrough on the stage; false if the end-to-end test has not taken them yet. */
function pictures({ walkthroughs }) {
  const names = walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.image));
  if (!names.every((name) => fs.existsSync(path.join(here, name)))) {
    console.warn('There are no screenshots, so the package has no walkthrough: make test-editors takes them.');
    return false;
  }
  names.forEach((name) => fs.cpSync(path.join(here, name), path.join(stage, name)));
  return true;
}

function icon() {
  const svg = fs.readFileSync(path.join(here, 'icon.svg'));
  return new Resvg(svg, { fitTo: { mode: 'width', value: 256 } }).render().asPng();
}

/** The npm packages that are in the bundle. */
function npmPackages({ metafile }) {
  const folders = Object.keys(metafile.inputs).map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders)].filter((folder) => folder !== undefined).map((folder) => path.join(here, folder));
}

/** The Go modules that are in the server. */
function goModules() {
  const format = '{{with .Module}}{{if not .Main}}{{.Dir}}{{end}}{{end}}';
  return [...new Set(go('list', '-deps', '-f', format, '.').split('\n'))].filter((folder) => folder !== '');
}

function licenses(folders) {
  return folders
    .map((folder) => {
      const names = fs.readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
      if (names.length === 0) {
        throw new Error(`${folder} has no licence`);
      }
      const name = folder.replace(/^.*\/(node_modules|pkg\/mod)\//, '');
      return [`==== ${name}`, ...names.map((file) => fs.readFileSync(path.join(folder, file), 'utf8'))].join('\n\n');
    })
    .join('\n\n');
}
