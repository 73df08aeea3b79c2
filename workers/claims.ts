// This worker's claims on answers that several ask for, by way of the primary.
import type { Claimed, Claims } from '../src/contracts/claims.ts';
import type { ToPrimary } from '../src/contracts/ipc.ts';
import { hereMs, machineMs } from './machine-clock.ts';

/** Questions that may be open; beyond them nobody is asked. */
const MAX_OPEN = 10_000;

export interface ClaimLink {
  readonly connected: boolean;
  send(message: ToPrimary): void;
}

export interface AskedClaims extends Claims {
  /** The primary answers, in ms of the machine. */
  claimed(id: number, claimed: Claimed): void;
  /** The primary is gone: nobody is waited for any more. */
  close(): void;
}

export function createClaims(link: ClaimLink): AskedClaims {
  const open = new Map<number, (claimed: Claimed) => void>();
  let last = 0;
  return {
    claim(name, print) {
      if (!link.connected || open.size >= MAX_OPEN) return Promise.resolve({ kind: 'unknown' });
      const id = ++last;
      return new Promise((resolve) => {
        open.set(id, resolve);
        link.send({ t: 'claim', id, name, print });
      });
    },
    settle(name, made) {
      if (!link.connected) return;
      if (made === null) link.send({ t: 'claim-over', name, answer: null, ttlMs: 0 });
      else {
        const { answer, ttlMs, madeAt } = made;
        link.send({ t: 'claim-over', name, answer, ttlMs, madeAt: machineMs(madeAt) });
      }
    },
    // Nothing lingers there, and what is under way each worker forgets by itself.
    purged: () => Promise.resolve(),
    claimed(id, claimed) {
      const resolve = open.get(id);
      open.delete(id);
      if (claimed.kind === 'made' && claimed.madeAt !== undefined)
        claimed = { ...claimed, madeAt: hereMs(claimed.madeAt) };
      resolve?.(claimed);
    },
    close() {
      for (const resolve of open.values()) resolve({ kind: 'unknown' });
      open.clear();
    },
  };
}
