import { randomBytes } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import { decodeBody } from '../body/decompress.ts';
import { inspectBody } from '../body/inspect.ts';
import type { BodyFacts } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Offload } from '../contracts/ports.ts';
import { createPrincipalMaker } from '../governance/principal.ts';
import { PATTERNS } from '../http/routes/routes.ts';
import { operations } from '../registry/operations.ts';
import { createIdentify } from './identify.ts';
import { guard } from './who/guard.ts';
import { createSettle } from './settle.ts';

const BODY = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';

/** A thread that answers when it is told. */
class Thread {
  body: Buffer | null = null;
  signal: AbortSignal | null = null;
  answer: (result: { body: Buffer; facts: BodyFacts }) => void = () => {};
  fail: (error: GatewayError) => void = () => {};

  readonly offload = {
    inspect: (body: Buffer, _normalise: boolean, signal: AbortSignal) => {
      this.body = body;
      this.signal = signal;
      return new Promise((resolve, reject) => {
        this.answer = resolve;
        this.fail = reject;
      });
    },
  } as unknown as Offload;
}

function setUp(headers: Record<string, string> = {}, offloadBytes = 1e9, normaliseText = false) {
  const thread = new Thread();
  const { call } = fakeCall('openai-chat', {}, [], headers);
  Object.assign(call.snapshot.config.server, { offloadBytes, normaliseText, maxBodyBytes: 1_000 });
  call.body = Buffer.from(BODY);
  call.facts = null;
  const identify = createIdentify({
    clock: { now: () => 5, wall: () => 5 },
    offload: thread.offload,
    inspect: inspectBody,
    normalise: (body) => Buffer.from(body.toString().replace('hi', 'HI')),
    decode: (body, encoding, maxBytes) => {
      if (encoding !== 'test') return Promise.reject(new GatewayError('GW_CLIENT_BAD_REQUEST'));
      expect(maxBytes).toBe(1_000);
      return Promise.resolve(Buffer.from(body.toString().replace('packed', 'm')));
    },
  });
  return { call, thread, identify };
}

const modelOf = ({ facts }: Call): string | null | undefined => facts?.model;

describe('a body', () => {
  test('that is small is read at once', () => {
    const { call, identify, thread } = setUp();
    expect(identify(call)).toBe('continue');
    expect(modelOf(call)).toBe('m');
    expect(call.inspectedAt).toBe(5);
    expect(thread.body).toBeNull();
  });

  test('that is no JSON is refused', () => {
    const { call, identify } = setUp();
    call.body = Buffer.from('{');
    expect(() => identify(call)).toThrow(GatewayError);
  });

  test('is normalised where the configuration says so, and read as it is then', () => {
    const { call, identify } = setUp({}, 1e9, true);
    expect(identify(call)).toBe('continue');
    expect(call.body?.toString()).toContain('HI');
  });

  test('that is large goes to a thread and comes back with its facts', async () => {
    const { call, identify, thread } = setUp({}, 10);
    const result = identify(call);
    // Moved: nobody else may look at it meanwhile.
    expect(call.body).toBeNull();
    expect(call.work).not.toBeNull();
    thread.answer({ body: thread.body!, facts: inspectBody(thread.body!) });
    expect(await result).toBe('continue');
    expect(call.body?.toString()).toBe(BODY);
    expect(modelOf(call)).toBe('m');
    expect(call.work).toBeNull();
  });

  test('whose client leaves meanwhile is given up in its thread', async () => {
    const { call, identify, thread } = setUp({}, 10);
    const result = identify(call) as Promise<unknown>;
    call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    expect(thread.signal?.aborted).toBe(true);
    thread.fail(new GatewayError('GW_CLIENT_GONE'));
    await expect(result).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
  });

  test('that is compressed is unpacked under the cap, then read', async () => {
    const { call, identify } = setUp({ 'content-encoding': 'test' });
    call.body = Buffer.from(BODY.replace('"m"', '"packed"'));
    expect(await identify(call)).toBe('continue');
    expect(modelOf(call)).toBe('m');
  });

  test.each(['', 'identity'])('with content-encoding %j is read as it is', (encoding) => {
    const { call, identify } = setUp({ 'content-encoding': encoding });
    expect(identify(call)).toBe('continue');
  });
});

