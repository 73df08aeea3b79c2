// What limits add to a request: reserve, headers and settle for a call that three rules match, with leases that cover it
// (the authority is the primary's own books, behind a promise). `node bench/micro/limiter.ts`

import type { Bucket, LimitAuthority, LimitRule } from '../../src/contracts/limits.ts';
import type { Snapshot } from '../../src/contracts/snapshot.ts';
import { principalOf } from '../../src/governance/principal.ts';
import { createLimiter } from '../../src/limiter/limiter.ts';
import { LimitLedger } from '../../src/limits/ledger.ts';
import { paceOf } from '../../src/limits/pace.ts';
import { createLimitMeter } from '../../src/observability/limit-meter.ts';
import { createRecorder } from '../../src/observability/recorder.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';

const ANY = { key: null, model: null, provider: null };
const rate = (name: string, dimension: 'requests' | 'tokens', limit: number): LimitRule => ({
  name,
  dimension,
  per: ['key'],
  match: ANY,
  limit,
  periodMs: 1_000,
  ...paceOf(limit, 1_000, null),
});
const rules: LimitRule[] = [
  rate('requests', 'requests', 1e9),
  rate('tokens', 'tokens', 1e12),
  {
    ...rate('concurrent', 'requests', 1e6),
    dimension: 'concurrent',
    per: [],
    periodMs: 0,
    burst: 0,
    spacingMs: 0,
  },
];

const clock = { now: () => performance.now(), wall: () => Date.now() };
const ledger = new LimitLedger();
const ref = ({ id, rule }: Bucket) => ({ id, version: 1, ...rule });
const authority: LimitAuthority = {
  healthy: true,
  ask: async (asks, token) =>
    ledger.ask(
      1,
      asks.map(({ bucket, need, want }) => ({ bucket: ref(bucket), need, want })),
      token,
      clock.now(),
    ),
  giveBack: (bucket, amount) => ledger.giveBack(1, ref(bucket), amount, clock.now()),
  commit: (bucket, amount) => ledger.commit(1, bucket.id, amount),
};
const limiter = createLimiter({ clock, meter: createLimitMeter(createRecorder()), origin: 'bench' });
const limits = limiter.compile(rules, ['p'], authority, {
  holders: 1,
  strict: false,
  failOpen: false,
  ietf: false,
});

const { call: template } = fakeCall(
  'openai-chat',
  { model: 'm', max_tokens: 200, messages: [{ role: 'user', content: 'hello' }] },
  [fakeProvider('p', dialectByName('openai-chat'))],
);
(template as { snapshot: Snapshot }).snapshot = { ...template.snapshot, limits };
template.principal = principalOf({ name: 'team-a' });
template.usage = {
  input: 10,
  output: 90,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  reasoning: null,
};
template.attempts.push({
  provider: 'p',
  model: 'm',
  keyAlias: '',
  status: 200,
  errorType: '',
  usage: template.usage,
  quantities: null,
  contentEvents: 0,
  costNano: null,
  priceVersion: '',
  estimated: false,
  queuedAt: 0,
  sentAt: 1,
  headAt: 0,
  endAt: 0,
});

async function round(calls: number, headers: boolean): Promise<{ us: number; asked: number }> {
  let asked = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    template.limits = null;
    const admitted = limiter.admit(template);
    if (admitted !== null) {
      asked++;
      const error = await admitted;
      if (error !== null) throw error;
    }
    if (headers) limiter.headers(template);
    limiter.settled(template);
    // A turn of the event loop now and then, as under load: that is when leases arrive.
    if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  return { us: (user + system) / calls, asked };
}

for (const headers of [false, true]) {
  for (let at = 0; at < 4; at++) {
    const { us, asked } = await round(300_000, headers);
    console.log(
      `3 rules${headers ? ' and their headers' : ''}: ${us.toFixed(2)} us of CPU a request, ${asked} of 300000 waited`,
    );
  }
}
limiter.close();
process.exit(0);
