// One provider's place on one worker: who runs, who waits, who is turned away. The configured numbers are for the
// whole gateway; this worker holds a share of them and asks the primary for more when its demand is larger.
//
// A seat:
//
//   enter ──► running ──────────────────────────────► gone     a slot is free and nobody waits
//     │          ▲                                     ▲
//     ├──► queued ── slot freed or granted             │       fewer wait than the share of waiting places
//     │     ▲    └── queueTimeoutMs, leave ────────────┤
//     └──► asking ── place or slot granted             │       the share is used up, another worker's may not be
//                └── both refused, leave ──────────────┘
//
// `asking` lasts for the primary's answer, some milliseconds. What waits is served by class (class-queue.ts).
import type { Cell } from '../contracts/cell.ts';
import type { CircuitView } from '../contracts/circuit.ts';
import type { LaneConfig, ProviderConfig } from '../contracts/config.ts';
import { GatewayError } from '../contracts/errors.ts';
import type {
  CircuitListener,
  KeyRing,
  Lane,
  LaneSeat,
  LaneStats,
  LaneWaiter,
  ShareBroker,
  ShareHolder,
} from '../contracts/lane.ts';
import type { Clock } from '../contracts/ports.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { ModelCell } from './cell.ts';
import { CellBook } from './cell-book.ts';
import { ClassQueue } from './class-queue.ts';
import { createKeyRing, type LaneKeyRing } from './key-ring.ts';
import { Seat } from './seat.ts';
import { SeatQueue } from './seat-queue.ts';
import { Share } from './share.ts';
import { slotInMs } from './slot-time.ts';

/** `onFull: block` has no limit of its own, memory has: beyond this many a worker sheds all the same. */
const MAX_BLOCKED = 10_000;
/** Calls that wait for the primary's answer. */
const MAX_ASKING = 1024;
/** The one timer of a lane runs at this pace while somebody waits. */
const SWEEP_MS = 50;
/**
 * When other workers wait and this one never falls idle, it lets one freed slot rest for HOLD_MS each SLICE_MS: the
 * primary asks again each 50 ms and must once find it, or callers of the others would wait until their time-out.
 */
const SLICE_MS = 250;
const HOLD_MS = 75;
/** Weight of the newest call in the mean time a slot is taken. */
const MEAN_WEIGHT = 0.1;

const REFUSED = { run: 1, wait: 2 } as const;
const REFUSED_BOTH = 3;

/** This worker's part of the gateway-wide numbers. */
export interface LaneShare {
  run: number;
  wait: number;
}

export interface LaneDeps {
  upstream: Upstream;
  clock: Clock;
  broker: ShareBroker;
  share: LaneShare;
  /** Chooses among keys; Math.random by default. */
  random?: (() => number) | undefined;
  /** Hears of its circuits. */
  circuitChanged?: CircuitListener | undefined;
}

/** A lane as its worker holds it. */
export interface WorkerLane extends Lane, ShareHolder {
  /** A new configuration keeps this lane: its numbers, keys and share, and its connections when they are new too. */
  adopt(provider: ProviderConfig, share: LaneShare, upstream: Upstream | null): void;
}

