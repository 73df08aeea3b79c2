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

export function hashBytes(bytes: Buffer): number {
  let hash = OFFSET;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}
