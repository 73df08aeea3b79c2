// What limits and budgets add to a request: reserve, headers and settle for a call that three rules match, and with a budget of
// its key, its team and its customer and the charge beside them, with leases that cover it (the authority is the primary's own
// books, behind a promise). `node bench/micro/limiter.ts`

import type { Bucket, CallerScope, LimitAuthority, LimitRule } from '../../src/contracts/limits.ts';
import type { Snapshot } from '../../src/contracts/snapshot.ts';
import { principalOf } from '../../src/governance/principal.ts';
import { createLimiter } from '../../src/limiter/limiter.ts';
import { LimitLedger } from '../../src/limits/ledger.ts';
import { paceOf } from '../../src/limits/pace.ts';
import { createLimitMeter } from '../../src/observability/limit-meter.ts';
import { createRecorder } from '../../src/observability/recorder.ts';
import { chargeAttempt } from '../../src/prices/attempt-charge.ts';
import { priceOf } from '../../src/prices/fields.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';

const CALLS = Number(process.argv[2] ?? 300_000);
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

const budget = (per: CallerScope): LimitRule => ({
  ...rate(`${per}-1d.budget`, 'requests', 1e15),
  dimension: 'cost',
  per: [per],
  periodMs: 0,
  burst: 0,
  spacingMs: 0,
  budget: {
    amountNano: 1e15,
    window: '1d',
    align: 'calendar',
    timezone: 'Europe/Berlin',
    anchorMs: 0,
    softAt: 0.8,
    override: null,
  },
});
const price = priceOf(
  { input_cost_per_token: 2e-6, output_cost_per_token: 8e-6, cache_read_input_token_cost: 5e-7 },
  'bench',
);

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
const compiled = (of: readonly LimitRule[]) =>
  limiter.compile(of, ['p'], authority, { holders: 1, strict: false, failOpen: false, ietf: false });

const { call: template } = fakeCall(
  'openai-chat',
  { model: 'm', max_tokens: 200, messages: [{ role: 'user', content: 'hello' }] },
  [fakeProvider('p', dialectByName('openai-chat'))],
);
const under = (of: readonly LimitRule[]): void => {
  (template as { snapshot: Snapshot }).snapshot = { ...template.snapshot, limits: compiled(of) };
};
template.plan = { ...template.plan!, targets: [{ ...template.plan!.targets[0]!, price }] };
template.principal = principalOf({ name: 'team-a', team: 'a' });
template.customer = 'acme';
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
  answerBytes: 0,
  queuedAt: 0,
  slotAt: 0,
  connectMs: 0,
  sentAt: 1,
  headAt: 0,
  endAt: 0,
});

async function round(
  calls: number,
  headers: boolean,
  charged: boolean,
): Promise<{ us: number; asked: number }> {
  let asked = 0;
  // As the sink of a call by HTTP is.
  Object.assign(template.sink, { takesLines: true });
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
    if (charged) chargeAttempt(template.attempts[0]!, price, template, 0);
    limiter.settled(template);
    // A turn of the event loop now and then, as under load: that is when leases arrive.
    if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  return { us: (user + system) / calls, asked };
}

for (const [what, of, headers, charged] of [
  ['3 rules', rules, false, false],
  ['3 rules and their headers', rules, true, false],
  ['the charge of an attempt and 3 rules', rules, false, true],
  [
    '3 rules, 3 budgets and the charge',
    [...rules, budget('key'), budget('team'), budget('customer')],
    false,
    true,
  ],
] as const) {
  under(of);
  for (let at = 0; at < 4; at++) {
    const { us, asked } = await round(CALLS, headers, charged);
    console.log(`${what}: ${us.toFixed(2)} us of CPU a request, ${asked} of ${CALLS} waited`);
  }
}
limiter.close();
process.exit(0);
