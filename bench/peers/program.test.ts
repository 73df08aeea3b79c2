import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileOf, findProgram, locate, npmVersion, type Whereabouts } from './program.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-program-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const script = (name: string, text: string, mode = 0o755): string => {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, mode);
  return file;
};
const where = (more: Partial<Whereabouts> = {}): Whereabouts => ({
  variable: 'GATE',
  names: ['gate'],
  hint: 'build one',
  env: { PATH: folder },
  ...more,
});
const VERSION = { args: ['--version'], pattern: /gate (\S+)/ };

it('a program named by its variable wins over the one on PATH', () => {
  script('gate', '');
  const named = script('other', '');
  expect(locate(where({ env: { PATH: folder, GATE: named } }))).toEqual({ file: named });
});

it('a named program that is not there is said and not replaced by another', () => {
  script('gate', '');
  expect(locate(where({ env: { PATH: folder, GATE: '/nowhere/gate' } }))).toEqual({
    missing: 'GATE names /nowhere/gate, which is not there',
  });
});

it('a program on PATH is found, and a file there that cannot be run is not', () => {
  const file = script('gate', '', 0o644);
  expect(locate(where())).toHaveProperty('missing');
  chmodSync(file, 0o755);
  expect(locate(where())).toEqual({ file });
});

it('the other places are looked at last, and the reason says how to get one', () => {
  const kept = join(folder, 'kept.js');
  expect(locate(where({ files: [kept] }))).toEqual({ missing: 'not on this machine; build one' });
  expect(() => fileOf(where({ files: [kept] }))).toThrow('build one');
  writeFileSync(kept, '');
  expect(fileOf(where({ files: [kept] }))).toBe(kept);
});

it('the version is read from both channels, whatever the exit code', async () => {
  script('gate', 'echo "gate 1.2.3 (linux)" >&2; exit 2');
  expect(await findProgram(where(), VERSION)).toEqual({ version: '1.2.3' });
});

it('a program that says no version is still one', async () => {
  script('gate', 'echo hello');
  expect(await findProgram(where(), VERSION)).toEqual({ version: 'version unknown' });
});

it('a file that is no program is a reason, not an exception', async () => {
  const file = join(folder, 'gate.txt');
  writeFileSync(file, 'not a program');
  expect(await findProgram(where({ env: { GATE: file } }), VERSION)).toEqual({
    missing: `${file} does not run`,
  });
});

it('an npm version is that of the package and not of another on the way up', () => {
  const build = join(folder, 'build');
  mkdirSync(build);
  writeFileSync(join(folder, 'package.json'), '{"name":"gate","version":"4.5.6"}');
  writeFileSync(join(build, 'package.json'), '{"type":"module"}');
  expect(npmVersion(join(build, 'start.js'), 'gate')).toBe('4.5.6');
  expect(npmVersion(join(build, 'start.js'), 'fence')).toBeNull();
});
