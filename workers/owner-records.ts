// Asks the primary whose objects are. An answer that does not come in time is none: who it would be for gets a 404.
import type { ToPrimary } from '../src/contracts/ipc.ts';
import type { ObjectOwner, OwnerRecords } from '../src/contracts/objects.ts';
import { behindReads } from '../src/ipc/behind-reads.ts';

/** Longer than a primary stands still that only finds no core: who is not known by then gets a 404. */
const TIMEOUT_MS = 3_000;
/**
 * What another worker noted a moment ago may come to the primary behind our question: what nobody knows is asked for twice.
 */
const AGAIN_MS = 25;

type Owners = (ObjectOwner | null)[];

export interface PrimaryRecords extends OwnerRecords {
  /** The primary's answer. */
  answered(ask: number, owners: Owners): void;
}

/** @param send false: there is no primary to hear it. */
export function createOwnerRecords(send: (message: ToPrimary) => boolean): PrimaryRecords {
  const open = new Map<number, (owners: Owners | null) => void>();
  let next = 1;

  function once(ids: readonly string[]): Promise<Owners | null> {
    const { promise, resolve } = Promise.withResolvers<Owners | null>();
    const ask = next++;
    const timer = behindReads(TIMEOUT_MS, () => open.get(ask)?.(null));
    open.set(ask, (owners) => {
      open.delete(ask);
      timer.clear();
      resolve(owners);
    });
    if (!send({ t: 'whose', ask, ids: [...ids] })) open.get(ask)?.(null);
    return promise;
  }

  return {
    tell: (id, owner, anew) => void send({ t: 'owns', id, owner, ...(anew === true && { anew }) }),
    async ask(ids) {
      const first = await once(ids);
      if (first === null) return ids.map(() => null);
      const missing = ids.filter((_, at) => first[at] == null);
      if (missing.length === 0) return first;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      const later = new Map((await once(missing))?.map((owner, at) => [missing[at], owner]));
      return ids.map((id, at) => first[at] ?? later.get(id) ?? null);
    },
    answered: (ask, owners) => open.get(ask)?.(owners),
  };
}
