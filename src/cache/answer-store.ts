// Answers in the memory of one worker: bounded in bytes, what was not used for longest goes first.
import { LRUCache } from 'lru-cache';
import type { CachedAnswer, CachePurge } from '../contracts/cache.ts';

/** What an entry takes beside its bytes. */
const ENTRY_BYTES = 1_024;

export class AnswerStore {
  #entries: LRUCache<string, CachedAnswer>;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#entries = entriesOf(maxBytes);
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  /** How much it may hold from now on. */
  resize(maxBytes: number): void {
    if (maxBytes === this.#maxBytes) return;
    const old = this.#entries;
    this.#maxBytes = maxBytes;
    this.#entries = entriesOf(maxBytes);
    for (const [id, entry] of [...old.entries()].reverse()) this.#entries.set(id, entry);
  }

  /** Null also for an entry whose time is over at `nowMs` (since 1970), which is gone then. */
  get(id: string, nowMs: number): CachedAnswer | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    if (entry.staleUntilMs > nowMs) return entry;
    this.#entries.delete(id);
    return null;
  }

  /** What is larger than the whole store is not kept, and an older one of its name is gone then too. */
  put(entry: CachedAnswer): void {
    this.#entries.set(entry.id, entry);
  }

  drop(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** @returns how many went. */
  purge(wanted: CachePurge): number {
    if (wanted.id !== undefined && Object.keys(wanted).length === 1) return this.drop(wanted.id) ? 1 : 0;
    let gone = 0;
    for (const [id, entry] of [...this.#entries.entries()])
      if (fits(entry, wanted) && this.#entries.delete(id)) gone++;
    return gone;
  }
}

/** Whether an entry is one of those to be purged. */
export function fits(
  { id, provider, upstreamModel, labels }: Pick<CachedAnswer, 'id' | 'provider' | 'upstreamModel' | 'labels'>,
  wanted: CachePurge,
): boolean {
  if (wanted.id !== undefined && wanted.id !== id) return false;
  if (wanted.key !== undefined && wanted.key !== labels.key) return false;
  if (wanted.tag !== undefined && !labels.tags.includes(wanted.tag)) return false;
  const { organization, team, user, customer, project, model } = labels;
  if (wanted.tenant !== undefined && ![organization, team, user, customer, project].includes(wanted.tenant))
    return false;
  return (
    wanted.model === undefined || wanted.model === model || wanted.model === `${provider}/${upstreamModel}`
  );
}

function entriesOf(maxBytes: number): LRUCache<string, CachedAnswer> {
  return new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ body }) => body.length + ENTRY_BYTES });
}
