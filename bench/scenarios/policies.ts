// What a policy costs a call: limits, then limits with a budget on each of key, team and customer and the ledger; and what it costs when
// Redis is slow.
import type { Lab, Measurement, RunningPeer, Scenario } from '../contract.ts';
import { CLIENT_KEY } from '../peers/serve.ts';
import { commandOf, processTree } from '../process-tree.ts';
import type { Book } from './book.ts';
import { barsOf } from './charts.ts';
import { heat } from './heat.ts';
import { difference, ratio } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { startSlowRedis } from './slow-redis.ts';
import { alternate, NGINX, type Target, variant, variantBar, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 64;
/** Open loop for the p99: many connections, so that calls that wait for Redis do not hold up the others. */
const RATE = 500;
const RATE_CONNECTIONS = 256;

/** All match every call, and none ever refuses: three dimensions, as a team has them. */
const LIMITS = [
  { name: 'calls', per: 'key', requests: '9000000/min', burst: 1_000_000 },
  { name: 'model', per: ['key', 'model'], tokens: '900000000/min', burst: 1_000_000_000 },
  { name: 'all', per: 'gateway', concurrent: 1_000_000 },
];

/** Likewise: in what a day has none is used up. */
const BUDGETS = ['key', 'team', 'customer'].map((per) => ({ per, amountUsd: 1_000_000, window: '1d' }));
const MONEY = {
  limits: LIMITS,
  budgets: BUDGETS,
  auth: { keys: [{ name: 'bench', value: CLIENT_KEY, team: 'bench', customer: 'bench' }] },
  prices: { 'openai/*': { input_cost_per_token: 1e-9, output_cost_per_token: 1e-9 } },
};

const BARE = 'keys only, no log';
const KEYS = 'keys only';
const EMBEDDED = '3 limits, embedded';
const PAID = '3 limits, 3 budgets and the ledger, embedded';
const PAID_LEASE = '3 limits, 3 budgets and the ledger, Redis lease';
const LEASE = '3 limits, Redis lease';
const STRICT = '3 limits, Redis strict';
const SLOW_MS = [20, 200] as const;
/** Without the process that writes rows into the database: that one gives way to calls. */
const CALLS = 'CPU per request of the processes that take calls';
const COST = 'CPU per request';
const ADDED = 'CPU added to keys only';
const P99 = 'p99';

const slow = (policy: string, ms: number): string => `${policy} ${ms} ms away`;
/** A metric bears one bar, so what has a bar of its own is a metric of its own. */
const addedBy = (policy: string): string => `CPU added by ${policy}`;
const toNginx = (policy: string): string => `CPU to nginx, ${policy}`;

export const policies: Scenario = {
  name: 'policies',
  title: 'What policies cost',
  method: `Headgate with keys alone, with three limits that match every call and never refuse (requests per key, tokens per key and model, calls \
at once for all) kept in the gateway, in Redis by lease and in Redis by a question per call; and with Redis behind a proxy that makes each \
round trip ${SLOW_MS.join(' or ')} ms longer. Redis and proxy are on the load cores; their CPU is not counted. CPU as in cpu; "added" is to keys only of the \
same round. With three budgets and the ledger: also a budget on each of key, team and customer that none uses up, and a row a call; what that adds is \
to keys without any log, of the primary and the workers alone. p99 in open loop at ${RATE}/s over ${RATE_CONNECTIONS} connections.`,
  metrics: [
    variantBar(addedBy(PAID), 'us', PAID, 4),
    variantBar(addedBy(PAID_LEASE), 'us', PAID_LEASE, 6),
    { name: CALLS, unit: 'us', better: 'lower' },
    variantBar(addedBy(EMBEDDED), 'us', EMBEDDED, 4),
    variantBar(addedBy(LEASE), 'us', LEASE, 8),
    variantBar(addedBy(STRICT), 'us', STRICT, 20),
    variantBar(toNginx(EMBEDDED), 'x', EMBEDDED, 2.3),
    variantBar(toNginx(LEASE), 'x', LEASE, 2.6),
    { name: COST, unit: 'us', better: 'lower', against: NGINX },
    { name: ADDED, unit: 'us', better: 'lower' },
    { name: P99, unit: 'ms', better: 'lower' },
  ],
  async run(lab) {
    const redis = await lab.startRedis();
    const notes: string[] = redis === null ? ['no redis-server: the Redis rows are left out'] : [];
    const proxies = [];
    try {
      const starting: [string, () => Promise<RunningPeer>][] = [
        [variant(KEYS), () => lab.startHeadgate({ name: variant(KEYS) })],
        [
          variant(BARE),
          () => lab.startHeadgate({ name: variant(BARE), config: { log: { requests: false } } }),
        ],
        [variant(EMBEDDED), () => limited(lab, EMBEDDED)],
        [variant(PAID), () => paid(lab, PAID)],
      ];
      for (const peer of lab.peers(ROUTE)) {
        if (peer.name === NGINX) starting.unshift([NGINX, () => lab.start(peer)]);
      }
      if (redis !== null) {
        const lease = { url: redis.url, mode: 'lease' };
        starting.push([variant(PAID_LEASE), () => paid(lab, PAID_LEASE, lease)]);
        const ways = [{ url: redis.url, name: (policy: string) => policy }];
        for (const ms of SLOW_MS) {
          const proxy = await startSlowRedis(redis.url, ms, lab.loadCores);
          proxies.push(proxy);
          ways.push({ url: proxy.url, name: (policy) => slow(policy, ms) });
        }
        for (const { url, name } of ways) {
          for (const [policy, mode] of [
            [LEASE, 'lease'],
            [STRICT, 'strict'],
          ] as const) {
            starting.push([variant(name(policy)), () => limited(lab, name(policy), { url, mode })]);
          }
        }
      }
      return await withStarted(lab, ROUTE, {}, starting, async (cast) => {
        const book = await measure(lab, cast.targets, notes);
        const measurements = rows(cast.targets, book);
        return {
          measurements,
          notes: [...cast.notes, ...notes],
          charts: [
            barsOf(measurements, {
              title: 'CPU per request by policy',
              yLabel: 'us of CPU',
              metrics: [COST],
            }),
            barsOf(measurements, { title: 'p99 by policy', yLabel: 'ms', metrics: [P99], logY: true }),
          ],
        };
      });
    } finally {
      for (const proxy of proxies) proxy.stop();
      await redis?.stop();
    }
  },
};

function limited(lab: Lab, policy: string, redis?: { url: string; mode: string }): Promise<RunningPeer> {
  const config = { limits: LIMITS, ...(redis !== undefined && { redis }) };
  return lab.startHeadgate({ name: variant(policy), config });
}

function paid(lab: Lab, policy: string, redis?: { url: string; mode: string }): Promise<RunningPeer> {
  const config = { ...MONEY, ...(redis !== undefined && { redis }) };
  return lab.startHeadgate({ name: variant(policy), config });
}

async function measure(lab: Lab, targets: readonly Target[], notes: string[]): Promise<Book> {
  const { saturate, notes: generator } = createSaturate(lab);
  const load = { dialect: 'openai', bodyBytes: 1024 } as const;
  await heat(lab, targets, 'openai', 'unary');
  const book = await alternate(lab, targets, async ({ pid, endpoint }, { seconds }) => {
    const [gatehouse] = processTree(pid).filter((one) =>
      /gatehouse(?:\/main\.[jt]s|\.cjs)/.test(commandOf(one)),
    );
    const full = () => saturate({ ...load, endpoint, connections: CONNECTIONS, seconds });
    const { cpuMicros, result: inner } = await lab.cpuOf(pid, async () =>
      gatehouse === undefined ? { cpuMicros: 0, result: await full() } : lab.cpuOf(gatehouse, full),
    );
    const { cpuMicros: written, result } = inner;
    const calm = await lab.unary({
      ...load,
      endpoint,
      connections: RATE_CONNECTIONS,
      seconds: Math.max(1, seconds * 0.4),
      perSecond: RATE,
    });
    return {
      values: {
        [COST]: cpuMicros / result.requests,
        [CALLS]: (cpuMicros - written) / result.requests,
        [P99]: calm.latencyMicros.p99 / 1000,
      },
      void: result.void ?? calm.void,
    };
  });
  notes.push(...generator);
  return book;
}

function rows(targets: readonly Target[], book: Book): Measurement[] {
  const costOf = (name: string) => book.rounds(name, COST);
  const keys = costOf(variant(KEYS));
  const nginx = costOf(NGINX);
  const measurements: Measurement[] = [];
  const bare = book.rounds(variant(BARE), CALLS);
  for (const policy of [PAID, PAID_LEASE]) {
    const own = book.rounds(variant(policy), CALLS);
    if (own.length > 0)
      measurements.push(book.measurement(variant(policy), addedBy(policy), difference(own, bare)));
  }
  for (const policy of [EMBEDDED, LEASE, STRICT]) {
    const name = variant(policy);
    if (costOf(name).length === 0) continue;
    measurements.push(book.measurement(name, addedBy(policy), difference(costOf(name), keys)));
    if (policy !== STRICT && nginx.length > 0)
      measurements.push(book.measurement(name, toNginx(policy), ratio(costOf(name), nginx)));
  }
  for (const { name } of targets) {
    measurements.push(
      book.measurement(name, COST),
      book.measurement(name, P99),
      book.measurement(name, CALLS),
    );
    if (name !== NGINX && name !== variant(KEYS))
      measurements.push(book.measurement(name, ADDED, difference(costOf(name), keys)));
  }
  return measurements;
}
