import { describe, expect, it } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import { pinOf } from './conversation.ts';

const pin = (body: object, headers: Record<string, string> = {}) =>
  pinOf(fakeCall('openai-chat', { model: 'm', ...body }, [], headers).call);
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const first = { messages: [user('hi'), assistant('hello'), user('more')] };

describe('what a conversation is known by', () => {
  it('is how it begins, the same in each turn', () => {
    const turns = [1, 2, 3].map((count) => pin({ messages: first.messages.slice(0, count) })!.hash);
    expect(new Set(turns).size).toBe(1);
    expect(pin({ messages: [user('ho')] })!.hash).not.toBe(turns[0]);
    expect(pin({ contents: [{ parts: [{ text: 'hi' }] }] })!.hash).not.toBe(turns[0]);
  });

  it.each(['x-headgate-session', 'x-session-id', 'x-claude-code-session-id', 'session_id'])(
    'is the header %s, whatever is said',
    (name) => {
      const [one, two] = [pin(first, { [name]: 's1' }), pin({ messages: [user('ho')] }, { [name]: 's1' })];
      expect(one).toEqual(two);
      expect(pin(first, { [name]: 's2' })).not.toEqual(one);
    },
  );

  it.each([
    ['user', 'u1', 'u2'],
    ['safety_identifier', 'u1', 'u2'],
    ['prompt_cache_key', 'k1', 'k2'],
    ['metadata', { user_id: 'u1', request: 1 }, { user_id: 'u2', request: 1 }],
  ])('is the member %s', (name, one, two) => {
    expect(pin({ ...first, [name]: one })).toEqual(pin({ messages: [user('ho')], [name]: one }));
    expect(pin({ ...first, [name]: one })).not.toEqual(pin({ ...first, [name]: two }));
  });

  it('of metadata is the user alone', () => {
    const asked = (request: number) => pin({ ...first, metadata: { user_id: 'u1', request } });
    expect(asked(1)).toEqual(asked(2));
    expect(pin({ ...first, metadata: { request: 1 } })).toEqual(pin(first));
  });

  it('is told by an envelope in its history', () => {
    const messages = [
      user('hi'),
      { ...assistant('x'), reasoning_details: [{ data: 'hg1.anthropic~acme.YQ' }] },
    ];
    expect(pin({ messages })!.organization).toBe('acme');
    expect(pin(first)!.organization).toBeNull();
  });

  it('is nothing where no body was read', () => {
    const { call } = fakeCall('openai-chat', first, []);
    call.body = null;
    expect(pinOf(call)).toBeNull();
  });
});
