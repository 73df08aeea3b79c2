// What is known of an answer that a model speaks, part by part.
import type { SaidText } from '../../../guardrails/said-text.ts';

export interface Part {
  /** Its answer. */
  response: string;
  said: SaidText;
  /** All of it, for those that are asked; null = nobody is. */
  text: string | null;
  /** Sound of it went by. */
  sound: boolean;
  /** Words of it did. */
  worded: boolean;
  /** All of its words came. */
  complete: boolean;
}

/** How an answer ended of which something is still to be judged. */
export interface Ended {
  response: string;
  items: readonly string[];
  /** It was asked for in place of another. */
  second: boolean;
}
