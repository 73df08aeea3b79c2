import { describe, expect, it } from 'vitest';
import type { ClusterView } from '../../src/contracts/cluster-view.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { UsageError } from './usage.ts';
import { readLogCommand, runLogCommand } from './log-command.ts';
import { logLine } from './log-line.ts';
import { topScreen } from './top-screen.ts';

describe('`headgate logs` on the command line', () => {
  it('asks with the filters of the API, and for no more than it shows', () => {
    const { query, follow, what } = readLogCommand([
      'logs',
      '--model',
      'fast',
      '--minMs',
      '1000',
      '--attempts',
      '--limit',
      '5',
    ]);
    expect({ what, follow, asked: Object.fromEntries(query) }).toEqual({
      what: 'logs',
      follow: false,
      asked: { model: 'fast', minMs: '1000', rows: 'attempts', facets: 'false', limit: '5' },
    });
    expect([...readLogCommand(['logs', '-f', '--team', 'red']).query]).toEqual([['team', 'red']]);
    expect(readLogCommand(['ledger', 'reconcile', '--since', '2d']).what).toBe('reconcile');
    expect(readLogCommand(['top']).what).toBe('top');
    expect(String(readLogCommand(['ledger', 'list', '--key', 'app', '--limit', '7']).query)).toBe(
      'key=app&limit=7',
    );
    expect(readLogCommand(['ledger', 'recalculations', 'r1'])).toMatchObject({
      what: 'recalculations',
      id: 'r1',
    });
    expect(() => readLogCommand(['ledger', 'cancel'])).toThrow('needs the id');
    expect(() => readLogCommand(['ledger', 'list', 'x'])).toThrow('too many words');
  });

  it('says what it does not know, and what was near', () => {
    expect(() => readLogCommand(['logs', '--modle', 'x'])).toThrow('did you mean `--model`');
    expect(() => readLogCommand(['logs', 'everything'])).toThrow(UsageError);
    expect(() => readLogCommand(['ledger'])).toThrow('list, reconcile');
    expect(() => readLogCommand(['logs', '--limit', 'all'])).toThrow('`--limit` takes a number');
  });

  it('needs a token', async () => {
    await expect(runLogCommand(readLogCommand(['logs']), {}, () => undefined)).rejects.toThrow(
      'HEADGATE_ADMIN_TOKEN',
    );
  });
});

describe('a row on a terminal', () => {
  it('says who asked what of whom, how it went and what it cost, and moves no cursor', () => {
    const line = logLine({
      ...logRow({
        key: 'app\u001b[2J\u202e',
        attempts: 2,
        costNano: 1_234,
        errorType: 'provider_overloaded',
      }),
      id: 1,
    });
    expect(line).toContain('app\\u001b[2J\\u202e');
    expect(line).toContain('fast → openai/gpt-4o-mini');
    expect(line).toContain('2 attempts');
    expect(line).toContain('$0.000001234');
    expect(line).toContain('provider_overloaded');
    expect(logLine({ ...logRow({ costNano: null }), id: 1 })).toContain('no price');
    const own = logLine({ ...logRow({ model: 'openai/gpt-4o-mini', stream: false, ttftMs: 5 }), id: 1 });
    expect(own).toContain('  openai/gpt-4o-mini  ');
    expect(own).not.toContain('first');
  });
});

it('a screen of lanes shows each one, full or resting', () => {
  const view: ClusterView = {
    at: 0,
    redis: { state: 'off' },
    nodes: [
      {
        name: 'gate-a',
        version: '1',
        pid: 1,
        status: 'ok',
        uptimeMs: 1,
        configVersion: 1,
        memoryBytes: null,
        restarts: 0,
        workers: [
          {
            index: 0,
            pid: 7,
            state: 'serving',
            uptimeMs: 1,
            restarts: 0,
            configVersion: 1,
            memoryBytes: 104_857_600,
            connections: null,
            loopDelayMs: { p50: 1, p95: 5, p99: 9 },
          },
        ],
      },
    ],
    plugins: [],
    lanes: [
      {
        provider: 'openai',
        paused: false,
        inFlight: 5,
        slots: 10,
        queued: 2,
        queueSlots: 30,
        streams: 1,
        windowMs: 60_000,
        ratePerSecond: 3.25,
        errorRate: 0.015,
        p50Ms: 210,
        p95Ms: null,
        p99Ms: 12_345,
        shed: 0,
        keys: [{ alias: 'k1', up: 0.5, resting: [] }],
        cooling: [{ model: 'gpt', forMs: 2_100, stated: true }],
        circuits: [],
      },
    ],
  };
  const screen = topScreen(view);
  expect(screen).toContain('5/10       [##########..........]  2');
  expect(screen).toContain('gpt cools 3 s, key k1 rests');
  expect(screen).toContain('100 MiB');
  expect(screen).toContain('3.3 calls/s   1.5 % failed   5 in flight   2 queued');
  expect(screen).toContain('12.3 s');
});
