// Questions to a worker that people ask: the first one that serves is as good as any.
import type { WorkerLook } from '../../src/contracts/worker-look.ts';
import { behindReads } from '../../src/ipc/behind-reads.ts';
import type { Life } from '../crew/life.ts';

/** Longer than a provider is given to answer. */
const ANSWER_MS = 9_000;
/** A worker that stands still holds nobody up. */
const HEARD_MS = 4_000;

export interface WorkerLooks {
  /** Rejects without an answer in time, and with the worker's words where it has none. */
  ask(what: WorkerLook, withinMs?: number): Promise<unknown>;
  /** Resolves when all that serve have heard what they were told until now; one that stands still is not waited for. */
  heard(): Promise<void>;
  /** Resolves when charges of calls that ended until now can be read. @returns workers that did not say so in time. */
  written(): Promise<number>;
  looked(id: number, value: unknown, fault: string): void;
  /** The worker is gone: what it was asked rejects. */
  leave(life: Life): void;
}

interface Open {
  readonly life: Life;
  value(value: unknown): void;
  fault(error: Error): void;
}

export function createWorkerLooks(lives: () => readonly Life[]): WorkerLooks {
  const open = new Map<number, Open>();
  let last = 0;
  const busy = (): Life[] => lives().filter(({ state }) => state === 'serving' || state === 'draining');
  const serving = (): Life[] => lives().filter(({ state }) => state === 'serving');

  function askOf(life: Life, what: WorkerLook, withinMs: number): Promise<unknown> {
    const id = ++last;
    return new Promise((resolve, reject) => {
      const late = behindReads(withinMs, () =>
        over(() => reject(new Error('the worker did not answer in time'))),
      );
      const over = (tell: () => void): void => {
        late.clear();
        open.delete(id);
        tell();
      };
      open.set(id, {
        life,
        value: (value) => over(() => resolve(value)),
        fault: (error) => over(() => reject(error)),
      });
      life.send({ t: 'look', id, what });
    });
  }

  return {
    ask(what, withinMs = ANSWER_MS) {
      const [life] = serving();
      if (life === undefined) return Promise.reject(new Error('no worker serves at the moment'));
      return askOf(life, what, withinMs);
    },
    async heard() {
      await Promise.allSettled(serving().map((life) => askOf(life, { do: 'heard' }, HEARD_MS)));
    },
    async written() {
      const told = await Promise.allSettled(busy().map((life) => askOf(life, { do: 'written' }, HEARD_MS)));
      return told.filter(({ status }) => status === 'rejected').length;
    },
    looked(id, value, fault) {
      const asker = open.get(id);
      if (fault === '') asker?.value(value);
      else asker?.fault(new Error(fault));
    },
    leave(life) {
      for (const asker of [...open.values()])
        if (asker.life === life) asker.fault(new Error('the worker ended before it answered'));
    },
  };
}
