// How an answer says it was served: the tier that its vendor bills by, and what multiplies the price. Kept in the usage, only where it
// is not the standard way.
import type { Usage } from '../contracts/chat.ts';
import type { PriceTier } from '../contracts/price.ts';

const TIERS: Readonly<Record<string, PriceTier>> = {
  flex: 'flex',
  priority: 'priority',
  batch: 'batch',
  fast: 'fast',
  ultrafast: 'ultrafast',
  // Vertex says it by the kind of traffic.
  on_demand_flex: 'flex',
  on_demand_priority: 'priority',
};

/** @param tier as the answer has it; what is none of a price is the standard one. */
export function withTier(usage: Usage, tier: string | null): Usage {
  const served = tier === null ? undefined : TIERS[tier.toLowerCase()];
  if (served !== undefined) usage.tier = served;
  return usage;
}
