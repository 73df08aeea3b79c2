// Whether the answer to a call may be sound, which costs up to thirty times what text does.
import { memberSpan } from '../body/member-edits.ts';
import type { Call } from '../contracts/call.ts';

/** Chat Completions answer in text unless `modalities` say otherwise; what other dialects ask for is not known here. */
export function maySpeak({ route, body, facts }: Pick<Call, 'route' | 'body' | 'facts'>): boolean {
  if (route.dialect !== 'openai-chat' || body === null || facts === null) return true;
  const span = memberSpan(body, facts.members, 'modalities');
  if (span === null) return false;
  const asked = body.toString('latin1', span.start, span.end);
  // Letters may be written as escapes.
  return asked.includes('audio') || asked.includes('\\');
}
