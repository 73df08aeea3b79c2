// What is to go back to Redis, gathered so that many calls share one script call, and kept while Redis is away. Amounts
// of one bucket add up; slots are named one by one. Bounded: beyond the caps what comes is dropped and counted, which
// costs room in a bucket until it drains or the slots run out, and never admits anybody.
import type { MeterPace } from '../../limits/meter.ts';

const MAX_BUCKETS = 10_000;
const MAX_IDS = 20_000;
/** Of one script call: it is to stay short. */
const KEYS_A_CALL = 32;
const IDS_A_CALL = 256;

export interface BackCall {
  keys: string[];
  args: (string | number)[];
  /** To put back what certainly was not done. */
  rates: [key: string, pace: MeterPace, units: number][];
  slots: [key: string, ids: string[]][];
}

export class BackQueue {
  readonly #rates = new Map<string, { pace: MeterPace; units: number }>();
  readonly #slots = new Map<string, string[]>();
  readonly #debts = new Map<string, { pace: MeterPace; debtUs: number }>();
  #ids = 0;
  dropped = 0;

  get size(): number {
    return this.#rates.size + this.#slots.size + this.#debts.size;
  }

  /** Units that come back; negative ones are booked. */
  rate(key: string, pace: MeterPace, units: number): void {
    if (units === 0) return;
    const known = this.#rates.get(key);
    if (known !== undefined) {
      known.units += units;
      known.pace = pace;
    } else if (this.#rates.size >= MAX_BUCKETS) this.dropped++;
    else this.#rates.set(key, { pace, units });
  }

  slots(key: string, ids: readonly string[]): void {
    if (ids.length === 0) return;
    if (this.#ids + ids.length > MAX_IDS) {
      this.dropped += ids.length;
      return;
    }
    this.#ids += ids.length;
    const known = this.#slots.get(key);
    if (known === undefined) this.#slots.set(key, [...ids]);
    else known.push(...ids);
  }

  /** The debt of a bucket that Redis has lost. */
  debt(key: string, pace: MeterPace, debtUs: number): void {
    if (debtUs > 0 && this.#debts.size < MAX_BUCKETS) this.#debts.set(key, { pace, debtUs });
  }

  /** Amounts were meant for counters that are gone. */
  forgetRates(): void {
    this.#rates.clear();
  }

  /** @returns null when there is nothing. */
  next(): BackCall | null {
    const call: BackCall = { keys: [], args: [], rates: [], slots: [] };
    for (const [key, { pace, debtUs }] of this.#debts) {
      if (call.keys.length >= KEYS_A_CALL) break;
      this.#debts.delete(key);
      call.keys.push(key);
      call.args.push('m', debtUs, pace.spacingUs, pace.spacingFrac, pace.burst);
    }
    // Only when all debts are back: what is booked comes on top of them.
    if (this.#debts.size === 0) this.#takeRates(call);
    this.#takeSlots(call);
    return call.keys.length === 0 ? null : call;
  }

  /** It was not done. */
  restore({ rates, slots }: Pick<BackCall, 'rates' | 'slots'>): void {
    for (const [key, pace, units] of rates) this.rate(key, pace, units);
    for (const [key, ids] of slots) this.slots(key, ids);
  }

  #takeRates(call: BackCall): void {
    for (const [key, { pace, units }] of this.#rates) {
      if (call.keys.length >= KEYS_A_CALL) return;
      this.#rates.delete(key);
      if (units === 0) continue;
      call.rates.push([key, pace, units]);
      call.keys.push(key);
      call.args.push('r', units, pace.spacingUs, pace.spacingFrac, pace.burst);
    }
  }

  #takeSlots(call: BackCall): void {
    let room = IDS_A_CALL;
    for (const [key, ids] of this.#slots) {
      if (call.keys.length >= KEYS_A_CALL || room === 0) return;
      const some = ids.splice(0, room);
      room -= some.length;
      this.#ids -= some.length;
      if (ids.length === 0) this.#slots.delete(key);
      call.slots.push([key, some]);
      call.keys.push(key);
      call.args.push('s', some.length, ...some);
    }
  }
}
