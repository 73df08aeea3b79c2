// Batch jobs of Bedrock and Vertex AI that were begun through the gateway: what they are charged by, and what where that cannot be known.
import { beforeEach, describe, expect, it } from 'vitest';
import { fakeCall, type FakeProvider, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { BatchState, BatchWatch } from '../../contracts/batch-watch.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import type { Upstream } from '../../contracts/upstream.ts';
import { onceAlone } from '../../gateway/alone.ts';
import { priceOf } from '../../prices/fields.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { BatchCharges } from './batch-charges.ts';
import { followBatch, type FollowBatchDeps } from './follow-batch.ts';

const price = priceOf(
  { input_cost_per_token_batches: 1e-6, output_cost_per_token_batches: 4e-6 },
  'configuration',
);
const HOUR = 3_600_000;
const ENDED = '2026-11-30T10:00:00Z';
const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/ab12cd34';
const NAME = 'projects/7/locations/europe-west4/batchPredictionJobs/99';

let settled: Call[];
let warned: Readonly<Record<string, unknown>>[];
let once = onceAlone();
let wall: number;
/** What lies in storage, by path; what is not there is a 404. */
let stored: Map<string, string | number>;
let read: string[];
let opened: number;
let opens: boolean;
beforeEach(() => {
  settled = [];
  warned = [];
  once = onceAlone();
  wall = Date.parse(ENDED) + HOUR;
  stored = new Map();
  read = [];
  opened = 0;
  opens = true;
});

/** Cut in two wherever that is: what is read is read however it comes. */
const storage = (): Upstream => {
  opened++;
  return {
    send({ path, headers }, handler) {
      read.push(path);
      expect(headers['opens']).toBe('p-1');
      const found = stored.get(path);
      queueMicrotask(() => {
        if (typeof found === 'string' || found === undefined) {
          handler.onHead(found === undefined ? 404 : 200, {});
          const bytes = Buffer.from(found ?? '{}');
          for (const half of [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)])
            handler.onData(half);
          handler.onEnd();
        } else if (found === 0) handler.onError(new GatewayError('GW_UPSTREAM_RESET'));
        else {
          handler.onHead(found, {});
          handler.onEnd();
        }
      });
      return { pause() {}, resume() {}, abort() {} };
    },
    stats: () => ({ connected: 0, running: 0, pending: 0 }),
    close: () => {
      opened--;
      return Promise.resolve();
    },
  };
};

interface Of {
  dialect: 'bedrock' | 'gemini';
  batchStorage?: string;
  priced?: boolean;
}

/** Asks after it once, and is told `job`. */
async function follow(
  job: object,
  { dialect, batchStorage = 'http://s', priced = true }: Of,
): Promise<BatchState> {
  const provider: FakeProvider = fakeProvider('p', dialectByName(dialect), {
    ...(batchStorage === '' ? {} : { batchStorage }),
  });
  const { call } = fakeCall(dialect, {}, [provider]);
  const models = {
    at: () => ({ targets: [provider.target] }),
    priceOf: (_provider: string, model: string) => (priced && model !== 'no-price' ? price : null),
  };
  const snapshot = { ...call.snapshot, models } as unknown as Snapshot; // all that is asked of it
  const clock = { now: () => 5_000, wall: () => wall };
  const deps: FollowBatchDeps = {
    charges: new BatchCharges({
      clock,
      settle: (child) => void settled.push(child),
      once,
      book: () => undefined,
    }),
    ...{ dialect: dialectByName, clock, named: () => null },
    book: { claim: () => undefined } as unknown as FollowBatchDeps['book'], // nothing it tells is looked at
    headersOf: (_speaker, key, path, fromOrigin) => ({
      signed: `${key?.config.alias} ${path} ${fromOrigin}`,
    }),
    log: { warn: (fields) => void warned.push(fields) },
    storage: {
      open: storage,
      headersOf: (_provider, key) => (opens ? { opens: key!.config.alias } : null),
    },
  };
  const isAws = dialect === 'bedrock';
  const watch: BatchWatch = {
    ...{ id: isAws ? ARN : NAME, provider: 'p', operation: 'passthrough', dialect, template: '/passthrough' },
    ...{ path: '/job', fromOrigin: true, keyAlias: '', call: 'req-of-it', holder: { name: 'app' } },
    ...{ customer: null, headers: [] },
  };
  const state = followBatch(deps, snapshot, watch);
  const { request } = provider.requests[0]!;
  expect(request.headers).toEqual({ signed: 'p-1 /job true' });
  provider.requests[0]!.json(200, job);
  const told = await state;
  expect(opened).toBe(0);
  return told;
}

