// Names of buckets: the rule and the values of what it is counted per. Safe in a Redis key, bounded in length, and what
// clients choose is only there as a hash: an end user's name is nobody's business in a dump of keys.
import { hash } from 'node:crypto';

const PLAIN = /^[A-Za-z0-9._@/-]{1,80}$/;

/** @param values of the rule's scopes, in its order. */
export function bucketId(rule: string, values: readonly string[]): string {
  return values.length === 0 ? rule : `${rule}|${values.join('|')}`;
}

/** A name of ours or of a model: readable where it is plain, else hashed. `~` stands in no plain name. */
export function nameValue(name: string): string {
  return PLAIN.test(name) ? name : hashedValue(name);
}

/** 128 bits of SHA-256: enough that nobody finds two values for one bucket. */
export function hashedValue(value: string): string {
  return `~${hash('sha256', value, 'base64url').slice(0, 22)}`;
}
