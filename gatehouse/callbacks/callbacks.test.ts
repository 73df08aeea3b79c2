import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KeptBody, LoggedRow } from '../../src/contracts/log-store.ts';
import type { CallbackConfig } from '../../src/contracts/log-receivers.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { type Callbacks, createCallbacks } from './callbacks.ts';

interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let url: string;
let got: Got[];
let statuses: number[];
let answer: (one: Got) => unknown;
const counts = { sent: 0, dropped: 0 };
const warnings: object[] = [];

beforeEach(async () => {
  got = [];
  statuses = [];
  answer = () => ({});
  Object.assign(counts, { sent: 0, dropped: 0 });
  warnings.length = 0;
  waiting = [];
  kept.clear();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const one = { path: request.url!, headers: request.headers, body };
    got.push(one);
    response.statusCode = statuses.shift() ?? 200;
    response.end(JSON.stringify(answer(one)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const base = {
  outcomes: ['ok', 'error', 'cancelled'],
  content: false,
  headers: { 'x-tenant': 'a' },
  batchCalls: 2,
  waitMs: 5,
  maxRows: 100,
  timeoutMs: 10_000,
  patienceMs: 60_000,
} as const;
const webhook = (over: Partial<CallbackConfig> = {}): CallbackConfig =>
  ({ ...base, type: 'webhook', name: 'hook', url: `${url}/in?a=1`, secret: null, ...over }) as CallbackConfig; // of one kind
const langfuse = (over: Partial<CallbackConfig> = {}): CallbackConfig =>
  ({
    ...base,
    type: 'langfuse',
    name: 'lf',
    url,
    publicKey: 'pk-lf-1',
    secretKey: 'sk-lf-2',
    ...over,
  }) as CallbackConfig; // as above

let bodies: KeptBody[] = [];
/** Rows in the log, and which of them somebody is still to be told of. */
let waiting: LoggedRow[] = [];
const kept = new Set<string>();
const open = (config: CallbackConfig) =>
  createCallbacks([config], {
    version: '1.2.3',
    log: { warn: (one: object) => warnings.push(one) } as never, // all that is used of it
    now: Date.now,
    owner: 'a',
    store: {
      bodies: async (call) => bodies.filter((body) => body.call === call),
      untold: async (sink, count) => waiting.filter(({ id }) => kept.has(`${sink} ${id}`)).slice(0, count),
      told: async (sink, ids) => {
        for (const id of ids) kept.delete(`${sink} ${id}`);
      },
    },
    counted: (_sink, sent, dropped) => {
      counts.sent += sent;
      counts.dropped += dropped;
    },
  });
let ids = 0;
const row = (over: Partial<LoggedRow> = {}): LoggedRow => ({ ...logRow(over), id: ++ids, ...over });

describe('a webhook', () => {
  const secret = `whsec_${Buffer.from('a secret of thirty-two bytes, no').toString('base64')}`;

  it('gets rows in batches, each as its signature says', async () => {
    const callbacks = open(webhook({ secret }));
    const rows = ['a', 'b', 'c'].map((call) => row({ call }));
    callbacks.written(rows.slice(0, 2));
    callbacks.written(rows.slice(2));
    await callbacks.close(10_000);
    expect(got).toHaveLength(2);
    const messages = got.map(
      ({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>) as never,
    );
    expect(messages).toMatchObject([
      { type: 'request_log.rows', data: { rows: rows.slice(0, 2) } },
      { type: 'request_log.rows', data: { rows: rows.slice(2) } },
    ]);
    expect(got[0]).toMatchObject({ path: '/in?a=1', headers: { 'x-tenant': 'a' } });
    expect(counts).toEqual({ sent: 3, dropped: 0 });
    const forged = got[0]!.body.replace('"a"', '"z"');
    expect(() => new Webhook(secret).verify(forged, got[0]!.headers as Record<string, string>)).toThrow();
  });

  it('gets the same again, under the same id, when it could not take it', async () => {
    statuses = [503, 429];
    const callbacks = open(webhook({ secret }));
    callbacks.written([row({ call: 'a' })]);
    await vi.waitFor(() => expect(counts.sent).toBe(1), { timeout: 30_000 });
    expect(got).toHaveLength(3);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(warnings).toMatchObject([{ callback: 'hook', reason: 'status 503' }]);
    for (const { body, headers } of got) new Webhook(secret).verify(body, headers as Record<string, string>);
    await callbacks.close(1_000);
  });

  it('loses what it refuses, and what does not fit while it is away: counted, and no more', async () => {
    statuses = [400];
    const refusing = open(webhook());
    refusing.written([row(), row({ call: 'b' })]);
    await refusing.close(10_000);
    expect(counts).toEqual({ sent: 0, dropped: 2 });
    statuses = Array.from({ length: 50 }, () => 503);
    const away = open(webhook({ maxRows: 4 }));
    for (let at = 0; at < 10; at++) away.written([row({ call: `c${at}` }), row({ call: `d${at}` })]);
    expect(counts.dropped).toBe(2 + 16);
    await away.close(10);
    // What waits is left to the next gatehouse.
    expect(counts).toEqual({ sent: 0, dropped: 2 + 16 });
  });

  it('gets from the next gatehouse what the one before did not bring, and nothing twice', async () => {
    const write = (callbacks: Callbacks, rows: LoggedRow[]): void => {
      waiting.push(...rows);
      for (const { sink, id } of callbacks.untold(rows)) kept.add(`${sink} ${id}`);
      callbacks.written(rows);
    };
    const first = open(webhook({ outcomes: ['ok'] }));
    write(first, [row({ call: 'a' }), row({ call: 'b' })]);
    await vi.waitFor(() => expect(kept.size).toBe(0), { timeout: 30_000 });
    statuses = Array.from({ length: 50 }, () => 503);
    write(first, [
      row({ call: 'c' }),
      row({ call: 'no', outcome: 'error', owner: 'caller' }),
      row({ call: 'd' }),
    ]);
    await vi.waitFor(() => expect(got.length).toBeGreaterThan(1), { timeout: 30_000 });
    const before = got.at(-1)!.headers['webhook-id'];
    await first.close(1);
    // Nothing is lost: it waits.
    expect(counts).toEqual({ sent: 2, dropped: 0 });
    expect(kept.size).toBe(2);
    statuses = [];
    const next = open(webhook({ outcomes: ['ok'] }));
    await next.resume();
    await next.close(10_000);
    const { data } = JSON.parse(got.at(-1)!.body) as { data: { rows: LoggedRow[] } };
    expect(data.rows.map(({ call }) => call)).toEqual(['c', 'd']);
    expect(got.at(-1)!.headers['webhook-id']).toBe(before);
    expect([counts, kept.size]).toEqual([{ sent: 4, dropped: 0 }, 0]);
  });

  it('is told of calls that ended as it wants, whole, with what is kept of their bodies', async () => {
    bodies = [
      {
        call: 'x',
        at: 1,
        kind: 'request',
        bytes: 2,
        truncated: false,
        sha256: 'h',
        encoding: 'utf8',
        text: '{}',
      },
    ];
    const callbacks = open(webhook({ outcomes: ['error'], content: true }));
    const failed = row({ call: 'x', attempts: 2, attempt: 1, final: false, outcome: 'error' });
    const last = row({ call: 'x', attempts: 2, attempt: 2, outcome: 'error' });
    callbacks.written([
      row({ call: 'w' }),
      failed,
      last,
      row({ call: 'y', attempts: 2, final: false, outcome: 'error' }),
      row({ call: 'y', attempts: 2, attempt: 2 }),
    ]);
    await callbacks.close(10_000);
    expect(got.map(({ body }) => (JSON.parse(body) as { data: object }).data)).toEqual([
      { rows: [failed, last], bodies },
    ]);
    bodies = [];
  });
});

describe('Langfuse', () => {
  /** What its ingestion API asks of an event. */
  function checked({ headers, path, body }: Got): { successes: object[]; errors: object[] } {
    expect(path).toBe('/api/public/ingestion');
    expect(headers.authorization).toBe(`Basic ${Buffer.from('pk-lf-1:sk-lf-2').toString('base64')}`);
    const { batch } = JSON.parse(body) as {
      batch: { id: string; type: string; timestamp: string; body: Record<string, unknown> }[];
    };
    for (const event of batch) {
      expect(event.id).toEqual(expect.any(String));
      expect(Number.isNaN(Date.parse(event.timestamp))).toBe(false);
      expect(['trace-create', 'generation-create']).toContain(event.type);
      expect(['DEFAULT', 'WARNING', 'ERROR', undefined]).toContain(event.body['level']);
      for (const [key, value] of Object.entries(event.body))
        if (key.endsWith('Time')) expect(Number.isNaN(Date.parse(String(value)))).toBe(false);
    }
    return { successes: batch.map(({ id }) => ({ id, status: 201 })), errors: [] };
  }
  const events = (): { id: string; type: string; body: Record<string, unknown> }[] =>
    got.flatMap(({ body }) => (JSON.parse(body) as { batch: [] }).batch);

  it('gets a trace a call and a generation an attempt, with times, tokens and cost', async () => {
    answer = checked;
    statuses = [207];
    const at = 1_764_000_010_000;
    bodies = [
      {
        call: 'q',
        at,
        kind: 'answer',
        bytes: 9,
        truncated: true,
        sha256: 'h',
        encoding: 'utf8',
        text: '{"half":',
      },
    ];
    const callbacks = open(langfuse({ content: true }));
    callbacks.written([
      row({
        call: 'q',
        at,
        attempts: 2,
        attempt: 1,
        final: false,
        outcome: 'error',
        errorType: 'provider_overloaded',
        costNano: 0,
        inputTokens: null,
        outputTokens: null,
        beganMs: 1,
        attemptMs: 100,
        totalMs: 0,
      }),
      row({
        call: 'q',
        at,
        attempts: 2,
        attempt: 2,
        user: 'ada',
        session: 's',
        tags: ['t'],
        inputTokens: 100,
        cacheReadTokens: 30,
        cacheWriteTokens: 10,
        outputTokens: 20,
        reasoningTokens: 5,
        beganMs: 110,
        attemptMs: 890,
        totalMs: 1_000,
        ttftMs: 300,
        costNano: 2_500_000,
      }),
    ]);
    await callbacks.close(10_000);
    bodies = [];
    expect(events()).toMatchObject([
      {
        type: 'trace-create',
        body: {
          id: 'q',
          userId: 'ada',
          sessionId: 's',
          tags: ['t'],
          output: '{"half":',
          timestamp: new Date(at - 1_000).toISOString(),
        },
      },
      {
        type: 'generation-create',
        id: 'q-1',
        body: { traceId: 'q', level: 'ERROR', statusMessage: 'provider_overloaded' },
      },
      {
        type: 'generation-create',
        id: 'q-2',
        body: {
          traceId: 'q',
          model: 'gpt-4o-mini',
          level: 'DEFAULT',
          startTime: new Date(at - 890).toISOString(),
          endTime: new Date(at).toISOString(),
          completionStartTime: new Date(at - 700).toISOString(),
          usageDetails: {
            input: 60,
            input_cached_tokens: 30,
            input_cache_creation: 10,
            output: 15,
            output_reasoning_tokens: 5,
            total: 120,
          },
          costDetails: { total: 0.0025 },
        },
      },
    ]);
    expect(counts).toEqual({ sent: 2, dropped: 0 });
  });

  it('gets again what it could not take of a batch, and loses what it refuses', async () => {
    let asked = 0;
    answer = (one) => {
      const { successes } = checked(one);
      asked += 1;
      return { successes, errors: [{ id: 'a-1', status: asked === 1 ? 500 : 400 }] };
    };
    statuses = [207, 207];
    const callbacks = open(langfuse());
    callbacks.written([row({ call: 'a' }), row({ call: 'b', parent: 'a' })]);
    await vi.waitFor(() => expect(counts).toEqual({ sent: 1, dropped: 1 }), { timeout: 30_000 });
    expect(got[0]!.body).toBe(got[1]!.body);
    // What the gateway did for another call is part of its trace.
    expect(
      events()
        .filter(({ type }) => type === 'trace-create')
        .map(({ body }) => body['id']),
    ).toEqual(['a', 'a']);
    expect(events().find(({ id }) => id === 'b-1')?.body['traceId']).toBe('a');
    await callbacks.close(1_000);
  });
});
