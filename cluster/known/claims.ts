// Who of the workers makes an answer that several of them ask for, and answers that are to be given again. Memory is bounded: what
// was made first goes first, and with it the promise to give it again.
//
//   claim ──► mine ── settle(answer) ──► made ── time over, or no room ──► gone
//               │ settle(null), or its worker is gone
//               └──► mine, of who waited longest; gone when nobody does
import type { Claimed } from '../../src/contracts/claims.ts';
import type { Life } from '../crew/life.ts';

/** Names that are known at once: made, and being made. */
const MAX_CLAIMS = 100_000;

interface Claim {
  readonly print: string;
  /** Who makes it; null = it is made. */
  maker: Life | null;
  waiting: { life: Life; id: number }[];
  answer: Uint8Array | null;
  /** Monotonic ms. */
  until: number;
}

export interface ClaimBook {
  claim(life: Life, id: number, name: string, print: string): void;
  /** @param madeAt of an answer, as its worker says it. */
  settle(life: Life, name: string, answer: Uint8Array | null, ttlMs: number, madeAt?: number): void;
  /** A worker is gone: others make what it did. */
  leave(life: Life): void;
  /** Bytes of answers that are kept. */
  readonly bytes: number;
}

/** @param maxBytes of answers, as the configuration says now. @param now monotonic ms. */
export function createClaimBook(maxBytes: () => number, now: () => number): ClaimBook {
  /** Made ones in the order they were made in. */
  const claims = new Map<string, Claim>();
  let bytes = 0;

  function tell({ life, id }: { life: Life; id: number }, claimed: Claimed): void {
    life.send({ t: 'claimed', id, claimed });
  }

  function forget(name: string, claim: Claim): void {
    claims.delete(name);
    bytes -= claim.answer?.length ?? 0;
  }

  function makeRoom(): void {
    const moment = now();
    for (const [name, claim] of claims) {
      if (claim.maker !== null) continue;
      if (claim.until > moment && bytes <= maxBytes() && claims.size <= MAX_CLAIMS) return;
      forget(name, claim);
    }
  }

  function over(name: string, claim: Claim): void {
    const next = claim.waiting.shift();
    if (next === undefined) forget(name, claim);
    else {
      claim.maker = next.life;
      tell(next, { kind: 'mine' });
    }
  }

  return {
    get bytes() {
      return bytes;
    },
    claim(life, id, name, print) {
      let claim = claims.get(name);
      if (claim !== undefined && claim.maker === null && claim.until <= now()) {
        forget(name, claim);
        claim = undefined;
      }
      const asker = { life, id };
      if (claim === undefined) {
        if (claims.size >= MAX_CLAIMS) makeRoom();
        if (claims.size >= MAX_CLAIMS) {
          tell(asker, { kind: 'unknown' });
          return;
        }
        claims.set(name, { print, maker: life, waiting: [], answer: null, until: 0 });
        tell(asker, { kind: 'mine' });
      } else if (claim.print !== print) tell(asker, { kind: 'other' });
      else if (claim.answer !== null) tell(asker, { kind: 'made', answer: claim.answer });
      else claim.waiting.push(asker);
    },
    settle(life, name, answer, ttlMs, madeAt) {
      const claim = claims.get(name);
      if (claim === undefined || claim.maker !== life) return;
      if (answer === null) {
        over(name, claim);
        return;
      }
      const made: Claimed =
        ttlMs > 0 || madeAt === undefined ? { kind: 'made', answer } : { kind: 'made', answer, madeAt };
      for (const asker of claim.waiting) tell(asker, made);
      claim.waiting = [];
      claims.delete(name);
      if (ttlMs <= 0 || answer.length > maxBytes()) return;
      claim.maker = null;
      claim.answer = answer;
      claim.until = now() + ttlMs;
      bytes += answer.length;
      claims.set(name, claim);
      makeRoom();
    },
    leave(life) {
      for (const [name, claim] of claims) {
        claim.waiting = claim.waiting.filter((asker) => asker.life !== life);
        if (claim.maker === life) over(name, claim);
      }
    },
  };
}
