// Whatever calls and their attempts do, in whatever order: what they took of each limit is in the end what they used.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { LimitBooks, limitRule } from '../../tests/kit/limit-books.ts';
import type { TargetHold } from '../contracts/admission.ts';
import type { AttemptRecord, Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { principalOf } from '../governance/principal.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createLimiter } from './limiter.ts';
import { tokensOfAll, tokensSpent, wasSent } from './spent.ts';

const ASKED_OUTPUT = 300;

/** Two of each dimension: the call's own and those of one provider of two. The small ones refuse now and then. */
const RULES = [
  limitRule('own.requests', 'requests', 8, null),
  limitRule('own.tokens', 'tokens', 4_000, null),
  limitRule('own.slots', 'concurrent', 4, null),
  limitRule('p.requests', 'requests', 4, 'p'),
  limitRule('p.tokens', 'tokens', 1_500, 'p'),
  limitRule('p.slots', 'concurrent', 2, 'p'),
];

interface Leg {
  provider: string;
  hold: TargetHold | null;
  record: AttemptRecord;
}

interface Running {
  call: Call;
  admitted: boolean;
  legs: Leg[];
}

const told = fc.option(fc.record({ input: fc.nat(400), output: fc.nat(900) }), { nil: null });
const end = fc.record({
  status: fc.constantFrom(0, 200, 200, 200, 429, 503),
  sent: fc.boolean(),
  whole: fc.boolean(),
  events: fc.nat(50),
  told,
});
const which = fc.nat();
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('call' as const), waits: fc.boolean() }) },
  // Two at once are a hedge, one behind the other a retry or a fallback.
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('try' as const),
      which,
      first: fc.boolean(),
      waits: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fail' as const), which, leg: fc.nat(), end }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('settle' as const), which, end, twice: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), end }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(20_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('health' as const) }) },
);

/** Lets every question be answered. */
const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface End {
  status: number;
  sent: boolean;
  whole: boolean;
  events: number;
  told: { input: number; output: number } | null;
}

function finish(record: AttemptRecord, { status, sent, whole, events, told }: End): void {
  record.endAt = 3;
  record.status = sent ? status : 0;
  record.sentAt = sent ? 1 : 0;
  record.errorType = sent && whole && status === 200 ? '' : 'upstream_reset';
  record.contentEvents = events;
  const none = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };
  record.usage = status === 200 && told !== null ? { ...told, ...none } : null;
}

