// What this worker asks of the others, by way of the primary: turns of Responses that one of them made.
import type { ToPrimary } from '../src/contracts/ipc.ts';
import type { Siblings } from '../src/contracts/response-ports.ts';
import { behindReads } from '../src/ipc/behind-reads.ts';

/** A worker that does not answer by then has nothing, or is on its way out. */
const WAIT_MS = 3_500;
/** Questions that may be open; beyond them nobody is asked. */
const MAX_OPEN = 10_000;

export interface SiblingLink {
  readonly connected: boolean;
  send(message: ToPrimary): void;
}

export interface AskedSiblings extends Siblings {
  /** The primary brings what they have. */
  found(id: number, texts: (string | null)[]): void;
}

export function createSiblings(link: SiblingLink, waitMs = WAIT_MS): AskedSiblings {
  const open = new Map<number, (texts: (string | null)[]) => void>();
  let last = 0;
  return {
    ask(wish, owner, ids) {
      const nothing = ids.map(() => null);
      if (!link.connected || open.size >= MAX_OPEN || ids.length === 0) return Promise.resolve(nothing);
      const id = ++last;
      return new Promise((resolve) => {
        // Who has heard already hears nothing more.
        const timer = behindReads(waitMs, () => {
          open.delete(id);
          resolve(nothing);
        }).unref();
        open.set(id, (texts) => {
          timer.clear();
          resolve(texts);
        });
        link.send({ t: 'seek', id, wish, owner, ids: [...ids] });
      });
    },
    found(id, texts) {
      const resolve = open.get(id);
      open.delete(id);
      resolve?.(texts);
    },
  };
}
