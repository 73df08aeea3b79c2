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
import type { LaneConfig, ProviderConfig } from '../contracts/provider-config.ts';
import { GatewayError } from '../contracts/errors.ts';
import type {
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
import { behindReads, type Deadline } from '../ipc/behind-reads.ts';
import { ClassQueue } from './class-queue.ts';
import { KeptSlots } from './kept-slots.ts';
import { LaneEstate, type LaneEstateDeps } from './lane-estate.ts';
import { Pacer } from './pacer.ts';
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
/** Weight of the newest call in the mean time a slot is taken. */
const MEAN_WEIGHT = 0.1;

const REFUSED = { run: 1, wait: 2 } as const;
const REFUSED_BOTH = 3;

/** This worker's part of the gateway-wide numbers. */
export interface LaneShare {
  run: number;
  wait: number;
}

export interface LaneDeps extends LaneEstateDeps {
  broker: ShareBroker;
  share: LaneShare;
}

/** A lane as its worker holds it. */
export interface WorkerLane extends Lane, ShareHolder {
  /** A new configuration keeps this lane: its numbers, keys and share, and its connections when they are new too. */
  adopt(provider: ProviderConfig, share: LaneShare, upstream: Upstream | null): void;
}

class ProviderLane implements WorkerLane {
  readonly #clock: Clock;
  readonly #estate: LaneEstate;
  #config: LaneConfig;
  readonly #run: Share;
  readonly #wait: Share;
  readonly #queue = new ClassQueue<Seat>();
  readonly #asking = new SeatQueue<Seat>();
  /** Null: its concurrency is a number of the configuration. */
  #pacer: Pacer | null;
  #inFlight = 0;
  /** Of these, those whose answer has not begun. */
  #silent = 0;
  #shed = 0;
  /** Mean ms a slot is taken; 0 before the first call ended. */
  #meanMs = 0;
  /** A slot is being handed on: waiters that end at once are met by the loop, not by recursion. */
  #pumping = false;
  #sweep: Deadline | null = null;
  readonly #kept: KeptSlots;
  #onIdle: (() => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(provider: ProviderConfig, deps: LaneDeps) {
    this.#clock = deps.clock;
    this.#config = provider.lane;
    this.#estate = new LaneEstate(provider, deps, () => this);
    this.#pacer = provider.lane.auto === undefined ? null : new Pacer(provider.lane, deps.share.run);
    this.#run = new Share(provider.name, 'run', deps.share.run, provider.lane.concurrency, deps);
    this.#wait = new Share(provider.name, 'wait', deps.share.wait, provider.lane.queue, deps);
    this.#kept = new KeptSlots(deps.clock.now());
  }

  get provider(): ProviderConfig {
    return this.#estate.provider;
  }

  get keys(): KeyRing {
    return this.#estate.keys;
  }

  get upstream(): Upstream {
    return this.#estate.upstream;
  }

  cell(model: string): Cell {
    return this.#estate.cell(model);
  }

  cooling(): number {
    return this.#estate.cooling();
  }

  unrest(model: string | null): void {
    this.#estate.unrest(model);
  }

  circuits(): CircuitView[] {
    return this.#estate.circuits();
  }

  stats(): LaneStats {
    return {
      inFlight: this.#inFlight,
      queued: this.#waiting,
      shed: this.#shed,
      runShare: this.#run.held,
      waitShare: this.#wait.held,
      limit: this.#pacer?.limit ?? null,
    };
  }

  // -- calls

  enter(waiter: LaneWaiter, now = this.#clock.now()): LaneSeat {
    const seat = new Seat(this, waiter, now);
    if (this.#waiting === 0 && this.#free > this.#kept.at(now)) {
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
  leave(seat: Seat, now = this.#clock.now()): void {
    const { state } = seat;
    seat.state = 'gone';
    if (state === 'running') {
      this.#inFlight--;
      if (!seat.answered) this.#silent--;
      const took = now - seat.since;
      this.#meanMs = this.#meanMs === 0 ? took : this.#meanMs + (took - this.#meanMs) * MEAN_WEIGHT;
    } else {
      (state === 'queued' ? this.#queue : this.#asking).remove(seat);
    }
    this.#pump();
    this.#checkIdle();
  }

  /** Called by the seat while it runs, once. */
  answered(seat: Seat, model: string, busy: boolean): void {
    const waiting = this.#silent--;
    if (this.#pacer === null) return;
    this.#pacer.answered(model, this.#clock.now() - seat.since, busy, waiting);
    this.#pump();
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
    this.#kept.asked(count, given, this.#run.held, this.#clock.now());
    return given;
  }

  configure(config: LaneConfig): void {
    this.#config = config;
    this.#run.total = config.concurrency;
    this.#wait.total = config.queue;
    if (config.auto === undefined) this.#pacer = null;
    else if (this.#pacer !== null) this.#pacer.follow(config);
    else this.#pacer = new Pacer(config, this.#run.held);
    this.#pump();
  }

  adopt(provider: ProviderConfig, share: LaneShare, upstream: Upstream | null): void {
    this.#estate.follow(provider, upstream);
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
    }).then(() => this.#estate.upstream.close());
    return this.#closing;
  }

  // -- inside

  get #waiting(): number {
    return this.#queue.size + this.#asking.size;
  }

  /** Slots for those that wait. */
  get #free(): number {
    const free = this.#run.held - this.#inFlight;
    return this.#pacer === null ? free : Math.min(free, this.#pacer.limit - this.#silent);
  }

  /** Asks the primary for slots, unless what this worker has is more than the provider is to get. False: there are none to wait for. */
  #askRun(): boolean {
    const idle = this.#run.held - this.#inFlight;
    if (this.#pacer !== null && idle > this.#pacer.limit - this.#silent) return false;
    return this.#run.ask(this.#waiting);
  }

  get #room(): number {
    return this.#config.onFull === 'block' ? MAX_BLOCKED : this.#wait.held;
  }

  #start(seat: Seat, now: number): void {
    seat.state = 'running';
    seat.since = now;
    this.#inFlight++;
    this.#silent++;
    try {
      seat.waiter.onSlot(now);
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
      const free = this.#free;
      if (free <= 0 || this.#waiting === 0) break;
      const now = this.#clock.now();
      // Nobody is turned away for the sake of a slot kept for others.
      if (this.#asking.size === 0 && free <= this.#kept.at(now)) break;
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
    if (seat.state === 'queued') this.#askRun();
    if (seat.state !== 'asking') return;
    seat.asked = true;
    if (!this.#askRun()) seat.refused |= REFUSED.run;
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
    this.#sweep = behindReads(ms, () => this.#tick());
    this.#sweep.unref();
  }

  #tick(): void {
    this.#sweep = null;
    const now = this.#clock.now();
    const { queueTimeoutMs } = this.#config;
    if (this.#run.overdue(now, queueTimeoutMs)) this.grant('run', 0);
    if (this.#wait.overdue(now, queueTimeoutMs)) this.grant('wait', 0);
    const oldest = now - queueTimeoutMs;
    for (let seat = this.#queue.overdue(oldest); seat !== null; seat = this.#queue.overdue(oldest)) {
      this.#queue.remove(seat);
      this.#turnAway(seat, 'GW_LANE_QUEUE_TIMEOUT');
    }
    this.#pump();
    this.#checkIdle();
    if (this.#waiting === 0) return;
    this.#askRun();
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
