import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'turns-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const own = path.join(import.meta.dirname, 'one-at-a-time.ts');

/** A process that writes its letter three times with pauses between, in its turn; `die` ends it there without a word. */
function writer(letter: string, die = false): Promise<unknown> {
  const code = `
    import { appendFileSync } from 'node:fs';
    import { oneAtATime } from ${JSON.stringify(own)};
    oneAtATime(${JSON.stringify(path.join(folder, 'made'))}, () => {
      for (let index = 0; index < 3; index += 1) {
        appendFileSync(${JSON.stringify(path.join(folder, 'out'))}, ${JSON.stringify(letter)});
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
        if (${die}) process.kill(process.pid, 'SIGKILL');
      }
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
  return once(child, 'exit');
}

test('processes take turns', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map((letter) => writer(letter)));
  expect(readFileSync(path.join(folder, 'out'), 'utf8').match(/(.)\1\1/g)).toHaveLength(4);
});

test('one that dies, or throws, gives up its turn', async () => {
  await writer('x', true);
  const made = path.join(folder, 'made');
  expect(() =>
    oneAtATime(made, () => {
      throw new Error('not this time');
    }),
  ).toThrow('not this time');
  oneAtATime(made, () => appendFileSync(path.join(folder, 'out'), 'y'));
  expect(readFileSync(path.join(folder, 'out'), 'utf8')).toBe('xy');
});
