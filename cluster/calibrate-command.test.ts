import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { CacheUsageError, readCalibrate, runCalibrate } from './calibrate-command.ts';

const pairs = new URL('../tests/kit/question-pairs.txt', import.meta.url).pathname;
let close = (): void => undefined;
afterEach(() => close());

it('thresholds are printed with how often they are right, with the guard and without', async () => {
  const text = await runCalibrate(readCalibrate(['calibrate', '--pairs', pairs], {}));
  expect(text).toContain('vectors: builtin');
  const row = /^ +0\.92 +(\S+) +(\S+) +(\S+) +(\S+)$/m.exec(text)!.slice(1).map(Number);
  expect(row[0]).toBeGreaterThanOrEqual(0.99);
  expect(row[2]).toBeLessThan(row[0]!);
});

it('vectors may be those of a model that a gateway serves', async () => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { input, model } = JSON.parse(body) as { input: string[]; model: string };
      heard.push(`${model} ${request.headers.authorization}`);
      // All alike, told in another order than asked for.
      const data = input.map((_, index) => ({ index, embedding: [1, 0] })).reverse();
      response.end(JSON.stringify({ data }));
    });
  }).listen(0, '127.0.0.1');
  close = () => void server.close();
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['calibrate', '--pairs', pairs, '--model', 'p/embed', '--url', url];
  const text = await runCalibrate(readCalibrate(args, { HEADGATE_API_KEY: 'k' }));
  expect(new Set(heard)).toEqual(new Set(['p/embed Bearer k']));
  // Vectors that tell nothing apart: a third of the pairs are the same.
  expect(text).toMatch(/^ +0\.92 .* 0\.33\d +1\.000$/m);
});

it('a command line that says too little, or what is not known, is refused', () => {
  for (const args of [[], ['show'], ['calibrate'], ['calibrate', '--pairs', 'x', '--what']])
    expect(() => readCalibrate(args, {})).toThrow(CacheUsageError);
});
