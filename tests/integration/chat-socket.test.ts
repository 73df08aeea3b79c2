// The chat socket, with the package `ws` as its client: the walk of the operation table for the route that is no request. Each dialect
// over it is closed to who has no key, limited, goes through a lane, has one line in the log, and speaks its own errors.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { gateKey, startGateway } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { testConfig } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

const BROKE = 'hg-broke-key-0123456789abcdef0123456789abcdef';
const SPENT = 'hg-spent-key-0123456789abcdef0123456789abcdef';
const GUARDED = 'hg-guarded-key-0123456789abcdef0123456789abcdef';
const PAGE = 'https://app.example.com';
const unix = path.join(mkdtempSync(path.join(tmpdir(), 'hg-chat-')), 'gate.sock');

const harness = useGateway(
  {
    dialects: true,
    server: { corsOrigins: [PAGE], listeners: [{ unix }] },
    rest: {
      unknownPrice: 'allow',
      auth: {
        keys: [
          { name: 'free', value: gateKey },
          { name: 'broke', value: BROKE, budgets: [{ amountUsd: 0, window: 'never' }] },
          { name: 'spent', value: SPENT, limits: [{ requests: '1/d', burst: 1 }] },
          {
            name: 'guarded',
            value: GUARDED,
            guardrails: [
              { name: 'asked', on: ['input'], checks: [{ type: 'keywords', words: ['nightingale'] }] },
              { name: 'said', on: ['output'], checks: [{ type: 'keywords', words: ['mock provider'] }] },
            ],
          },
        ],
      },
    },
  },
  { workers: 2 },
);
const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

interface Frame {
  type: string;
  id: string | null;
  seq?: number;
  [member: string]: unknown;
}
interface Where {
  key?: string | null;
  query?: string;
  origin?: string;
  protocols?: string[];
  over?: 'uws' | 'node';
  /** Of another gateway. */
  port?: number;
}

function dial({
  key = gateKey,
  query = '',
  origin,
  protocols = [],
  over = 'uws',
  port = harness.port,
}: Where = {}) {
  const at = over === 'uws' ? `ws://127.0.0.1:${port}` : `ws+unix:${unix}:`;
  const socket = new WebSocket(`${at}/v1/chat/ws${query}`, protocols, {
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
    ...(origin === undefined ? {} : { origin }),
  });
  open.push(socket);
  return socket;
}

/** A connection, and what came on it. */
async function connect(where: Where = {}) {
  const socket = dial(where);
  const frames: Frame[] = [];
  const ends: number[] = [];
  socket.on('message', (text) => void frames.push(JSON.parse(String(text)) as Frame));
  socket.on('close', (code) => void ends.push(code));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    frames,
    ends,
    say: (frame: object) => socket.send(JSON.stringify(frame)),
    async until(id: string, type = /^(done|error|cancelled)$/): Promise<Frame[]> {
      const mine = () => frames.filter((frame) => frame.id === id);
      await waitUntil(() => mine().some((frame) => type.test(frame.type)), `conversation ${id} to end`);
      return mine();
    },
  };
}

/** @returns status of the answer that was no socket. */
function refused(where: Where): Promise<number> {
  const socket = dial(where);
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.once('open', () => reject(new Error('a socket was opened')));
    socket.on('error', () => undefined);
  });
}

