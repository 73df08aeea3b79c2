// What a key of the store with a team, grants and limits costs a request over a plain one of the file: found, guarded, permitted, its
// limits and its team's reserved from leases and settled. Also the first call of a key: its principal, rules and buckets are made then.
// Run: scripts/node node bench/micro/permits.ts
import { randomBytes } from 'node:crypto';
import type { Bucket, LimitAuthority, LimitRule } from '../../src/contracts/limits.ts';
import type { Snapshot } from '../../src/contracts/snapshot.ts';
import { createFrameWriter } from '../../src/governance/issued-frame.ts';
import { credentialHash, issueCredential } from '../../src/governance/virtual-key.ts';
import { createLimiter } from '../../src/limiter/limiter.ts';
import { LimitLedger } from '../../src/limits/ledger.ts';
import { paceOf } from '../../src/limits/pace.ts';
import { createLimitMeter } from '../../src/observability/limit-meter.ts';
import { createRecorder } from '../../src/observability/recorder.ts';
import { createCallers } from '../../src/pipeline/who/callers.ts';
import { directoryOf } from '../../src/pipeline/who/directory.ts';
import { createGuard } from '../../src/pipeline/who/guard.ts';
import { IssuedKeys } from '../../src/pipeline/who/issued-keys.ts';
import { permit } from '../../src/pipeline/who/permit.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { planOf, tiersInOrder } from '../../src/routing/plan-tiers.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { measure, report, summarise, type Timing } from './measure.ts';

const KEYS = 100_000;
const TURNS = 2_000;
const CALLS_A_TURN = 100;
const secret = randomBytes(32);
const issued = new IssuedKeys();
const writer = createFrameWriter();
const credentials: Buffer[] = [];
for (let at = 0; at < KEYS; at++) {
  const credential = issueCredential('key', randomBytes);
  credentials.push(Buffer.from(credential));
  const holder = {
    ...{ name: `app-${at}`, id: `key_${at}`, organization: 'acme', team: 'blue', user: 'ada' },
    ...{ expiresAtMs: 4_000_000_000_000 },
    grants: [{ models: ['p/*', '!p/x*'], providers: ['p'], endpoints: ['chat'] }, { models: ['*', '!p/y'] }],
    own: { version: 1, limits: [{ requests: '99999999/s' }], budgets: [] },
  };
  writer.add(holder.id, [[credentialHash(secret, credential), JSON.stringify(holder)]]);
}
issued.learn(writer.take(), new Uint8Array(), secret.toString('base64'));
const plain = Buffer.from('plain-key-0123456789abcdef');
const directory = createCallers(directoryOf([{ name: 'plain', value: plain.toString('latin1') }]), issued);

const team: LimitRule = {
  ...{ name: 'team', dimension: 'requests', per: ['team'], limit: 1e9, periodMs: 1_000 },
  match: { key: null, model: null, provider: null, team: 'blue' },
  ...paceOf(1e9, 1_000, null),
};
const ledger = new LimitLedger();
const clock = { now: () => performance.now(), wall: () => Date.now() };
const ref = ({ id, rule, version = 0 }: Bucket) => ({ id, version, ...rule });
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
const limits = limiter.compile([team], ['p'], authority, {
  ...{ holders: 1, strict: false, failOpen: false, ietf: false, keyRules: true },
});

const provider = fakeProvider('p', dialectByName('openai-chat'));
const { call } = fakeCall('openai-chat', { model: 'm', messages: [] }, [provider]);
const plan = planOf('p/m', tiersInOrder([provider.target]));
(call as { snapshot: Snapshot }).snapshot = { ...call.snapshot, limits };

let credential: Buffer = plain;
const guarded = createGuard(
  () => Date.now(),
  (one) => {
    // Out of a header: a new string each time, whose hash nobody has computed yet.
    one.principal = directory.find(credential.toString('latin1'));
    return 'continue';
  },
);
async function once(): Promise<void> {
  const admitted = begin();
  if (admitted !== null) await admitted;
  limiter.settled(call);
}

/** @returns null where leases cover it. */
function begin(): Promise<unknown> | null {
  call.plan = plan;
  call.limits = null;
  if (guarded(call) !== 'continue' || permit(call) !== 'continue') throw new Error('it may');
  const admitted = limiter.admit(call);
  if (admitted instanceof Error) throw admitted;
  return admitted;
}

/** In turns of the event loop that are as short as a worker's: leases are taken ahead between them. */
async function costOf(of: Buffer): Promise<Timing> {
  credential = of;
  await once();
  const timings: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const begun = performance.now();
    for (let at = 0; at < CALLS_A_TURN; at++) {
      const asked = begin();
      if (asked !== null) await asked;
      limiter.settled(call);
    }
    timings.push(((performance.now() - begun) * 1e6) / CALLS_A_TURN);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return summarise(timings.slice(TURNS / 10));
}

for (let round = 0; round < 3; round++) {
  report('a plain key of the file', await costOf(plain));
  report('one of the store with team, grants and limits', await costOf(credentials[round]!));
}
let next = 100;
report(
  'the first call of one of 100,000',
  measure(() => {
    credential = credentials[next++ % KEYS]!;
    return directory.find(credential.toString('latin1'))!.rules.length;
  }),
);
