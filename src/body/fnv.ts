// FNV-1a of 32 bits (Fowler, Noll and Vo): a quick hash that is the same on every worker and node. No protection against anyone.
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** Of the text's UTF-16 units, which for ASCII are its bytes. */
export function hashText(text: string): number {
  let hash = OFFSET;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash >>> 0;
}

export function hashBytes(bytes: Buffer): number {
  let hash = OFFSET;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}
