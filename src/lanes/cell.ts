// One model at one provider on one worker. It cools down until the provider's own time is over, or for as long as we
// guess; the time never shortens, but a guess that a served call disproves is dropped.
//
//   warm ──cool / guess──► cooling ──time over──► remembered ──► warm     (a guess is remembered for the next one)
//                             └── served, if only guessed ────────^
import type { CircuitChange } from '../contracts/circuit.ts';
import { type Cell, LONGEST_REST_MS } from '../contracts/cell.ts';
import type { CellBook, CoolDown } from './cell-book.ts';
import type { Circuit } from './circuit.ts';
import type { RetryBudget } from './retry-budget.ts';

/** A guess grows to so many times its base. */
const MOST_TIMES = 10;

export class ModelCell implements Cell {
  readonly model: string;
  readonly #book: CellBook;
  /** What the book says of this model, and of which edition that is. */
  #known: CoolDown | null = null;
  #circuit: Circuit | null = null;
  #edition = 0;
  #budget: RetryBudget | null = null;

  constructor(model: string, book: CellBook) {
    this.model = model;
    this.#book = book;
  }

  arrived(nowMs: number): void {
    this.#budget ??= this.#book.budget(this.model);
    this.#budget.arrived(nowMs);
    if (this.#book.size === 0) return;
    this.#look();
    this.#circuit?.arrived(nowMs);
  }

  released(nowMs: number): void {
    if (this.#book.size === 0) return;
    this.#look();
    this.#circuit?.released(nowMs);
  }

  failed(): void {
    this.#book.openCircuit(this.model)?.failed();
  }

  answered(nowMs: number): void {
    if (this.#book.size === 0) return;
    this.#look();
    this.#circuit?.served(nowMs);
  }

  learn(change: CircuitChange): boolean {
    const circuit =
      change.state === 'closed' ? this.#book.circuit(this.model) : this.#book.openCircuit(this.model);
    return circuit?.learn(change) ?? false;
  }

  mayRepeat(nowMs: number): boolean {
    this.#budget ??= this.#book.budget(this.model);
    return this.#budget.take(nowMs);
  }

  leftMs(): number {
    if (this.#book.size === 0) return 0;
    const known = this.#look();
    const circuit = this.#circuit;
    if (known === null && circuit === null) return 0;
    const now = this.#book.now();
    const cooling = known === null ? 0 : Math.max(0, known.until - now);
    return circuit === null ? cooling : Math.max(cooling, circuit.leftMs(now));
  }

  cool(forMs: number, stated: boolean): boolean {
    // Not NaN, and nothing that is over before it began.
    if (!(forMs > 0)) return false;
    const now = this.#book.now();
    const until = now + Math.min(forMs, LONGEST_REST_MS);
    const known = this.#look();
    if (known === null || known.until <= now) {
      // Another's guess counts in the row as one of our own does: of many workers each is refused only now and then.
      const times = timesBefore(known, now) + (stated ? 0 : 1);
      const rememberUntil = stated
        ? Math.max(until, known?.rememberUntil ?? 0)
        : until + Math.min(forMs * MOST_TIMES, LONGEST_REST_MS);
      return this.#book.put(this.model, { since: now, until, stated, times, rememberUntil });
    }
    // A time that the provider states later does not end with the next served call either.
    known.stated ||= stated;
    if (until <= known.until) return false;
    known.until = until;
    known.rememberUntil = Math.max(until, known.rememberUntil);
    return true;
  }

  guess(baseMs: number, mostMs: number): number {
    if (!(baseMs > 0 && mostMs > 0)) return 0;
    const now = this.#book.now();
    const known = this.#look();
    // Calls sent before it began to cool, or with nowhere else to go: no news.
    if (known !== null && known.until > now) return 0;
    const times = Math.min(MOST_TIMES, timesBefore(known, now) + 1);
    const forMs = Math.min(baseMs * times, mostMs, LONGEST_REST_MS);
    const until = now + forMs;
    const rememberUntil = until + Math.min(baseMs * MOST_TIMES, LONGEST_REST_MS);
    const put = this.#book.put(this.model, { since: now, until, stated: false, times, rememberUntil });
    return put ? forMs : 0;
  }

  served(sentAt: number): void {
    if (this.#book.size === 0) return;
    const known = this.#look();
    this.#circuit?.served(sentAt);
    if (known === null || sentAt < known.since) return;
    if (!known.stated || known.until <= this.#book.now()) this.#book.forget(this.model);
  }

  /** By pointer while nothing was put or forgotten in the lane, which is rare next to being looked at. */
  #look(): CoolDown | null {
    if (this.#edition !== this.#book.edition) {
      this.#known = this.#book.find(this.model);
      this.#circuit = this.#book.circuit(this.model);
      this.#edition = this.#book.edition;
    }
    return this.#known;
  }
}

function timesBefore(known: CoolDown | null, now: number): number {
  return known !== null && known.rememberUntil > now ? known.times : 0;
}