const used = () =>
  settled.map(({ parent, principal, operation, attempts: [one] }) => ({
    ...{ parent, key: principal?.name, operation: operation!.name, model: one!.model },
    ...{ requests: one!.usage!.requests, input: one!.usage!.input, output: one!.usage!.output },
    ...{ tier: one!.usage!.tier, cost: one!.costNano },
  }));
const charge = (more: object) => ({ parent: 'req-of-it', key: 'app', tier: 'batch', ...more });
const UNTOLD = { operation: 'passthrough', input: null, output: null, cost: null };

const bedrock = {
  jobArn: ARN,
  ...{ modelId: 'arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-x', status: 'Completed' },
  outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://my-bucket/out of it' } },
  ...{ submitTime: '2026-11-30T09:00:00Z', endTime: ENDED },
};
const MANIFEST = '/my-bucket/out%20of%20it/ab12cd34/manifest.json.out';
const counts = {
  ...{ totalRecordCount: 4, processedRecordCount: 4, successRecordCount: 3, errorRecordCount: 1 },
  ...{ inputTokenCount: 300, outputTokenCount: 30 },
};

describe('a job of Bedrock', () => {
  it.each(['Submitted', 'InProgress', 'Stopping', 'Validating', 'Scheduled'])(
    'is open for as long as it is %s',
    async (status) => {
      expect(await follow({ ...bedrock, status }, { dialect: 'bedrock' })).toBe('open');
      expect([settled, read]).toEqual([[], []]);
    },
  );

  it.each(['Completed', 'PartiallyCompleted', 'Stopped', 'Expired', 'Failed'])(
    'that is %s is charged by its manifest, once',
    async (status) => {
      stored.set(MANIFEST, JSON.stringify(counts));
      for (let times = 0; times < 2; times++)
        expect(await follow({ ...bedrock, status }, { dialect: 'bedrock' })).toBe('over');
      expect(used()).toEqual([
        charge({
          ...{ operation: 'chat', model: 'anthropic.claude-x', requests: 3, input: 300, output: 30 },
          cost: 300 * 1_000 + 30 * 4_000,
        }),
      ]);
      expect(warned).toEqual([]);
    },
  );

  it('of vectors says nothing', async () => {
    stored.set(MANIFEST, JSON.stringify({ ...counts, outputTokenCount: undefined }));
    const job = { ...bedrock, outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://my-bucket' } } };
    stored.set('/my-bucket/ab12cd34/manifest.json.out', stored.get(MANIFEST)!);
    expect(await follow(job, { dialect: 'bedrock' })).toBe('over');
    expect(used()).toEqual([
      charge({
        ...{ operation: 'embeddings', model: 'anthropic.claude-x', requests: 3, input: 300, output: 0 },
        cost: 300_000,
      }),
    ]);
  });

  it.each<[string, () => void]>([
    ['it is not there', () => undefined],
    ['this key may not', () => stored.set(MANIFEST, 403)],
    ['the connection breaks', () => stored.set(MANIFEST, 0)],
    ['its key opens no storage', () => (opens = false)],
  ])('is looked at again where %s, and a day after its end has no known cost', async (_why, hide) => {
    hide();
    const job = { ...bedrock, successRecordCount: 3 };
    expect(await follow(job, { dialect: 'bedrock' })).toBe('unread');
    expect([settled.length, warned]).toEqual([0, [{ provider: 'p', batch: ARN, why: expect.any(String) }]]);
    wall += 24 * HOUR;
    for (let times = 0; times < 2; times++) expect(await follow(job, { dialect: 'bedrock' })).toBe('over');
    expect(used()).toEqual([charge({ ...UNTOLD, model: 'anthropic.claude-x', requests: 3 })]);
    // Who is let in too late charges nothing beside that.
    opens = true;
    stored.set(MANIFEST, JSON.stringify(counts));
    expect(await follow(job, { dialect: 'bedrock' })).toBe('over');
    expect(used()).toHaveLength(1);
  });

  it.each([
    ['counts no tokens, as that of pictures', { successRecordCount: 3, outputImgCount512x512pStep50: 3 }],
    ['counts none of what was answered', { ...counts, inputTokenCount: 0, outputTokenCount: 0 }],
    ['counts nothing', { successRecordCount: '', inputTokenCount: '', outputTokenCount: -1 }],
    ['is more than a few counts', { ...counts, more: 'x'.repeat(70_000) }],
  ])('has no known cost where its manifest %s', async (_what, manifest) => {
    stored.set(MANIFEST, JSON.stringify(manifest));
    wall += 24 * HOUR;
    expect(await follow(bedrock, { dialect: 'bedrock' })).toBe('over');
    expect(used()).toEqual([charge({ ...UNTOLD, model: 'anthropic.claude-x', requests: 1 })]);
  });

  it('is read by nobody where that is not permitted', async () => {
    stored.set(MANIFEST, JSON.stringify(counts));
    const of = { dialect: 'bedrock', batchStorage: '' } as const;
    expect(await follow({ ...bedrock, successRecordCount: 3 }, of)).toBe('over');
    expect([read, used()]).toEqual([[], [charge({ ...UNTOLD, model: 'anthropic.claude-x', requests: 3 })]]);
  });

  it('costs nothing where its manifest says that nothing was answered', async () => {
    const none = { ...counts, successRecordCount: 0, inputTokenCount: 0, outputTokenCount: 0 };
    stored.set(MANIFEST, JSON.stringify(none));
    expect(await follow(bedrock, { dialect: 'bedrock' })).toBe('over');
    expect([settled, warned]).toEqual([[], []]);
  });

  it.each([
    ['answered nothing', { successRecordCount: 0 }, 'http://s'],
    ['failed, and left nothing', { status: 'Failed' }, 'http://s'],
    ['failed, and may not be read', { status: 'Failed' }, ''],
  ])('that %s costs nothing', async (_what, change, batchStorage) => {
    expect(await follow({ ...bedrock, ...change }, { dialect: 'bedrock', batchStorage })).toBe('over');
    expect(settled).toEqual([]);
  });

  it.each([
    's3://my-bucket/../other',
    's3://my-bucket/a/./b',
    'http://elsewhere/x',
    's3://Odd_Bucket!/x',
    '',
  ])('is not read where it says that it lies at %j', async (s3Uri) => {
    const job = { ...bedrock, outputDataConfig: { s3OutputDataConfig: { s3Uri } } };
    expect(await follow(job, { dialect: 'bedrock' })).toBe('over');
    expect([read, used()]).toEqual([[], [charge({ ...UNTOLD, model: 'anthropic.claude-x', requests: 1 })]]);
  });
});

const vertex = {
  name: NAME,
  ...{ model: 'publishers/google/models/gemini-x', state: 'JOB_STATE_SUCCEEDED' },
  ...{ completionStats: { successfulCount: '3', failedCount: '1' }, endTime: ENDED },
  outputInfo: { gcsOutputDirectory: 'gs://my-bucket/out/prediction-model-1' },
};
const LIST =
  '/storage/v1/b/my-bucket/o?prefix=out%2Fprediction-model-1%2F&fields=items%28name%29%2CnextPageToken';
const fileAt = (name: string) =>
  `/storage/v1/b/my-bucket/o/${encodeURIComponent(`out/prediction-model-1/${name}`)}?alt=media`;
const listed = (names: readonly string[], more: object = {}) =>
  JSON.stringify({ items: names.map((name) => ({ name: `out/prediction-model-1/${name}` })), ...more });
const line = (version = 'gemini-x-001@default') =>
  JSON.stringify({
    ...{ status: '', processed_time: ENDED, request: { contents: [] } },
    response: {
      candidates: [{ content: { role: 'model', parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
      ...{ usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 10 }, modelVersion: version },
    },
  });
const FAILED_LINE = JSON.stringify({ status: 'Bad Request: …', request: {}, response: {} });

describe('a job of Vertex AI', () => {
  it.each(['QUEUED', 'PENDING', 'RUNNING', 'CANCELLING', 'PAUSED'])(
    'is open for as long as it is %s',
    async (state) => {
      const job = { ...vertex, state: `JOB_STATE_${state}` };
      expect(await follow(job, { dialect: 'gemini' })).toBe('open');
      expect([settled, read]).toEqual([[], []]);
    },
  );

  it('is charged by its answers, of all files and all pages of their list, once', async () => {
    stored.set(LIST, listed(['prediction.errors_stats-1', 'predictions_2.jsonl'], { nextPageToken: 'b c' }));
    stored.set(`${LIST}&pageToken=b%20c`, listed(['predictions_1.jsonl', 'incremental_predictions.jsonl']));
    stored.set(fileAt('predictions_1.jsonl'), `${line()}\n${FAILED_LINE}\n${line()}`);
    stored.set(fileAt('predictions_2.jsonl'), `${line()}\n`);
    for (let times = 0; times < 2; times++) expect(await follow(vertex, { dialect: 'gemini' })).toBe('over');
    expect(used()).toEqual([
      charge({
        ...{ operation: 'chat', model: 'gemini-x', requests: 3, input: 300, output: 30 },
        cost: 300 * 1_000 + 30 * 4_000,
      }),
    ]);
    expect(new Set(read)).toEqual(
      new Set([
        ...[LIST, `${LIST}&pageToken=b%20c`, fileAt('predictions_1.jsonl'), fileAt('predictions_2.jsonl')],
      ]),
    );
  });

  it('is charged once for each answer, whatever else its storage lists', async () => {
    // Another folder, a file twice, and an empty text in place of no further page.
    const items = ['out/prediction-model-1/predictions_1.jsonl', 'out/other/predictions_1.jsonl'];
    const list = [...items, ...items].map((name) => ({ name }));
    stored.set(LIST, JSON.stringify({ items: list, nextPageToken: '' }));
    stored.set(fileAt('predictions_1.jsonl'), line());
    expect(await follow(vertex, { dialect: 'gemini' })).toBe('over');
    expect(used()).toMatchObject([{ requests: 1, input: 100 }]);
    expect(read).toEqual([LIST, fileAt('predictions_1.jsonl')]);
  });

  it('whose list has no end has no known cost: the first of its files are not all', async () => {
    stored.set(LIST, listed(['predictions_1.jsonl'], { nextPageToken: 'a' }));
    stored.set(`${LIST}&pageToken=a`, stored.get(LIST)!);
    expect(await follow(vertex, { dialect: 'gemini' })).toBe('over');
    expect(read).toHaveLength(20);
    expect(used()).toEqual([charge({ ...UNTOLD, model: 'gemini-x', requests: 3 })]);
  });

  it('goes on where a file broke off, and charges each answer once', async () => {
    const many = Array.from({ length: 620 }, () => line()).join('\n');
    stored.set(LIST, listed(['predictions_1.jsonl', 'predictions_2.jsonl']));
    stored.set(fileAt('predictions_1.jsonl'), many);
    stored.set(fileAt('predictions_2.jsonl'), 0);
    const job = { ...vertex, completionStats: { successfulCount: '621' } };
    expect(await follow(job, { dialect: 'gemini' })).toBe('unread');
    expect(used().map(({ requests }) => requests)).toEqual([500]);
    stored.set(fileAt('predictions_2.jsonl'), line());
    expect(await follow(job, { dialect: 'gemini' })).toBe('over');
    expect(used().map(({ requests }) => requests)).toEqual([500, 121]);
  });

  it('that could be read in part alone is in the ledger with what is not known of it, too, once', async () => {
    stored.set(LIST, listed(['predictions_1.jsonl', 'predictions_2.jsonl']));
    stored.set(fileAt('predictions_1.jsonl'), Array.from({ length: 620 }, () => line()).join('\n'));
    stored.set(fileAt('predictions_2.jsonl'), 403);
    const job = { ...vertex, completionStats: { successfulCount: '621' } };
    wall += 24 * HOUR;
    for (let times = 0; times < 2; times++) expect(await follow(job, { dialect: 'gemini' })).toBe('over');
    expect(used()).toEqual([
      expect.objectContaining({ requests: 500, cost: 500 * 140_000 }),
      charge({ ...UNTOLD, model: 'gemini-x', requests: 621 }),
    ]);
  });

  it.each<[string, object, object]>([
    [
      'Claude',
      {
        response: {
          ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-y', stop_reason: 'end_turn' },
          content: [{ type: 'text', text: 'a' }],
          usage: { input_tokens: 5, output_tokens: 2 },
        },
      },
      { operation: 'chat', model: 'gemini-x', input: 5, output: 2, cost: 13_000 },
    ],
    [
      'an open model',
      {
        response: {
          ...{ object: 'chat.completion', model: 'o', choices: [{ message: { content: 'a' } }] },
          usage: { prompt_tokens: 5, completion_tokens: 2 },
        },
      },
      { operation: 'chat', model: 'gemini-x', input: 5, output: 2, cost: 13_000 },
    ],
    [
      'vectors',
      {
        instance: { content: 'a' },
        predictions: [{ embeddings: { statistics: { token_count: 7, truncated: false }, values: [0.5, 1] } }],
      },
      { operation: 'embeddings', model: 'gemini-x', input: 7, output: 0, cost: 7_000 },
    ],
  ])('of %s is read as its answers are', async (_what, answer, wanted) => {
    stored.set(LIST, listed(['predictions.jsonl']));
    stored.set(fileAt('predictions.jsonl'), JSON.stringify(answer));
    expect(await follow(vertex, { dialect: 'gemini' })).toBe('over');
    expect(used()).toEqual([charge({ requests: 1, ...wanted })]);
  });

  it('of a model that has no price is charged by the one that answered', async () => {
    stored.set(LIST, listed(['predictions.jsonl']));
    stored.set(fileAt('predictions.jsonl'), line('gemini-y'));
    const job = { ...vertex, model: 'projects/7/locations/europe-west4/models/no-price' };
    expect(await follow(job, { dialect: 'gemini' })).toBe('over');
    expect(used()).toMatchObject([{ model: 'gemini-y', cost: 140_000 }]);
  });

  it.each([
    ['lies in BigQuery', { outputInfo: { bigqueryOutputTable: 'bq://p.d.t' } }],
    ['has no folder of its own', { outputInfo: { gcsOutputDirectory: 'gs://my-bucket' } }],
    ['tells no tokens', {}],
  ])('whose output %s has no known cost, and is not 0', async (_what, change) => {
    stored.set(LIST, listed(['predictions.jsonl']));
    stored.set(fileAt('predictions.jsonl'), '{"instance":1,"prediction":{"scores":[1]}}');
    expect(await follow({ ...vertex, ...change }, { dialect: 'gemini' })).toBe('over');
    expect(used()).toEqual([charge({ ...UNTOLD, model: 'gemini-x', requests: 3 })]);
  });

  it('that answered some and then failed is charged for those', async () => {
    stored.set(LIST, listed(['predictions.jsonl']));
    stored.set(fileAt('predictions.jsonl'), line());
    expect(await follow({ ...vertex, state: 'JOB_STATE_FAILED' }, { dialect: 'gemini' })).toBe('over');
    expect(used()).toMatchObject([{ requests: 1, cost: 140_000 }]);
  });

  it.each([
    ['is refused', 403],
    ['is empty', '{}'],
  ])('is looked at again where its list %s', async (_what, answer) => {
    stored.set(LIST, answer);
    expect(await follow(vertex, { dialect: 'gemini' })).toBe('unread');
    expect(settled).toEqual([]);
  });
});

it('is asked after again where the answer is about something else', async () => {
  // As a batch that is not over: its provider did not say how it is.
  for (const odd of [
    { jobArn: 'arn:aws:s3:::x', status: 'Completed' },
    { ...vertex, name: 'jobs/9' },
  ])
    expect(await follow(odd, { dialect: 'bedrock' })).toBe('open');
  expect([settled, read]).toEqual([[], []]);
});
