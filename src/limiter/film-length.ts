// How long what a call asks for is to be, where that is paid for by the second.
import { memberSpan } from '../body/member-edits.ts';
import type { Call } from '../contracts/call.ts';

const SECONDS = 'seconds';
/** No vendor makes longer ones at once: what says more is refused there. */
const MOST = 600;

/** Seconds: those that the body says, else as many as its vendor makes; 0 = nothing is made of any length. */
export function filmLength({ operation, body, facts }: Pick<Call, 'operation' | 'body' | 'facts'>): number {
  const { usualSeconds = 0 } = operation!;
  if (usualSeconds === 0 || body === null || facts === null) return usualSeconds;
  const span = memberSpan(body, facts.members, SECONDS);
  if (span === null) return usualSeconds;
  // OpenAI's is a text, and others' a number.
  const said = Number(body.toString('latin1', span.start, span.end).replaceAll('"', ''));
  return said > 0 && said <= MOST ? said : usualSeconds;
}
