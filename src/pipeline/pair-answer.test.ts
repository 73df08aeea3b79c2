import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { Offload } from '../contracts/ports.ts';
import { dialectByName } from '../registry/dialects.ts';
import { deliverPair } from './pair-answer.ts';

const vectors = {
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }],
  model: 'm-2',
  usage: { prompt_tokens: 3, total_tokens: 3 },
};

interface Options {
  client?: DialectName;
  operation?: OperationName;
  offload?: Offload | null;
  offloadBytes?: number;
  prefix?: string;
}

function deliver(body: Buffer, options: Options = {}) {
  const { client = 'openai-chat', operation = 'embeddings', offload = null, offloadBytes = 1e9 } = options;
  const { call } = fakeCall(client, {}, [], {}, operation);
  call.snapshot.config.server.offloadBytes = offloadBytes;
  Object.assign(call, { prefix: options.prefix ?? null });
  Object.assign(call.snapshot.config, { providers: [] });
  const target = { ...fakeProvider('p', dialectByName('openai-chat')).target, operation };
  const leg = { target, tools: null, translated: client !== 'openai-chat' };
  const { signal } = new AbortController();
  return deliverPair(call, dialectByName(client), leg, body, 5_000, offload, signal);
}

describe('an answer that never streams', () => {
  test('goes to a client of its dialect as the bytes it came in, read for what it used', async () => {
    const body = Buffer.from(` ${JSON.stringify(vectors)}\n`);
    const made = await deliver(body);
    expect(made.body).toBe(body);
    expect(made.facts).toMatchObject({ usage: { input: 3 }, model: 'm-2' });
  });

  test('of vectors has an id where the client’s vendor gives one, and stays as it is where it has one', async () => {
    const body = Buffer.from(JSON.stringify(vectors));
    const made = await deliver(body, { prefix: 'mistral' });
    expect(JSON.parse(made.body.toString())).toEqual({ id: 'req_test', ...vectors });
    expect(made.facts).toMatchObject({ usage: { input: 3 }, model: 'm-2' });
    const own = Buffer.from(JSON.stringify({ id: 'e1', ...vectors }));
    expect((await deliver(own, { prefix: 'mistral' })).body).toBe(own);
    expect((await deliver(body, { prefix: 'groq' })).body).toBe(body);
  });

  test('goes to a client of another dialect in that', async () => {
    const { body, facts } = await deliver(Buffer.from(JSON.stringify(vectors)), { client: 'cohere' });
    expect(JSON.parse(body.toString())).toMatchObject({ embeddings: { float: [[0.5, -0.25]] } });
    expect(facts?.usage).toMatchObject({ input: 3 });
  });

  test('is written in a thread where it is large and has to be written', async () => {
    const asked: unknown[][] = [];
    const offload = {
      translateAnswer: (...input: unknown[]) => {
        asked.push(input);
        return Promise.resolve({ body: Buffer.from('{"made":1}'), facts: { usage: null } });
      },
    } as unknown as Offload; // as much of it as is asked for
    const body = Buffer.from(JSON.stringify(vectors));
    const large = { offload, offloadBytes: body.length };
    expect((await deliver(body, { ...large, client: 'cohere' })).body.toString()).toBe('{"made":1}');
    expect(asked[0]!.slice(0, 4)).toEqual([
      body,
      'openai-chat',
      'cohere',
      { asked: 'embeddings', sent: 'embeddings' },
    ]);
    expect((await deliver(body, large)).body).toBe(body);
    await deliver(body, { ...large, offloadBytes: body.length + 1, client: 'cohere' });
    expect(asked).toHaveLength(1);
  });

  test('is put into the object it should be where a server answers a bare list', async () => {
    const { body } = await deliver(Buffer.from('[{"index":0,"score":0.5}]'), { operation: 'rerank' });
    expect(JSON.parse(body.toString())).toMatchObject({ results: [{ index: 0, relevance_score: 0.5 }] });
    expect(() => deliver(Buffer.from('[]'))).toThrow();
  });

  test.each(['<html>', '[]', 'null', '{"error":{"message":"no"}}', '{}'])('is none when it is %s', (text) => {
    expect(() => deliver(Buffer.from(text))).toThrow();
  });

  test('and is only counted is no use of anything', async () => {
    const body = Buffer.from('{"input_tokens": 3} ');
    const { call } = fakeCall('anthropic', {}, [], {}, 'token-count');
    const anthropic = dialectByName('anthropic');
    const target = { ...fakeProvider('p', anthropic).target, operation: 'token-count' as const };
    const leg = { target, tools: null, translated: false };
    const { signal } = new AbortController();
    const made = await deliverPair(call, anthropic, leg, body, 0, null, signal);
    expect([made.body, made.facts]).toEqual([body, null]);
  });
});
