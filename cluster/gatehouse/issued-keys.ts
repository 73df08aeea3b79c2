// The keys that the gatehouse issued, as the primary holds them: a worker that starts while the gatehouse or its database
// is away gets them from here. What comes goes on as the bytes it came as; only what is not news is left out.
import { Buffer } from 'node:buffer';
import type { FromGatehouse } from '../../src/contracts/gatehouse-ipc.ts';
import type { Holder, OwnHolder } from '../../src/contracts/holder.ts';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import { hashOf, holderAt, idOf, nameOf, rowEnd } from '../../src/governance/issued-frame.ts';
import { IssuedTable } from '../../src/governance/issued-table.ts';

type Issued = Extract<FromGatehouse, { t: 'issued' }>;
type Told = Extract<ToWorker, { t: 'issued' }>;

const MARKS = 255;
const NOTHING = new Uint8Array();

export interface IssuedKeys {
  readonly size: number;
  /** Whether a key that is not here is nobody's. */
  readonly whole: boolean;
  /** Takes what the gatehouse says. @returns what every worker has to be told; null = nothing. */
  learn(message: Issued): Told | null;
  /** @returns whether that is news, which all workers have to be told. */
  setWhole(whole: boolean): boolean;
  /** Of keys by their names those that have limits of their own. Looks at all keys. */
  ownOf(names: ReadonlySet<string>): OwnHolder[];
  /** Everything, for a worker that knows nothing: messages of about a megabyte. */
  all(): Told[];
}

export function createIssuedKeys(whole: boolean): IssuedKeys {
  const table = new IssuedTable({ byId: true });
  /** Of the rows that were told since the last list that replaces all began. */
  let mark = 1;
  /** Such a list is coming: what it does not name goes with its end, not before. */
  let coming = false;
  /** It is the first one, and nothing was here before. */
  let first = false;
  let secret = '';
  let isWhole = whole;

  /** @returns the rows that say something new, and the hashes that their ids have no more */
  function put(frame: Buffer): { news: Uint8Array; lost: Buffer[] } {
    // Of a first list no id stood in another message: there is nothing to compare it with.
    if (first && table.append(frame, mark)) return { news: frame, lost: [] };
    const news: Buffer[] = [];
    const lost: Buffer[] = [];
    for (let at = 0; at < frame.length; ) {
      const id = idOf(frame, at);
      const before = table.hashesOf(id);
      for (const first = at; at < frame.length && (at === first || idOf(frame, at).equals(id)); ) {
        const next = rowEnd(frame, at);
        const hash = hashOf(frame, at);
        const known = before.findIndex((one) => one.equals(hash));
        if (known >= 0) before.splice(known, 1);
        if (table.put(frame, at, mark)) news.push(frame.subarray(at, next));
        at = next;
      }
      lost.push(...before);
    }
    const bytes = news.reduce((sum, row) => sum + row.length, 0);
    return { news: bytes === frame.length ? frame : Buffer.concat(news, bytes), lost };
  }

  return {
    get size() {
      return table.size;
    },
    get whole() {
      return isWhole;
    },
    learn(message) {
      const otherSecret = secret !== message.secret;
      secret = message.secret;
      if (message.reset) {
        mark = (mark % MARKS) + 1;
        coming = true;
        first = table.size === 0;
      }
      const { buffer, byteOffset, byteLength } = message.frame;
      const frame = Buffer.from(buffer, byteOffset, byteLength);
      const { news, lost } = put(frame);
      for (const id of message.drop) lost.push(...table.hashesOf(Buffer.from(id)));
      if (coming && message.last) {
        coming = first = false;
        lost.push(...table.unmarked(mark));
      }
      for (const hash of lost) table.drop(hash);
      if (news.length === 0 && lost.length === 0 && !otherSecret) return null;
      return { t: 'issued', frame: news, drop: Buffer.concat(lost), secret };
    },
    setWhole(next) {
      const news = next !== isWhole;
      isWhole = next;
      return news;
    },
    ownOf(names) {
      const found = new Map<string, OwnHolder>();
      if (names.size === 0) return [];
      table.each((frame, at) => {
        const name = nameOf(frame, at);
        if (!names.has(name) || found.has(name)) return;
        const holder = frame.toString('utf8', holderAt(frame, at), rowEnd(frame, at));
        const { id, own } = JSON.parse(holder) as Holder; // as the gatehouse wrote it
        if (id !== undefined && own !== undefined) found.set(name, { name, id, own });
      });
      return [...found.values()];
    },
    all() {
      const frames = table.frames();
      if (frames.length === 0)
        return secret === '' ? [] : [{ t: 'issued', frame: NOTHING, drop: NOTHING, secret }];
      return frames.map((frame) => ({ t: 'issued', frame, drop: NOTHING, secret }));
    },
  };
}
