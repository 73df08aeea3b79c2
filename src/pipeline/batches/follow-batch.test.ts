// A batch that nobody asks after: what its provider is asked, and what is charged.
import { beforeEach, describe, expect, it } from 'vitest';
import { fakeCall, type FakeProvider, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { BatchState, BatchWatch } from '../../contracts/batch-watch.ts';
import type { Call } from '../../contracts/call.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { onceAlone } from '../../gateway/alone.ts';
import type { Principal } from '../../contracts/principal.ts';
import { principalOf } from '../../governance/principal.ts';
import { priceOf } from '../../prices/fields.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { BatchCharges } from './batch-charges.ts';
import { followBatch } from './follow-batch.ts';

const price = priceOf(
  { input_cost_per_token_batches: 1e-6, output_cost_per_token_batches: 4e-6 },
  'configuration',
);
let settled: Call[];
let noted: string[];
let holders: Principal[];
let once = onceAlone();
let provider: FakeProvider;
beforeEach(() => {
  settled = [];
  noted = [];
  holders = [];
  once = onceAlone();
  provider = fakeProvider('oa', dialectByName('openai-chat'));
});

const WATCH: BatchWatch = {
  ...{ id: 'batch_1', provider: 'oa', operation: 'batch', dialect: 'openai-chat', template: '/v1/batches' },
  ...{ path: '/v1/batches/batch_1?v=1', fromOrigin: true, keyAlias: '', call: 'req-of-it' },
  ...{ holder: { id: 'key_1', name: 'app', team: 'red' }, customer: 'acme', headers: [['x-tenant', 't1']] },
};

function follow(change: Partial<BatchWatch> = {}): Promise<BatchState> {
  const { call } = fakeCall('openai-chat', {}, [provider]);
  const models = { at: () => ({ targets: [provider.target] }), priceOf: () => price };
  const snapshot = { ...call.snapshot, models } as unknown as Snapshot; // all that is asked of it
  const charges = new BatchCharges({
    clock: { now: () => 5_000, wall: () => 0 },
    settle: (child) => void settled.push(child),
    once,
    book: () => undefined,
  });
  const deps = {
    ...{ charges, dialect: dialectByName, clock: { now: () => 5_000, wall: () => 0 } },
    log: { warn: () => undefined },
    storage: {
      open: () => {
        throw new Error('no batch lies in storage');
      },
      headersOf: () => null,
    },
    book: { claim: (id: string, { owner }: { owner: string }) => void noted.push(`${id} ${owner}`) },
    named: (name: string) => holders.find((one) => one.name === name) ?? null,
    headersOf: (_speaker: unknown, key: { config: { alias: string } } | null) => ({
      key: key?.config.alias ?? '',
    }),
  };
  return followBatch(deps, snapshot, { ...WATCH, ...change });
}
const line = (n: number): string =>
  JSON.stringify({
    response: {
      body: {
        ...{
          id: `c-${n}`,
          object: 'chat.completion',
          model: 'gpt-x',
          choices: [{ message: { content: 'hi' } }],
        },
        usage: { prompt_tokens: 100, completion_tokens: 10 },
      },
    },
  });
const done = { object: 'batch', id: 'batch_1', status: 'completed', output_file_id: 'file-out' };
/** The next question; those before it are answered. */
async function next(): Promise<FakeProvider['requests'][number]> {
  await new Promise((resolve) => void setImmediate(resolve));
  return provider.requests.at(-1)!;
}
const used = () =>
  settled.map(({ parent, principal, customer, head, attempts: [one] }) => ({
    ...{ parent, team: principal?.team, customer, tenant: head.headers.get('x-tenant') },
    ...{ requests: one!.usage!.requests, cost: one!.costNano },
  }));
const charge = (requests: number) => ({
  ...{ parent: 'req-of-it', team: 'red', customer: 'acme', tenant: 't1' },
  ...{ requests, cost: requests * 140_000 },
});

describe('a batch that nobody asks after', () => {
  it('is open for as long as it is not over', async () => {
    const state = follow();
    const { request } = provider.requests[0]!;
    expect(request).toMatchObject({ method: 'GET', path: '/v1/batches/batch_1?v=1', fromOrigin: true });
    provider.requests[0]!.json(200, { ...done, status: 'in_progress' });
    expect([await state, settled]).toEqual(['open', []]);
  });

  it('is charged by what its provider says of it', async () => {
    const state = follow();
    const usage = { input_tokens: 300, output_tokens: 30 };
    provider.requests[0]!.json(200, { ...done, model: 'gpt-x', usage, request_counts: { completed: 3 } });
    expect([await state, used()]).toEqual(['over', [charge(3)]]);
  });

  it.each([
    ['key_1', [1e9]],
    ['key_2', []],
  ])(
    'counts in the budgets that its key has now, and in none of who has only its name (%s)',
    async (id, amounts) => {
      holders = [
        principalOf({ name: 'app', id, team: 'blue', own: { version: 4, budgets: [{ amountUsd: 1 }] } }),
      ];
      const state = follow();
      const usage = { input_tokens: 300, output_tokens: 30 };
      provider.requests[0]!.json(200, { ...done, model: 'gpt-x', usage, request_counts: { completed: 3 } });
      expect([await state, used()]).toEqual(['over', [charge(3)]]);
      expect(settled[0]!.principal!.rules.map(({ limit }) => limit)).toEqual(amounts);
    },
  );

  it('is asked after at Mistral, where it is a job with words of its own', async () => {
    const path = '/v1/batch/jobs/job-1';
    const job = { object: 'batch', id: 'job-1', status: 'RUNNING', output_file: null };
    const open = follow({ operation: 'passthrough', id: 'job-1', path });
    provider.requests.at(-1)!.json(200, job);
    expect(await open).toBe('open');
    const state = follow({ operation: 'passthrough', id: 'job-1', path });
    provider.requests.at(-1)!.json(200, { ...job, status: 'SUCCESS', output_file: 'f-9' });
    const results = await next();
    expect(results.request.path).toBe('/v1/files/f-9/content');
    results.handler.onHead(200, {});
    results.handler.onData(Buffer.from(line(1)));
    results.handler.onEnd();
    expect([await state, used(), noted]).toEqual(['over', [charge(1)], ['f-9 key_1']]);
  });

  it('is asked after at Cohere, which tells of it in a member of its answer and counts in texts', async () => {
    const watch = { operation: 'passthrough', id: 'b-1', path: '/v2/batches/b-1' } as const;
    const batch = { id: 'b-1', name: 'mine', model: 'command-a', output_dataset_id: 'ds-2' };
    const open = follow(watch);
    provider.requests.at(-1)!.json(200, { batch: { ...batch, status: 'BATCH_STATUS_CANCELING' } });
    expect([await open, settled]).toEqual(['open', []]);
    const over = { ...batch, status: 'BATCH_STATUS_COMPLETED', num_successful_records: 2 };
    for (const wanted of [[charge(2)], [charge(2)]]) {
      const state = follow(watch);
      provider.requests.at(-1)!.json(200, { batch: { ...over, input_tokens: '200', output_tokens: '20' } });
      expect([await state, used()]).toEqual(['over', wanted]);
    }
    expect(new Set(noted)).toEqual(new Set(['ds-2 key_1']));
    // Whose counts are not told cost nothing that could be known, and nothing else is asked for.
    const asked = provider.requests.length;
    const untold = follow({ ...watch, id: 'b-2' });
    provider.requests.at(-1)!.json(200, { batch: { ...over, id: 'b-2', status: 'BATCH_STATUS_FAILED' } });
    expect([await untold, provider.requests.length]).toEqual(['over', asked + 1]);
    expect(used()).toHaveLength(1);
  });

  it('is charged by its results where that says nothing, and not again by who reads them', async () => {
    for (const wanted of [[charge(2)], [charge(2)]]) {
      const state = follow();
      provider.requests.at(-1)!.json(200, done);
      const results = await next();
      expect(results.request.path).toBe('/v1/files/file-out/content?v=1');
      results.handler.onHead(200, {});
      results.handler.onData(Buffer.from(`${line(1)}\n${line(2)}`));
      results.handler.onEnd();
      expect([await state, used()]).toEqual(['over', wanted]);
    }
    expect(new Set(noted)).toEqual(new Set(['file-out key_1']));
  });

  it('whose results break off is read again, and each of them charged once', async () => {
    const lines = Array.from({ length: 700 }, (_, n) => line(n)).join('\n');
    const first = follow();
    provider.requests[0]!.json(200, done);
    const broken = await next();
    broken.handler.onHead(200, {});
    broken.handler.onData(Buffer.from(lines.slice(0, lines.length * 0.9)));
    broken.handler.onError(new Error('reset') as never); // any that it ends in
    expect(await first).toBe('failed');
    const second = follow();
    provider.requests.at(-1)!.json(200, done);
    const whole = await next();
    whole.handler.onHead(200, {});
    whole.handler.onData(Buffer.from(lines));
    whole.handler.onEnd();
    expect([await second, used()]).toEqual(['over', [charge(500), charge(200)]]);
  });

  it('of Anthropic and of Google has its results elsewhere', async () => {
    const anthropic = follow({ path: '/v1/messages/batches/msgbatch_1' });
    provider.requests
      .at(-1)!
      .json(200, { id: 'msgbatch_1', type: 'message_batch', processing_status: 'ended' });
    const results = await next();
    expect(results.request.path).toBe('/v1/messages/batches/msgbatch_1/results');
    results.json(200, line(1));
    expect(await anthropic).toBe('over');
    const google = follow({ path: '/v1beta/batches/g1' });
    const metadata = { output: { responsesFile: 'files/of-g1' } };
    provider.requests.at(-1)!.json(200, { name: 'batches/g1', done: true, metadata });
    const file = await next();
    expect(file.request.path).toBe('/download/v1beta/files/of-g1:download?alt=media');
    file.json(200, line(1));
    expect(await google).toBe('over');
    expect(used()).toEqual([charge(1), charge(1)]);
  });

  it('that made nothing is over', async () => {
    const state = follow();
    provider.requests[0]!.json(200, {
      object: 'batch',
      id: 'batch_1',
      status: 'failed',
      output_file_id: null,
    });
    expect([await state, settled]).toEqual(['over', []]);
  });

  it.each<[string, number, unknown]>([
    ['an error', 500, { error: {} }],
    ['that there is none', 404, { error: {} }],
    ['no JSON', 200, 'later'],
  ])('is asked after again when its provider says %s', async (_what, status, body) => {
    const state = follow();
    provider.requests[0]!.json(status, body);
    expect([await state, settled]).toEqual(['failed', []]);
  });

  it('is asked after with the key that began it, or else with another', async () => {
    const key = (alias: string) => ({ ...provider.target.provider.keys[0]!, alias });
    provider = fakeProvider('oa', dialectByName('openai-chat'), { keys: [key('one'), key('two')] });
    for (const alias of ['two', 'gone']) void follow({ keyAlias: alias });
    expect(provider.requests.map(({ request }) => request.headers['key'])).toEqual(['two', 'one']);
    Object.assign(provider.target.lane.keys, { pick: () => null });
    expect(await follow()).toBe('failed');
    expect(provider.requests).toHaveLength(2);
  });
});
