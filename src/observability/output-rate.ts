// Tokens a second of a streamed answer, behind its first piece.
import type { Call } from '../contracts/call.ts';

/** A stream this short says nothing about speed: its tokens came in one piece. */
const MIN_RATE_MS = 5;

/** @returns null = not to be told */
export function outputRate(call: Call): number | null {
  const output = call.usage?.output ?? 0;
  const spanMs = call.lastByteAt - call.firstByteAt;
  if (!call.stream || output <= 0 || call.firstByteAt <= 0 || spanMs < MIN_RATE_MS) return null;
  return (output * 1_000) / spanMs;
}
