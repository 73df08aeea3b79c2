// Plugins through a real gateway: in process, in a thread and over HTTP; one that hangs, one that is switched off, one that changed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { call, chatBody, open } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-plugins-'));
const write = (name: string, hooks: string): string => {
  const file = path.join(folder, `${name}.ts`);
  writeFileSync(
    file,
    `import type { Plugin } from 'headgate/plugin';\nexport default { apiVersion: 1, create: () => ({ ${hooks} }) } satisfies Plugin;\n`,
  );
  return file;
};
const asked: { hook: string; event: { call: { key: string } } }[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (piece: Buffer) => (body += piece.toString()));
  request.on('end', () => {
    const question = JSON.parse(body) as (typeof asked)[number];
    asked.push(question);
    response.end(question.hook === 'onRequest' ? '{"refuse":{"status":418,"message":"not here"}}' : '{}');
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const keyOf = (name: string): string => `${name}-key-0123456789abcdef`;
const key = (name: string) => ({ name, value: keyOf(name) });
const plugin = (name: string, more: object) => ({ name, when: { keys: [name] }, timeoutMs: 20_000, ...more });
const loops = `onRequest({ body }) { if (JSON.stringify(body).includes('loop')) for (;;); return { headers: { 'x-thread': 'yes' } } }`;

/** A hook that fails as its request says: at once, by its promise, or within the answer. */
const throws = `
  onRequest({ body }) {
    const said = JSON.stringify(body);
    if (said.includes('throw now')) throw new Error('boom');
    if (said.includes('reject')) return Promise.reject(new Error('boom'));
    if (said.includes('no error')) throw null;
  },
  onDelta({ text }) { if (text.includes('within')) throw new Error('boom'); },
  onSettle() { throw new Error('boom'); }`;
/** What nobody awaits: it ends the thread that it runs in. */
const stray = `onRequest({ body }) {
  const said = JSON.stringify(body);
  if (said.includes('timer')) setTimeout(() => { throw new Error('boom') }, 0);
  if (said.includes('promise')) void Promise.reject(new Error('boom'));
}`;

const harness = useGateway(
  {
    open: true,
    rest: {
      auth: {
        keys: ['plain', 'shout', 'thread', 'aside', 'hangs', 'server', 'broken', 'throws', 'stray'].map(key),
      },
      plugins: [
        plugin('shout', {
          path: write(
            'shout',
            `onDelta: ({ kind, text }) => kind === 'text' ? text.toUpperCase() : undefined`,
          ),
        }),
        plugin('thread', { path: write('thread', loops), thread: true }),
        plugin('aside', {
          path: write(
            'aside',
            `onDelta: ({ kind, text }) => kind === 'text' ? text.toUpperCase() : undefined`,
          ),
          thread: true,
        }),
        plugin('hangs', {
          ...{ path: write('hangs', loops), thread: true, timeoutMs: 1_000, onError: 'closed' },
          // Its thread begins anew behind a hang, and may take longer than that.
          maxErrors: 1_000,
        }),
        plugin('server', {
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
          hooks: ['onRequest', 'onError'],
        }),
        plugin('throws', {
          path: write('throws', throws),
          onError: 'closed',
          maxErrors: 1_000,
        }),
        plugin('stray', { path: write('stray', stray), thread: true, maxErrors: 1_000 }),
        plugin('broken', { path: write('broken', `onRequest() { throw new Error('boom') }`), maxErrors: 2 }),
      ],
    },
  },
  {},
);

const ask = (name: string, content: string, more: object = {}) =>
  call(harness, '/v1/chat/completions', {
    key: keyOf(name),
    body: chatBody('oa/echo', { messages: [{ role: 'user', content }], ...more }),
  });

describe('a plugin', () => {
  it('changes what its key is told, streamed and whole, in another dialect too, and nobody else', async () => {
    expect((await ask('shout', 'quiet please')).text).toContain('QUIET PLEASE');
    expect((await ask('shout', 'quiet please', { stream: true })).text).toMatch(/QUIET|PLEASE/);
    expect((await ask('plain', 'quiet please')).text).toContain('quiet please');
    const other = await call(harness, '/v1/messages', {
      key: keyOf('shout'),
      body: { model: 'oa/echo', max_tokens: 50, messages: [{ role: 'user', content: 'quiet please' }] },
    });
    expect(other.text).toContain('QUIET PLEASE');
  });

  it('runs in a thread', async () => {
    expect((await ask('thread', 'hello')).status).toBe(200);
    expect(harness.mock.lastRequest().headers['x-thread']).toBe('yes');
  });

  it('changes what is said from its thread, streamed and whole', async () => {
    expect((await ask('aside', 'quiet please')).text).toContain('QUIET PLEASE');
    const { text } = await ask('aside', 'quiet please', { stream: true });
    const said = text
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)).choices[0]?.delta?.content ?? '')
      .join('');
    expect(said).toContain('QUIET PLEASE');
    expect(text).toContain('[DONE]');
  });

  it('that hangs in its thread refuses its call, and is there for the next', async () => {
    const hung = await ask('hangs', 'loop');
    expect(hung.status).toBe(503);
    expect(hung.text).toContain('hangs');
    await vi.waitFor(async () => expect((await ask('hangs', 'hello')).status).toBe(200));
    expect((await ask('plain', 'hello')).status).toBe(200);
  });

  it('behind a server refuses in the dialect of the client, and hears of the error', async () => {
    const refused = await ask('server', 'hello');
    expect(refused.status).toBe(418);
    expect(JSON.parse(refused.text).error.message).toBe('not here');
    await vi.waitFor(() => expect(asked.map(({ hook }) => hook)).toEqual(['onRequest', 'onError']));
    expect(asked[0]!.event.call.key).toBe('server');
  });

  it('P09: that throws wherever it can fails its own call, and no other', async () => {
    // A stream of somebody else's, on the same worker, is open all the while.
    const others = open(harness, '/v1/chat/completions', {
      key: keyOf('plain'),
      body: chatBody('oa/text:20+gate-after:5:p09', { stream: true }),
    });
    await others.seen('t3');
    for (const said of ['throw now', 'reject', 'no error'])
      expect((await ask('throws', said)).status).toBe(503);
    const within = await ask('throws', 'a word within an answer', { stream: true });
    expect(within.text).toContain('"error"');
    expect(within.text).not.toContain('[DONE]');
    expect((await ask('throws', 'all well')).status).toBe(200);
    for (const said of ['timer', 'promise']) await ask('stray', said);
    await vi.waitFor(async () => expect((await ask('stray', 'all well')).status).toBe(200));
    harness.mock.open('p09');
    expect((await others.whole()).events.at(-1)?.data).toBe('[DONE]');
    expect(harness.gateway.output()).not.toMatch(/uncaughtException|unhandledRejection/);
  });

  it('that was written anew is another one with the next reload', async () => {
    write('shout', `onDelta: ({ kind, text }) => kind === 'text' ? text.replaceAll('e', '3') : undefined`);
    harness.gateway.kill('SIGHUP');
    await vi.waitFor(async () => expect((await ask('shout', 'quiet please')).text).toContain('qui3t pl3as3'));
    expect((await ask('thread', 'hello')).status).toBe(200);
  });

  it('that fails too often is switched off, and it is said', async () => {
    for (let i = 0; i < 6; i++) expect((await ask('broken', 'hello')).status).toBe(200);
    await vi.waitFor(async () => {
      const health = await call(harness, '/health');
      expect(JSON.parse(health.text).plugins).toMatchObject({ broken: 'off', shout: 'on' });
      const metrics = await call(harness, '/metrics');
      expect(metrics.text).toMatch(/headgate_plugin_up\{plugin="broken"\} (?:0|0\.5)\b/);
      expect(metrics.text).toMatch(
        /headgate_plugin_hooks_total\{plugin="broken",hook="onRequest",outcome="error"\} [1-9]/,
      );
    });
  });
});
