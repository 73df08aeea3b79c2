// The model of a request that describes a session: it stands inside of `session`, where an alias is turned into the provider's name.
import { memberSpan } from '../body/member-edits.ts';
import { MemberReader } from '../body/member-reader.ts';
import type { Span } from '../contracts/body.ts';
import type { Call, StageResult } from '../contracts/call.ts';

const MEMBER = 'session';
const OBJECT = 0x7b;
const QUOTE = 0x22;

/** Sets the model of `call.facts`, and where it stands. */
export function sessionModel(call: Call): StageResult {
  const body = call.body!;
  const facts = call.facts!;
  const session = memberSpan(body, facts.members, MEMBER);
  if (session === null || body[session.start] !== OBJECT) return 'continue';
  const named = modelIn(body.subarray(session.start, session.end));
  if (named === null) return 'continue';
  const value = { start: named.start + session.start, end: named.end + session.start };
  const model: unknown = JSON.parse(body.toString('utf8', value.start, value.end));
  if (typeof model !== 'string') return 'continue';
  facts.model = model;
  // Only its value is ever edited.
  facts.modelMember = { key: value, value, cut: value };
  return 'continue';
}

/** Where the value of `model` stands; null = it is no text. */
function modelIn(session: Buffer): Span | null {
  let found: Span | null = null;
  const reader = new MemberReader(session);
  reader.members(1, (key) => {
    const value = reader.value(1);
    if (key === 'model' && session[value.start] === QUOTE) found = value;
  });
  return found;
}
