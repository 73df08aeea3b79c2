import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEntry, AuditEvent, StoredData } from '../contracts/store.ts';
import { type ChainHead, createAuditSeal, EMPTY_CHAIN, verifyChain } from './hash-chain.ts';

const key = Buffer.alloc(32, 7);
const seal = createAuditSeal(key);

const event = (text: string, before: StoredData | null = null): AuditEvent => ({
  at: 1_700_000_000_000,
  initiator: 'ada',
  action: 'key.update',
  target: `key/${text}`,
  outcome: 'success',
  reason: '',
  ip: '10.0.0.1',
  before,
  after: { name: text, limits: [{ requests: '1/s' }] },
});

function chainOf(events: readonly AuditEvent[]): { entries: AuditEntry[]; head: ChainHead } {
  const entries: AuditEntry[] = [];
  for (const each of events) entries.push(seal(entries.at(-1) ?? null, each));
  const { sequence, hash } = entries.at(-1) ?? EMPTY_CHAIN;
  return { entries, head: { sequence, hash } };
}

const events = fc.array(fc.tuple(fc.string(), fc.option(fc.dictionary(fc.string(), fc.string()))), {
  minLength: 3,
  maxLength: 12,
});
const chains = events.map((all) => chainOf(all.map(([text, before]) => event(text, before))));

describe('the chain of the audit log', () => {
  it('is whole, also when it comes back from a store with its members in another order', () => {
    fc.assert(
      fc.property(chains, ({ entries, head }) => {
        const stored = entries.map(
          (entry) => Object.fromEntries(Object.entries(entry).reverse()) as unknown as AuditEntry,
        );
        const read = JSON.parse(JSON.stringify(stored)) as AuditEntry[];
        expect(verifyChain(read, key, head)).toEqual({ entries: entries.length, head, faults: [] });
      }),
    );
  });

  it('shows an entry that was altered, in any of its members', () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.nat(), ({ entries, head }, at, which) => {
        const place = at % entries.length;
        const entry = entries[place]!;
        const members = Object.keys(entry) as (keyof AuditEntry)[];
        const member = members[which % members.length]!;
        const changed = { ...entry, [member]: 'altered!' };
        const altered = entries.with(place, changed);
        const { faults } = verifyChain(altered, key, head);
        expect(faults.some(({ fault }) => fault === 'altered')).toBe(true);
      }),
    );
  });

  it('shows entries that were removed, by their numbers', () => {
    fc.assert(
      fc.property(chains, fc.nat(), ({ entries, head }, at) => {
        const place = at % (entries.length - 1);
        const { faults } = verifyChain(entries.toSpliced(place, 1), key, head);
        expect(faults).toEqual([{ fault: 'removed', sequence: place + 1 }]);
      }),
    );
  });

  it('shows entries that were cut off at its end, which its head alone tells', () => {
    const { entries, head } = chainOf(['a', 'b', 'c'].map((text) => event(text)));
    expect(verifyChain(entries.slice(0, 2), key, head).faults).toEqual([{ fault: 'cut', sequence: 3 }]);
    expect(verifyChain(entries.slice(0, 2), key, null).faults).toEqual([]);
    expect(verifyChain([], key, head).faults).toEqual([{ fault: 'cut', sequence: 1 }]);
  });

  it('shows entries that changed places, as reordered and not as gone', () => {
    fc.assert(
      fc.property(chains, fc.nat(), ({ entries, head }, at) => {
        const place = at % (entries.length - 1);
        const swapped = entries.with(place, entries[place + 1]!).with(place + 1, entries[place]!);
        const { faults } = verifyChain(swapped, key, head);
        expect(faults).toContainEqual({ fault: 'reordered', sequence: place + 1 });
        expect(faults.some(({ fault }) => fault === 'removed' || fault === 'cut')).toBe(false);
      }),
    );
  });

  it('shows an entry twice, one in a place of another chain, and a chain that was made anew without the key', () => {
    const { entries, head } = chainOf(['a', 'b', 'c'].map((text) => event(text)));
    const twice = verifyChain([...entries, entries[1]!], key, head);
    expect(twice.faults).toEqual([{ fault: 'reordered', sequence: 2 }]);
    const other = chainOf(['a', 'x', 'c'].map((text) => event(text)));
    expect(verifyChain(entries.with(1, other.entries[1]!), key, head).faults).toEqual([
      { fault: 'altered', sequence: 2 },
    ]);
    expect(verifyChain(other.entries, key, head).faults).toEqual([{ fault: 'altered', sequence: 3 }]);
    const forged = verifyChain(entries, Buffer.alloc(32, 8), head);
    expect(forged.faults.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('goes on from where an archived beginning ended', () => {
    const { entries, head } = chainOf(['a', 'b', 'c', 'd'].map((text) => event(text)));
    expect(verifyChain(entries.slice(2), key, head, entries[1]!).faults).toEqual([]);
    expect(verifyChain(entries.slice(2), key, head).faults.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });
});
