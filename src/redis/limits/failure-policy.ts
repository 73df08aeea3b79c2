// `onFailure`: what calls meet while Redis cannot be asked. `closed`: a refusal and a time to come back. `open`: the
// rules of this process alone (local-limits.ts), and for slots what this process itself holds.
import type { Grant } from '../../contracts/limits.ts';
import { type AskRow, grantOf } from './ask-wire.ts';
import type { HeldSlots } from './held-slots.ts';
import type { WireAsk } from './limit-keys.ts';
import type { LocalLimits } from './local-limits.ts';

/** What a refused client is told while nobody can know. */
const RETRY_US = 1_000_000;

export class FailurePolicy {
  readonly name: 'open' | 'closed';
  readonly #local: LocalLimits;
  readonly #slots: HeldSlots;

  constructor(name: 'open' | 'closed', local: LocalLimits, slots: HeldSlots) {
    this.name = name;
    this.#local = local;
    this.#slots = slots;
  }

  /**
   * All or none, as Redis would.
   * @param shares processes that keep to their part of a limit; 1 = the whole rule here
   * @param own what is granted has to be booked in Redis later
   */
  decide(
    asks: readonly WireAsk[],
    token: string,
    shares: number,
    own: boolean,
    nowUs: number,
  ): readonly Grant[] {
    const rows = asks.map((ask) => this.#standing(ask, shares, nowUs));
    if (rows.every(({ waitUs }) => waitUs === 0)) {
      asks.forEach(({ bucket: { key, pace }, need }, at) => {
        rows[at]!.granted = need;
        if (pace === null) this.#slots.add(key, token, need);
        else this.#local.take(key, pace, need, shares, own, nowUs);
      });
    }
    return rows.map((row) => ({ ...grantOf(row), degraded: true }));
  }

  #standing({ bucket: { key, pace, limit }, need }: WireAsk, shares: number, nowUs: number): AskRow {
    if (this.name === 'closed') return { granted: 0, waitUs: RETRY_US, left: 0, debtUs: 0 };
    if (pace !== null) return { granted: 0, ...this.#local.standing(key, pace, need, shares, nowUs) };
    const left = Math.max(0, Math.ceil(limit / shares) - this.#slots.held(key));
    return { granted: 0, waitUs: need <= left ? 0 : RETRY_US, left, debtUs: 0 };
  }
}
