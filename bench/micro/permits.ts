// What a key with a team, grants and limits costs a request over a plain one: found, guarded, permitted, limited.
// Run: scripts/node node bench/micro/permits.ts
import type { LimitRule } from '../../src/contracts/limits.ts';
import { BucketStore } from '../../src/limiter/bucket-store.ts';
import { LimitPlan } from '../../src/limiter/limit-plan.ts';
import { paceOf } from '../../src/limits/pace.ts';
import { directoryOf } from '../../src/pipeline/who/directory.ts';
import { createGuard } from '../../src/pipeline/who/guard.ts';
import { permit } from '../../src/pipeline/who/permit.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { planOf, tiersInOrder } from '../../src/routing/plan-tiers.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { measure, report } from './measure.ts';

const directory = directoryOf([
  { name: 'plain', value: 'plain-key-0123456789abcdef' },
  {
    name: 'virtual',
    value: 'virtual-key-0123456789abcdef',
    organization: 'acme',
    team: 'blue',
    user: 'ada',
    expiresAtMs: 4_000_000_000_000,
    grants: [{ models: ['p/*', '!p/x*'], providers: ['p'], endpoints: ['chat'] }, { models: ['*', '!p/y'] }],
  },
]);
const provider = fakeProvider('p', dialectByName('openai-chat'));
const { call } = fakeCall('openai-chat', { model: 'm', messages: [] }, [provider]);
const plan = planOf('p/m', tiersInOrder([provider.target]));

const rule = (name: string, change: Partial<LimitRule>): LimitRule => ({
  name,
  dimension: 'requests',
  per: ['key'],
  match: { key: null, model: null, provider: null },
  limit: 1e9,
  periodMs: 1_000,
  ...paceOf(1e9, 1_000, null),
  ...change,
});
const meter = { admitted() {}, refused() {}, unknown() {}, refilled() {} };
const limits = new LimitPlan(
  [
    rule('key', {}),
    rule('team', { per: ['team'], match: { key: null, model: null, provider: null, team: 'blue' } }),
  ],
  ['p'],
  new BucketStore(
    { ask: () => Promise.reject(new Error('nobody asks')), giveBack() {}, healthy: true },
    () => 1,
    { rule: () => meter },
    () => {},
  ),
);

function costOf(credential: string) {
  const bytes = Buffer.from(credential);
  const guarded = createGuard(
    () => Date.now(),
    (one) => {
      one.principal = directory.find(bytes.toString('latin1'));
      return 'continue';
    },
  );
  return measure(() => {
    call.plan = plan;
    if (guarded(call) !== 'continue' || permit(call) !== 'continue') throw new Error('it may');
    return limits.match(call.principal!, 'p/m').set.buckets(call.head.headers, call.customer).all.length;
  });
}

for (let round = 0; round < 2; round++) {
  report('a plain key', costOf('plain-key-0123456789abcdef'));
  report('one with team, grants and limits', costOf('virtual-key-0123456789abcdef'));
}
