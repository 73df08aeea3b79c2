// The package as people get it: packed twice it is the same to the byte, and all that it needs is in it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSite } from '../../../scripts/docs/site.ts';
import { sbom } from '../../../scripts/sbom.ts';
import { root } from '../../kit/gateway.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-package-'));
let tarball: string;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `prepack` builds, in a folder of its own: nothing of this checkout's dist counts. @returns the tarball */
function pack(name: string): string {
  const place = path.join(folder, name);
  mkdirSync(place);
  for (const file of ['package.json', 'README.md', 'CHANGELOG.md', 'docs', 'ui/dist'])
    cpSync(path.join(root, file), path.join(place, file), { recursive: true });
  execFileSync(process.execPath, [
    path.join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    path.join(root, 'tsconfig.build.json'),
    '--outDir',
    path.join(place, 'dist'),
  ]);
  buildSite(path.join(root, 'docs'), path.join(place, 'docs/dist'));
  writeFileSync(path.join(place, 'dist/sbom.cdx.json'), sbom());
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: place });
  const { version } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8')) as {
    version: string;
  };
  return path.join(place, `headgate-${version}.tgz`);
}

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

beforeAll(() => {
  tarball = pack('one');
}, 120_000);

test('is the same to the byte when it is built and packed once more', () => {
  expect(digest(pack('two'))).toBe(digest(tarball));
}, 120_000);

test('has its page, its documentation, its prices and its list of parts inside', () => {
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n');
  for (const file of [
    'dist/cluster/cli.js',
    'dist/src/prices/builtin.json',
    'dist/sbom.cdx.json',
    'ui/dist/index.html',
    'docs/dist/index.html',
    'README.md',
  ])
    expect(files).toContain(`package/${file}`);
  expect(files.filter((file) => /\.(test|fixture)\.|node_modules|\.env$/.test(file))).toEqual([]);
});
