import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import type { Offload } from '../contracts/ports.ts';
import { dialectByName } from '../registry/dialects.ts';
import { isLarge, translateHere, translateInThread } from './translate-body.ts';

const openai = dialectByName('openai-chat');
const { target } = fakeProvider('p', dialectByName('anthropic'));
const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }], temperature: 0.5, x_own: 1 };

function setUp(change: object = {}, offloadBytes = 1e9) {
  const { call } = fakeCall('openai-chat', { ...body, ...change }, []);
  call.snapshot.config.server.offloadBytes = offloadBytes;
  return call;
}

const own = ({ body, facts }: Call) => ({ body: body!, facts: facts! });

/** A thread that keeps what it is asked, and answers with `encoded`. */
function thread(encoded = { body: '{}', dropped: ['x'], adapted: [] }) {
  const asked: unknown[][] = [];
  const offload = {
    translate: (...input: unknown[]) => {
      asked.push(input);
      return Promise.resolve({ body: input[0], encoded });
    },
  } as unknown as Offload; // as much of it as is asked for
  return { asked, offload };
}

describe('a body is large', () => {
  test('from so many bytes on, where there is a thread', () => {
    const { offload } = thread();
    const size = setUp().body!.length;
    expect(isLarge(setUp({}, size), own(setUp()), offload)).toBe(true);
    expect(isLarge(setUp({}, size + 1), own(setUp()), offload)).toBe(false);
    expect(isLarge(setUp({}, 0), own(setUp()), null)).toBe(false);
  });
});

describe('a translation', () => {
  test('is the target’s dialect under the target’s name, and says what was lost', () => {
    const { body: made, dropped } = translateHere(setUp(), own(setUp()), openai, target, target.encode);
    expect(JSON.parse(made)).toMatchObject({ model: 'm', max_tokens: 4096, temperature: 0.5 });
    expect(dropped).toContain('x_own');
  });

  test('names what cannot be said there', () => {
    const strict = { ...target.encode, strict: true };
    expect(() => translateHere(setUp(), own(setUp()), openai, target, strict)).toThrow(
      expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED' }),
    );
  });

  test('keeps numbers as their client wrote them', () => {
    const { call } = fakeCall('openai-chat', {}, []);
    const tool = (n: string) =>
      `{"type":"function","function":{"name":"f","parameters":{"type":"object","maximum":${n}}}}`;
    call.body = Buffer.from(
      `{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[${tool('12345678901234567890')}]}`,
    );
    call.facts = { ...call.facts!, exoticNumbers: true };
    expect(translateHere(call, own(call), openai, target, target.encode).body).toContain(
      '12345678901234567890',
    );
  });

  test('in a thread is asked for with all that it takes, and can be given up', async () => {
    const { asked, offload } = thread();
    const call = setUp();
    call.facts = { ...call.facts!, exoticNumbers: true };
    const { signal } = new AbortController();
    const encoded = await translateInThread(offload, call, own(call), openai, target, target.encode, signal);
    expect(encoded).toEqual({ body: '{}', dropped: ['x'], adapted: [] });
    const operations = { asked: 'chat', sent: 'chat' };
    expect(asked).toEqual([[call.body, true, 'openai-chat', 'anthropic', target.encode, signal, operations]]);
    expect(asked[0]![5]).toBe(signal);
  });
});
