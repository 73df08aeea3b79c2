// Turns of one conversation, over claims that two workers share.
import { expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { Call } from '../contracts/call.ts';
import type { Claimed, Claims } from '../contracts/claims.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createConversationLocks } from './conversation-locks.ts';

/** As the primary has it: one at a time, in the order in which they asked. */
function sharedClaims(): Claims {
  const lines = new Map<string, ((claimed: Claimed) => void)[]>();
  return {
    claim: (name) =>
      new Promise((resolve) => {
        const line = lines.get(name);
        if (line === undefined) lines.set(name, []);
        else line.push(resolve);
        if (line === undefined) resolve({ kind: 'mine' });
      }),
    settle(name) {
      const next = lines.get(name)?.shift();
      if (next === undefined) lines.delete(name);
      else next({ kind: 'mine' });
    },
    purged: () => Promise.resolve(),
  };
}

function callOf(owner: string): Call {
  const { call } = fakeCall('openai-responses', { model: 'm', input: 'x' }, [
    fakeProvider('plain', dialectByName('openai-chat')),
  ]);
  call.principal = { ...call.principal, id: owner, name: owner } as NonNullable<Call['principal']>;
  return call;
}

test('the next turn waits until what the one before added is written', async () => {
  const claims = sharedClaims();
  const [one, other] = [createConversationLocks(() => claims), createConversationLocks(() => claims)];
  const [first, second] = [callOf('me'), callOf('me')];
  expect(await one.take(first, 'conv_1')).toBeNull();
  let waits = true;
  const taken = other.take(second, 'conv_1').then((result) => {
    waits = false;
    return result;
  });
  const written = Promise.withResolvers<void>();
  one.until(first, written.promise);
  one.settled(first);
  await new Promise((resolve) => setImmediate(resolve));
  expect(waits).toBe(true);
  written.resolve();
  expect(await taken).toBeNull();
});

test('other conversations, and those of other keys, are free', async () => {
  const claims = sharedClaims();
  const locks = createConversationLocks(() => claims);
  for (const [owner, id] of [
    ['me', 'conv_1'],
    ['me', 'conv_2'],
    ['you', 'conv_1'],
  ] as const)
    expect(await locks.take(callOf(owner), id)).toBeNull();
});

test('who waits too long is told so, and holds nothing when its time comes', async () => {
  const claims = sharedClaims();
  const locks = createConversationLocks(() => claims, 1);
  const [first, late, third] = [callOf('me'), callOf('me'), callOf('me')];
  expect(await locks.take(first, 'c')).toBeNull();
  expect(await locks.take(late, 'c')).toMatchObject({ code: 'GW_CLIENT_CONVERSATION_LOCKED', status: 409 });
  locks.settled(first);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await locks.take(third, 'c')).toBeNull();
});

test('a worker that can ask nobody goes on', async () => {
  const locks = createConversationLocks(() => ({
    claim: () => Promise.resolve({ kind: 'unknown' }),
    settle: () => undefined,
    purged: () => Promise.resolve(),
  }));
  expect(await locks.take(callOf('me'), 'c')).toBeNull();
  expect(await locks.take(callOf('me'), 'c')).toBeNull();
});