class ProviderLane implements WorkerLane {
  readonly #clock: Clock;
  readonly #ring: LaneKeyRing;
  readonly #cells: CellBook;
  #provider: ProviderConfig;
  #config: LaneConfig;
  #upstream: Upstream;
  readonly #run: Share;
  readonly #wait: Share;
  readonly #queue = new ClassQueue();
  readonly #asking = new SeatQueue<Seat>();
  #inFlight = 0;
  #shed = 0;
  /** Mean ms a slot is taken; 0 before the first call ended. */
  #meanMs = 0;
  /** A slot is being handed on: waiters that end at once are met by the loop, not by recursion. */
  #pumping = false;
  #sweep: NodeJS.Timeout | null = null;
  /** Slots kept for other workers, and until when; when the last was given. */
  #hold = 0;
  #holdUntil = 0;
  #gaveAt: number;
  #onIdle: (() => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(provider: ProviderConfig, deps: LaneDeps) {
    this.#clock = deps.clock;
    this.#provider = provider;
    this.#config = provider.lane;
    this.#upstream = deps.upstream;
    this.#ring = createKeyRing(provider.keys, { clock: deps.clock, random: deps.random ?? Math.random });
    this.#cells = new CellBook(deps.clock, provider.breaker, {
      random: deps.random ?? Math.random,
      changed: (model, change) => deps.circuitChanged?.(this, model, change),
    });
    this.#run = new Share(provider.name, 'run', deps.share.run, provider.lane.concurrency, deps);
    this.#wait = new Share(provider.name, 'wait', deps.share.wait, provider.lane.queue, deps);
    this.#gaveAt = deps.clock.now();
  }

  get provider(): ProviderConfig {
    return this.#provider;
  }

  get keys(): KeyRing {
    return this.#ring;
  }

  get upstream(): Upstream {
    return this.#upstream;
  }

  cell(model: string): Cell {
    return new ModelCell(model, this.#cells);
  }

  cooling(): number {
    return this.#cells.count();
  }

  unrest(model: string | null): void {
    this.#cells.unrest(model);
    this.#ring.wake();
  }

  circuits(): CircuitView[] {
    return this.#cells.circuits(this.#provider.name);
  }

  stats(): LaneStats {
    return {
      inFlight: this.#inFlight,
      queued: this.#waiting,
      shed: this.#shed,
      runShare: this.#run.held,
      waitShare: this.#wait.held,
    };
  }

  // -- calls

  enter(waiter: LaneWaiter): LaneSeat {
    const now = this.#clock.now();
    const seat = new Seat(this, waiter, now);
    if (this.#waiting === 0 && this.#run.held - this.#inFlight > this.#held(now)) {
      this.#start(seat, now);
      return seat;
    }
    if (this.#queue.size < this.#room) {
      seat.state = 'queued';
      this.#queue.push(seat);
    } else if (this.#config.onFull === 'shed' && this.#asking.size < MAX_ASKING) {
      this.#asking.push(seat);
    } else {
      this.#refuseRoom(seat);
      return seat;
    }
    // Called by a waiter that is just being served: the loop that serves it goes on and asks behind itself.
    if (this.#pumping) return seat;
    this.#pump();
    this.#demand(seat);
    return seat;
  }

  /** Called by the seat, once. */
  leave(seat: Seat): void {
    const { state } = seat;
    seat.state = 'gone';
    if (state === 'running') {
      this.#inFlight--;
      const took = this.#clock.now() - seat.since;
      this.#meanMs = this.#meanMs === 0 ? took : this.#meanMs + (took - this.#meanMs) * MEAN_WEIGHT;
    } else {
      (state === 'queued' ? this.#queue : this.#asking).remove(seat);
    }
    this.#pump();
    this.#checkIdle();
  }

  // -- share

  grant(kind: 'run' | 'wait', count: number): void {
    const share = kind === 'run' ? this.#run : this.#wait;
    share.granted(count);
    if (count > 0) this.#pump();
    if (this.#waiting === 0) return;
    // Something was to be had: there may be more for those it was not enough for.
    const wanting = kind === 'run' ? this.#waiting : this.#asking.size;
    const more = count > 0 && wanting > 0 && share.ask(wanting);
    if (!more && this.#asking.size > 0) this.#refuse(kind);
  }

  yieldIdle(kind: 'run' | 'wait', count: number): number {
    if (kind === 'wait') return this.#wait.yield(this.#queue.size, count);
    const given = this.#run.yield(this.#inFlight, count);
    const now = this.#clock.now();
    if (given > 0) {
      this.#gaveAt = now;
      this.#hold = 0;
    } else if (count > 0 && now - this.#gaveAt >= SLICE_MS) {
      this.#hold = Math.min(count, Math.max(1, this.#run.held >> 3));
      this.#holdUntil = now + HOLD_MS;
    }
    return given;
  }

  configure(config: LaneConfig): void {
    this.#config = config;
    this.#run.total = config.concurrency;
    this.#wait.total = config.queue;
    this.#pump();
  }

  adopt(provider: ProviderConfig, share: LaneShare, upstream: Upstream | null): void {
    this.#provider = provider;
    this.#ring.replace(provider.keys);
    this.#cells.follow(provider.breaker);
    if (upstream !== null) {
      const before = this.#upstream;
      this.#upstream = upstream;
      before.close().catch(() => {}); // lets its calls end by itself
    }
    this.#run.held = share.run;
    this.#wait.held = share.wait;
    this.configure(provider.lane);
  }

  close(): Promise<void> {
    // Another lane may have this name by now and gets what the primary grants: make do with what is here.
    this.#run.held = Math.max(1, this.#run.held);
    this.#run.total = this.#run.held;
    this.#wait.total = this.#wait.held;
    this.#pump();
    this.#closing ??= new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      this.#checkIdle();
    }).then(() => this.#upstream.close());
    return this.#closing;
  }

  // -- inside

  get #waiting(): number {
    return this.#queue.size + this.#asking.size;
  }

  get #room(): number {
    return this.#config.onFull === 'block' ? MAX_BLOCKED : this.#wait.held;
  }

  #held(now: number): number {
    return this.#hold > 0 && now < this.#holdUntil ? this.#hold : 0;
  }

  #start(seat: Seat, now: number): void {
    seat.state = 'running';
    seat.since = now;
    this.#inFlight++;
    try {
      seat.waiter.onSlot();
    } catch (cause) {
      // It fails this call, not the one that happened to leave just now.
      seat.leave();
      seat.waiter.onShed(new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
    }
  }

  /** Moves all who can move: from asking to queued, from either to running. */
  #pump(): void {
    if (this.#pumping || this.#waiting === 0) return;
    this.#pumping = true;
    let last: Seat | null = null;
    for (;;) {
      while (this.#asking.size > 0 && this.#queue.size < this.#room) {
        const seat = this.#asking.shift()!;
        seat.state = 'queued';
        this.#queue.push(seat);
      }
      const free = this.#run.held - this.#inFlight;
      if (free <= 0 || this.#waiting === 0) break;
      const now = this.#clock.now();
      // Nobody is turned away for the sake of a slot kept for others.
      if (this.#asking.size === 0 && free <= this.#held(now)) break;
      last = (this.#queue.shift() ?? this.#asking.shift())!;
      this.#start(last, now);
    }
    this.#pumping = false;
    if (last === null) return;
    // Waiters served above may have come back by enter().
    for (const seat of this.#unasked()) this.#demand(seat);
  }

  #unasked(): Seat[] {
    const seats: Seat[] = [];
    for (let seat = this.#asking.head; seat !== null; seat = seat.next) if (!seat.asked) seats.push(seat);
    return seats;
  }

  /** Sees to it that a waiting seat gets on: asks the primary, and turns it away when there is nothing to be had. */
  #demand(seat: Seat): void {
    if (this.#waiting > 0) this.#arm();
    if (seat.state === 'queued') this.#run.ask(this.#waiting);
    if (seat.state !== 'asking') return;
    seat.asked = true;
    if (!this.#run.ask(this.#waiting)) seat.refused |= REFUSED.run;
    // The answer may have come within ask().
    if (this.#isAsking(seat) && !this.#wait.ask(this.#asking.size)) seat.refused |= REFUSED.wait;
    if (this.#isAsking(seat) && seat.refused === REFUSED_BOTH) {
      this.#asking.remove(seat);
      this.#refuseRoom(seat);
    }
  }

  #isAsking(seat: Seat): boolean {
    return seat.state === 'asking';
  }

  /** The primary gives no (more) share of this kind: turns those away who were refused the other kind too. */
  #refuse(kind: 'run' | 'wait'): void {
    const away: Seat[] = [];
    for (let seat = this.#asking.head; seat !== null; seat = seat.next) {
      seat.refused |= REFUSED[kind];
      if (seat.refused === REFUSED_BOTH) away.push(seat);
    }
    for (const seat of away) {
      if (!this.#isAsking(seat)) continue; // moved by what an earlier one's callback did
      this.#asking.remove(seat);
      this.#refuseRoom(seat);
    }
    this.#checkIdle();
  }

  /** There is no room for `seat`, which is in no queue: it takes that of the last of a lower class, or is turned away. */
  #refuseRoom(seat: Seat): void {
    const lower = this.#queue.lowestBelow(seat.rank);
    if (lower === null) {
      this.#turnAway(seat, 'GW_LANE_FULL');
      return;
    }
    this.#queue.remove(lower);
    seat.state = 'queued';
    this.#queue.push(seat);
    this.#turnAway(lower, 'GW_LANE_FULL');
  }

  /** `seat` is in no queue any more. */
  #turnAway(seat: Seat, code: 'GW_LANE_FULL' | 'GW_LANE_QUEUE_TIMEOUT'): void {
    seat.state = 'gone';
    this.#shed++;
    const retryAfterMs = slotInMs(this.#waiting + 1, this.#meanMs, this.#run.held);
    seat.waiter.onShed(new GatewayError(code, { retryAfterMs }));
  }

  #arm(): void {
    if (this.#sweep !== null) return;
    const ms = Math.min(SWEEP_MS, Math.ceil(this.#config.queueTimeoutMs / 4));
    this.#sweep = setTimeout(() => this.#tick(), ms);
    this.#sweep.unref();
  }

  #tick(): void {
    this.#sweep = null;
    const now = this.#clock.now();
    if (this.#run.overdue(now)) this.grant('run', 0);
    if (this.#wait.overdue(now)) this.grant('wait', 0);
    const oldest = now - this.#config.queueTimeoutMs;
    for (let seat = this.#queue.overdue(oldest); seat !== null; seat = this.#queue.overdue(oldest)) {
      this.#queue.remove(seat);
      this.#turnAway(seat, 'GW_LANE_QUEUE_TIMEOUT');
    }
    this.#pump();
    this.#checkIdle();
    if (this.#waiting === 0) return;
    this.#run.ask(this.#waiting);
    this.#arm();
  }

  #checkIdle(): void {
    if (this.#onIdle !== null && this.#inFlight === 0 && this.#waiting === 0) this.#onIdle();
  }
}

/** The lane of `provider`. */
export function createLane(provider: ProviderConfig, deps: LaneDeps): WorkerLane {
  return new ProviderLane(provider, deps);
}
