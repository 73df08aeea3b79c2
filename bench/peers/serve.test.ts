import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Mock, PeerSetting } from '../contract.ts';
import { isAlive, processTree } from '../process-tree.ts';
import { freePort } from '../processes.ts';
import { call, serve } from './serve.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-serve-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** No mock is called by what is started here. */
const setting = (): PeerSetting => ({ cores: [0], folder, mock: undefined as unknown as Mock });

/** A gateway of a few lines, started with the port as its argument. */
const program = (text: string): string => {
  const file = join(folder, 'gateway.mjs');
  writeFileSync(
    file,
    `import { createServer } from 'node:http';\nimport { spawn } from 'node:child_process';\n${text}`,
  );
  return file;
};
const launch = async (text: string, readyMs?: number) => {
  const port = await freePort();
  return {
    name: 'gateway',
    command: process.execPath,
    args: [program(text), String(port)],
    endpoints: { 'openai>openai': { port, path: '/chat', headers: { 'x-key': 'k' }, model: 'm' } },
    ...(readyMs === undefined ? {} : { readyMs }),
  } as const;
};

it('it is up with its first good answer, not when it listens', async () => {
  const running = await serve(
    await launch(`let calls = 0;
createServer((req, res) => { res.statusCode = ++calls < 3 ? 503 : 200; res.end(String(calls)); }).listen(process.argv[2]);`),
    setting(),
  );
  const endpoint = running.endpoint('openai>openai')!;
  expect((await call(endpoint, 'openai')).text).toBe('4');
  expect(running.endpoint('anthropic>anthropic')).toBeNull();
  await running.stop();
});

it('a call carries the headers and the model of its endpoint', async () => {
  const running = await serve(
    await launch(`createServer(async (req, res) => {
  let body = ''; for await (const part of req) body += part;
  res.end(JSON.stringify({ key: req.headers['x-key'], version: req.headers['anthropic-version'] ?? null, ...JSON.parse(body) }));
}).listen(process.argv[2]);`),
    setting(),
  );
  const endpoint = running.endpoint('openai>openai')!;
  expect(JSON.parse((await call(endpoint, 'openai')).text)).toMatchObject({
    key: 'k',
    model: 'm',
    version: null,
  });
  expect(JSON.parse((await call(endpoint, 'anthropic')).text)).toMatchObject({ version: '2023-06-01' });
  await running.stop();
});

it('stopping ends the children of its children too', async () => {
  const running = await serve(
    await launch(`spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
createServer((req, res) => res.end('ok')).listen(process.argv[2]);`),
    setting(),
  );
  const tree = processTree(running.pid);
  expect(tree.length).toBeGreaterThan(1);
  await running.stop();
  await expect.poll(() => tree.filter(isAlive)).toEqual([]);
});

it('one that ends at once is an error with its last words', async () => {
  const starting = serve(await launch(`console.error('no licence'); process.exit(3);`), setting());
  await expect(starting).rejects.toThrow(/ended before its first answer\n.*no licence/);
});

it('one that only ever refuses is an error with what it answered, and is not left running', async () => {
  const starting = serve(
    await launch(
      `console.log('pid', process.pid);
createServer((req, res) => { res.statusCode = 401; res.end('who are you'); }).listen(process.argv[2]);`,
      1500,
    ),
    setting(),
  );
  const error = (await starting.catch((reason: unknown) => reason)) as Error;
  expect(error.message).toContain('401 who are you');
  const pid = Number(/pid (\d+)/.exec(error.message)?.[1]);
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);
});
