import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigWatch, watchConfig } from './config-watch.ts';

const EVERY_MS = 10;
let folder = '';
let watch: ConfigWatch | null = null;
let changes = 0;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-watch-'));
  changes = 0;
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function begin(file: string): Promise<void> {
  watch = watchConfig(file, () => (changes += 1), EVERY_MS);
  await sleep(10 * EVERY_MS);
  expect(changes).toBe(0);
}

async function noticed(): Promise<void> {
  const giveUpAt = performance.now() + 5_000;
  while (changes === 0 && performance.now() < giveUpAt) await sleep(EVERY_MS);
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

  it('waits until a file that keeps changing is left alone', async () => {
    const file = path.join(folder, 'headgate.yaml');
    writeFileSync(file, 'a');
    await begin(file);
    // Each look sees another size, so no two looks are the same while this lasts.
    for (let size = 2; size < 40; size++) {
      writeFileSync(file, 'a'.repeat(size));
      await sleep(EVERY_MS / 5);
    }
    await noticed();
  });
});
