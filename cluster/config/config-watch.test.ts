import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../tests/kit/wait.ts';
import { type ConfigWatch, watchConfig } from './config-watch.ts';

const EVERY_MS = 10;
let folder = '';
let watch: ConfigWatch | null = null;
let changes = 0;
let looks = 0;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-watch-'));
  changes = 0;
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function begin(...files: string[]): Promise<void> {
  watchFiles(() => files);
  await looked();
  expect(changes).toBe(0);
}

function watchFiles(files: () => readonly string[]): void {
  watch = watchConfig(
    () => {
      looks += 1;
      return files();
    },
    () => (changes += 1),
    EVERY_MS,
  );
}

/** It has looked at all files from now on, more than once. */
async function looked(): Promise<void> {
  const before = looks;
  await waitUntil(() => looks > before + 3, 'looks at the files');
}

async function noticed(): Promise<void> {
  await waitUntil(() => changes > 0, 'a change to be noticed');
  expect(changes).toBe(1);
}

describe('config watch', () => {
  it('notices a file that was written in place', async () => {
    const file = path.join(folder, 'headgate.yaml');
    writeFileSync(file, 'a');
    await begin(file);
    writeFileSync(file, 'bb');
    await noticed();
  });

  it('notices a file that was replaced by another of the same size', async () => {
    const file = path.join(folder, 'headgate.yaml');
    writeFileSync(file, 'a');
    await begin(file);
    writeFileSync(`${file}.new`, 'b');
    renameSync(`${file}.new`, file);
    await noticed();
  });

  it('notices when a folder link on the way is swapped, as Kubernetes does with mounted config maps', async () => {
    for (const version of ['v1', 'v2']) {
      mkdirSync(path.join(folder, version));
      writeFileSync(path.join(folder, version, 'headgate.yaml'), version);
    }
    symlinkSync('v1', path.join(folder, '..data'));
    symlinkSync('..data/headgate.yaml', path.join(folder, 'headgate.yaml'));
    await begin(path.join(folder, 'headgate.yaml'));
    symlinkSync('v2', path.join(folder, '..tmp'));
    renameSync(path.join(folder, '..tmp'), path.join(folder, '..data'));
    await noticed();
  });

  it('notices a file that goes and one that comes', async () => {
    const file = path.join(folder, 'headgate.yaml');
    await begin(file);
    writeFileSync(file, 'a');
    await noticed();
    changes = 0;
    rmSync(file);
    await noticed();
  });

  it('notices any of several files, and those that change together once', async () => {
    const files = ['headgate.yaml', 'key', 'ca.pem'].map((name) => path.join(folder, name));
    for (const file of files) writeFileSync(file, 'a');
    await begin(...files);
    writeFileSync(files[2]!, 'b');
    await noticed();
    changes = 0;
    writeFileSync(files[0]!, 'cc');
    writeFileSync(files[1]!, 'cc');
    await noticed();
    await looked();
    expect(changes).toBe(1);
  });

  it('does not take a file that is watched from now on for one that changed', async () => {
    const files = ['headgate.yaml', 'key'].map((name) => path.join(folder, name));
    for (const file of files) writeFileSync(file, 'a');
    const watched = [files[0]!];
    watchFiles(() => watched);
    await looked();
    watched.push(files[1]!);
    await looked();
    expect(changes).toBe(0);
    writeFileSync(files[1]!, 'b');
    await noticed();
  });

  it('notices a file of the same size whose time was set back', async () => {
    const file = path.join(folder, 'key');
    writeFileSync(file, 'a');
    utimesSync(file, 1, 1);
    await begin(file);
    writeFileSync(file, 'b');
    utimesSync(file, 1, 1);
    await noticed();
  });

  it('waits until a file that keeps changing is left alone', async () => {
    const file = path.join(folder, 'headgate.yaml');
    writeFileSync(file, 'a');
    let size = 0;
    watchFiles(() => {
      // Each look sees another size while this lasts.
      if (size < 20) writeFileSync(file, 'a'.repeat(++size));
      return [file];
    });
    await waitUntil(() => size === 20, 'twenty looks');
    expect(changes).toBe(0);
    await noticed();
  });
});
