// The audit log as a chain: each entry holds the hash of the one before it, keyed (HMAC-SHA-256), so that who can write to
// the store but has no key cannot mend it after a change. The end of the chain is kept apart (`ChainHead`): without it
// nobody would miss entries that were cut off there.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AuditEntry, AuditEvent, SealAudit } from '../contracts/store.ts';

/** The end of a chain. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

export const GENESIS = '0'.repeat(64);
export const EMPTY_CHAIN: ChainHead = { sequence: 0, hash: GENESIS };

/** What a store puts events behind each other with. @param key of purpose `audit`. */
export function createAuditSeal(key: Buffer): SealAudit {
  return (last, event) => chained(last ?? EMPTY_CHAIN, event, key);
}

/** The entry that follows. */
function chained(head: ChainHead, event: AuditEvent, key: Buffer): AuditEntry {
  const { at, initiator, action, target, outcome, reason, ip, before, after } = event;
  const said = { at, initiator, action, target, outcome, reason, ip, before, after };
  const bound = { sequence: head.sequence + 1, previous: head.hash, ...said };
  return { ...bound, hash: hashOf(bound, key) };
}

/** What is wrong with a chain. `sequence`: of the entry where it shows. */
export interface ChainFault {
  readonly fault: 'altered' | 'removed' | 'reordered' | 'cut';
  readonly sequence: number;
}

export interface ChainReport {
  readonly entries: number;
  readonly head: ChainHead;
  readonly faults: readonly ChainFault[];
}

/** Faults that are told; behind that many nobody reads on. */
const MAX_FAULTS = 100;

/**
 * Reads a chain from its beginning, in the order it is stored.
 *
 * @param expected its end as it was kept apart; null = not known, and entries cut off at the end are not missed.
 * @param from the head before the first of `entries`, where a beginning was archived.
 */
export function verifyChain(
  entries: Iterable<AuditEntry>,
  key: Buffer,
  expected: ChainHead | null,
  from: ChainHead = EMPTY_CHAIN,
): ChainReport {
  const faults: { fault: ChainFault['fault']; sequence: number }[] = [];
  const found = (fault: ChainFault['fault'], sequence: number): void => {
    const known = faults.find((other) => other.sequence === sequence);
    // What was missed where it belongs and comes later is not gone.
    if (known?.fault === 'removed' && fault === 'reordered') known.fault = fault;
    else if (known === undefined && faults.length < MAX_FAULTS) faults.push({ fault, sequence });
  };
  let head = from;
  let count = 0;
  for (const entry of entries) {
    count++;
    const { hash, ...bound } = entry;
    if (!sameHash(hash, hashOf(bound, key))) found('altered', entry.sequence);
    else if (entry.sequence <= head.sequence) found('reordered', entry.sequence);
    else if (entry.sequence > head.sequence + 1) {
      for (let gone = head.sequence + 1; gone < entry.sequence && faults.length < MAX_FAULTS; gone++)
        found('removed', gone);
    }
    // In its place, whole, and yet of another chain: the one before was replaced.
    else if (!sameHash(entry.previous, head.hash)) found('altered', head.sequence);
    if (entry.sequence > head.sequence) head = { sequence: entry.sequence, hash };
  }
  if (expected !== null && (head.sequence !== expected.sequence || !sameHash(head.hash, expected.hash)))
    if (head.sequence < expected.sequence) found('cut', head.sequence + 1);
    else if (faults.length === 0) found('altered', head.sequence);
  return { entries: count, head, faults };
}

function hashOf(bound: Omit<AuditEntry, 'hash'>, key: Buffer): string {
  return createHmac('sha256', key).update(canonicalText(bound)).digest('hex');
}

/** JSON with members in the order of their names: what a store gives back in another order is the same. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  );
}

function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
