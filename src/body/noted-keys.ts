// Names of members that somebody asks for at any depth of a request body. They are noted in the one pass there is: a search of
// the bytes for each would cost 0.2 us and more.
import { HOLDING_MEMBERS, NAMING_MEMBERS } from '../contracts/naming-members.ts';

/** Bits of what was noted. `FILE`: of members that name an object at a provider. */
export const FILE = 1;
export const TOOL_RESULT = 2;
/** A name written with escapes, which may be any. */
export const DISGUISED = 4;

interface NotedKey {
  readonly bytes: Buffer;
  readonly bit: number;
}

const KEYS: readonly NotedKey[] = [
  ...[...NAMING_MEMBERS, ...HOLDING_MEMBERS].map((name) => ({ bytes: Buffer.from(`"${name}"`), bit: FILE })),
  { bytes: Buffer.from('"call_id"'), bit: TOOL_RESULT },
  { bytes: Buffer.from('"tool_call_id"'), bit: TOOL_RESULT },
];
const MOST = (Math.max(...KEYS.map(({ bytes }) => bytes.length)) + 1) << 5;
/** By length and first letter: most keys have no like. */
const LIKES: readonly (readonly NotedKey[] | undefined)[] = (() => {
  const likes = Array.from({ length: MOST }, (): NotedKey[] | undefined => undefined);
  for (const key of KEYS) (likes[placeOf(key.bytes.length, key.bytes[1]!)] ??= []).push(key);
  return likes;
})();

function placeOf(length: number, first: number): number {
  return (length << 5) | (first & 31);
}

/** What the key whose string, quotes included, is body[start, end) adds to what was noted. */
export function noteOf(body: Buffer, start: number, end: number, escaped: boolean): number {
  if (escaped) return DISGUISED;
  const keys = LIKES[placeOf(end - start, body[start + 1]!)];
  if (keys === undefined) return 0;
  for (const { bytes, bit } of keys) {
    let at = 2;
    while (at < bytes.length && bytes[at] === body[start + at]) at++;
    if (at === bytes.length && bytes[1] === body[start + 1]) return bit;
  }
  return 0;
}
