// scripts/start in a checkout of its own: it runs what the files say now, whatever it built before.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../../kit/program.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-checkout-'));
const made = path.join(folder, '.cache/build/made');

beforeAll(() => {
  for (const part of [
    'src',
    'workers',
    'cluster',
    'gatehouse',
    'scripts',
    'package.json',
    'package-lock.json',
  ])
    cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const env = { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}` };
  const ran = spawnSync('sh', [path.join(folder, 'scripts', name), ...args], { env, encoding: 'utf8' });
  return { status: ran.status, out: ran.stdout, err: ran.stderr };
}

/** `headgate start --version`: everything scripts/start does, and no gateway. */
const start = () => script('start', '--version');

const cli = path.join(folder, 'cluster/cli.ts');
const shout = (word: string): void => appendFileSync(cli, `process.stdout.write('${word}\\n');\n`);

it('builds once, and again when a file was edited, replaced by an older one, or removed', () => {
  const source = readFileSync(cli, 'utf8');
  expect(start()).toMatchObject({ status: 0, err: '' });
  const first = statSync(made).mtimeMs;
  expect(start().out).toMatch(/^headgate \d/);
  expect(statSync(made).mtimeMs).toBe(first);

  shout('edited');
  expect(start().out).toContain('edited');

  // As an archive or `cp -p` leaves it: the content is new, its time is not.
  writeFileSync(cli, source);
  utimesSync(cli, 1_000_000_000, 1_000_000_000);
  expect(start().out).not.toContain('edited');

  const other = path.join(folder, 'cluster/crew/backoff.ts');
  renameSync(other, path.join(folder, 'backoff.kept'));
  start();
  expect(existsSync(path.join(folder, '.cache/build/cluster/backoff.js'))).toBe(false);
  renameSync(path.join(folder, 'backoff.kept'), other);
});

/** A start that ends at once, behind the bundle. */
const begin = () => script('start', '--port', 'none');

it('bundles for a start, once for a build', () => {
  const current = path.join(folder, '.cache/build/quick/current');
  start();
  expect(existsSync(current)).toBe(false);
  expect(begin().status).toBe(2);
  const { mtimeMs } = statSync(current);
  expect(existsSync(path.join(path.dirname(current), readFileSync(current, 'utf8'), 'primary.cjs'))).toBe(
    true,
  );
  expect(begin().status).toBe(2);
  expect(statSync(current).mtimeMs).toBe(mtimeMs);
  // Another one's is there already, as where two start at a time.
  utimesSync(made, new Date(), new Date());
  const { status, err } = begin();
  expect({ status, err }).toEqual({
    status: 2,
    err: expect.not.stringContaining('could not bundle') as string,
  });
  expect(statSync(current).mtimeMs).toBeGreaterThan(mtimeMs);
  expect(readdirSync(path.join(folder, '.cache/build/quick')).sort()).toEqual(
    [readFileSync(current, 'utf8'), 'current'].sort(),
  );
});

it('runs the modules where it cannot bundle', () => {
  const quick = path.join(folder, '.cache/build/quick');
  rmSync(quick, { recursive: true, force: true });
  writeFileSync(quick, 'in the way');
  const { status, err } = begin();
  rmSync(quick);
  expect(status).toBe(2);
  expect(err).toMatch(/could not bundle into \.cache\/build \(Error: .*\): running the modules/);
  expect(err).toContain('--port needs a number');
});

it('runs every command of the help by scripts/headgate', () => {
  const help = script('headgate', '--help');
  expect(help).toMatchObject({ status: 0, err: '' });
  expect(help.out).toContain('scripts/headgate');
  expect(script('headgate', 'check').out).toContain('The configuration is valid.');
  expect(script('headgate', 'models').out).toContain('→');
  expect(script('headgate', 'schema').out).toContain('"$schema"');
  expect(script('headgate', 'version').out).toMatch(/^headgate \d/);
  expect(script('headgate', 'chekc')).toMatchObject({
    status: 2,
    err: expect.stringContaining('`check`') as string,
  });
});

it('runs the sources themselves where it cannot build', () => {
  rmSync(path.join(folder, '.cache/build'), { recursive: true, force: true });
  writeFileSync(path.join(folder, '.cache/build'), 'in the way');
  const { status, out, err } = start();
  expect({ status, out }).toEqual({ status: 0, out: expect.stringMatching(/^headgate \d/) as string });
  expect(err).toContain('running the sources');
});
