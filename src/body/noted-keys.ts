// Names of members that somebody asks for at any depth of a request body. They are noted in the one pass there is: a search of
// the bytes for each would cost 0.2 us and more.

/** Bits of what was noted. `FILE`: of members that name an object at a provider, by names/object-names.ts. */
export const FILE = 1;
export const TOOL_RESULT = 2;
/** A name written with escapes, which may be any. */
export const DISGUISED = 4;

interface NotedKey {
  readonly bytes: Buffer;
  readonly bit: number;
}

const KEYS: readonly NotedKey[] = [
  { bytes: Buffer.from('"file_id"'), bit: FILE },
  { bytes: Buffer.from('"file_ids"'), bit: FILE },
  ...[
    'fileUri',
    'file_uri',
    'cachedContent',
    'cached_content',
    'container',
    'container_id',
    'vector_store_id',
    'vector_store_ids',
  ].map((name) => ({ bytes: Buffer.from(`"${name}"`), bit: FILE })),
  { bytes: Buffer.from('"call_id"'), bit: TOOL_RESULT },
  { bytes: Buffer.from('"tool_call_id"'), bit: TOOL_RESULT },
];
const BY_LENGTH: readonly (readonly NotedKey[])[] = Array.from(
  { length: Math.max(...KEYS.map(({ bytes }) => bytes.length)) + 1 },
  (_, length) => KEYS.filter(({ bytes }) => bytes.length === length),
);

/** What the key whose string, quotes included, is body[start, end) adds to what was noted. */
export function noteOf(body: Buffer, start: number, end: number, escaped: boolean): number {
  if (escaped) return DISGUISED;
  const keys = BY_LENGTH[end - start];
  if (keys === undefined) return 0;
  for (const { bytes, bit } of keys) {
    let at = 1;
    while (at < bytes.length && bytes[at] === body[start + at]) at++;
    if (at === bytes.length) return bit;
  }
  return 0;
}
