// Who else is asked about what is said.
import type { GatewayError } from '../../../contracts/errors.ts';
import type { Guard } from '../../../guardrails/guard.ts';

/** One guardrail's checks over the network. Never rejects. @returns why it is refused, and the texts as they may go on. */
export type Ask = (
  guard: Guard,
  texts: readonly string[],
) => Promise<{ refusal: GatewayError | null; texts: readonly string[] }>;
