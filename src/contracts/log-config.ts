// How log lines are written, and whose bodies the request log keeps.

/** How log lines are written: `auto` is readable on a terminal and JSON elsewhere. */
export type LogFormat = 'auto' | 'json' | 'pretty';

/** Whose bodies are kept in the request log. */
export interface BodyRule {
  /** Patterns of names of keys; null = all. */
  keys: string[] | null;
  /** Patterns of routes; null = all. */
  routes: string[] | null;
  /** Of each body. */
  maxBytes: number;
}
