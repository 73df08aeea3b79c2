// Which connection a call gets, and when there is another.
import { expect, it, vi } from 'vitest';
import type { GrpcChannel } from '../../contracts/grpc.ts';
import { ChannelPool } from './channel-pool.ts';

function pool(most: number, maxAgeMs = 0) {
  const made: { close: ReturnType<typeof vi.fn> }[] = [];
  const state = { nowMs: 0 };
  const one = new ChannelPool(
    {
      connect() {
        const channel = { close: vi.fn() };
        made.push(channel);
        return channel as unknown as GrpcChannel;
      },
      now: () => state.nowMs,
      random: () => 0,
    },
    { most, maxAgeMs },
  );
  return { one, made, state };
}

it('a second one is made when the first has a hundred calls, and none beyond the most', () => {
  const { one, made } = pool(2);
  const taken = Array.from({ length: 300 }, () => one.take());
  expect(made).toHaveLength(2);
  expect(new Set(taken.slice(0, 100)).size).toBe(1);
  const counts = taken.reduce(
    (all, channel) => all.set(channel, (all.get(channel) ?? 0) + 1),
    new Map<object, number>(),
  );
  expect([...counts.values()]).toEqual([150, 150]);
  for (const channel of taken) one.leave(channel);
  expect([one.running, one.connected]).toEqual([0, 2]);
});

it('one that is old gets no further call, and is closed behind its last', () => {
  const { one, made, state } = pool(1, 1_000);
  const first = one.take();
  state.nowMs = 999;
  expect(one.take()).toBe(first);
  state.nowMs = 1_000;
  const second = one.take();
  expect(second).not.toBe(first);
  one.leave(first);
  expect(made[0]!.close).not.toHaveBeenCalled();
  one.leave(first);
  expect(made[0]!.close).toHaveBeenCalledOnce();
  one.leave(second);
  state.nowMs = 5_000;
  one.leave(one.take());
  expect(made[1]!.close).toHaveBeenCalledOnce();
  expect(made).toHaveLength(3);
});

it('closing waits for calls, but not for ever', async () => {
  const { one, made } = pool(1);
  const call = one.take();
  let closed = false;
  const closing = one.close(60_000).then(() => (closed = true));
  await Promise.resolve();
  expect(closed).toBe(false);
  one.leave(call);
  await closing;
  expect(made[0]!.close).toHaveBeenCalledOnce();
  const other = pool(1);
  other.one.take();
  await other.one.close(1);
  expect(other.made[0]!.close).toHaveBeenCalledOnce();
});
