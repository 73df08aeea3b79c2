// Every tool call needs its result in the message behind it, and every result its call in the message before: both
// vendors answer 400 to anything else, and which ids are meant only we can still tell in the client's words.
import type { Turn } from '../contracts/chat.ts';
import { unsupported } from './losses.ts';

/**
 * Neighbours of one role count as one message, and a system turn as part of the user's.
 *
 * @throws GatewayError GW_CLIENT_UNSUPPORTED naming the first id that stands alone (wire.md 7.2).
 */
export function checkToolPairs(turns: readonly Turn[]): void {
  let open: string[] = [];
  let results: string[] = [];
  let answering = false;
  for (const turn of turns) {
    if (turn.role === 'assistant') {
      if (answering) {
        compare(open, results);
        open = [];
        results = [];
      }
      answering = false;
      for (const part of turn.parts) if (part.kind === 'tool_call') open.push(part.id);
    } else {
      answering = true;
      for (const part of turn.parts) if (part.kind === 'tool_result') results.push(part.callId);
    }
  }
  compare(open, results);
}

function compare(calls: readonly string[], results: readonly string[]): void {
  refuseLone(results, calls, 'result', 'answers no tool call of the message before it');
  refuseLone(calls, results, 'call', 'has no result in the message behind it');
}

function refuseLone(ids: readonly string[], others: readonly string[], what: string, why: string): void {
  const known = new Set(others);
  const lone = ids.find((id) => !known.has(id));
  if (lone !== undefined) throw unsupported('messages', `The tool ${what} '${lone}' ${why}.`);
}
