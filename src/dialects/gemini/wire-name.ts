// Names of functions as Gemini takes them: a letter or `_` first, then letters, digits, `_`, `.`, `:` and `-`, 128 at most.
import { createHash } from 'node:crypto';

const TAKEN = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;
const KEPT = 118;

/** Any other becomes what is left of it and a digest of all of it: the same name gives the same, each time. */
export function wireName(name: string): string {
  if (TAKEN.test(name)) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `_${name.replace(/[^A-Za-z0-9_.:-]/g, '_').slice(0, KEPT)}_${digest}`;
}
