import { describe, expect, test } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { EncodedRequest } from '../../contracts/body.ts';
import type { DialectName } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Offload } from '../../contracts/ports.ts';
import type { RequestBody } from '../../contracts/upstream.ts';
import { translateBody } from '../../dialects/translate.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { operations } from '../../registry/operations.ts';
import { Leg } from './leg.ts';

const openai = dialectByName('openai-chat');
const anthropic = dialectByName('anthropic');
const chat = { model: 'public', messages: [{ role: 'user', content: 'hi' }], x_own: 1 };

const textOf = (body: RequestBody): string =>
  (Buffer.isBuffer(body) ? body : Buffer.concat(body.pieces())).toString();

function legTo(provider: FakeProvider, client: DialectName = 'openai-chat', body: object = chat) {
  const { call } = fakeCall(client, body, [provider]);
  return { call, leg: new Leg(call, provider.target, dialectByName(client)) };
}

describe('a leg', () => {
  test('says on the call where it is, and that nothing is lost yet', () => {
    const { call } = legTo(fakeProvider('a', openai));
    call.dropped = ['something of the leg before'];
    const next = new Leg(call, fakeProvider('b', anthropic).target, openai);
    expect([call.provider, call.upstreamModel, call.translated]).toEqual(['b', 'm', true]);
    expect([call.dropped, call.adapted]).toEqual([[], []]);
    expect([next.attempts, next.triedKeys, next.body]).toEqual([0, [], null]);
  });

  test('to a provider of the same dialect sends the client’s own bytes under the upstream’s name', () => {
    const { leg } = legTo(fakeProvider('a', openai));
    const made = leg.makeBody(null) as RequestBody;
    expect(textOf(made)).toBe(JSON.stringify({ ...chat, model: 'm' }));
    expect(leg.body).toBe(made);
    expect(leg.translated).toBe(false);
  });

  test('to another dialect translates, and says on the call what was lost', () => {
    const { call, leg } = legTo(fakeProvider('a', anthropic));
    const body = JSON.parse(textOf(leg.makeBody(null) as RequestBody));
    expect(body).toMatchObject({ model: 'm', max_tokens: expect.any(Number), messages: expect.any(Array) });
    expect(body).not.toHaveProperty('x_own');
    expect(call.dropped).toContain('x_own');
  });

  test('to its own dialect in another shape translates too', () => {
    const gemini = dialectByName('gemini');
    const { target } = fakeProvider('vx', gemini);
    const { call } = fakeCall('gemini', {}, [fakeProvider('vx', gemini)]);
    Object.assign(call, { operation: operations.embeddings });
    const translated = (model: string, hosted: boolean): boolean => {
      const encode = { ...target.encode, model, ...(hosted && { hosted: 'vertex' as const }) };
      return new Leg(call, { ...target, operation: 'embeddings', encode }, gemini).translated;
    };
    expect(translated('gemini-embedding-001', true)).toBe(true);
    expect(translated('gemini-embedding-2', true)).toBe(false);
    expect(translated('gemini-embedding-001', false)).toBe(false);
  });

  test('throws what cannot be said there', () => {
    const { leg } = legTo(fakeProvider('a', anthropic), 'openai-chat', { model: 'm', messages: 'no list' });
    expect(() => leg.makeBody(null)).toThrow(GatewayError);
    expect(leg.body).toBeNull();
  });

  describe('with a large body', () => {
    function inThread() {
      const made = legTo(fakeProvider('a', anthropic));
      made.call.snapshot.config.server.offloadBytes = 1;
      let signal: AbortSignal | null = null;
      let give: (encoded: EncodedRequest) => void = () => {};
      let fail: (error: GatewayError) => void = () => {};
      const offload = {
        translate: (_b: Buffer, _e: boolean, _f: string, _t: string, _target: object, given: AbortSignal) => {
          signal = given;
          return new Promise((resolve, reject) => {
            give = (encoded) => resolve({ encoded });
            fail = reject;
          });
        },
      } as unknown as Offload;
      const promise = made.leg.makeBody(offload);
      return {
        ...made,
        promise,
        signal: () => signal,
        give: (e: EncodedRequest) => give(e),
        fail: (e: GatewayError) => fail(e),
      };
    }

    test('has a thread translate it', async () => {
      const { call, leg, promise, give } = inThread();
      expect(promise).toBeInstanceOf(Promise);
      const encoded = translateBody(call.body!, false, openai, anthropic, leg.target.encode);
      give(encoded);
      await promise;
      expect(textOf(leg.body as Buffer)).toBe(encoded.body);
      expect(call.dropped).toContain('x_own');
    });

    test('gives the thread up when it is cancelled, and not after it is done', async () => {
      const { leg, promise, signal, fail } = inThread();
      leg.cancel();
      expect(signal()?.aborted).toBe(true);
      fail(new GatewayError('GW_CLIENT_GONE'));
      await expect(promise).rejects.toMatchObject({ code: 'GW_CLIENT_GONE' });
      const other = inThread();
      other.give({ body: '{}', dropped: [], adapted: [] });
      await other.promise;
      other.leg.cancel();
      expect(other.signal()?.aborted).toBe(false);
    });
  });
});
