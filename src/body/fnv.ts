// FNV-1a of 32 bits (Fowler, Noll and Vo): a quick hash that is the same on every worker and node. No protection against anyone.
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Of the text's UTF-16 units, which for ASCII are its bytes. @param from what it begins at: a number nobody knows spreads chosen texts.
 * @param most so many units count, from the first on.
 */
export function hashText(text: string, from = OFFSET, most = text.length): number {
  const end = Math.min(most, text.length);
  let hash = from;
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash >>> 0;
}

/** Of a seed and a number: every bit of the result depends on every bit of both. */
export function mix(seed: number, number: number): number {
  return spread(seed ^ Math.imul(number, 0x9e3779b1));
}

/** Every bit of the result depends on every bit of the hash, which those of FNV-1a alone do not (murmur3's finalizer). */
export function spread(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

export function hashBytes(bytes: Buffer): number {
  let hash = OFFSET;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}
