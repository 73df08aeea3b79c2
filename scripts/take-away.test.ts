import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { prune, takeAway, takeLeft } from './take-away.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-take-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const NAMES = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(16));

/** Five bundles, the first the oldest. */
function bundles(): string {
  const quick = mkdtempSync(path.join(root, 'quick-'));
  for (const [at, name] of NAMES.entries()) {
    mkdirSync(path.join(quick, name));
    writeFileSync(
      path.join(quick, name, 'worker.cjs'),
      `process.stdout.write('runs'); process.stdin.resume();`,
    );
    utimesSync(path.join(quick, name), 1000 + at, 1000 + at);
  }
  return quick;
}

it('of bundles the newest stay', () => {
  const quick = bundles();
  prune(quick, NAMES[4]!, 2);
  expect(readdirSync(quick).sort()).toEqual(NAMES.slice(2));
});

it.skipIf(!existsSync('/proc/self/cmdline'))(
  'a bundle that runs stays as long as it does, but for what is published',
  async () => {
    const quick = bundles();
    const child = spawn(process.execPath, [path.join(quick, NAMES[1]!, 'worker.cjs')]);
    try {
      await once(child.stdout, 'data');
      prune(quick, NAMES[4]!, 1);
      expect(readdirSync(quick).sort()).toEqual([NAMES[1], NAMES[3], NAMES[4]]);
    } finally {
      child.stdin.end();
      await once(child, 'exit');
    }
    prune(quick, NAMES[4]!, 1);
    expect(readdirSync(quick).sort()).toEqual(NAMES.slice(3));
    prune(quick, NAMES[4]!, 0);
    expect(readdirSync(quick)).toEqual([NAMES[4]]);
  },
);

it('what another puts in place while it is taken away stays whole', () => {
  const folder = path.join(root, 'small');
  for (const made of [folder, `${folder}.other`]) {
    mkdirSync(made);
    writeFileSync(path.join(made, 'main.cjs'), made);
  }
  takeAway(folder);
  renameSync(`${folder}.other`, folder);
  // It was another's already.
  expect(readdirSync(root).filter((name) => name.startsWith('small'))).toEqual(['small']);
  takeAway(folder);
  takeAway(folder);
  expect(existsSync(folder)).toBe(false);
});

it('what one of the same number left half taken away stops nobody', () => {
  const folder = path.join(root, 'again');
  for (const made of [folder, `${folder}.old.${process.pid}`]) {
    mkdirSync(made);
    writeFileSync(path.join(made, 'main.cjs'), made);
  }
  takeAway(folder);
  expect(readdirSync(root).filter((name) => name.startsWith('again'))).toEqual([]);
});

it('what those left who were ended while they built goes after an hour', () => {
  const built = mkdtempSync(path.join(root, 'built-'));
  const names = ['small.12', 'small.old.12', 'made.12', 'small', 'quick', 'cluster'];
  for (const name of names) mkdirSync(path.join(built, name));
  takeLeft(built);
  expect(readdirSync(built).sort()).toEqual([...names].sort());
  for (const name of names) utimesSync(path.join(built, name), 1000, 1000);
  takeLeft(built);
  expect(readdirSync(built).sort()).toEqual(['cluster', 'quick', 'small']);
});
