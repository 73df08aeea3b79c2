// Ids of tool calls on the wire. They pair a call with its result, so they must be unique in a conversation, and each vendor
// has an alphabet and a length of its own. An id that fits goes on byte for byte; any other is mapped, call and result alike,
// by what stands before it alone: a conversation that grows keeps the ids it had, and prompt caches keep their prefix.
import { createHash } from 'node:crypto';
import type { ToolIdLimits } from '../contracts/capability.ts';

/** What one side takes as an id. */
export interface ToolIdRule extends ToolIdLimits {
  /** Spells characters outside the alphabet so that they can be read back; without it such an id becomes a digest. */
  readonly spell?: (id: string) => string;
}

/** Any text is an id here: only uniqueness is looked after. */
export const ANY_TOOL_ID: ToolIdRule = { alphabet: 'any', min: 1, max: null };

const ALPHABETS: Readonly<Record<ToolIdLimits['alphabet'], RegExp>> = {
  any: /^/,
  word: /^[A-Za-z0-9_-]*$/,
  alnum: /^[A-Za-z0-9]*$/,
};
const DIGEST = 'call_'.length + 24;

/** Hands out the ids of one conversation in order. */
export class ToolIds {
  readonly #rule: ToolIdRule;
  readonly #taken: Set<string>;
  /** How often an id was asked for. */
  readonly #times = new Map<string, number>();

  /** @param taken ids that the conversation holds already, as they stand on this side's wire. */
  constructor(rule: ToolIdRule, taken: readonly string[] = []) {
    this.#rule = rule;
    this.#taken = new Set(taken);
  }

  /** The wire's id for the next call that is known as `id`; unlike every one handed out before. */
  take(id: string): string {
    let times = this.#times.get(id) ?? 0;
    let wire: string;
    do wire = wireId(id, ++times, this.#rule);
    while (this.#taken.has(wire));
    this.#times.set(id, times);
    this.#taken.add(wire);
    return wire;
  }
}

/** The id alone, whatever came before it: the same gives the same, for a call and its result. */
export function fitToolId(id: string, rule: ToolIdRule): string {
  return wireId(id, 1, rule);
}

// The first of a name is the name itself, the second `name_2`.
function wireId(id: string, time: number, rule: ToolIdRule): string {
  const spelled = fits(id, rule) ? id : (rule.spell?.(id) ?? '');
  const named = time === 1 ? spelled : `${spelled}_${time}`;
  return spelled !== '' && fits(named, rule) ? named : digestId(`${id}#${time}`, rule);
}

function fits(id: string, { alphabet, min, max }: ToolIdRule): boolean {
  return id.length >= Math.max(1, min) && (max === null || id.length <= max) && ALPHABETS[alphabet].test(id);
}

function digestId(text: string, { alphabet, min, max }: ToolIdRule): string {
  const digest = createHash('sha256').update(text).digest('hex');
  if (alphabet !== 'alnum' && min <= DIGEST && (max === null || max >= DIGEST))
    return `call_${digest.slice(0, 24)}`;
  // Base 36 holds more in few characters: nine of them make a chance meeting one in 10^14.
  const length = max ?? Math.max(min, DIGEST);
  return BigInt(`0x${digest}`).toString(36).padStart(length, '0').slice(-length);
}