describe('a path that says what the body would', () => {
  const ask = (stream: boolean | null, params: Record<string, string>) => {
    const { call, identify } = setUp();
    Object.assign(call.route, { stream });
    Object.assign(call, { params });
    expect(identify(call)).toBe('continue');
    return call.facts!;
  };

  test('names the model and says whether to stream', () => {
    expect(ask(true, { model: 'p/q' })).toMatchObject({ model: 'p/q', modelMember: null, stream: true });
    expect(ask(false, { model: 'p/q' })).toMatchObject({ model: 'p/q', stream: false });
  });

  test('that is an Azure deployment’s is what the body says from then on', () => {
    const { call, identify } = setUp();
    Object.assign(call, { prefix: 'azure', params: { model: 'deployed' } });
    expect(identify(call)).toBe('continue');
    expect(modelOf(call)).toBe('deployed');
    expect(call.body?.toString()).toBe(BODY.replace('"m"', '"deployed"'));
    const { start, end } = call.facts!.modelMember!.value;
    expect(call.body?.toString('utf8', start, end)).toBe('"deployed"');
  });

  test('that is an Azure deployment’s leaves what its prompt is counted as', () => {
    const { call, identify } = setUp();
    Object.assign(call, { prefix: 'azure', params: { model: 'deployed' } });
    call.body = Buffer.from('{"model":"m","odd":"what nobody else has"}');
    expect(identify(call)).toBe('continue');
    expect(call.facts!.promptBytes).toBe(call.body.length);
  });

  test('is not asked where the body says it', () => {
    const facts = ask(null, { model: 'p/q' });
    expect(facts).toMatchObject({ model: 'm', stream: false });
    expect(facts.modelMember).not.toBeNull();
  });
});

const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

// zlib reads the body piece by piece, in threads of its own: one that was freed under it ended the worker.
test.each([
  ['gzip', gzipSync],
  ['br', (text: string) => brotliCompressSync(text, QUICK)],
  ['zstd', zstdCompressSync],
] as const)(
  'a body in %s is whole until it is decompressed, whenever its client leaves',
  async (coding, compress) => {
    const text = JSON.stringify({ model: 'm', user: randomBytes(200_000).toString('base64') });
    const packed = compress(text);
    const settle = createSettle({ now: () => 7, wall: () => 7 }, []);
    for (let turns = 0; turns < 3; turns++) {
      const { call } = fakeCall('openai-chat', {}, [], { 'content-encoding': coding });
      Object.assign(call.snapshot.config.server, {
        offloadBytes: 1e9,
        normaliseText: false,
        maxBodyBytes: 1e7,
      });
      const came = Buffer.allocUnsafeSlow(packed.length);
      packed.copy(came);
      call.body = came;
      call.facts = null;
      let decoded = '';
      const identify = createIdentify({
        clock: { now: () => 5, wall: () => 5 },
        offload: null,
        inspect: inspectBody,
        normalise: (body) => body,
        decode: async (...what) => {
          const body = await decodeBody(...what);
          decoded = body.toString();
          return body;
        },
      });
      const identified = identify(call);
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      const error = new GatewayError('GW_CLIENT_GONE');
      settle(call, { status: error.status, error, facts: null });
      expect(await identified).toBe('continue');
      expect(decoded).toBe(text);
      // And it gives its memory back then.
      expect([call.body, came.length]).toEqual([null, 0]);
    }
  },
);

test.each([
  [['chat'], '{"inputText":"a"}', 403],
  [['chat'], '{"messages":[]}', 'chat'],
  [['embeddings'], '{"inputText":"a"}', 'embeddings'],
  [['embeddings'], '{"messages":[]}', 403],
  [['token-count'], '{"inputText":"a"}', 403],
] as const)('a key for %j invokes %s or not: %s', (endpoints, body, wanted) => {
  const { route } = PATTERNS.find(({ after }) => after === '/invoke')!;
  const { call, identify } = setUp();
  Object.assign(call, { route, operation: operations.chat, params: { model: 'amazon.titan-embed' } });
  call.principal = createPrincipalMaker()({ name: 'key', grants: [{ endpoints: [...endpoints] }] });
  call.body = Buffer.from(body);
  const admitted = guard(call, 0);
  const result = admitted === 'continue' ? identify(call) : admitted;
  if (wanted === 403) expect(result).toMatchObject({ code: 'GW_CLIENT_ENDPOINT_FORBIDDEN', status: 403 });
  else expect([result, call.operation!.name]).toEqual(['continue', wanted]);
});
