// What entries of one caller and model have in common, once for all of them: whose they are, who answered, in what form. An entry knows
// its kind by a number, so that a purge reads kinds and no entries.
import type { CachedAnswer } from '../contracts/cache.ts';
import { areSame } from './same-texts.ts';

export type EntryKind = Pick<
  CachedAnswer,
  | 'operation'
  | 'dialect'
  | 'form'
  | 'contentType'
  | 'includeUsage'
  | 'provider'
  | 'upstreamModel'
  | 'answerModel'
  | 'translated'
  | 'dropped'
  | 'adapted'
  | 'stop'
  | 'labels'
>;

/** Of one caller so many are looked at; further ones are kinds of their own, though they may be the same. */
const LOOKED_AT = 8;

interface Held {
  readonly kind: EntryKind;
  readonly number: number;
  entries: number;
}

export class EntryKinds {
  readonly #held: (Held | null)[] = [];
  readonly #free: number[] = [];
  /** By the caller, the last one that was wanted first. */
  readonly #known = new Map<string, Held[]>();

  /** Numbers there are, taken or free. */
  get numbers(): number {
    return this.#held.length;
  }

  /** Kinds there are. */
  get count(): number {
    return this.#held.length - this.#free.length;
  }

  of(number: number): EntryKind {
    return this.#held[number]!.kind;
  }

  /** One entry more is of the kind. @returns its number */
  take(entry: EntryKind): number {
    const caller = callerOf(entry);
    let known = this.#known.get(caller);
    if (known === undefined) this.#known.set(caller, (known = []));
    for (let at = 0; at < known.length; at++) {
      const held = known[at]!;
      if (!isSame(held.kind, entry)) continue;
      if (at > 0) [known[at - 1], known[at]] = [held, known[at - 1]!];
      held.entries++;
      return held.number;
    }
    const number = this.#free.pop() ?? this.#held.length;
    const held = { kind: kindOf(entry), number, entries: 1 };
    this.#held[number] = held;
    if (known.length === LOOKED_AT) known.pop();
    known.unshift(held);
    return number;
  }

  /** One less: what no entry is of goes. */
  giveBack(number: number): void {
    const held = this.#held[number]!;
    if (--held.entries > 0) return;
    this.#held[number] = null;
    this.#free.push(number);
    const caller = callerOf(held.kind);
    const known = this.#known.get(caller);
    const at = known?.indexOf(held) ?? -1;
    if (at < 0) return;
    known!.splice(at, 1);
    if (known!.length === 0) this.#known.delete(caller);
  }
}

function callerOf({ labels: { key, customer } }: EntryKind): string {
  return customer === null ? key : `${key}\n${customer}`;
}

function isSame(one: EntryKind, other: EntryKind): boolean {
  const [own, its] = [one.labels, other.labels];
  return (
    one.upstreamModel === other.upstreamModel &&
    one.provider === other.provider &&
    one.operation === other.operation &&
    one.dialect === other.dialect &&
    one.form === other.form &&
    one.contentType === other.contentType &&
    one.includeUsage === other.includeUsage &&
    one.answerModel === other.answerModel &&
    one.translated === other.translated &&
    one.stop === other.stop &&
    own.key === its.key &&
    own.model === its.model &&
    own.organization === its.organization &&
    own.team === its.team &&
    own.user === its.user &&
    own.customer === its.customer &&
    own.project === its.project &&
    areSame(own.tags, its.tags) &&
    areSame(one.dropped, other.dropped) &&
    areSame(one.adapted, other.adapted)
  );
}

function kindOf(entry: EntryKind): EntryKind {
  const { operation, dialect, form, contentType, includeUsage, provider, upstreamModel, answerModel } = entry;
  const { translated, dropped, adapted, stop, labels } = entry;
  return {
    ...{ operation, dialect, form, contentType, includeUsage, provider, upstreamModel, answerModel },
    ...{ translated, dropped, adapted, stop, labels },
  };
}
