// What batches used, charged once: read line by line however the lines are cut, or told by the provider.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../contracts/call.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import { onceAlone } from '../../gateway/alone.ts';
import { settledCall } from '../../observability/settled-call.fixture.ts';
import { priceOf } from '../../prices/fields.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { operations } from '../../registry/operations.ts';
import { BatchCharges } from './batch-charges.ts';
import { createBatchSink } from './batch-sink.ts';

const price = priceOf(
  {
    input_cost_per_token: 2e-6,
    output_cost_per_token: 8e-6,
    input_cost_per_token_batches: 1e-6,
    output_cost_per_token_batches: 4e-6,
    input_cost_per_token_above_200k_tokens: 6e-6,
    input_cost_per_token_above_200k_tokens_batches: 3e-6,
  },
  'configuration',
);
let settled: Call[];
let booked: number;
let once = onceAlone();
beforeEach(() => {
  settled = [];
  booked = 0;
  once = onceAlone();
});

const openai = (n: number, model = 'gpt-x', input = 100): string =>
  JSON.stringify({
    ...{ id: `batch_req_${n}`, custom_id: `c${n}`, error: null },
    response: {
      status_code: 200,
      body: {
        ...{
          id: `chatcmpl-${n}`,
          object: 'chat.completion',
          model,
          choices: [{ message: { content: 'é\n' } }],
        },
        usage: { prompt_tokens: input, completion_tokens: 10, total_tokens: input + 10 },
      },
    },
  });
