// Asks on their way to Redis. All that one turn of the event loop asks is one script call (bunches, bounded), which decides
// each ask by itself: a socket write and a read cost more than ten asks do. Nothing waits longer than `timeoutMs` in all.
//
//   ask ─► bunch, open ── end of the turn, a call is free ─► sent ── answer ─► grants
//                 └────────── time is up, Redis fails ─────────┴─► the policy decides ── late answer ─► undone
import type { Grant } from '../../contracts/limits.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { RedisHealth } from '../health.ts';
import type { RedisAuthorityObserver } from '../options.ts';
import { AskCalls, askAnswer, askRow, grantOf, type WireCall } from './ask-wire.ts';
import type { BackQueue } from './back-queue.ts';
import type { BackTeller } from './back-teller.ts';
import type { Deciding } from './deciding.ts';
import { type HeldSlots, slotIds } from './held-slots.ts';
import type { KeyNames, WireAsk } from './limit-keys.ts';
import type { LocalLimits } from './local-limits.ts';
import { Waiting } from './waiting.ts';

/** Asks of one call: Redis serves nobody else meanwhile, so it is to be over in a fraction of a millisecond. */
const ASKS_A_CALL = 32;
/** With so many calls on their way a bunch that is not full waits for the next answer and grows. */
const CALLS_AT_ONCE = 4;

interface Asked {
  readonly parts: readonly WireAsk[];
  readonly token: string;
  readonly resolve: (grants: readonly Grant[]) => void;
}

interface Bunch {
  readonly asked: Asked[];
  /** When its first ask came: no ask waits longer than that one may. */
  readonly sinceMs: number;
  parts: number;
  sent: boolean;
  /** By ask: what the policy answered in place of Redis. */
  decided: (readonly Grant[])[] | null;
}

export interface AskingDeps {
  clock: Clock;
  observer: RedisAuthorityObserver;
  /** One script call. */
  run: (call: WireCall) => Promise<unknown>;
  names: KeyNames;
  health: RedisHealth;
  deciding: Deciding;
  slots: HeldSlots;
  local: LocalLimits;
  backs: BackQueue;
  teller: BackTeller;
}

export interface AskingOptions {
  timeoutMs: number;
  /** Asks on their way at most; beyond them the policy answers. */
  maxInFlight: number;
  slotLifeMs: number;
}

export class Asking {
  readonly #deps: AskingDeps;
  readonly #calls: AskCalls;
  readonly #waiting: Waiting<Bunch>;
  readonly #maxInFlight: number;
  /** Not sent; only the last one takes more. */
  #bunches: Bunch[] = [];
  #underWay = 0;
  #scheduled = false;
  /** Asks that Redis has been or will be asked and that it has not answered. */
  inFlight = 0;
  answered = 0;
  /** Sum over `answered`. */
  latencyMs = 0;

  constructor(deps: AskingDeps, options: AskingOptions) {
    this.#deps = deps;
    this.#calls = new AskCalls(deps.names, options.slotLifeMs);
    this.#maxInFlight = options.maxInFlight;
    this.#waiting = new Waiting(options.timeoutMs, deps.clock, (bunch) => this.#late(bunch));
  }

  /** False when as many are on their way as may be. */
  get hasRoom(): boolean {
    return this.inFlight < this.#maxInFlight;
  }

  ask(parts: readonly WireAsk[], token: string): Promise<readonly Grant[]> {
    return new Promise((resolve) => {
      this.inFlight++;
      let bunch = this.#bunches.at(-1);
      if (bunch === undefined || bunch.asked.length >= ASKS_A_CALL) {
        const sinceMs = this.#deps.clock.now();
        bunch = { asked: [], sinceMs, parts: 0, sent: false, decided: null };
        this.#bunches.push(bunch);
        this.#waiting.add(bunch, sinceMs);
      }
      bunch.asked.push({ parts, token, resolve });
      bunch.parts += parts.length;
      this.#soon();
    });
  }

  /** Nobody waits any longer. */
  drain(): void {
    for (const bunch of this.#waiting.drain()) this.#decide(bunch);
  }

  #soon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#sendDue);
  }

