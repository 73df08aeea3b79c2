import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rolldown } from 'rolldown';
import { packLate } from './late-pack.ts';
import { FILES, SOURCES as BUNDLED } from './small-bundle.ts';

// Below the checkout, for its packages.
const root = path.resolve(import.meta.dirname, '..', `.cache/late-pack-${process.pid}`);
const SOURCES: Readonly<Record<string, string>> = {
  'one.ts': `
    import { shared } from './shared.ts';
    import { rmSync } from 'node:fs';
    export const before = shared;
    // As an installation in the place of its own does it.
    rmSync(__dirname, { recursive: true });
    const { say } = await import('./late.ts');
    say(before);`,
  'two.ts': `
    import { of } from './both.ts';
    import('./shared.ts').then(({ shared }) => process.stdout.write(of(shared) + '\\n'));`,
  'shared.ts': `export const shared = { times: 0 };`,
  'both.ts': `export const of = (what: object): string => JSON.stringify(what);`,
  'late.ts': `
    import { LRUCache } from 'lru-cache';
    import { of } from './both.ts';
    import { shared } from './shared.ts';
    export function say(before: object): void {
      const tell = async () => {
        shared.times += 1;
        const { later } = await import('./later.ts');
        const again = await import('./late.ts');
        const { Packr } = await import('msgpackr');
        const bad = await import('./bad.ts').catch((error) => error.message);
        const worse = await import('./bad.ts').catch((error) => error.message);
        process.stdout.write(of([before, later, again.say === say, typeof LRUCache, typeof Packr, bad, worse, __filename.endsWith('.cjs')]) + '\\n');
      };
      void tell();
    }`,
  'later.ts': `
    import { say } from './late.ts';
    export const later = typeof say;`,
  'bad.ts': `
    globalThis.count = (globalThis.count ?? 0) + 1;
    if (globalThis.count) throw new Error('bad ' + globalThis.count);
    export const nothing = 1;`,
};

/** @returns the folder of a bundle of `one` and `two` */
async function bundled(minify: boolean): Promise<string> {
  const folder = path.join(root, minify ? 'small' : 'quick');
  const made = await rolldown({
    input: {
      one: path.join(root, 'one.ts'),
      two: path.join(root, 'two.ts'),
      late: path.resolve(import.meta.dirname, '../cluster/crew/late-chunks.ts'),
    },
    ...BUNDLED,
    logLevel: 'silent',
  });
  await made.write({ dir: folder, ...FILES, minify });
  await made.close();
  packLate(folder, ['one.cjs', 'two.cjs']);
  return folder;
}

beforeAll(() => {
  mkdirSync(root, { recursive: true });
  for (const [name, text] of Object.entries(SOURCES))
    writeFileSync(
      path.join(root, name),
      name === 'one.ts' ? text.replace(/(const \{ say \}.*)/s, 'void (async () => { $1 })();') : text,
    );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it.each([false, true])('what is loaded late outlives its bundle (minified: %s)', async (minify) => {
  const folder = await bundled(minify);
  const names = readdirSync(folder).map((name) => name.replace(/-.*(?=\.cjs)/, ''));
  // What one entry loads at once and another late lies in both.
  expect(names.sort()).toEqual(['both.cjs', 'late.cjs', 'late.pack', 'one.cjs', 'shared.cjs', 'two.cjs']);
  const run = (name: string): string =>
    execFileSync(process.execPath, [path.join(folder, name)], { encoding: 'utf8' });
  expect(run('two.cjs')).toBe('{"times":0}\n');
  expect(JSON.parse(run('one.cjs'))).toEqual([
    { times: 1 },
    'function',
    true,
    'function',
    'function',
    'bad 1',
    'bad 2',
    true,
  ]);
  expect(existsSync(folder)).toBe(false);
});

it('a fault in what is loaded late names its file and line', async () => {
  const folder = await bundled(false);
  const file = path.join(folder, 'two.cjs');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/\.late\("[^"]+"\)/, '.late("absent.cjs")'));
  const { stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  expect(status).not.toBe(0);
  expect(stderr).toContain(path.join(folder, 'absent.cjs'));
});
