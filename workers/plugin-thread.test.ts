import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { DEFAULT_PLUGIN } from '../src/config/schema/defaults.ts';
import type { PluginConfig } from '../src/contracts/plugin-config.ts';
import type { PluginRunner } from '../src/contracts/plugin-port.ts';
import { createPluginThread } from './plugin-thread.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-thread-'));
const lines: string[] = [];
let runner: PluginRunner;
afterEach(() => runner?.close());
afterAll(() => rmSync(folder, { recursive: true }));

async function start(name: string, source: string, memoryMb = 128): Promise<void> {
  const module = path.join(folder, `${name}.ts`);
  writeFileSync(
    module,
    `import type { Plugin } from 'headgate/plugin';\nexport default ${source} satisfies Plugin;`,
  );
  const config = {
    ...DEFAULT_PLUGIN,
    name,
    module,
    print: '1',
    options: { say: 'hello' },
    memoryMb,
  } as unknown as PluginConfig;
  runner = await createPluginThread(config, (line) => void lines.push(line));
}

it('a plugin in a thread answers, keeps what it knows, and says what it has to say', async () => {
  await start(
    'counts',
    `{ apiVersion: 1, create: (options, { log }) => { let count = 0; log('made'); return {
      onRequest: () => ({ metadata: { say: String(options.say), count: String(++count) } }),
      onDelta: ({ text }) => text.toUpperCase(),
    } } }`,
  );
  expect([...runner.hooks]).toEqual(['onRequest', 'onDelta']);
  await runner.run('onRequest', {}, 20_000);
  expect(await runner.run('onRequest', {}, 20_000)).toEqual({ metadata: { say: 'hello', count: '2' } });
  await vi.waitFor(() => expect(lines).toContain('made'), 20_000);
});

it('one that throws, or refuses to be made, says why', async () => {
  await start('throws', `{ apiVersion: 1, create: () => ({ onRequest() { throw new Error('boom') } }) }`);
  await expect(runner.run('onRequest', {}, 20_000)).rejects.toThrow('boom');
  await expect(
    start('unmade', `{ apiVersion: 1, create() { throw new Error('no options') } }`),
  ).rejects.toThrow('no options');
  await expect(start('old', `{ apiVersion: 2 as 1, create: () => ({}) }`)).rejects.toThrow('version 2');
});

it('one that loops for ever is ended with its thread, and another takes its place', async () => {
  await start(
    'loops',
    `{ apiVersion: 1, create: () => ({ onRequest({ call }) { if (call.id === 'bad') for (;;); return { metadata: { fine: 'yes' } } } }) }`,
  );
  await expect(runner.run('onRequest', { call: { id: 'bad' } }, 50)).rejects.toThrow();
  expect(await runner.run('onRequest', { call: { id: 'good' } }, 20_000)).toEqual({
    metadata: { fine: 'yes' },
  });
});

it('one that takes too much memory ends its thread alone', async () => {
  await start(
    'leaks',
    `{ apiVersion: 1, create: () => { const kept: unknown[] = []; return { onRequest({ call }) {
      if (call.id === 'bad') for (;;) kept.push(Array.from({ length: 10_000 }, () => ({})));
      return { metadata: { fine: 'yes' } } } } } }`,
    16,
  );
  await expect(runner.run('onRequest', { call: { id: 'bad' } }, 60_000)).rejects.toThrow(
    /memory|terminated|Worker/i,
  );
  expect(await runner.run('onRequest', { call: { id: 'good' } }, 20_000)).toEqual({
    metadata: { fine: 'yes' },
  });
});
