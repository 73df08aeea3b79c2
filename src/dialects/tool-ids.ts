// Ids of tool calls on the wire. They pair a call with its result, so they must be unique in a conversation, and each vendor
// has an alphabet and a length of its own. An id that fits goes on byte for byte; any other is mapped, call and result alike,
// by what stands before it alone: a conversation that grows keeps the ids it had, and prompt caches keep their prefix.
import { createHash } from 'node:crypto';

/** What one side takes as an id. */
export interface ToolIdRule {
  /** Matches an id of the right characters; null = any, as long as it is not empty. */
  readonly alphabet: RegExp | null;
  /** Characters; null = no limit known. */
  readonly maxLength: number | null;
  /** Every id has exactly `maxLength` letters and digits. */
  readonly exact: boolean;
  /** Spells characters outside the alphabet so that they can be read back; null = such an id becomes a digest. */
  readonly spell: ((id: string) => string) | null;
}

/** Any text is an id here: only uniqueness is looked after. */
export const ANY_TOOL_ID: ToolIdRule = { alphabet: null, maxLength: null, exact: false, spell: null };

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

// The first of a name is the name itself, the second `name_2`.
function wireId(id: string, time: number, rule: ToolIdRule): string {
  const spelled = fits(id, rule) ? id : (rule.spell?.(id) ?? '');
  const named = time === 1 ? spelled : `${spelled}_${time}`;
  return spelled !== '' && fits(named, rule) ? named : digestId(`${id}#${time}`, rule);
}

function fits(id: string, { alphabet, maxLength, exact }: ToolIdRule): boolean {
  if (id === '' || (alphabet !== null && !alphabet.test(id))) return false;
  return maxLength === null || (exact ? id.length === maxLength : id.length <= maxLength);
}

function digestId(text: string, { maxLength, exact }: ToolIdRule): string {
  const digest = createHash('sha256').update(text).digest('hex');
  if (!exact || maxLength === null) return `call_${digest.slice(0, 24)}`;
  // Base 36 holds more in few characters: nine of them make a chance meeting one in 10^14.
  return BigInt(`0x${digest}`).toString(36).padStart(maxLength, '0').slice(-maxLength);
}
