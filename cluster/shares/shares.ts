// The primary's books of lane shares: per provider two pools, run slots and waiting places. Pure; what is to be sent
// goes out through `send`, time comes in through cluster/shares/share-broker.ts. Workers are named by their life id, so a
// dead worker and its successor in the same slot are never mixed up.
import type { ShareKind, Shares, ToWorker } from '../../src/contracts/ipc.ts';
import { SharePool } from './share-pool.ts';

/** Gateway-wide numbers of each lane, by provider name. */
export type LaneTotals = ReadonlyMap<string, { run: number; wait: number }>;

export type ShareOrder = Extract<ToWorker, { t: 'grant' | 'reclaim' }>;

type Pools = Record<ShareKind, SharePool>;

const KINDS: readonly ShareKind[] = ['run', 'wait'];

export class ShareLedger {
  readonly #send: (member: number, order: ShareOrder) => void;
  #lanes = new Map<string, Pools>();
  readonly #members = new Set<number>();
  /** Members whose next config is being written: they are asked for nothing, so that its shares stay true. */
  readonly #frozen = new Set<number>();
  #nextId = 1;

  constructor(totals: LaneTotals, send: (member: number, order: ShareOrder) => void) {
    this.#send = send;
    this.resize(totals);
  }

  /** New gateway-wide numbers. Lanes that are gone take their books with them. */
  resize(totals: LaneTotals): void {
    const lanes = new Map<string, Pools>();
    for (const [lane, total] of totals) {
      const pools = this.#lanes.get(lane) ?? { run: new SharePool(0), wait: new SharePool(0) };
      for (const kind of KINDS) pools[kind].resize(total[kind], [...this.#members]);
      lanes.set(lane, pools);
    }
    this.#lanes = lanes;
  }

  /**
   * A worker that is about to get its first config. It takes `fair` of each total, from what is free and from what
   * others have idle; `done` hears when that is settled and `sharesOf` may be read.
   */
  join(member: number, fair: (total: number) => number, done: () => void): void {
    this.#members.add(member);
    let open = 1;
    const closed = (): void => {
      open -= 1;
      if (open === 0) done();
    };
    for (const [lane, pools] of this.#lanes) {
      for (const kind of KINDS) {
        open += 1;
        this.#want(pools[kind], member, lane, kind, fair(pools[kind].total), closed);
      }
    }
    closed();
  }

  /** The worker is gone, whatever it held is free. */
  leave(member: number): void {
    this.#members.delete(member);
    this.#frozen.delete(member);
    for (const pools of this.#lanes.values()) for (const kind of KINDS) pools[kind].leave(member);
  }

  /** Takes all idle share of a worker that drains. */
  askBack(member: number): void {
    for (const [lane, pools] of this.#lanes) {
      for (const kind of KINDS) pools[kind].askBack(member, (to, count) => this.#ask(to, lane, kind, count));
    }
  }

  /** `done` hears how many it got: see SharePool.want. Null for a lane that is not (or no longer) in the books. */
  want(
    member: number,
    lane: string,
    kind: ShareKind,
    count: number,
    done: (got: number) => void,
  ): boolean | null {
    const pools = this.#lanes.get(lane);
    if (pools === undefined || !this.#members.has(member)) return null;
    return this.#want(pools[kind], member, lane, kind, count, done);
  }

  /**
   * It has less than an equal part of this lane, or nothing of what there is, and nothing was found for it yet: it wants more, but not
   * for having more to do than others.
   */
  isShort(member: number, lane: string, kind: ShareKind): boolean {
    const pool = this.#lanes.get(lane)?.[kind];
    if (pool === undefined || pool.reserved(member) > 0) return false;
    const part = Math.max(1, Math.floor(pool.total / this.#members.size));
    return pool.held(member) < Math.min(part, pool.total);
  }

  yielded(lane: string, kind: ShareKind, count: number, id: number): void {
    this.#lanes.get(lane)?.[kind].yielded(id, count);
  }

  /** Nobody waits longer for what `member` wants of this lane. */
  expire(member: number, lane: string, kind: ShareKind): void {
    this.#lanes.get(lane)?.[kind].expire(member);
  }

  /** As `expire`, for all lanes: ends a join. */
  expireAll(member: number): void {
    for (const pools of this.#lanes.values()) for (const kind of KINDS) pools[kind].expire(member);
  }

  /**
   * Stops asking `member` until `thaw`. False while an answer of it is on its way: absolute shares sent now would
   * give back to it what it has just given up.
   */
  freeze(member: number): boolean {
    this.#frozen.add(member);
    for (const pools of this.#lanes.values())
      for (const kind of KINDS) if (pools[kind].waitsFor(member)) return false;
    return true;
  }

  thaw(member: number): void {
    this.#frozen.delete(member);
  }

  sharesOf(member: number): Shares {
    const shares: Shares = {};
    for (const [lane, pools] of this.#lanes) {
      shares[lane] = { run: pools.run.held(member), wait: pools.wait.held(member) };
    }
    return shares;
  }

  #want(
    pool: SharePool,
    member: number,
    lane: string,
    kind: ShareKind,
    count: number,
    done: (got: number) => void,
  ): boolean {
    return pool.want(
      member,
      count,
      (other) => !this.#frozen.has(other),
      (to, asked) => this.#ask(to, lane, kind, asked),
      done,
    );
  }

  #ask(member: number, lane: string, kind: ShareKind, count: number): number {
    const id = this.#nextId++;
    this.#send(member, { t: 'reclaim', lane, kind, count, id });
    return id;
  }
}