const messages = [{ role: 'user', content: 'hi' }];
const blocks = [{ role: 'user', content: [{ text: 'hi' }] }];
const WAYS = [
  ['openai-chat', 'oa', { messages }, 'choices.0.delta.content'],
  ['openai-responses', 'rs', { input: 'hi' }, 'delta'],
  ['anthropic', 'an', { messages, max_tokens: 50 }, 'delta.text'],
  ['bedrock', 'be', { messages: blocks }, 'delta.text'],
  ['cohere', 'co', { messages }, 'delta.message.content.text'],
  [
    'gemini',
    'ge',
    { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
    'candidates.0.content.parts.0.text',
  ],
] as const;

/** What the one line of a request must say; lines come some time behind the answers. */
const promised = new Map<string, { dialect: string; provider: string }>();

describe.each(WAYS)('%s', (dialect, provider, request, place) => {
  test('streams its own events in numbered frames, and gives a whole answer to who wants one', async () => {
    const { say, until } = await connect();
    say({ id: 's', dialect, model: `${provider}/ok`, ...request });
    say({ id: 'w', dialect, model: `${provider}/ok`, stream: false, ...request });
    const streamed = await until('s');
    expect(streamed.map(({ seq }) => seq)).toEqual(streamed.map((_, at) => at + 1));
    expect(streamed.at(-1)).toMatchObject({ type: 'done' });
    const said = streamed.map(({ data }) => pick(data, place)).filter((text) => typeof text === 'string');
    expect(said.join('')).toContain('Hello from the mock provider');
    const whole = await until('w');
    expect(whole.map(({ type }) => type)).toEqual(['started', 'answer', 'done']);
    expect(JSON.stringify(whole[1]!['data'])).toContain('Hello from the mock provider');
    promised.set(String(streamed[0]!['request_id']), { dialect, provider });
  });

  test('is looked at by guardrails, both ways, frame by frame', async () => {
    const { say, until } = await connect({ key: GUARDED });
    const bad = JSON.parse(JSON.stringify(request).replaceAll('hi', 'hi nightingale')) as object;
    say({ id: 'asked', dialect, model: `${provider}/ok`, ...bad });
    expect((await until('asked')).at(-1)).toMatchObject({ type: 'error', status: 400 });
    for (const stream of [true, false]) {
      const id = `said-${stream}`;
      say({ id, dialect, model: `${provider}/ok`, stream, ...request });
      const frames = await until(id);
      expect(JSON.stringify(frames)).not.toContain('mock provider');
      expect(frames.at(-1)!.type).toBe('error');
    }
  });

  test('is refused where a budget has no room or a provider fails, in its own words', async () => {
    const broke = await connect({ key: BROKE });
    broke.say({ id: 'b', dialect, model: `${provider}/ok`, ...request });
    expect((await broke.until('b')).at(-1)).toMatchObject({ type: 'error', status: 429 });
    const { say, until } = await connect();
    say({ id: 'f', dialect, model: `${provider}/status:503`, ...request });
    const failed = (await until('f')).at(-1)!;
    expect(failed).toMatchObject({ type: 'error', status: 503, request_id: expect.any(String) });
    expect(JSON.stringify(failed['error'])).toContain('message');
  });
});

test('a key that is limited is refused frame by frame, and asks nobody', async () => {
  const { say, until } = await connect({ key: SPENT });
  say({ id: 'a', model: 'oa/ok', messages });
  expect((await until('a')).at(-1)).toMatchObject({ type: 'done' });
  const before = harness.mock.requests.length;
  say({ id: 'b', model: 'oa/ok', messages });
  const error = (await until('b')).at(-1);
  expect(error).toMatchObject({ type: 'error', status: 429, headers: { 'retry-after': expect.any(String) } });
  expect(harness.mock.requests).toHaveLength(before);
});

describe.each(['uws', 'node'] as const)('over the listener %s', (over) => {
  test('who has no key, or calls from another page, gets no socket', async () => {
    expect(await refused({ over, key: null })).toBe(401);
    expect(await refused({ over, key: 'hg-wrong-0123456789abcdef' })).toBe(401);
    expect(await refused({ over, origin: 'https://evil.example.com' })).toBe(403);
  });

  test('a page opens one with a ticket, once, and offers it as a protocol', async () => {
    const asked = await fetch(`${harness.url}/v1/chat/ws/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateKey}`, origin: PAGE },
    });
    const { ticket, expires_at } = (await asked.json()) as { ticket: string; expires_at: number };
    expect(expires_at * 1_000).toBeGreaterThan(Date.now());
    expect(ticket).not.toContain(gateKey);
    const protocols = ['headgate.chat.v1', `headgate-ticket.${ticket}`];
    expect(await refused({ over, key: null, protocols, origin: 'https://evil.example.com' })).toBe(403);
    expect(await refused({ over, key: null, protocols })).toBe(401);
    const { socket, say, until } = await connect({ over, key: null, protocols, origin: PAGE });
    expect(socket.protocol).toBe('headgate.chat.v1');
    say({ id: 'a', model: 'oa/ok', messages });
    expect((await until('a')).at(-1)).toMatchObject({ type: 'done' });
    expect(
      await refused({ over, key: null, query: `?ticket=${ticket.slice(0, -4)}AAAA`, origin: PAGE }),
    ).toBe(401);
  });

  test('one that cancels leaves its provider, and others go on beside it', async () => {
    const { say, until } = await connect({ over });
    say({ id: 'never', model: 'oa/never-head', messages });
    await harness.mock.waitForCount('never-head', 1);
    say({ id: 'quick', model: 'oa/ok', messages });
    await until('quick', /done/);
    say({ type: 'cancel', id: 'never' });
    expect((await until('never')).at(-1)).toMatchObject({ type: 'cancelled' });
    await waitUntil(() => harness.mock.running() === 0, 'the provider to be left');
  });

  test('a conversation whose socket broke is gone on with on another, whichever worker takes it', async () => {
    const first = await connect({ over });
    first.say({ id: 'a', model: `oa/gate-after:0:resumed-${over}`, messages });
    const [started] = await first.until('a', /started/);
    first.socket.terminate();
    const second = await connect({ over });
    second.say({ type: 'resume', resume: started!['resume'], after: 1 });
    harness.mock.open(`resumed-${over}`);
    const rest = await second.until('a');
    expect(rest[0]).toMatchObject({ type: 'delta', seq: 2 });
    expect(rest.at(-1)).toMatchObject({ type: 'done' });
  });
});

test('a plain request for the socket is told to upgrade', async () => {
  const plain = await fetch(`${harness.url}/v1/chat/ws`, { headers: { authorization: `Bearer ${gateKey}` } });
  expect(plain.status).toBe(426);
});

test('every request has one line, under the route of the socket', async () => {
  const linesOf = (id: string) => harness.gateway.logs().filter((entry) => entry['id'] === id);
  await vi.waitFor(() => expect([...promised.keys()].filter((id) => linesOf(id).length === 0)).toEqual([]), {
    timeout: 20_000,
    interval: 100,
  });
  expect(promised.size).toBe(WAYS.length);
  for (const [id, { dialect, provider }] of promised) {
    const attempts = [{ provider, status: 200, key: expect.any(String) }];
    expect(linesOf(id)).toMatchObject([
      { route: '/v1/chat/ws', dialect, status: 200, client: 'free', attempts },
    ]);
  }
});

test('a gateway that goes lets what runs end, takes nothing new, and closes with 1001', async () => {
  const going = await startGateway({ config: testConfig(harness.mock) });
  const at = { port: going.port };
  const busy = await connect(at);
  const idle = await connect(at);
  busy.say({ id: 'a', model: 'oa/gate-after:0:going', messages });
  await harness.mock.waitForCount('gate-after:0:going', 1);
  const stopped = going.stop(20_000);
  await waitUntil(() => idle.ends.length === 1, 'the idle socket to close');
  expect(idle.ends).toEqual([1001]);
  harness.mock.open('going');
  expect((await busy.until('a')).at(-1)).toMatchObject({ type: 'done' });
  await waitUntil(() => busy.ends.length === 1, 'the busy socket to close');
  expect(busy.ends).toEqual([1001]);
  await stopped;
});
