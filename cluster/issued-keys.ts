// The keys that the gatehouse issued, as the primary holds them: a worker that starts while the gatehouse or its database
// is away gets them from here. By id, with all hashes an id answers to.
import type { FromGatehouse, IssuedRow } from '../src/contracts/gatehouse-ipc.ts';
import type { ToWorker } from '../src/contracts/ipc.ts';

type Issued = Extract<FromGatehouse, { t: 'issued' }>;
type Told = Extract<ToWorker, { t: 'issued' }>;

/** Rows of one message to a worker: of some 300 bytes each. */
export const ROWS_A_MESSAGE = 2_000;

export interface IssuedKeys {
  readonly size: number;
  /** Whether a key that is not here is nobody's. */
  readonly whole: boolean;
  /** Takes what the gatehouse says. @returns what every worker has to be told; empty while more is to come. */
  learn(message: Issued): Told[];
  /** @returns whether that is news, which all workers have to be told. */
  setWhole(whole: boolean): boolean;
  /** Everything, for a worker that knows nothing. */
  all(): Told[];
}

export function createIssuedKeys(whole: boolean): IssuedKeys {
  let byId = new Map<string, readonly IssuedRow[]>();
  /** A list that replaces all, while it comes. */
  let coming: Map<string, readonly IssuedRow[]> | null = null;
  let secret = '';
  let isWhole = whole;

  function messages(put: readonly IssuedRow[], drop: readonly string[]): Told[] {
    const made: Told[] = [];
    let at = 0;
    do {
      const rows = put.slice(at, at + ROWS_A_MESSAGE);
      // What is dropped goes first: a hash that moved to another key is put again behind it.
      made.push({ t: 'issued', put: rows, drop: at === 0 ? [...drop] : [], secret });
      at += ROWS_A_MESSAGE;
    } while (at < put.length);
    return made;
  }

  /** From what is known to `next`: rows that are new or say something else, hashes that are nobody's any more. */
  function replaceAll(next: Map<string, readonly IssuedRow[]>): Told[] {
    const before = new Map([...byId.values()].flat());
    const put: IssuedRow[] = [];
    for (const rows of next.values()) {
      for (const row of rows) {
        if (before.get(row[0]) !== row[1]) put.push(row);
        before.delete(row[0]);
      }
    }
    byId = next;
    return put.length === 0 && before.size === 0 ? [] : messages(put, [...before.keys()]);
  }

  return {
    get size() {
      return byId.size;
    },
    get whole() {
      return isWhole;
    },
    learn(message) {
      const otherSecret = secret !== message.secret;
      secret = message.secret;
      if (message.reset || coming !== null) {
        if (message.reset) coming = new Map();
        for (const [id, rows] of message.put) coming!.set(id, rows);
        for (const id of message.drop) coming!.delete(id);
        if (!message.last) return [];
        const next = coming!;
        coming = null;
        const told = replaceAll(next);
        return otherSecret && told.length === 0 ? messages([], []) : told;
      }
      const put: IssuedRow[] = [];
      const drop: string[] = [];
      for (const [id, rows] of message.put) {
        const kept = new Set(rows.map(([hash]) => hash));
        for (const [hash] of byId.get(id) ?? []) if (!kept.has(hash)) drop.push(hash);
        put.push(...rows);
        byId.set(id, rows);
      }
      for (const id of message.drop) {
        for (const [hash] of byId.get(id) ?? []) drop.push(hash);
        byId.delete(id);
      }
      return put.length === 0 && drop.length === 0 ? [] : messages(put, drop);
    },
    setWhole(next) {
      const news = next !== isWhole;
      isWhole = next;
      return news;
    },
    all: () => (byId.size === 0 && secret === '' ? [] : messages([...byId.values()].flat(), [])),
  };
}
