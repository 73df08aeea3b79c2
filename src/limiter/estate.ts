// What this process would leave behind: tokens reserved by calls that have been open for a while. Where nobody knows the
// askers of the counters (Redis), a heir (the primary) is told of them in passing and gives them back if this process is
// killed. What is claimed is never more than what nobody has used: the prompt is not claimed, what a stream produced is
// taken off each second, and a claim is withdrawn, and heard to be, before its call gives anything back itself.
//
//   young ── open for LONG_MS ──► told ── settled ──► withdrawn ── the heir hears ──► what is unspent goes back
//     └── settled: nobody heard of it
import type { Bucket, LimitHeir } from '../contracts/limits.ts';
import { type Need, unitsOf } from '../limits/need.ts';
import type { LocalBucket } from './local-bucket.ts';

/** Most calls that are over by then cost no message. */
const LONG_MS = 1_000;
const LOOK_MS = 250;
/** How often what streams produced is taken off: each so many looks. */
const LOOKS_A_COUNT = 4;
/** Calls that end at about the same time are withdrawn in one message. */
const GATHER_MS = 10;
/** Claims the heir knows of; of more calls it hears nothing, and what they reserved drains if this process dies. */
const MAX_CLAIMS = 20_000;

/**
 * A reservation in the estate: its place in the list of young ones, and what was claimed of it. No class to be derived from: one is
 * made for each call, and a constructor above it is looked for each time until V8 has compiled all of it together.
 */
export interface Claim extends Need {
  readonly buckets: readonly LocalBucket[];
  /** Of the tokens those of the prompt: used as soon as it is sent. */
  readonly prompt: number;
  /** Of the cost that of the prompt, and that of one token of the answer. */
  readonly promptCost: number;
  readonly tokenCost: number;
  /** Tokens used beside one prompt: events of content so far, and all of attempts that are over. */
  produced(): number;
  /** Null at first, as are both neighbours in the list. */
  estate: Estate | null;
  before: Claim | null;
  after: Claim | null;
  openedAt: number;
  /** Tokens used when that was last looked at; -1 = not told. */
  used: number;
}

/** Per bucket: what the heir knows, or is about to. */
interface Held {
  bucket: Bucket;
  units: number;
}

export class Estate {
  readonly #heir: LimitHeir;
  readonly #now: () => number;
  #oldest: Claim | null = null;
  #newest: Claim | null = null;
  readonly #told = new Set<Claim>();
  readonly #held = new Map<string, Held>();
  readonly #changed = new Set<Held>();
  #afterwards: (() => void)[] = [];
  #looks = 0;
  #looking: NodeJS.Timeout | null = null;
  #gathering: NodeJS.Timeout | null = null;

  constructor(heir: LimitHeir, now: () => number) {
    this.#heir = heir;
    this.#now = now;
  }

  /** Tokens claimed, by bucket; for tests. */
  get claimed(): Map<string, number> {
    return new Map([...this.#held.values()].map(({ bucket, units }) => [bucket.id, units]));
  }

  /** The reservation is held from now on. */
  open(claim: Claim, now: number): void {
    claim.estate = this;
    claim.openedAt = now;
    claim.before = this.#newest;
    if (this.#newest === null) this.#oldest = claim;
    else this.#newest.after = claim;
    this.#newest = claim;
    this.#looking ??= setInterval(this.#look, LOOK_MS).unref();
  }

  /** It is over. @returns true when it was told: what it did not use goes back `afterwards`. */
  close(claim: Claim): boolean {
    claim.estate = null;
    if (claim.used < 0) {
      this.#unlink(claim);
      return false;
    }
    this.#told.delete(claim);
    this.#count(claim, claim.used, Number.POSITIVE_INFINITY);
    claim.used = -1;
    return true;
  }

  /** Runs `done` when the heir has heard all that is withdrawn so far, or never will. */
  afterwards(done: () => void): void {
    this.#afterwards.push(done);
    this.#gathering ??= setTimeout(this.flush, GATHER_MS);
  }

  /** Says all there is to say. */
  readonly flush = (): void => {
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#gathering = null;
    const afterwards = this.#afterwards;
    this.#afterwards = [];
    if (this.#changed.size === 0 && afterwards.length === 0) return;
    const rows: [Bucket, number][] = [];
    for (const held of this.#changed) {
      rows.push([held.bucket, held.units]);
      if (held.units === 0) this.#held.delete(held.bucket.id);
    }
    this.#changed.clear();
    void this.#heir.tell(rows).then(() => {
      for (const done of afterwards) done();
    });
  };

  readonly #look = (): void => {
    if (this.#oldest === null && this.#told.size === 0) {
      clearInterval(this.#looking!);
      this.#looking = null;
      return;
    }
    if (++this.#looks % LOOKS_A_COUNT === 0) this.#takeOffProduced();
    if (this.#heir.listening) this.#claimLong();
    this.flush();
  };

  #claimLong(): void {
    const longAgo = this.#now() - LONG_MS;
    for (let claim = this.#oldest; claim !== null && claim.openedAt <= longAgo; claim = this.#oldest) {
      this.#unlink(claim);
      // One that is not told stays out of the list: closing it finds nothing to do.
      if (this.#told.size >= MAX_CLAIMS) continue;
      const used = claim.prompt + claim.produced();
      claim.used = used;
      this.#told.add(claim);
      this.#count(claim, Number.POSITIVE_INFINITY, used);
    }
  }

  #takeOffProduced(): void {
    for (const claim of this.#told) {
      const used = claim.prompt + claim.produced();
      if (used <= claim.used) continue;
      this.#count(claim, claim.used, used);
      claim.used = used;
    }
  }

  /** A call that had used `before` of its tokens has now used `after`. */
  #count(claim: Claim, before: number, after: number): void {
    for (const local of claim.buckets) {
      if (local.rule.dimension !== 'tokens' && !local.cost) continue;
      const reserved = unitsOf(claim, local.rule);
      const more = local.cost
        ? unspent(reserved, costOf(claim, after)) - unspent(reserved, costOf(claim, before))
        : unspent(reserved, after) - unspent(reserved, before);
      if (more === 0) continue;
      const { id } = local.bucket;
      let held = this.#held.get(id);
      if (held === undefined) this.#held.set(id, (held = { bucket: local.bucket, units: 0 }));
      held.units += more;
      this.#changed.add(held);
    }
  }

  #unlink(claim: Claim): void {
    const { before, after } = claim;
    // Neither first nor last nor between: it was taken out before.
    if (before === null && this.#oldest !== claim) return;
    if (before === null) this.#oldest = after;
    else before.after = after;
    if (after === null) this.#newest = before;
    else after.before = before;
    claim.before = null;
    claim.after = null;
  }
}

/** Nanodollars of so many tokens, the prompt among them. */
function costOf({ prompt, promptCost, tokenCost }: Claim, tokens: number): number {
  return tokens === Number.POSITIVE_INFINITY ? tokens : promptCost + Math.max(0, tokens - prompt) * tokenCost;
}

function unspent(reserved: number, used: number): number {
  return Math.max(0, Math.floor(reserved - used));
}
