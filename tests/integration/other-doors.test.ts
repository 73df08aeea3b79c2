// The walk of the operation table for what is no request over HTTP: sockets and gRPC. Whoever is over a budget or a limit is refused and
// nobody is asked; what was used is in the ledger of its key, with what it cost.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { routes } from '../../src/http/routes/routes.ts';
import { type AdminClient, openAdmin } from '../kit/admin.ts';
import { gateKey } from '../kit/gateway.ts';
import { GrpcChat, metadataOf } from '../kit/grpc-client.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { type MockRealtime, startMockRealtime } from '../kit/mock-realtime.ts';
import { freePort } from '../kit/port.ts';
import { waitUntil } from '../kit/wait.ts';
import { Role } from '../../src/grpc/chat-messages.ts';

const BROKE = 'hg-broke-key-0123456789abcdef0123456789abcdef';
const SPENT = 'hg-spent-key-0123456789abcdef0123456789abcdef';
const LIVE = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const MUSIC = '/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateMusic';
const messages = [{ role: 'user', content: 'hi' }];

const grpc = await freePort();
const spoken: MockRealtime = await startMockRealtime();
const harness = useGateway(
  () => {
    const voice = (dialect: string, baseUrl: string, models: string[]) => ({
      ...{ dialect, baseUrl, keys: [{ value: `sk-upstream-${dialect}-0001` }], models, retries: { max: 0 } },
    });
    return {
      dialects: true,
      server: { listeners: [{ port: grpc, host: '127.0.0.1', grpc: true }] },
      providers: {
        rt: { ...voice('openai-chat', spoken.url, ['gpt-*']), vendor: 'openai' },
        gl: voice('gemini', `${spoken.url}beta`, ['gemini-*']),
      },
      rest: {
        auth: {
          keys: [
            { name: 'free', value: gateKey, budgets: [{ amountUsd: 100, window: '1Y' }] },
            { name: 'broke', value: BROKE, budgets: [{ amountUsd: 0, window: 'never' }] },
            { name: 'spent', value: SPENT, limits: [{ requests: '1/d', burst: 1 }] },
          ],
        },
        prices: {
          'oa/*': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
          'rs/*': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
          'gl/gemini-music': { output_cost_per_second: 0.001 },
          'gl/*': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
          'rt/gpt-live': { output_cost_per_second: 0.001 },
          'rt/*': {
            ...{ input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
            ...{ input_cost_per_audio_token: 1e-5, output_cost_per_audio_token: 2e-5 },
          },
        },
      },
    };
  },
  { admin: true },
);
const open: WebSocket[] = [];
let admin: AdminClient;
beforeAll(async () => {
  admin = await openAdmin(harness.gateway);
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});
afterAll(() => spoken.close());

/** How it ended: `done` = as it should, else what it was refused with. */
type End = 'done' | string;

/** Opens a socket, says what is to be said, and waits for one of the two ends. */
function over(
  path: string,
  key: string,
  said: readonly object[],
  isDone: (frame: string) => boolean,
): Promise<End> {
  const socket = new WebSocket(`ws://127.0.0.1:${harness.port}${path}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  open.push(socket);
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, answer) => {
      answer.resume();
      resolve(`status ${answer.statusCode}`);
    });
    socket.on('error', () => undefined);
    socket.on('open', () => {
      for (const frame of said) socket.send(JSON.stringify(frame));
    });
    socket.on('message', (data: Buffer) => {
      const frame = data.toString();
      if (isDone(frame)) resolve('done');
      else if (/"type":\s*"error"/.test(frame)) resolve(frame);
    });
    socket.on('close', (code, reason) => resolve(`closed ${code} ${reason.toString()}`));
  });
}

async function overGrpc(key: string): Promise<End> {
  const chat = new GrpcChat(grpc);
  try {
    const { status } = await chat.complete(
      { model: 'oa/ok', messages: [{ role: Role.USER, text: 'hi' }] },
      metadataOf(key),
    );
    return status.code === 0 ? 'done' : `status ${status.code} ${status.details}`;
  } finally {
    chat.close();
  }
}

interface Door {
  /** Of the route table; '' = it has a table of its own. */
  readonly template: string;
  /** In the ledger. */
  readonly operation: string;
  readonly enter: (key: string) => Promise<End>;
}
const DOORS: Readonly<Record<string, Door>> = {
  'OpenAI’s Realtime': {
    template: '/v1/realtime',
    operation: 'realtime',
    enter: (key) =>
      over('/v1/realtime?model=rt/gpt-realtime', key, [{ type: 'response.create' }], (frame) =>
        frame.includes('response.done'),
      ),
  },
  'a Live session': {
    template: '/v1/live/sessions',
    operation: 'realtime',
    enter: (key) =>
      over(
        '/v1/live/sessions',
        key,
        [{ type: 'session.start', session: { model: 'rt/gpt-live' } }, { type: 'session.close' }],
        (frame) => frame.includes('session.closed'),
      ),
  },
  'a Live session that goes on from another': {
    template: '/v1/live/sessions/{id}/fork',
    operation: 'realtime',
    enter: async (key) => {
      let id: unknown;
      const first = await over(
        '/v1/live/sessions',
        key,
        [{ type: 'session.start', session: { model: 'rt/gpt-live' } }, { type: 'session.close' }],
        (frame) => {
          id ??= pick(JSON.parse(frame), 'session.id');
          return frame.includes('session.closed');
        },
      );
      if (first !== 'done') return first;
      return over(
        `/v1/live/sessions/${String(id)}/fork`,
        key,
        [{ type: 'session.start', session: {} }, { type: 'session.close' }],
        (frame) => frame.includes('session.closed'),
      );
    },
  },
  'Gemini Live': {
    template: LIVE,
    operation: 'realtime',
    enter: (key) =>
      over(
        LIVE,
        key,
        [
          { setup: { model: 'models/gl/gemini-live', generationConfig: {} } },
          { clientContent: { turns: [], turnComplete: true } },
        ],
        (frame) => frame.includes('usageMetadata'),
      ),
  },
  'Google’s music': {
    template: MUSIC,
    operation: 'realtime',
    enter: (key) =>
      over(
        MUSIC,
        key,
        [{ setup: { model: 'models/gl/gemini-music' } }, { playbackControl: 'PLAY' }],
        (frame) => frame.includes('audioChunks'),
      ),
  },
  'the chat socket': {
    template: '/v1/chat/ws',
    operation: 'chat',
    enter: (key) =>
      over('/v1/chat/ws', key, [{ id: 'a', model: 'oa/ok', messages }], (frame) =>
        /"type":\s*"done"/.test(frame),
      ),
  },
  'Responses over a socket': {
    template: '',
    operation: 'chat',
    enter: (key) =>
      over('/v1/responses', key, [{ type: 'response.create', model: 'rs/ok', input: 'hi' }], (frame) =>
        frame.includes('"response.completed"'),
      ),
  },
  gRPC: { template: '', operation: 'chat', enter: overGrpc },
};

const asked = (): number => harness.mock.requests.length + spoken.said.length;
async function charges(key: string): Promise<{ operation: string; costNano: number | null; key: string }[]> {
  return (await admin.get(`/api/ledger?since=1h&limit=100&key=${key}`)).body.items;
}

test('no socket of the table is left out', () => {
  const sockets = routes.flatMap((route) =>
    route.kind === 'model' &&
    route.operation.billed &&
    (route.operation.intake === 'socket' || route.socket !== undefined)
      ? [route.template]
      : [],
  );
  const entered = Object.values(DOORS).flatMap(({ template }) => (template === '' ? [] : [template]));
  expect(entered.sort()).toEqual([...new Set(sockets)].sort());
});

describe.each(Object.entries(DOORS))('%s', (_, { operation, enter }) => {
  test('is refused where a budget has no room, and asks nobody', async () => {
    const before = asked();
    expect(await enter(BROKE)).toMatch(/budget|exceed|429|status 8 /i);
    expect(asked()).toBe(before);
  });

  test('is limited, and asks nobody', async () => {
    // The first who is taken by the key has its only call of the day.
    for (let left = 3; (await enter(SPENT)) === 'done'; left--) expect(left).toBeGreaterThan(0);
    const before = asked();
    expect(await enter(SPENT)).not.toBe('done');
    expect(asked()).toBe(before);
  });

  test('is in the ledger of its key, with what it cost', async () => {
    const before = (await charges('free')).filter(
      (one) => one.operation === operation && Number(one.costNano) > 0,
    );
    expect(await enter(gateKey)).toBe('done');
    for (const socket of open.splice(0)) socket.close(1000);
    await waitUntil(
      async () =>
        (await charges('free')).filter((one) => one.operation === operation && Number(one.costNano) > 0)
          .length > before.length,
      'its charge',
      30_000,
    );
    expect((await charges('free')).filter(({ costNano }) => costNano === null)).toEqual([]);
  });
});

test('nobody who was refused was charged, and the budget says what the ledger does', async () => {
  expect((await charges('broke')).filter(({ costNano }) => costNano !== 0)).toEqual([]);
  const spent = async (): Promise<number> =>
    (await admin.get('/api/budgets/standing?key=free')).body.budgets[0].spentNano;
  const charged = async (): Promise<number> =>
    (await charges('free')).reduce((sum, { costNano }) => sum + Number(costNano), 0);
  await waitUntil(async () => (await spent()) === (await charged()), 'the same', 30_000);
  expect(await charged()).toBeGreaterThan(0);
});
