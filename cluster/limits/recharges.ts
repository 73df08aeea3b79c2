// Budgets follow charges that were corrected in the ledger. A worker knows which counters those are: it tells Redis itself, and what
// the primary counts is changed here. A gatehouse that was killed before it heard the answer asks again: that changes nothing.
import type { RechargedCounters } from '../../src/contracts/ipc.ts';
import type { OwnHolder } from '../../src/contracts/holder.ts';
import type { Recharge } from '../../src/contracts/recharge.ts';
import type { WorkerLook } from '../../src/contracts/worker-look.ts';

/** Tokens that are remembered: a job asks with one after the other. */
const MAX_DONE = 1_000;

export interface RechargesDeps {
  look(what: WorkerLook): Promise<unknown>;
  /** Of keys by their names those that have limits of their own. */
  ownOf(names: ReadonlySet<string>): OwnHolder[];
  correct(rows: RechargedCounters): void;
}

/** @returns what resolves when it is done; rejects where no worker could be asked, and nothing is changed. */
export function createRecharges({
  look,
  ownOf,
  correct,
}: RechargesDeps): (token: string, charges: readonly Recharge[]) => Promise<null> {
  const done = new Map<string, Promise<null>>();

  async function apply(token: string, charges: readonly Recharge[]): Promise<null> {
    try {
      // Here, and not in a worker: it takes a look at all keys.
      const own = ownOf(new Set(charges.map(({ key }) => key)));
      correct((await look({ do: 'recharge', charges, own })) as RechargedCounters); // what a worker answers to this
      return null;
    } catch (error) {
      done.delete(token);
      throw error;
    }
  }

  return (token, charges) => {
    const before = done.get(token);
    if (before !== undefined) return before;
    const result = apply(token, charges);
    done.set(token, result);
    if (done.size > MAX_DONE) for (const oldest of done.keys()) if (done.delete(oldest)) break;
    return result;
  };
}
