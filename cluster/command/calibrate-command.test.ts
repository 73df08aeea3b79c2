import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { readCalibrate, runCalibrate } from './calibrate-command.ts';
import { UsageError } from './usage.ts';

const pairs = new URL('../../tests/kit/question-pairs.txt', import.meta.url).pathname;
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
  for (const args of [
    [],
    ['show'],
    ['calibrate'],
    ['calibrate', '--pairs', 'x', '--what'],
    ['calibrate', '--pairs', 'x', '--since', '1h'],
    ['calibrate', '--log', '--pairs', 'x'],
    ['calibrate', '--log', '--limit', '1'],
    ['calibrate', '--log', '--limit', '501'],
    // Without a token.
    ['calibrate', '--log'],
  ])
    expect(() => readCalibrate(args, {})).toThrow(UsageError);
});

const row = (call: string, more: object = {}) => ({
  call,
  dialect: 'openai-chat',
  operation: 'chat',
  requestedModel: 'm',
  ...more,
});
const kept = (kind: string, body: object | string, more: object = {}) => ({
  kind,
  truncated: false,
  encoding: 'utf8',
  text: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});
const asks = (content: unknown, more: object = {}) => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  ...more,
});
const says = (content: string) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
});
const streams = (...pieces: string[]): string =>
  [
    ...pieces.map((content) => ({
      id: 'c',
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    })),
    { id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  ]
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .join('')
    .concat('data: [DONE]\n\n');

it('pairs may be those of the log, labelled by what was answered', async () => {
  const paris = 'The capital of France is Paris.';
  const calls: Record<string, object[]> = {
    one: [kept('request', asks('What is the capital of France?')), kept('answer', says(paris))],
    two: [
      kept('request', asks('Please tell me what the capital of France is', { stream: true })),
      kept('answer', streams('The capital of ', 'France is Paris.')),
    ],
    three: [
      kept('request', asks('What is the capital of Germany?')),
      kept('answer', says('It is Berlin, on the Spree.')),
    ],
    // None of these is a question by itself, or whole.
    again: [kept('request', asks('What is the capital of France?')), kept('answer', says(paris))],
    cut: [
      kept('request', asks('What is the capital of Spain?'), { truncated: true }),
      kept('answer', says('Madrid')),
    ],
    none: [],
    tools: [
      kept('request', asks('hi', { tools: [{ type: 'function', function: { name: 'f' } }] })),
      kept('answer', says('hello')),
    ],
    odd: [kept('request', '{"model":'), kept('answer', says('hello'))],
    // Of another model: never compared with the others.
    other: [kept('request', asks('What is the capital of France, really?')), kept('answer', says(paris))],
  };
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.url} ${request.headers.authorization}`);
    const url = new URL(request.url!, 'http://h');
    const id = /^\/api\/logs\/(.+)$/.exec(url.pathname)?.[1];
    const rows = Object.keys(calls).map((call) => row(call, call === 'other' ? { requestedModel: 'x' } : {}));
    const cursor = url.searchParams.get('cursor');
    const page =
      cursor === null ? { rows: rows.slice(0, 4), next: 'more' } : { rows: rows.slice(4), next: null };
    response.end(JSON.stringify(id === undefined ? page : { bodies: calls[id] }));
  }).listen(0, '127.0.0.1');
  close = () => void server.close();
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-calibrate-'));
  const file = path.join(folder, 'pairs.txt');
  const args = ['calibrate', '--log', '--since', '30d', '--url', url, '--write', file];
  const text = await runCalibrate(readCalibrate(args, { HEADGATE_ADMIN_TOKEN: 'hga-1' }));
  expect(heard[0]).toBe('/api/logs?operation=chat&outcome=ok&since=30d&facets=false&limit=200 Bearer hga-1');
  expect(text).toContain('3 pairs, 1 of them the same');
  expect(text).toMatch(/^ +0\.92 +1\.000 +1\.000/m);
  // What was written is what people correct, and what is read again.
  const written = readFileSync(file, 'utf8');
  expect(written.split('\n').filter((line) => line.startsWith('+\t'))).toEqual([
    '+\tWhat is the capital of France?\tPlease tell me what the capital of France is',
  ]);
  expect(await runCalibrate(readCalibrate(['calibrate', '--pairs', file], {}))).toBe(text);
  rmSync(folder, { recursive: true });
});

it('a log without kept bodies says what it lacks', async () => {
  const server = createServer((_request, response) => response.end('{"rows":[],"next":null}')).listen(
    0,
    '127.0.0.1',
  );
  close = () => void server.close();
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = readCalibrate(['calibrate', '--log', '--url', url], { HEADGATE_ADMIN_TOKEN: 'hga-1' });
  await expect(runCalibrate(options)).rejects.toThrow('log.bodies');
});