  readonly #sendDue = (): void => {
    this.#scheduled = false;
    for (let bunch = this.#bunches[0]; bunch !== undefined; bunch = this.#bunches[0]) {
      if (this.#underWay >= CALLS_AT_ONCE && bunch.asked.length < ASKS_A_CALL) return;
      this.#bunches.shift();
      this.#send(bunch);
    }
  };

  #send(bunch: Bunch): void {
    bunch.sent = true;
    this.#underWay++;
    this.#deps.run(this.#calls.of(bunch.asked)).then(
      (reply) => {
        this.#over(bunch);
        this.#reply(bunch, reply);
      },
      (error: unknown) => {
        this.#over(bunch);
        this.#failed(bunch, error);
      },
    );
  }

  #over(bunch: Bunch): void {
    this.#underWay--;
    this.inFlight -= bunch.asked.length;
    if (this.#bunches.length > 0) this.#soon();
  }

  #reply(bunch: Bunch, reply: unknown): void {
    const answer = askAnswer(reply, bunch.parts);
    if (answer === null) {
      this.#failed(bunch, new Error('an answer that our script does not give'), true);
      return;
    }
    if (bunch.decided !== null) {
      this.#undo(bunch, bunch.decided, answer);
      return;
    }
    this.#waiting.delete(bunch);
    const { clock, observer, health, slots, local } = this.#deps;
    const now = clock.now();
    const nowUs = Math.floor(now * 1000);
    const latencyMs = now - bunch.sinceMs;
    let at = 0;
    for (const { parts, token, resolve } of bunch.asked) {
      const grants: Grant[] = [];
      for (const { bucket } of parts) {
        const row = askRow(answer, at++);
        if (bucket.pace === null) slots.add(bucket.key, token, row.granted);
        else local.heard(bucket.key, bucket.pace, row.debtUs, nowUs);
        grants.push(grantOf(row));
      }
      this.answered++;
      this.latencyMs += latencyMs;
      health.breaker.success();
      observer.answered?.(latencyMs);
      resolve(grants);
    }
  }

  /** Redis answers after the policy did: what it granted and we did not is not to stay taken. */
  #undo(bunch: Bunch, decided: readonly (readonly Grant[])[], answer: readonly number[]): void {
    const { backs, teller, slots } = this.#deps;
    let at = 0;
    bunch.asked.forEach(({ parts, token }, ask) => {
      parts.forEach(({ bucket: { key, pace } }, part) => {
        const { granted } = askRow(answer, at++);
        if (pace !== null) backs.rate(key, pace, Math.max(0, granted - decided[ask]![part]!.granted));
        else if (!slots.has(key, token, 0)) backs.slots(key, slotIds(token, 0, granted));
      });
    });
    teller.soon();
  }

  /** Time is up. */
  #late(bunch: Bunch): void {
    this.#decide(bunch);
    const error = new Error('no answer in time');
    for (const _ of bunch.asked) this.#deps.health.failed(error, 'timeout');
  }

  /** @param foreign it is not our Redis that answered */
  #failed(bunch: Bunch, error: unknown, foreign = false): void {
    if (bunch.decided !== null) return; // counted when it was late
    this.#waiting.delete(bunch);
    this.#decide(bunch);
    for (const _ of bunch.asked) this.#deps.health.failed(error, foreign ? 'reply' : undefined);
  }

  /** The policy answers in place of Redis, which may or may not have done what it was asked. */
  #decide(bunch: Bunch): void {
    const { deciding, backs } = this.#deps;
    bunch.decided = [];
    if (!bunch.sent) {
      this.#bunches.splice(this.#bunches.indexOf(bunch), 1);
      this.inFlight -= bunch.asked.length;
    }
    for (const { parts, token, resolve } of bunch.asked) {
      const grants = deciding.decide(parts, token, !bunch.sent);
      bunch.decided.push(grants);
      // Slots that may have been granted: freed as soon as Redis listens, or else they run out.
      if (bunch.sent) {
        parts.forEach(({ bucket: { key, pace }, want }, at) => {
          if (pace === null) backs.slots(key, slotIds(token, grants[at]!.granted, want));
        });
      }
      resolve(grants);
    }
  }
}
