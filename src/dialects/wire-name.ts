// Tool names as most vendors take them: at most 64 characters, where Anthropic takes 128.
import { createHash } from 'node:crypto';

const LONGEST = 64;
const KEPT = 55;

/** A name that is too long becomes its beginning and a digest of all of it: the same name gives the same, each time. */
export function wireName(name: string): string {
  if (name.length <= LONGEST) return name;
  return `${name.slice(0, KEPT)}_${createHash('sha256')
    .update(name)
    .digest('hex')
    .slice(0, LONGEST - KEPT - 1)}`;
}
