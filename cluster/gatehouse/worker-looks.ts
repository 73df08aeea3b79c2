// Questions to a worker that people ask: the first one that serves is as good as any.
import type { WorkerLook } from '../../src/contracts/worker-look.ts';
import type { Life } from '../crew/life.ts';

/** Longer than a provider is given to answer. */
const ANSWER_MS = 9_000;

export interface WorkerLooks {
  /** Rejects without an answer in time, and with the worker's words where it has none. */
  ask(what: WorkerLook, withinMs?: number): Promise<unknown>;
  looked(id: number, value: unknown, fault: string): void;
}

export function createWorkerLooks(lives: () => readonly Life[]): WorkerLooks {
  const open = new Map<number, { value(value: unknown): void; fault(error: Error): void }>();
  let last = 0;
  return {
    ask(what, withinMs = ANSWER_MS) {
      const life = lives().find(({ state }) => state === 'serving');
      if (life === undefined) return Promise.reject(new Error('no worker serves at the moment'));
      const id = ++last;
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('the worker did not answer in time')), withinMs);
        const over = (): void => {
          clearTimeout(late);
          open.delete(id);
        };
        open.set(id, {
          value: (value) => {
            over();
            resolve(value);
          },
          fault: (error) => {
            over();
            reject(error);
          },
        });
        life.send({ t: 'look', id, what });
      });
    },
    looked(id, value, fault) {
      const asker = open.get(id);
      if (fault === '') asker?.value(value);
      else asker?.fault(new Error(fault));
    },
  };
}
