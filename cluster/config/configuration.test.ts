import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { ClientKey } from '../../src/contracts/directory.ts';
import { type Configuration, createConfiguration, type ReloadReport } from './configuration.ts';
import { fakeLog, makeAdmin, makeConfig } from '../fakes.fixture.ts';

interface Bench {
  configuration: Configuration;
  /** What the next load gives; an error is thrown. */
  next: Config | Error;
  /** The keys of callers that come with it. */
  keys: ClientKey[];
  loads: number;
  applied: number[];
  /** Revisions that went to the workers alone. */
  keysApplied: number[];
  reports: ReloadReport[];
  log: ReturnType<typeof fakeLog>;
}

const team = { name: 'team', value: 'hg-key-1234567890' };
const other = { name: 'other', value: 'hg-key-other-67890' };

function makeBench(first: Config = makeConfig(), port = first.server.port): Bench {
  const log = fakeLog();
  const bench: Partial<Bench> &
    Pick<Bench, 'next' | 'keys' | 'loads' | 'applied' | 'keysApplied' | 'reports' | 'log'> = {
    next: first,
    keys: [team],
    loads: 0,
    applied: [],
    keysApplied: [],
    reports: [],
    log,
  };
  bench.configuration = createConfiguration(
    {
      async load() {
        bench.loads += 1;
        await Promise.resolve();
        if (bench.next instanceof Error) throw bench.next;
        return structuredClone({ config: bench.next, keys: bench.keys, admin: makeAdmin() });
      },
      log,
      wall: () => 0,
      onApply: () => bench.applied.push(bench.configuration!.version),
      onKeys: () => bench.keysApplied.push(bench.configuration!.keys.revision),
      onAdmin: () => undefined,
      onReport: (report) => bench.reports.push(report),
    },
    { config: first, keys: [team], admin: makeAdmin() },
    port,
  );
  return bench as Bench;
}

describe('reload', () => {
  it('puts a valid configuration in force under the next version', async () => {
    const bench = makeBench();
    bench.next = makeConfig((config) => (config.server.drainTimeoutMs = 5));
    await bench.configuration.reload('signal');
    expect(bench.applied).toEqual([2]);
    expect(bench.configuration.config.server.drainTimeoutMs).toBe(5);
    expect(bench.reports).toMatchObject([{ ok: true, problems: [] }]);
  });

  it('changes nothing when the configuration is invalid, and puts every problem on the log', async () => {
    const bench = makeBench();
    const before = bench.configuration.config;
    bench.next = new ConfigError(['line 3: unknown key `sever`', 'line 9: not a number']);
    await bench.configuration.reload('signal');
    expect(bench.applied).toEqual([]);
    expect(bench.configuration.version).toBe(1);
    expect(bench.configuration.config).toBe(before);
    expect(bench.reports).toMatchObject([
      { ok: false, problems: ['line 3: unknown key `sever`', 'line 9: not a number'] },
    ]);
    expect(bench.log.lines.find((line) => line.level === 'error')?.fields['problems']).toHaveLength(2);
  });

  it('by the file watch does nothing when the file says nothing new; by a signal it rolls out again', async () => {
    const bench = makeBench();
    await bench.configuration.reload('file');
    expect(bench.applied).toEqual([]);
    await bench.configuration.reload('signal');
    expect(bench.applied).toEqual([2]);
  });

  it('clears the last error when the file is as it was before', async () => {
    const bench = makeBench();
    const good = bench.next;
    bench.next = new ConfigError(['broken']);
    await bench.configuration.reload('file');
    bench.next = good;
    await bench.configuration.reload('file');
    expect(bench.configuration.lastReload?.ok).toBe(true);
    expect(bench.applied).toEqual([]);
  });

  it('keeps the open port and host, and says which settings wait for what', async () => {
    const bench = makeBench(
      makeConfig((config) => (config.server.port = 0)),
      40_000,
    );
    bench.next = makeConfig((config) => {
      config.server.port = 9090;
      config.server.host = '127.0.0.2';
      config.server.threads = 4;
      config.log.level = 'debug';
    });
    await bench.configuration.reload('file');
    expect(bench.configuration.config.server).toMatchObject({ port: 40_000, host: '127.0.0.1', threads: 4 });
    expect(bench.configuration.lastReload).toMatchObject({
      ok: true,
      needsRestart: ['server.port', 'server.host'],
      needsRoll: ['server.threads', 'log.level'],
    });
  });

  it('by the file watch does nothing when a signal has already put it in force, whatever waits for a restart', async () => {
    const bench = makeBench();
    bench.next = makeConfig((config) => {
      config.server.host = '127.0.0.2';
      config.server.drainTimeoutMs = 5;
    });
    await bench.configuration.reload('signal');
    await bench.configuration.reload('file');
    expect(bench.applied).toEqual([2]);
    expect(bench.configuration.lastReload?.needsRestart).toEqual(['server.host']);
  });

  it('does not ask for a restart when the port is still "any free one"', async () => {
    const first = makeConfig((config) => (config.server.port = 0));
    const bench = makeBench(first, 40_000);
    await bench.configuration.reload('signal');
    expect(bench.configuration.lastReload?.needsRestart).toEqual([]);
    expect(bench.configuration.config.server.port).toBe(40_000);
  });

  it('refuses to take the keys away while the gateway is open to other machines', async () => {
    const bench = makeBench(makeConfig((config) => (config.server.host = '0.0.0.0')));
    bench.next = makeConfig((config) => {
      config.auth = { anonymous: true };
      config.server.host = '127.0.0.1'; // what loading makes of "no keys"
    });
    await bench.configuration.reload('signal');
    expect(bench.applied).toEqual([]);
    expect(bench.reports[0]?.problems[0]).toMatch(/without API keys/);
  });

  it('opens to everybody when that was asked for in words', async () => {
    const bench = makeBench(makeConfig((config) => (config.server.host = '0.0.0.0')));
    bench.next = makeConfig((config) => {
      config.auth = { anonymous: true };
      config.server.host = '0.0.0.0';
    });
    await bench.configuration.reload('signal');
    expect(bench.applied).toEqual([2]);
  });

  it('runs once more, and only once, for all attempts that came while one was under way', async () => {
    const bench = makeBench();
    await Promise.all(Array.from({ length: 20 }, () => bench.configuration.reload('signal')));
    expect(bench.loads).toBe(2);
    expect(bench.applied).toEqual([2, 3]);
  });

  it('goes back to the version before when a worker cannot use the new one, whichever worker says it first', async () => {
    const bench = makeBench();
    bench.next = makeConfig((config) => (config.log.access = false));
    await bench.configuration.reload('signal');
    bench.configuration.rejected(2, 0, 'no');
    bench.configuration.rejected(2, 1, 'no');
    expect(bench.applied).toEqual([2, 1]);
    expect(bench.configuration.config.log.access).toBe(true);
    expect(bench.configuration.lastReload).toMatchObject({ ok: false, problems: ['no'] });
    // The number that was refused is not given out again.
    await bench.configuration.reload('signal');
    expect(bench.configuration.version).toBe(3);
  });

  it('stays where it is when a late worker cannot use what all others run', async () => {
    const bench = makeBench();
    await bench.configuration.reload('signal');
    bench.configuration.confirmed();
    bench.configuration.rejected(2, 1, 'no');
    expect(bench.applied).toEqual([2]);
  });
});

