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

/** Who asks for the usage in so many words gets it as OpenAI has it. */
export function habitsAsked(call: Call): ClientHabits | null {
  const habits = habitsOf(call);
  if (habits?.usage === undefined) return habits;
  if (call.operation!.name === 'chat' && call.facts?.includeUsage !== true) return habits;
  const { usage: _, ...others } = habits;
  return others;
}

/** Whether a stream tells the usage in a chunk of its own. Streams that are given to several clients are the same in this. */
export function tellsUsageApart(call: Call): boolean {
  return call.showsUsage && habitsAsked(call)?.usage === undefined;
}

/** Chunks in the provider's own words will do for who asks. Only turns of chat have calls of tools. */
export function wordsSuit(call: Call, { vendor }: ProviderConfig): boolean {
  if (call.operation!.name !== 'chat') return true;
  const habits = habitsOf(call);
  return habits?.wholeCalls !== true || HABITS.get(vendor ?? '') === habits;
}
