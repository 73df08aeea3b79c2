// The decisions of limit-scripts.ts in TypeScript, pure: what Redis is to answer. The property test in
// tests/integration/redis runs both over the same calls; a change of one is a change of the other.
import type { MeterPace } from '../../limits/meter.ts';
import { drain, meterBack, meterBook, meterLeft, meterTake } from '../../limits/meter.ts';
import { type PacedMeter, pacedWaitUs, repace } from '../../limits/repace.ts';

export type ModelAsk =
  | { kind: 'rate'; key: string; need: number; want: number; pace: MeterPace; share: number }
  | { kind: 'slots'; key: string; need: number; want: number; limit: number; lifeMs: number; share: number };

/** granted, us to wait, left, us until full. */
export type ModelRow = readonly [granted: number, waitUs: number, left: number, debtUs: number];

const SLOT_WAIT_US = 1_000_000;

export class ScriptModel {
  readonly #meters = new Map<string, PacedMeter>();
  readonly #slots = new Map<string, Map<string, number>>();
  readonly #records = new Map<string, { untilUs: number; granted: Map<string, number> }>();
  askers = 1;

  ask(asks: readonly ModelAsk[], token: string, tokenLifeMs: number, nowUs: number): ModelRow[] {
    for (const ask of asks) if (ask.kind === 'rate') repace(this.#meter(ask.key, nowUs), ask.pace, nowUs);
    const waits = asks.map((ask) =>
      ask.kind === 'rate' ? this.#rateWait(ask, token, nowUs) : this.#slotWait(ask, token, nowUs),
    );
    const refused = waits.some((wait) => wait > 0);
    return asks.map((ask, at): ModelRow => {
      if (ask.kind === 'slots') {
        const granted = refused ? 0 : this.#takeSlots(ask, token, nowUs);
        return [granted, waits[at]!, Math.max(0, ask.limit - this.#slotsOf(ask.key, nowUs).size), 0];
      }
      const meter = this.#meter(ask.key, nowUs);
      const granted = refused ? 0 : this.#takeRate(ask, meter, token, tokenLifeMs, nowUs);
      return [granted, waits[at]!, meterLeft(meter, ask.pace), meter.debtUs];
    });
  }

  /** Gives back, or books what was used beyond the grant (negative). */
  back(key: string, units: number, pace: MeterPace, nowUs: number): void {
    const meter = this.#meter(key, nowUs);
    if (!(meter.debtUs > 0 || meter.debtFrac > 0)) meter.pace = pace;
    if (units < 0) meterBook(meter, meter.pace ?? pace, -units);
    else meterBack(meter, meter.pace ?? pace, units);
    meter.excessUs = Math.min(meter.excessUs, meter.debtUs);
  }

  release(key: string, ids: readonly string[]): void {
    for (const id of ids) this.#slots.get(key)?.delete(id);
  }

  renew(key: string, ids: readonly string[], lifeMs: number, nowUs: number): void {
    for (const id of ids) this.#slotsOf(key, nowUs).set(id, Math.floor(nowUs / 1000) + lifeMs);
  }

  #rateWait(ask: ModelAsk & { kind: 'rate' }, token: string, nowUs: number): number {
    if (this.#recorded(token, nowUs)?.has(ask.key) === true) return 0;
    return pacedWaitUs(this.#meter(ask.key, nowUs), ask.pace, ask.need, nowUs);
  }

  #slotWait(ask: ModelAsk & { kind: 'slots' }, token: string, nowUs: number): number {
    const have = this.#have(ask, token, nowUs);
    const used = this.#slotsOf(ask.key, nowUs).size;
    return have < ask.need && used - have + ask.need > ask.limit ? SLOT_WAIT_US : 0;
  }

  #takeRate(
    ask: ModelAsk & { kind: 'rate' },
    meter: PacedMeter,
    token: string,
    tokenLifeMs: number,
    nowUs: number,
  ): number {
    const before = this.#recorded(token, nowUs)?.get(ask.key);
    if (before !== undefined) return before;
    const granted = meterTake(meter, ask.pace, ask.need, this.#lease(ask));
    const untilUs = nowUs + tokenLifeMs * 1000;
    const record = this.#records.get(token);
    const kept = record !== undefined && nowUs < record.untilUs ? record.granted : new Map<string, number>();
    this.#records.set(token, { untilUs, granted: kept.set(ask.key, granted) });
    return granted;
  }

  #takeSlots(ask: ModelAsk & { kind: 'slots' }, token: string, nowUs: number): number {
    const have = this.#have(ask, token, nowUs);
    if (have > 0 && have >= ask.need) return have;
    const slots = this.#slotsOf(ask.key, nowUs);
    const granted = Math.max(ask.need, Math.min(this.#lease(ask), ask.limit - slots.size + have));
    for (let slot = 0; slot < granted; slot++)
      slots.set(`${token}/${slot}`, Math.floor(nowUs / 1000) + ask.lifeMs);
    return granted;
  }

  #lease({ need, want, share }: ModelAsk): number {
    if (want <= need) return need;
    return Math.max(need, Math.min(want, Math.floor(share / Math.max(1, this.askers))));
  }

  #have({ key, want }: ModelAsk, token: string, nowUs: number): number {
    const slots = this.#slotsOf(key, nowUs);
    let have = 0;
    while (have < want && slots.has(`${token}/${have}`)) have++;
    return have;
  }

  #recorded(token: string, nowUs: number): Map<string, number> | null {
    const record = this.#records.get(token);
    return record !== undefined && nowUs < record.untilUs ? record.granted : null;
  }

  #meter(key: string, nowUs: number): PacedMeter {
    let meter = this.#meters.get(key);
    if (meter === undefined)
      this.#meters.set(
        key,
        (meter = { debtUs: 0, debtFrac: 0, seenUs: nowUs, pace: null, excessUs: 0, changedUs: 0 }),
      );
    drain(meter, nowUs, meter.pace);
    meter.excessUs = Math.min(meter.excessUs, meter.debtUs);
    return meter;
  }

  #slotsOf(key: string, nowUs: number): Map<string, number> {
    let slots = this.#slots.get(key);
    if (slots === undefined) this.#slots.set(key, (slots = new Map()));
    for (const [id, until] of slots) if (until <= Math.floor(nowUs / 1000)) slots.delete(id);
    return slots;
  }
}
