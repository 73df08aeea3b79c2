// A thousand clients, five providers, outages by script: the parts that decide where calls go - balancer, course, circuits, cool-downs,
// retries and their budget - on one worker and a clock of its own. Nothing waits and nothing is random: the same each time.
// docs/resilience.md says what came of it.
import { describe, expect, test } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { BalanceAsk } from '../contracts/balance.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { Lane } from '../contracts/lane.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import { faultError } from '../dialects/fault-error.ts';
import { createTwoChoices } from '../routing/balance/ranked.ts';
import { LoadMeter } from '../routing/balance/load-meter.ts';
import { Course } from '../routing/course.ts';
import { planOf } from '../routing/plan-tiers.ts';
import { decideRetry } from '../routing/retry.ts';
import { ModelCell } from './cell.ts';
import { CellBook } from './cell-book.ts';
import { createKeyRing } from './key-ring.ts';
import { createRests } from './rests.ts';

const CLIENTS = 1_000;
const PROVIDERS = 5;
const GOOD_MS = 200;
const REFUSAL_MS = 20;
const THINK_MS = 1_000;
const FROM_MS = 30_000;
const TO_MS = 60_000;
const END_MS = 120_000;

/** Status that a provider answers with at a moment; 200 = well. */
type Script = (provider: number, nowMs: number) => number;

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What is to happen, by time; of equals the one that was said first. */
class Agenda {
  readonly #heap: { at: number; turn: number; run: () => void }[] = [];
  #turns = 0;

  add(at: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at, turn: this.#turns++, run });
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#before(child, parent)) return;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      child = parent;
    }
  }

  take(): { at: number; run: () => void } | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let parent = 0; ; ) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < heap.length && this.#before(child, least)) least = child;
      if (least === parent) return first;
      [heap[least], heap[parent]] = [heap[parent]!, heap[least]!];
      parent = least;
    }
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one]!, this.#heap[other]!];
    return a.at < b.at || (a.at === b.at && a.turn < b.turn);
  }
}

function refusal(status: number): GatewayError {
  return faultError(
    {
      dialect: 'openai-chat',
      status,
      body: null,
      type: null,
      code: null,
      param: null,
      message: 'no',
      headers: {},
    },
    0,
  );
}

interface Seen {
  /** Calls begun, calls that failed, and attempts by provider, by second. */
  calls: number[];
  failed: number[];
  attempts: number[][];
}

function simulate(script: Script): Seen {
  const clock = { time: 1, now: () => clock.time, wall: () => clock.time };
  const random = seeded(7);
  const rests = createRests({
    clock,
    tell() {},
    cooled() {},
    passedBy() {},
    withheld() {},
    circuit() {},
  });
  const targets = Array.from({ length: PROVIDERS }, (_, at): Target => {
    const provider = makeProvider(`p${at}`, {
      keys: [],
      retries: { max: 2, backoffMs: 500, maxBackoffMs: 8_000, maxAttempts: 5 },
    });
    const book = new CellBook(clock, provider.breaker, { random, changed() {} });
    const cell = new ModelCell('m', book);
    const keys = createKeyRing([], { clock, random });
    const lane = { provider, keys, cell: () => cell } as unknown as Lane; // all of it that is asked for here
    const load = new LoadMeter();
    const { retries } = provider;
    return {
      lane,
      cell,
      provider,
      model: 'm',
      label: `p${at}/m`,
      weight: 1,
      load,
      retries,
    } as unknown as Target;
  });
  const plan: Plan = planOf('m', [{ targets, balancer: createTwoChoices(targets) }]);
  const ask: BalanceAsk = { nowMs: () => clock.time, random, affinity: () => 0 };
  const agenda = new Agenda();
  const seconds = END_MS / 1_000 + 60;
  const seen: Seen = {
    calls: Array.from({ length: seconds }, () => 0),
    failed: Array.from({ length: seconds }, () => 0),
    attempts: targets.map(() => Array.from({ length: seconds }, () => 0)),
  };
  const second = (): number => Math.floor(clock.time / 1_000);

  function call(): void {
    if (clock.time > END_MS) return;
    seen.calls[second()]!++;
    const begun = second();
    const course = new Course(plan, ask);
    let overall = 0;
    const over = (good: boolean): void => {
      if (!good) seen.failed[begun]!++;
      agenda.add(clock.time + THINK_MS * (0.5 + random()), call);
    };
    const goTo = (target: Target): void => {
      target.cell.arrived(clock.time);
      attempt(target, 1);
    };
    const attempt = (target: Target, onTarget: number): void => {
      overall++;
      const at = targets.indexOf(target);
      seen.attempts[at]![second()]!++;
      const sentAt = clock.time;
      const status = script(at, sentAt);
      target.load!.began(sentAt);
      const took = status === 200 ? GOOD_MS * (0.8 + 0.4 * random()) : REFUSAL_MS;
      agenda.add(sentAt + took, () => {
        target.load!.ended();
        if (status === 200) {
          target.cell.served(sentAt);
          target.load!.served(clock.time, took);
          over(true);
          return;
        }
        const error = refusal(status);
        rests.failed(target, null, error);
        target.load!.failed(clock.time);
        const decision = decideRetry(
          {
            advice: error.retry,
            retryAfterMs: null,
            onTarget,
            overall,
            freshUsed: false,
            otherKey: false,
            waitHelps: status === 429,
            targetsLeft: course.left,
            leftMs: 60_000,
            mayRepeat: () => target.cell.mayRepeat(clock.time),
          },
          target.retries,
          random(),
        );
        if (decision.kind === 'again')
          agenda.add(clock.time + decision.delayMs, () => attempt(target, onTarget + 1));
        else {
          rests.givenUp(target, error);
          if (decision.kind === 'next') goTo(course.next(() => undefined));
          else over(false);
        }
      });
    };
    goTo(course.next(() => undefined));
  }

  for (let client = 0; client < CLIENTS; client++) agenda.add(1 + (client * THINK_MS) / CLIENTS, call);
  for (let event = agenda.take(); event !== null; event = agenda.take()) {
    clock.time = event.at;
    event.run();
  }
  return seen;
}

