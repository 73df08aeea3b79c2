import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { LineSink } from './line-sink.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function openFile(): { fd: number; read: () => string } {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-sink-'));
  const file = join(folder, 'out');
  const fd = openSync(file, 'w');
  cleanups.push(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  return { fd, read: () => readFileSync(file, 'utf8') };
}

/** A process that logs to its stdout pipe, which is read only when the test wants. */
function logging(code: string): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const module = new URL('./line-sink.ts', import.meta.url).href;
  const source = `import { LineSink } from ${JSON.stringify(module)};
    const sink = new LineSink({ fd: 1, maxBytes: 1e6 }); ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', source], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  return child as ChildProcess & { stdout: NodeJS.ReadableStream };
}

describe('line sink', () => {
  it('keeps the order of lines over many batches', async () => {
    const { fd, read } = openFile();
    const sink = new LineSink({ fd, maxBytes: 1e6 });
    const lines = Array.from({ length: 500 }, (_, i) => `line ${i} ${'é'.repeat(i % 90)}\n`);
    for (const line of lines) sink.write(line);
    await sink.close(5000);
    expect(read()).toBe(lines.join(''));
    expect(sink.dropped).toBe(0);
  });

  it('writes a line longer than a batch whole', async () => {
    const { fd, read } = openFile();
    const sink = new LineSink({ fd, maxBytes: 1e6 });
    sink.write(`${'x'.repeat(50_000)}\n`);
    await sink.close(5000);
    expect(read()).toHaveLength(50_001);
  });

  it('drops the newest lines when it is full and takes lines again when there is room', async () => {
    const { fd, read } = openFile();
    const sink = new LineSink({ fd, maxBytes: 30 });
    for (const line of ['first line\n', 'second line\n', 'does not fit\n']) sink.write(line);
    expect(sink.dropped).toBe(1);
    sink.flushSync();
    sink.write('third line\n');
    await sink.close(5000);
    expect(read()).toBe('first line\nsecond line\nthird line\n');
  });

  it('does not hold the exit of a process whose reader has stalled', async () => {
    const child = logging(`
      for (let i = 0; i < 5000; i++) sink.write('x'.repeat(99) + '\\n');
      await new Promise((done) => setTimeout(done, 200)); // the pipe is full by now
      await sink.close(100);
      process.exit(sink.dropped > 0 ? 7 : 0);`);
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(7);
  });

  it('does not hold the exit when another process on the pipe has put it back to blocking', async () => {
    const module = new URL('./line-sink.ts', import.meta.url).href;
    const source = `import { spawnSync } from 'node:child_process';
      import { LineSink } from ${JSON.stringify(module)};
      const sink = new LineSink({ fd: 1, maxBytes: 1e6 });
      // A Node that ends gives the pipe the mode it found at its own start.
      spawnSync(process.execPath, ['-e', 'void process.stdout'], { stdio: ['ignore', 'inherit', 'inherit'] });
      for (let i = 0; i < 5000; i++) sink.write('x'.repeat(99) + '\\n');
      await sink.close(100);
      process.exit(sink.dropped > 0 ? 7 : 0);`;
    // A shell's pipe: Node itself gives children socket pairs. Its first user makes it non-blocking, as our primary does.
    const shell = spawn(
      'sh',
      [
        '-c',
        '{ "$0" --input-type=module --no-warnings -e "$1"; echo $? >&2; } | sleep 60',
        process.execPath,
        source,
      ],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true,
      },
    );
    cleanups.push(() => process.kill(-shell.pid!, 'SIGKILL'));
    const [code] = (await once(shell.stderr, 'data')) as [Buffer];
    expect(String(code)).toBe('7\n');
  });

  it('does not hold the exit of a process whose reader is gone', async () => {
    const child = logging(`
      await new Promise((done) => process.stdin.once('end', done).resume()); // its reader is gone by now
      for (let i = 0; i < 50; i++) sink.write('x\\n');
      sink.flushSync();
      process.exit(sink.dropped === 50 ? 7 : 0);`);
    const { stdout } = child as ChildProcess & { stdout: Readable };
    const gone = once(stdout, 'close');
    stdout.destroy();
    await gone;
    child.stdin!.end();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(7);
  });

  it('delivers every line, unbroken, to a reader that comes late', async () => {
    const child = logging(`
      for (let i = 0; i < 3000; i++) sink.write('line ' + i + ' ' + 'x'.repeat(90) + '\\n');
      await sink.close(10000);
      process.exit(0);`);
    await new Promise((done) => setTimeout(done, 300));
    let text = '';
    for await (const part of child.stdout) text += String(part);
    const numbers = text
      .trimEnd()
      .split('\n')
      .map((line) => Number(/^line (\d+) x{90}$/.exec(line)?.[1]));
    expect(numbers).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  });
});
