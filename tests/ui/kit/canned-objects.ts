// Objects of the administration and the cluster, as the API would tell them.

import type { Amount } from './canned-log.ts';
import { MEAN } from './mean.ts';

const DAY = 86_400_000;

export function objects(kind: string, amount: Amount, now: number): object[] {
  if (amount === 'none') return [];
  const iso = (days: number): string => new Date(now - days * DAY).toISOString();
  const one = (id: string, name: string, more: object = {}): object => ({
    id,
    name,
    managed: 'db',
    version: 3,
    createdAt: iso(90),
    updatedAt: iso(2),
    ...more,
  });
  switch (kind) {
    case 'organizations':
      return [one('org_1', 'acme'), one('org_2', 'globex')];
    case 'teams':
      return [
        one('team_1', 'search', { organization: 'org_1', limits: [{ requests: '600/min' }] }),
        one('team_2', 'support', { organization: 'org_1' }),
      ];
    case 'users':
      return [
        one('user_1', 'ada', { team: 'team_1', email: 'ada@example.com' }),
        one('user_2', 'linus', { team: 'team_2' }),
      ];
    case 'customers':
      return [one('customer_1', 'globex-web')];
    case 'projects':
      return [one('project_1', 'assistant', { team: 'team_1' })];
    case 'keys':
      return [
        one('key_1', 'ada-laptop', {
          user: 'user_1',
          team: 'team_1',
          prefix: 'hg-Ab3d',
          lastFour: 'x9Qz',
          lastUsedAt: iso(0),
          description: '<b>bold</b>',
          models: ['gpt-*', '!gpt-5-pro'],
        }),
        one('key_2', 'search-service', {
          team: 'team_1',
          service: true,
          prefix: 'hg-Zz12',
          lastFour: '00aa',
          lastUsedAt: null,
          blocked: true,
          expiresAt: new Date(now + 5 * DAY).toISOString(),
        }),
        { id: 'file:ops', name: 'ops', managed: 'file', prefix: 'hg-test', lastFour: 'cdef' },
      ];
    case 'limits':
      return [one('limit_1', 'everybody', { per: ['key', 'model'], requests: '60/min', concurrent: 20 })];
    case 'admins':
      return [
        one('admin_1', 'ada', { role: 'admin' }),
        one('admin_2', 'vic', { role: 'viewer', email: 'vic@example.com' }),
      ];
    case 'tokens':
      return [
        one('token_1', 'admin_1/ci', {
          label: 'ci',
          prefix: 'hga-9',
          lastFour: 'zzzz',
          scopes: ['key:read'],
        }),
      ];
    default:
      return [];
  }
}

export function audit(amount: Amount, now: number): object[] {
  const count = amount === 'none' ? 0 : amount === 'little' ? 12 : 100;
  return Array.from({ length: count }, (_, index) => ({
    sequence: count - index,
    at: now - index * 3_600_000,
    initiator: index % 3 === 0 ? 'token:admin_1/ci' : 'admin:ada',
    action: ['key.create', 'key.rotate', 'login', 'team.update'][index % 4],
    target: index % 4 === 2 ? '' : 'key/key_1',
    outcome: index % 9 === 4 ? 'denied' : 'success',
    reason: index % 9 === 4 ? 'wrong name or password' : '',
    ip: '10.0.0.7',
    hash: 'fGZ0h3Zq1yq6',
    before: index % 4 === 1 ? { name: 'a', limits: [{ requests: '10/min' }] } : null,
    after: { name: 'b', limits: [{ requests: '60/min' }] },
  }));
}

/** A minute ago the gatehouse was started, or a day and more. */
export function clusterHistory(amount: Amount, now: number): object {
  const points = amount === 'none' ? 1 : 288;
  const stepMs = amount === 'none' ? 60_000 : 300_000;
  const starts = Array.from(
    { length: points },
    (_, at) => Math.floor(now / stepMs - points + 1 + at) * stepMs,
  );
  const line = (worker: number, base: number): (number | null)[] =>
    starts.map((_, at) => (at === 90 ? null : base * (1 + 0.2 * Math.sin(at / 20 + worker))));
  const process = (worker: number | null): object => ({
    node: 'gate-1',
    worker,
    values: {
      loopDelayMs: worker === null ? starts.map(() => null) : line(worker, 1.4),
      memoryBytes: line(worker ?? 9, worker === null ? 7e7 : 1.6e8),
      connections:
        worker === null
          ? starts.map(() => null)
          : line(worker, 40).map((value) => value && Math.round(value)),
      restarts: starts.map((_, at) => (worker === 1 && at >= 200 ? 1 : 0)),
    },
  });
  return { since: starts[0], stepMs, starts, processes: [null, 0, 1].map(process) };
}