const anthropic = JSON.stringify({
  custom_id: 'a',
  result: {
    type: 'succeeded',
    message: {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x', content: [] },
      ...{ stop_reason: 'end_turn', usage: { input_tokens: 40, output_tokens: 5, service_tier: 'batch' } },
    },
  },
});
const gemini = {
  candidates: [{ content: { parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 30, candidatesTokenCount: 7, totalTokenCount: 37 },
  modelVersion: 'gemini-x',
};
const failed = [
  '{"custom_id":"f","result":{"type":"errored","error":{"type":"invalid_request"}}}',
  '{"id":"x","response":null,"error":{"code":"batch_expired"}}',
  '{"response":{"status_code":400,"body":{"error":{"message":"no"}}}}',
  'no json at all',
  '',
];

interface Of {
  operation?: 'file-content' | 'batch-results' | 'batch' | 'passthrough';
  params?: Record<string, string>;
  method?: string;
}
/** A call that reads, and what stands around its answer. */
function reading({ operation = 'file-content', params = { id: 'file-out' }, method = 'GET' }: Of = {}): Sink {
  const call = settledCall({}, { ...ROUTE, operation: operations[operation] });
  Object.assign(call, { head: { ...call.head, method }, params });
  Object.assign(call.snapshot, {
    models: { priceOf: (_: string, model: string) => (model === '' ? null : price) },
  });
  const inner = { reply: () => undefined, start: () => undefined, chunk: () => true, end: () => undefined };
  const charges = new BatchCharges({
    clock: { now: () => 5_000, wall: () => 0 } as never, // all that is used of it
    settle: (child) => void settled.push(child),
    once,
    book: () => void booked++,
  });
  return createBatchSink({ charges, dialect: dialectByName })(inner as unknown as Sink, call); // likewise
}
const ROUTE = {
  kind: 'model',
  dialect: 'openai-chat',
  template: '/x',
  methods: ['GET'],
  open: false,
  stream: null,
} as const;
const HEAD: HeaderList = [['content-type', 'application/jsonl']];

async function read(of: Of, bytes: Buffer, cuts: readonly number[] = [], whole = true): Promise<void> {
  const sink = reading(of);
  sink.start(200, HEAD);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    // As from a socket: the bytes are another's behind this turn.
    const piece = Buffer.from(bytes.subarray(from, cut));
    sink.chunk(piece);
    piece.fill(0);
    from = cut;
  }
  if (whole) sink.end();
  await new Promise((resolve) => setImmediate(resolve));
}
const used = () =>
  settled.map(({ operation, upstreamModel, attempts: [record], parent }) => ({
    ...{ operation: operation!.name, model: upstreamModel, parent, cost: record!.costNano },
    ...{ input: record!.usage!.input, output: record!.usage!.output, requests: record!.usage!.requests },
  }));
const one = (model: string, input: number, output: number, requests: number, cost: number) => ({
  ...{ operation: 'chat', model, input, output, requests, cost, parent: 'req-1' },
});

describe('results of a batch', () => {
  it('of each vendor are charged at the price of batches, by model, failed ones not', async () => {
    const lines = [
      openai(1),
      ...failed,
      anthropic,
      JSON.stringify({ key: 'g', response: gemini }),
      openai(2),
    ];
    await read({}, Buffer.from(lines.join('\n')));
    expect(used()).toEqual([
      one('gpt-x', 200, 20, 2, 200_000 + 80_000),
      one('claude-x', 40, 5, 1, 40_000 + 20_000),
      one('gemini-x', 30, 7, 1, 30_000 + 28_000),
    ]);
    expect(booked).toBe(3);
    expect(settled.map(({ head }) => head.method)).toEqual(['POST', 'POST', 'POST']);
  });

  it('that are long are charged like others: what makes them so is left out as they come', async () => {
    const sound = 'A'.repeat(9 * 1024 * 1024);
    const vectors = Array.from({ length: 20_000 }, () => Array.from({ length: 40 }, () => 0.125));
    const big = (n: number, content: unknown): string => {
      const line = JSON.parse(openai(n)) as { response: { body: { choices: { message: object }[] } } }; // as it was made
      line.response.body.choices[0]!.message = { content };
      return JSON.stringify(line);
    };
    const lines = [big(1, sound), openai(2), big(3, vectors), big(4, '\\"é'.repeat(300_000)), openai(5)];
    const bytes = Buffer.from(lines.join('\n'));
    const cuts = Array.from({ length: Math.floor(bytes.length / 65_537) }, (_, at) => (at + 1) * 65_537);
    await read({}, bytes, cuts);
    expect(used()).toEqual([one('gpt-x', 500, 50, 5, 700_000)]);
  });

  it('on both sides of a threshold are two charges, so that none is priced as the sum of many', async () => {
    const lines = [openai(1, 'gpt-x', 150_000), openai(2, 'gpt-x', 190_000), openai(3, 'gpt-x', 250_000)];
    await read({}, Buffer.from(lines.join('\n')));
    expect(used()).toEqual([
      one('gpt-x', 340_000, 20, 2, 340_000_000 + 80_000),
      one('gpt-x', 250_000, 10, 1, 750_000_000 + 40_000),
    ]);
  });

  it('are the same however they are cut, read once or again and again, side by side or broken off', async () => {
    const many = Buffer.from(Array.from({ length: 1_203 }, (_, n) => openai(n)).join('\n'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: many.length }), { maxLength: 40 }),
        fc.boolean(),
        async (at, breaks) => {
          settled = [];
          once = onceAlone();
          const cuts = at.sort((a, b) => a - b);
          if (breaks) await read({}, many.subarray(0, cuts[0] ?? 0), [], false);
          await Promise.all([read({}, many, cuts), read({}, many)]);
          await read({}, many);
          const sum = (of: (row: ReturnType<typeof used>[number]) => number): number =>
            used().reduce((total, row) => total + of(row), 0);
          expect(sum(({ requests }) => requests!)).toBe(1_203);
          expect(sum(({ cost }) => cost!)).toBe(1_203 * 140_000);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('that come whole are read as well, and refusals and other methods are not', async () => {
    reading().reply(200, HEAD, openai(1));
    reading({ params: { id: 'file-other' } }).reply(404, HEAD, openai(1));
    reading({ params: { id: 'file-third' }, method: 'DELETE' }).reply(200, HEAD, openai(1));
    // In a container: a copy, if it is one.
    reading({ params: { id: 'cntr_1', item: 'cfile_1' } }).reply(200, HEAD, openai(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(used()).toEqual([one('gpt-x', 100, 10, 1, 140_000)]);
  });

  it.each([
    ['v1/files/file-out/content', 0],
    ['files/file-out/content', 0],
    ['v1/messages/batches/msgbatch_1/results', 1],
    ['download/v1beta/files/abc:download', 1],
    ['v1/files/file-out', 0],
    ['v1/chat/completions', 0],
  ])('are the same batch under /passthrough/%s', async (rest, more) => {
    await read({}, Buffer.from(openai(1)));
    await read({ operation: 'passthrough', params: { provider: 'openai', rest } }, Buffer.from(openai(1)));
    expect(settled).toHaveLength(1 + more);
  });
});

describe('a batch that its provider tells of', () => {
  const batch = {
    ...{
      id: 'batch_1',
      object: 'batch',
      endpoint: '/v1/chat/completions',
      status: 'completed',
      model: 'gpt-x',
    },
    ...{ output_file_id: 'file-out', request_counts: { total: 3, completed: 3, failed: 0 } },
    usage: {
      ...{
        input_tokens: 300,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 30,
        total_tokens: 330,
      },
      output_tokens_details: { reasoning_tokens: 10 },
    },
  };
  const poll = async (object: object): Promise<void> => {
    reading({ operation: 'batch', params: { id: 'batch_1' } }).reply(
      200,
      [['content-type', 'application/json']],
      JSON.stringify(object),
    );
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('is charged when it is over, once, and its results are not charged again', async () => {
    await poll({ ...batch, status: 'in_progress' });
    expect(settled).toEqual([]);
    await poll(batch);
    await poll(batch);
    await read({}, Buffer.from([openai(1), openai(2), openai(3)].join('\n')));
    expect(used()).toEqual([one('gpt-x', 300, 30, 3, 420_000)]);
  });

  it('is charged when a list tells of it, each once and under an id of its own', async () => {
    const others = [
      { ...batch, id: 'batch_2', output_file_id: 'file-2', model: 'gpt-y' },
      { ...batch, id: 'batch_3', output_file_id: 'file-3', status: 'in_progress' },
    ];
    const list = { object: 'list', data: [batch, ...others, null], has_more: false };
    for (let at = 0; at < 2; at++) {
      reading({ operation: 'batch', params: {} }).reply(200, [], JSON.stringify(list));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await poll(batch);
    expect(used()).toEqual([one('gpt-x', 300, 30, 3, 420_000), one('gpt-y', 300, 30, 3, 420_000)]);
    expect(new Set(settled.map(({ id }) => id)).size).toBe(2);
  });

  it('nor is it charged when its results were', async () => {
    await read({}, Buffer.from([openai(1), openai(2), openai(3)].join('\n')));
    await poll(batch);
    expect(used()).toEqual([one('gpt-x', 300, 30, 3, 420_000)]);
  });

  it('without a word of what was used is charged by its results', async () => {
    await poll({ ...batch, usage: { ...batch.usage, input_tokens: 0, output_tokens: 0 } });
    const { usage: _usage, ...plain } = batch;
    await poll(plain);
    expect(settled).toEqual([]);
    await read({}, Buffer.from(openai(1)));
    expect(settled).toHaveLength(1);
  });

  it('of Google tells it with its answers', async () => {
    const operation = {
      ...{ name: 'batches/g1', done: true, metadata: { state: 'BATCH_STATE_SUCCEEDED' } },
      response: {
        inlinedResponses: { inlinedResponses: [{ response: gemini }, { error: {} }, { response: gemini }] },
      },
    };
    for (let at = 0; at < 2; at++) {
      reading({ operation: 'passthrough', params: { provider: 'g', rest: 'v1beta/batches/g1' } }).reply(
        200,
        [['content-type', 'application/json']],
        JSON.stringify(operation),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(used()).toEqual([one('gemini-x', 60, 14, 2, 60_000 + 56_000)]);
  });
});
