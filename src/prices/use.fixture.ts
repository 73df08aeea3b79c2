import type { BilledUse } from '../contracts/price.ts';
import { NO_USE } from './no-use.ts';

/** Nothing used but what is said. */
export function used(parts: Partial<BilledUse>): BilledUse {
  return { ...NO_USE, ...parts };
}
