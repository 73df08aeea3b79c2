// What makes two calls one conversation, as a number: `strategy: hash` sends them to the same target. Worked out only there.
import { memberSpan } from '../body/member-edits.ts';
import type { Call } from '../contracts/call.ts';
import { hash32 } from '../routing/balance/hashed.ts';

/** Names under which clients say their session; the first that is there counts. */
const SESSION_HEADERS = [
  'x-headgate-session-id',
  'x-session-id',
  'session-id',
  'session_id',
  'x-claude-code-session-id',
] as const;
/** Members that name a conversation, then those that begin a prompt. */
const NAMED = ['prompt_cache_key'] as const;
const PROMPTS = ['system', 'instructions', 'systemInstruction', 'messages', 'input', 'contents'] as const;
/** Of the prompt: turn n + 1 begins as turn n did. */
const PREFIX_BYTES = 1_024;

/** An unsigned 32-bit number; 0 where the call says nothing of its conversation. */
export function affinityOf({ head, body, facts }: Call): number {
  for (const name of SESSION_HEADERS) {
    const session = head.headers.get(name);
    if (session !== undefined && session !== '') return hash32(session);
  }
  if (body === null || facts === null) return 0;
  for (const name of NAMED) {
    const span = memberSpan(body, facts.members, name);
    if (span !== null) return hash32(body.toString('latin1', span.start, span.end));
  }
  let prefix = '';
  for (const name of PROMPTS) {
    const span = memberSpan(body, facts.members, name);
    if (span === null) continue;
    const end = Math.min(span.end, span.start + PREFIX_BYTES - prefix.length);
    prefix += body.toString('latin1', span.start, end);
    if (prefix.length >= PREFIX_BYTES) break;
  }
  return prefix === '' ? 0 : hash32(prefix);
}
