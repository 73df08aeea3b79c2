import { expect, it } from 'vitest';
import type { Call } from '../../contracts/call.ts';
import type { SocketHandler, TunnelPeer } from '../../contracts/tunnel.ts';
import type { TunnelDeps } from './tunnel-deps.ts';
import { createTunnel } from './tunnel.ts';

/** A session of music, that is joined. @param rights of each message, to be told by the test */
function joined(rights: (message: string) => Promise<boolean> | null, takes = () => true) {
  const sent: string[] = [];
  let client!: TunnelPeer;
  let provider!: SocketHandler;
  const target = {
    provider: { name: 'ge', keys: [] },
    model: 'm',
    below: '',
    lane: {
      enter({ onSlot }: { onSlot(): void }) {
        onSlot();
        return { leave: () => undefined };
      },
      upstream: {
        openSocket(_: unknown, handler: SocketHandler) {
          provider = handler;
          return {
            send(message: string) {
              sent.push(message);
              return takes();
            },
          };
        },
      },
    },
  };
  // Of a call, and of what it needs, it uses these alone.
  const call = {
    route: { template: '/ws/BidiGenerateMusic', kind: 'model', dialect: 'gemini' },
    params: {},
    head: { query: '', headers: { get: () => null } },
    plan: { targets: [target] },
    keptAt: null,
    guard: null,
    attempts: [],
    startedAt: 0,
    begin: () => undefined,
    sink: { attach: (peer: TunnelPeer) => (client = peer), protocols: [] },
  } as unknown as Call;
  const deps = {
    clock: { now: () => 1, wall: () => 1 },
    headers: { build: () => ({}) },
    admission: { admitTarget: () => null },
    rights: (_: Call, message: string) => rights(message),
  } as unknown as TunnelDeps;
  expect(createTunnel(deps)(call)).toBe('taken');
  provider.opened();
  return { sent, client, provider };
}

it('what a client says goes in its order, whatever is asked about of it, and however the provider takes it', async () => {
  const asked: PromiseWithResolvers<boolean>[] = [];
  const { sent, client, provider } = joined((message) => {
    if (!message.includes('?')) return null;
    asked.push(Promise.withResolvers());
    return asked.at(-1)!.promise;
  });
  for (const message of ['1', '2?', '3', '4?', '5']) client.message(message);
  // Of the first one, which is with the provider.
  provider.drained();
  expect(sent).toEqual(['1']);
  asked[0]!.resolve(true);
  await expect.poll(() => asked.length).toBe(2);
  provider.drained();
  client.message('6');
  expect(sent).toEqual(['1', '2?', '3']);
  asked[1]!.resolve(true);
  await expect.poll(() => sent).toEqual(['1', '2?', '3', '4?', '5', '6']);
});

it('what a provider does not take waits until it does, also where something was asked about meanwhile', async () => {
  let room = true;
  const asked = Promise.withResolvers<boolean>();
  const { sent, client, provider } = joined(
    (message) => (message === '2?' ? asked.promise : null),
    () => room,
  );
  room = false;
  client.message('1');
  client.message('2?');
  client.message('3');
  expect(sent).toEqual(['1']);
  provider.drained();
  asked.resolve(true);
  await expect.poll(() => sent).toEqual(['1', '2?']);
  room = true;
  provider.drained();
  expect(sent).toEqual(['1', '2?', '3']);
});
