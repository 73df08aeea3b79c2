import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Config } from '../../src/contracts/config.ts';
import type { Credential, CredentialSource, Obtained } from '../../src/contracts/credential.ts';
import { CredentialFault } from '../../src/credentials/token-request.ts';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import { createCredentialKeeper, withoutSources } from './credentials.ts';
import { fakeLog } from '../fakes.fixture.ts';

const SOURCE: CredentialSource = { kind: 'aws', region: 'eu-west-1' };

function configOf(...ids: string[]): Config {
  const providers = ids.map((id) =>
    makeProvider(`of-${id}`, {
      keys: [{ value: id, credential: { id, source: SOURCE }, weight: 1, models: [], alias: 'key-1' }],
    }),
  );
  return { providers } as Config;
}

/** What a source does next: gives a token that lives so many ms, fails, or is silent. */
type Next = number | null | 'fails' | 'silent';

function setUp() {
  const told: Credential[] = [];
  const asked: AbortSignal[] = [];
  const next: Next[] = [];
  const counted: string[] = [];
  const gauges: number[] = [];
  const log = fakeLog();
  const keeper = createCredentialKeeper({
    clock: { now: () => Date.now(), wall: () => Date.now() },
    log,
    totals: {
      inc: (_, labels) => void counted.push(labels.join(' ')),
      setGauge: (_, __, value) => void gauges.push(value),
    },
    env: {},
    obtain(_, { signal, wall }) {
      asked.push(signal);
      const now = next.length === 0 ? 3_600_000 : next.shift()!;
      if (now === 'fails') return Promise.reject(new CredentialFault('refused'));
      if (now === 'silent')
        return new Promise<Obtained>((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new CredentialFault('late'))),
        );
      return Promise.resolve({
        token: `token-${asked.length}`,
        expiresAtMs: now === null ? null : wall() + now,
      });
    },
    tell: (credential) => void told.push(credential),
    random: () => 0,
  });
  return { keeper, told, asked, next, counted, gauges, log };
}

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

describe('credentials', () => {
  test('are got once, told to all, and renewed five minutes ahead of their end', async () => {
    const { keeper, told, asked, gauges, counted } = setUp();
    keeper.follow(configOf('a'));
    await vi.advanceTimersByTimeAsync(0);
    expect(told.map(({ token }) => token)).toEqual(['token-1']);
    expect(keeper.current()).toEqual(told);
    expect(gauges).toEqual([Date.now() / 1000 + 3_600]);
    await vi.advanceTimersByTimeAsync(3_299_000);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
    expect(keeper.current()[0]?.token).toBe('token-2');
    expect(counted).toEqual(['of-a key-1 renewed', 'of-a key-1 renewed']);
  });

  // A timer of more than 24 days fires at once.
  test('that live for a year are not asked for all the time', async () => {
    const { keeper, asked, next } = setUp();
    next.push(31_536_000_000, 31_536_000_000);
    keeper.follow(configOf('a'));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(700_000_000);
    expect(asked).toHaveLength(2);
  });

  test.each([
    [60_000, 45_000],
    [1_000, 750],
    [100, 250],
    [null, 600_000],
  ])('that live for %s ms are asked for again after %s', async (lifeMs, afterMs) => {
    const { keeper, asked, next } = setUp();
    next.push(lifeMs);
    keeper.follow(configOf('a'));
    await vi.advanceTimersByTimeAsync(afterMs - 1);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
  });

  test('whose source fails stay until it gives another, and it is asked ever more seldom', async () => {
    const { keeper, told, asked, next, counted, log } = setUp();
    next.push(60_000, 'fails', 'fails', 'fails', 60_000);
    keeper.follow(configOf('a'));
    await vi.advanceTimersByTimeAsync(45_000);
    expect(asked).toHaveLength(2);
    expect(keeper.current().map(({ token }) => token)).toEqual(['token-1']);
    expect(log.lines.at(-1)).toMatchObject({
      level: 'warn',
      fields: { provider: 'of-a', key: 'key-1', reason: 'refused', heldForMs: 15_000, retryInMs: 1_000 },
    });
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(told.map(({ token }) => token)).toEqual(['token-1', 'token-5']);
    expect(counted.filter((line) => line.endsWith('failed'))).toHaveLength(3);
    expect(log.lines.at(-1)?.level).toBe('info');
  });

  test('whose source is silent are asked for again after ten seconds', async () => {
    const { keeper, told, next } = setUp();
    next.push('silent');
    keeper.follow(configOf('a'));
    await vi.advanceTimersByTimeAsync(10_999);
    expect(told).toEqual([]);
    // Behind the reads of that turn.
    await vi.advanceTimersByTimeAsync(2);
    expect(told.map(({ token }) => token)).toEqual(['token-2']);
  });

  test('that a provider refuses are renewed at once, unless they are new', async () => {
    const { keeper, asked, next } = setUp();
    keeper.refused('a');
    keeper.follow(configOf('a'));
    keeper.refused('a');
    await vi.advanceTimersByTimeAsync(29_999);
    keeper.refused('a');
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    next.push('fails');
    keeper.refused('a');
    keeper.refused('a');
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(0);
    keeper.refused('a');
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(3);
    // The clock of the one before does not run on beside that of the new one.
    await vi.advanceTimersByTimeAsync(3_299_999);
    expect(asked).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(4);
  });

  test('follow the configuration: what stays is not asked for anew, what goes is given up', async () => {
    const { keeper, asked, next, told } = setUp();
    keeper.follow(configOf('a'));
    await vi.advanceTimersByTimeAsync(0);
    next.push('silent');
    keeper.follow(configOf('a', 'b'));
    expect(asked).toHaveLength(2);
    keeper.follow(configOf('a'));
    expect(asked[1]?.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(told.map(({ id }) => id)).toEqual(['a']);
    expect(keeper.current().map(({ id }) => id)).toEqual(['a']);
    keeper.follow(configOf());
    await vi.advanceTimersByTimeAsync(10_000_000);
    expect(asked).toHaveLength(2);
    expect(keeper.current()).toEqual([]);
  });

  test('of a new configuration are waited for, but not for long, nor for what failed before', async () => {
    const { keeper, next } = setUp();
    const ready = async (config: Config): Promise<boolean> => {
      let done = false;
      void keeper.prepare(config, 3_000).then(() => {
        done = true;
      });
      await vi.advanceTimersByTimeAsync(0);
      return done;
    };
    expect(await ready(configOf())).toBe(true);
    expect(await ready(configOf('a'))).toBe(true);
    next.push('silent');
    expect(await ready(configOf('a', 'b'))).toBe(false);
    let late = false;
    void keeper.prepare(configOf('b'), 3_000).then(() => {
      late = true;
    });
    // And behind the reads of that turn.
    await vi.advanceTimersByTimeAsync(3_001);
    expect(late).toBe(true);
    next.push('fails');
    expect(await ready(configOf('c'))).toBe(true);
    expect(await ready(configOf('c'))).toBe(true);
  });
});

test('workers are not told where credentials come from', () => {
  const config = configOf('a');
  expect(withoutSources(config).providers[0]?.keys[0]?.credential).toEqual({ id: 'a' });
  expect(config.providers[0]?.keys[0]?.credential?.source).toBe(SOURCE);
  const plain = { providers: [makeProvider('p')] } as unknown as Config;
  expect(withoutSources(plain)).toBe(plain);
});
