// A level of effort among those a model takes.
import { EFFORTS, type Effort } from '../contracts/capability.ts';

/** True for a word that is a level. */
export function isEffort(word: string): word is Effort {
  return (EFFORTS as readonly string[]).includes(word);
}

/**
 * The nearest level among `levels` (weakest first): itself, else the strongest below it, else the weakest above. A model
 * that cannot stop thinking gives `none` its weakest level. Null when it takes no level at all.
 */
export function fitEffort(effort: Effort, levels: readonly Effort[]): Effort | null {
  const rank = EFFORTS.indexOf(effort);
  let fit: Effort | null = null;
  for (const level of levels) {
    const at = EFFORTS.indexOf(level);
    if (at > rank && fit !== null) break;
    // Off is another thing than little: only `none` itself becomes `none`.
    if (level === 'none' && effort !== 'none') continue;
    fit = level;
    if (at >= rank) break;
  }
  return fit;
}