const sum = (counts: readonly number[], fromMs: number, toMs: number): number =>
  counts.slice(fromMs / 1_000, toMs / 1_000).reduce((all, count) => all + count, 0);

/** Part of all attempts that went to a provider. */
function shareOf({ attempts }: Seen, provider: number, fromMs: number, toMs: number): number {
  const all = attempts.reduce((count, one) => count + sum(one, fromMs, toMs), 0);
  return sum(attempts[provider]!, fromMs, toMs) / all;
}

/** Seconds behind the outage until a provider has half of its part again, over two seconds. */
function recoveredIn(seen: Seen, provider: number): number {
  for (let at = TO_MS; at < END_MS; at += 1_000)
    if (shareOf(seen, provider, at, at + 2_000) >= 0.5 / PROVIDERS) return (at - TO_MS) / 1_000;
  return Number.POSITIVE_INFINITY;
}

const during = (provider: number, status: number): Script => {
  return (at, now) => (at === provider && now >= FROM_MS && now < TO_MS ? status : 200);
};

describe('a thousand clients at five providers', () => {
  test('one of them fails for thirty seconds: it gets next to nothing, every call is served, and it comes back', () => {
    const seen = simulate(during(0, 500));
    expect(shareOf(seen, 0, 10_000, FROM_MS)).toBeGreaterThan(0.15);
    expect(shareOf(seen, 0, FROM_MS, TO_MS)).toBeLessThan(0.01);
    expect(sum(seen.failed, 0, END_MS)).toBe(0);
    expect(recoveredIn(seen, 0)).toBeLessThanOrEqual(30);
  });

  test('one of them refuses at once with 429: being fast attracts nothing', () => {
    const seen = simulate(during(0, 429));
    expect(shareOf(seen, 0, FROM_MS, TO_MS)).toBeLessThan(0.01);
    expect(sum(seen.failed, 0, END_MS)).toBe(0);
  });

  test('U13: all of them fail: a fifth more attempts than calls over the floor, shared out evenly, and they come back', () => {
    const seen = simulate((_, now) => (now >= FROM_MS && now < TO_MS ? 500 : 200));
    const calls = sum(seen.calls, FROM_MS, TO_MS);
    const attempts = seen.attempts.map((counts) => sum(counts, FROM_MS, TO_MS));
    const all = attempts.reduce((count, one) => count + one, 0);
    // The budget's window is of whole seconds: one more of them may be used.
    const lasted = (TO_MS - FROM_MS) / 1_000 + 1;
    const repeats = (0.2 * calls * lasted) / (lasted - 1) + PROVIDERS * 10 * lasted;
    expect(all).toBeLessThanOrEqual(calls + repeats);
    expect(Math.max(...attempts)).toBeLessThan((1.2 * all) / PROVIDERS);
    const later = TO_MS + 30_000;
    expect(sum(seen.failed, later, END_MS)).toBe(0);
    for (let at = 0; at < PROVIDERS; at++) expect(shareOf(seen, at, later, END_MS)).toBeGreaterThan(0.1);
  });
});

// What docs/resilience.md says: HEADGATE_SHOW_FIGURES=1 prints it.
test.runIf(process.env['HEADGATE_SHOW_FIGURES'] === '1')('figures', () => {
  const rows = ([500, 503, 429] as const).map((status) => {
    const seen = simulate(during(0, status));
    return {
      status,
      share: shareOf(seen, 0, FROM_MS, TO_MS),
      attempts: sum(seen.attempts[0]!, FROM_MS, TO_MS),
      failed: sum(seen.failed, 0, END_MS),
      recovered: recoveredIn(seen, 0),
    };
  });
  const total = simulate((_, now) => (now >= FROM_MS && now < TO_MS ? 500 : 200));
  const calls = sum(total.calls, FROM_MS, TO_MS);
  const attempts = total.attempts.map((counts) => sum(counts, FROM_MS, TO_MS));
  const back = total.failed.findLastIndex((count) => count > 0) + 1 - TO_MS / 1_000;
  console.log(JSON.stringify({ rows, calls, attempts, back }, null, 1));
});
