// Scripted behaviour of the mock: defaults, and a change checked at the border.
import type { MockBehaviour } from '../contract.ts';

export const DEFAULT_BEHAVIOUR: MockBehaviour = {
  delayMs: 0,
  answerBytes: 240,
  deltas: 64,
  everyMs: 20,
  failEvery: 0,
  failAs: 500,
};

const FAILURES: readonly unknown[] = [429, 500, 503, 529, 'reset', 'cut'];

/** @throws naming the field, when a change is not one. */
export function changed(behaviour: MockBehaviour, change: unknown): MockBehaviour {
  if (typeof change !== 'object' || change === null) throw new Error('expected an object');
  const next: Record<string, unknown> = { ...behaviour };
  for (const [name, value] of Object.entries(change)) {
    if (!(name in DEFAULT_BEHAVIOUR)) throw new Error(`no such behaviour: ${name}`);
    const good =
      name === 'failAs' ? FAILURES.includes(value) : Number.isInteger(value) && (value as number) >= 0;
    if (!good) throw new Error(`${name} cannot be ${JSON.stringify(value)}`);
    next[name] = value;
  }
  return next as unknown as MockBehaviour;
}
