import { describe, expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { dialectByName } from '../registry/dialects.ts';
import { affinityOf } from './affinity.ts';

const call = (body: object, headers: Readonly<Record<string, string>> = {}) =>
  fakeCall('openai-chat', body, [fakeProvider('a', dialectByName('openai-chat'))], headers).call;
const turn = (...contents: string[]) => ({
  model: 'm',
  messages: contents.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content })),
});

describe('what makes calls one conversation', () => {
  it('a session that is said, whatever the body', () => {
    const session = { 'x-headgate-session-id': 'one' };
    expect(affinityOf(call(turn('a'), session))).toBe(affinityOf(call(turn('b'), session)));
    expect(affinityOf(call(turn('a'), session))).not.toBe(affinityOf(call(turn('a'), { session_id: 'two' })));
  });

  it('else the key of the prompt cache, else how the prompt begins', () => {
    const keyed = (key: string, text: string) => affinityOf(call({ ...turn(text), prompt_cache_key: key }));
    expect(keyed('k', 'a')).toBe(keyed('k', 'b'));
    expect(keyed('k', 'a')).not.toBe(keyed('l', 'a'));
    const long = 'You are a careful assistant. '.repeat(60);
    expect(affinityOf(call(turn(long)))).toBe(affinityOf(call(turn(long, 'yes', 'and now?'))));
    expect(affinityOf(call(turn('hello')))).not.toBe(affinityOf(call(turn('good bye'))));
  });

  it('the system text counts before the messages', () => {
    const system = 'x'.repeat(2_000);
    expect(affinityOf(call({ ...turn('a'), system }))).toBe(affinityOf(call({ ...turn('b'), system })));
  });
});