describe('keys of callers', () => {
  it.each(['file', 'signal'] as const)('that changed alone compile nothing anew (%s)', async (trigger) => {
    const bench = makeBench();
    bench.keys = [team, other];
    await bench.configuration.reload(trigger);
    expect(bench.applied).toEqual([]);
    expect(bench.keysApplied).toEqual([2]);
    expect(bench.configuration).toMatchObject({ version: 1, keys: { revision: 2, keys: [team, other] } });
    expect(bench.reports).toMatchObject([{ ok: true }]);
    const line = bench.log.lines.find(({ message }) => message === 'keys of callers have changed');
    expect(line?.fields).toEqual({ revision: 2, known: 2, put: 1, drop: 0 });
  });

  it('that are the same in another order, or a note that is new, change nothing', async () => {
    const bench = makeBench();
    bench.keys = [other, team];
    await bench.configuration.reload('file');
    bench.keys = [team, other];
    bench.next = makeConfig((config) => (config.notes = ['API key other can be guessed']));
    await bench.configuration.reload('file');
    expect(bench.applied).toEqual([]);
    expect(bench.keysApplied).toEqual([2]);
  });

  it('keep their revision when only the rest has changed', async () => {
    const bench = makeBench();
    const { keys } = bench.configuration;
    bench.next = makeConfig((config) => (config.log.access = false));
    await bench.configuration.reload('file');
    expect(bench.applied).toEqual([2]);
    expect(bench.configuration.keys).toBe(keys);
  });

  it('that came with a configuration go back with it, and their number is not given out again', async () => {
    const bench = makeBench();
    bench.keys = [other];
    bench.next = makeConfig((config) => (config.log.access = false));
    await bench.configuration.reload('file');
    expect(bench.keysApplied).toEqual([]);
    expect(bench.configuration.keys).toEqual({ revision: 2, keys: [other] });
    bench.configuration.rejected(2, 0, 'no');
    expect(bench.applied).toEqual([2, 1]);
    expect(bench.configuration.keys).toEqual({ revision: 1, keys: [team] });
    bench.keys = [team, other];
    bench.next = makeConfig();
    await bench.configuration.reload('file');
    expect(bench.keysApplied).toEqual([3]);
  });

  it('that changed behind a configuration stay when that one goes back', async () => {
    const bench = makeBench();
    bench.next = makeConfig((config) => (config.log.access = false));
    await bench.configuration.reload('file');
    bench.keys = [other];
    await bench.configuration.reload('file');
    bench.configuration.rejected(2, 0, 'no');
    expect(bench.configuration).toMatchObject({ version: 1, keys: { revision: 2, keys: [other] } });
  });
});
