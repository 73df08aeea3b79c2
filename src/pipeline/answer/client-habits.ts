// Whose ways a client counts on: those of the vendor by whose name it asks, which is the address that the vendor's own clients were given.
import type { Call } from '../../contracts/call.ts';
import type { ClientHabits } from '../../contracts/client-habits.ts';
import type { ProviderConfig } from '../../contracts/provider-config.ts';
import { PROVIDERS } from '../../providers/registry.ts';

const HABITS: ReadonlyMap<string, ClientHabits> = new Map(
  PROVIDERS.flatMap(({ name, habits }) => (habits === undefined ? [] : [[name, habits] as const])),
);

/** Null: it asks in its dialect's own way. */
export function habitsOf({ prefix, route, snapshot }: Call): ClientHabits | null {
  if (prefix === null || route.dialect !== 'openai-chat') return null;
  const named = snapshot.config.providers.find(({ name }) => name === prefix);
  // A prefix that nobody here is called by is a vendor's.
  return HABITS.get(named === undefined ? prefix : (named.vendor ?? '')) ?? null;
}

/** Chunks in the provider's own words will do for who asks. */
export function wordsSuit(call: Call, { vendor }: ProviderConfig): boolean {
  const habits = habitsOf(call);
  return habits?.wholeCalls !== true || HABITS.get(vendor ?? '') === habits;
}