it('every unit that was taken is used, or back, once: retries, fallbacks, hedges, refusals, drains, clients that leave', async () => {
  const providers = [
    fakeProvider('p', dialectByName('openai-chat')),
    fakeProvider('q', dialectByName('openai-chat')),
  ];
  let refusals = 0;
  let pairs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.boolean(),
      fc.constantFrom(1, 5),
      async (steps, strict, holders) => {
        const books = new LimitBooks();
        const clock = { now: () => books.now, wall: () => books.now };
        const none = (): void => undefined;
        const meter = { admitted: none, refused: none, unknown: none, refilled: none };
        const limiter = createLimiter({ clock, origin: 'test', meter: { rule: () => meter } });
        const limits = limiter.compile(RULES, ['p', 'q'], books, {
          holders,
          strict,
          failOpen: false,
          ietf: false,
          version: 1,
        });
        const running: Running[] = [];
        const expected = new Map<string, number>();
        const used = (name: string, units: number): void => {
          expected.set(name, (expected.get(name) ?? 0) + units);
        };
        let prompt = 0;

        const settle = (one: Running, how: End): void => {
          for (const { record } of one.legs) if (record.endAt === 0) finish(record, how);
          one.call.settledAt = books.now;
          limiter.settled(one.call);
          running.splice(running.indexOf(one), 1);
          if (!one.admitted) return;
          used('own.requests', one.call.attempts.some(wasSent) ? 1 : 0);
          used('own.tokens', tokensOfAll(one.call.attempts, prompt, ASKED_OUTPUT));
          for (const { hold, record } of one.legs) {
            if (hold === null) continue;
            used('p.requests', wasSent(record) ? 1 : 0);
            used('p.tokens', tokensSpent(record, prompt, ASKED_OUTPUT));
          }
        };

        for (const now of steps) {
          const one = 'which' in now ? running[now.which % Math.max(1, running.length)] : undefined;
          if (now.do === 'call') {
            const body = { model: 'm', messages: [], max_tokens: ASKED_OUTPUT };
            const { call } = fakeCall('openai-chat', body, providers);
            call.principal = principalOf({ name: 'team' });
            (call as { snapshot: Snapshot }).snapshot = { ...call.snapshot, limits };
            prompt = Math.ceil(call.facts!.promptBytes / 3.5);
            const begun: Running = { call, admitted: false, legs: [] };
            running.push(begun);
            const decided = (error: GatewayError | null): void => {
              if (call.settled) return;
              begun.admitted = error === null;
              if (error !== null) refusals++;
            };
            const admitted = limiter.admit(call);
            if (!(admitted instanceof Promise)) decided(admitted);
            else {
              void admitted.then(decided);
              if (now.waits) await rest();
            }
          } else if (now.do === 'try' && one?.admitted === true) {
            const open = one.legs.filter(({ record }) => record.endAt === 0).length;
            if (open > 1) continue;
            const provider = now.first ? 'p' : 'q';
            const { call, legs } = one;
            const decided = (hold: TargetHold | GatewayError | null): void => {
              if (call.settled) return;
              if (hold instanceof GatewayError) {
                refusals++;
                return;
              }
              // Nothing limits the other one.
              expect(hold === null).toBe(provider === 'q');
              const at = { queuedAt: 0, slotAt: 0, connectMs: 0, sentAt: 1, headAt: 0, endAt: 0 };
              const names = { provider, model: 'm', keyAlias: '' };
              const record = {
                ...names,
                ...at,
                status: 0,
                errorType: '',
                usage: null,
                quantities: null,
                contentEvents: 0,
                costNano: null,
                priceVersion: '',
                estimated: false,
                answerBytes: 0,
              };
              if (hold !== null) hold.record = record;
              call.attempts.push(record);
              legs.push({ provider, hold, record });
              if (legs.filter(({ record }) => record.endAt === 0).length > 1) pairs++;
            };
            const admitted = limiter.admitTarget(call, call.plan!.targets[now.first ? 0 : 1]!);
            if (!(admitted instanceof Promise)) decided(admitted);
            else {
              void admitted.then(decided);
              if (now.waits) await rest();
            }
          } else if (now.do === 'fail' && one !== undefined && one.legs.length > 0) {
            const leg = one.legs[now.leg % one.legs.length]!;
            if (leg.record.endAt === 0) finish(leg.record, now.end);
            // Also one that was left before.
            if (leg.hold !== null) limiter.leaveTarget(leg.hold);
          } else if (now.do === 'settle' && one !== undefined) {
            settle(one, now.end);
            if (now.twice) limiter.settled(one.call);
          } else if (now.do === 'drain') for (const each of [...running]) settle(each, now.end);
          else if (now.do === 'pass') books.now += now.ms;
          else if (now.do === 'health') books.healthy = !books.healthy;
        }
        const late = { status: 0, sent: true, whole: false, events: 0, told: null };
        for (const each of [...running]) settle(each, late);
        await rest();
        limiter.close();
        await rest();

        for (const { name, dimension } of RULES) {
          const slots = dimension === 'concurrent';
          expect([name, books.out.get(name) ?? 0]).toEqual([name, slots ? 0 : (expected.get(name) ?? 0)]);
          expect([name, books.uncommitted.get(name) ?? 0]).toEqual([name, 0]);
          if (slots) expect([name, books.ledger.taken(name)]).toEqual([name, 0]);
        }
      },
    ),
    { numRuns: 400 },
  );
  // What the property is about did happen.
  expect(refusals).toBeGreaterThan(100);
  expect(pairs).toBeGreaterThan(100);
});
