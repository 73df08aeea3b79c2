// What is known of one name: the last good addresses, how long they count, and the look-up that is under way.
//
//   nothing ──found──► fresh ──ttl──► stale ──found──► fresh
//      │ ▲               stale ──no answer──► stale, not asked again for RETRY_MS   (until KEEP_MS old)
//      │ └──ERROR_MS── absent or failed ◄──absent── stale
import type { Address, Found } from '../contracts/names.ts';
import type { LookupFault } from './lookup-fault.ts';
import type { Answer } from './question.ts';

/** A TTL of 0 or of a day: a name is asked for once a second at most, and once a minute at least where it is used. */
const MIN_FRESH_MS = 1_000;
const MAX_FRESH_MS = 60_000;
/** The last good addresses are used so long while nobody can say better (RFC 8767 section 5). */
const KEEP_MS = 24 * 3_600_000;
/** Pause after a refresh that got no answer. */
const RETRY_MS = 5_000;
/** A look-up that failed is not repeated for so long: callers of that time hear the same. */
const ERROR_MS = 1_000;

const NONE: readonly Address[] = [];

export class NameEntry {
  found: Found = { addresses: NONE, complete: false, serial: 0 };
  fault: LookupFault | null = null;
  /** Resolves when the look-up that is under way has changed this entry; never rejects. */
  pending: Promise<void> | null = null;
  pendingSince = 0;
  #freshUntil = Number.NEGATIVE_INFINITY;
  #keepUntil = Number.NEGATIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;
  #faultUntil = Number.NEGATIVE_INFINITY;

  /** Something to connect to, perhaps out of date. */
  usable(now: number): boolean {
    return now < this.#keepUntil;
  }

  /** Its addresses, or its fault, are not to be asked for again yet. */
  settled(now: number): boolean {
    if (this.usable(now)) return now < this.#freshUntil || now < this.#retryAt;
    return this.fault !== null && now < this.#faultUntil;
  }

  learn(answer: Answer, now: number, faultOf: (answer: Answer) => LookupFault): void {
    if (answer.kind === 'found') {
      const { addresses, ttlMs } = answer;
      this.found = { addresses, complete: false, serial: this.found.serial + 1 };
      this.#freshUntil = now + Math.min(Math.max(ttlMs, MIN_FRESH_MS), MAX_FRESH_MS);
      this.#keepUntil = now + KEEP_MS;
      this.fault = null;
      return;
    }
    if (answer.kind === 'failed' && this.usable(now)) {
      this.#retryAt = now + RETRY_MS;
      return;
    }
    this.#keepUntil = Number.NEGATIVE_INFINITY;
    this.fault = faultOf(answer);
    this.#faultUntil = now + ERROR_MS;
  }
}