export function clusterView(amount: Amount, now: number): object {
  const lane = (provider: string, more: object = {}): object => ({
    provider,
    paused: false,
    inFlight: amount === 'none' ? 0 : 14,
    slots: 64,
    queued: 0,
    queueSlots: 192,
    streams: amount === 'none' ? 0 : 9,
    windowMs: 60_000,
    ratePerSecond: amount === 'none' ? 0 : 6.4,
    errorRate: amount === 'none' ? null : 0.002,
    p50Ms: amount === 'none' ? null : 840,
    p95Ms: amount === 'none' ? null : 3_120,
    shed: 0,
    keys: [
      { alias: `${provider}-1`, up: 1, resting: [] },
      { alias: `${provider}-2`, up: 1, resting: [] },
    ],
    cooling: [],
    circuits: [],
    ...more,
  });
  const down = {
    inFlight: 0,
    queued: 12,
    errorRate: 1,
    shed: 48,
    ratePerSecond: 3.1,
    circuits: [{ model: 'gpt-5-mini', state: 'open', since: now - 30_000 }],
    keys: [{ alias: 'azure-eu-1', up: 0, resting: [{ model: 'gpt-5-mini', forMs: 21_000, limited: true }] }],
  };
  return {
    at: now,
    version: '0.2.0',
    url: 'http://127.0.0.1:8080',
    status: 'ok',
    store: { kind: 'sqlite', state: 'up' },
    redis: { state: amount === 'none' ? 'off' : 'up' },
    config: { version: 4, workersBehind: 0, lastReload: null },
    plugins:
      amount === 'none'
        ? []
        : [plugin('route-by-length', {}), plugin(MEAN, { ...DOWN, since: now - 90_000 })],
    nodes: [
      {
        name: 'gate-1',
        version: '0.2.0',
        pid: 71,
        status: 'ok',
        uptimeMs: 3 * DAY,
        configVersion: 4,
        memoryBytes: 48_000_000,
        restarts: 1,
        workers: [0, 1, 2, 3].map((index) => ({
          index,
          pid: 80 + index,
          state: 'serving',
          uptimeMs: 3 * DAY,
          restarts: index === 2 ? 1 : 0,
          configVersion: 4,
          memoryBytes: 61_000_000 + index * 1_000_000,
          connections: 40 + index,
          loopDelayMs: { p50: 1, p95: 2.5 },
        })),
      },
    ],
    lanes: [
      lane('anthropic'),
      lane('azure-eu', amount === 'none' ? {} : down),
      lane('mistral', amount === 'none' ? {} : { inFlight: 64, queued: 31, ratePerSecond: 22.8 }),
      lane('openai', amount === 'none' ? {} : { inFlight: 41, ratePerSecond: 31.2 }),
      lane(
        'vertex',
        amount === 'none' ? {} : { cooling: [{ model: 'gemini-3-flash', forMs: 4_000, stated: true }] },
      ),
    ],
  };
}

const DOWN = {
  state: 'resting',
  reason: 'errors',
  fault: MEAN,
  workers: { on: 1, of: 4 },
  errors: 12,
  timeouts: 3,
  passedBy: 40,
};

function plugin(name: string, more: object): object {
  return {
    name,
    mode: 'thread',
    state: 'on',
    hooks: ['onRequest', 'onRoute', 'onAnswer'],
    reason: '',
    fault: '',
    since: 0,
    workers: { on: 4, of: 4 },
    windowMs: 60_000,
    calls: 1_840,
    errors: 0,
    timeouts: 0,
    passedBy: 0,
    p50Ms: 0.4,
    p95Ms: 1.2,
    ...more,
  };
}

/** One budget of each state, one that never ends, and limits with and without anything left. */
export function standings(amount: Amount, now: number): object {
  if (amount === 'none') return { budgets: [], limits: [] };
  const NANO = 1e9;
  const budget = (owner: string, amountUsd: number, spentUsd: number, more: object = {}): object => ({
    name: `${owner}-1M`,
    owner,
    per: ['key'],
    match: {},
    window: '1M',
    align: 'calendar',
    timezone: 'UTC',
    softAt: 0.8,
    amountNano: amountUsd * NANO,
    spentNano: spentUsd * NANO,
    reservedNano: 0,
    remainingNano: (amountUsd - spentUsd) * NANO,
    startsAt: new Date(now - 20 * DAY).toISOString(),
    resetsAt: new Date(now + 10 * DAY).toISOString(),
    soft: spentUsd >= 0.8 * amountUsd,
    forecastUsd: 1.5 * spentUsd,
    exhaustedAt: 1.5 * spentUsd > amountUsd ? new Date(now + 6 * DAY).toISOString() : null,
    ...more,
  });
  const limit = (dimension: string, most: number, remaining: number): object => ({
    name: 'everybody',
    dimension,
    owner: `key ${MEAN}`,
    per: ['key'],
    limit: most,
    periodMs: dimension === 'concurrent' ? 0 : 60_000,
    remaining,
    resetsAt: new Date(now + 20_000).toISOString(),
  });
  return {
    budgets: [
      budget('key ada-laptop', 50, 12.30421),
      budget('team search', 200, 171.2),
      budget(`organization ${MEAN}`, 1, 1),
      budget('key credit', 80, 0.000000012, {
        window: 'never',
        softAt: 1,
        resetsAt: null,
        startsAt: null,
        forecastUsd: null,
        exhaustedAt: null,
      }),
    ],
    limits: [limit('requests', 600, 588), limit('tokens', 100_000, 0), limit('concurrent', 20, 17)],
  };
}
