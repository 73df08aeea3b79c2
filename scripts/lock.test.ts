// Row A12: what is installed is what was looked at. Every package stands in the lock file by its exact version and its digest, and
// none that the gateway runs with may run a script of its own while it is installed.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}
const read = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

describe.each(['', 'ui/'])('A12: packages of %j', (folder) => {
  const stated = read(`${folder}package.json`) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const locked = Object.entries(read(`${folder}package-lock.json`).packages as Record<string, Locked>).filter(
    ([name]) => name !== '',
  );

  it('are stated by exact versions', () => {
    const versions = [
      ...Object.values(stated.dependencies ?? {}),
      ...Object.values(stated.devDependencies ?? {}),
    ];
    expect(versions.length).toBeGreaterThan(0);
    for (const version of versions) expect(version).toMatch(/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+[\w.-]*$/);
  });

  it('are locked by a SHA-512 each, those that this kind of machine gets', () => {
    // npm writes down no digest of natives that it did not fetch itself.
    const ours = locked.filter(
      ([, { os, cpu, libc }]) =>
        libc?.includes('musl') !== true &&
        (os === undefined || os.includes(process.platform)) &&
        (cpu === undefined || cpu.includes(process.arch)),
    );
    expect(ours.length).toBeGreaterThan(10);
    const without = ours.filter(([, one]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(one.integrity ?? ''));
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it('run no script when they are installed, those the gateway runs with', () => {
    const scripted = locked.filter(([, one]) => one.dev !== true && one.hasInstallScript === true);
    // A native helper that msgpackr can do without, and that we never load (src/ipc/codec.ts).
    expect(scripted.map(([name]) => name).filter((name) => name !== 'node_modules/msgpackr-extract')).toEqual(
      [],
    );
  });
});

it('A12: nothing is installed with scripts of packages, wherever that is done', () => {
  for (const file of ['scripts/install', 'scripts/node-env.sh', 'scripts/ui', 'Dockerfile']) {
    const calls =
      readFileSync(path.join(root, file), 'utf8').match(/npm (ci|install)\b(\\\n|[^\n;&|])*/g) ?? [];
    expect(calls.length, file).toBeGreaterThan(0);
    for (const call of calls) expect(call, file).toContain('--ignore-scripts');
  }
});
