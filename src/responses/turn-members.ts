// The members of a request to Responses that say what it builds on and what becomes of it, found among those that were
// noted when the body was inspected: nothing is parsed of a request that says none of them.
import type { BodyFacts, Span } from '../contracts/body.ts';
import { GatewayError } from '../contracts/errors.ts';
import { memberName, PER_MEMBER } from '../body/member-edits.ts';

const NAMES = ['input', 'store', 'background', 'conversation', 'previous_response_id'] as const;
type Name = (typeof NAMES)[number];
const TRUE = 0x74;
const FALSE = 0x66;
const NULL = 0x6e;
/** By the length of a key with its quotes: most members are none of these by it. */
const LENGTHS: readonly boolean[] = Array.from({ length: 24 }, (_, length) =>
  NAMES.some((name) => name.length + 2 === length),
);

export interface TurnMembers {
  /** Places among the members; -1 = absent. */
  readonly at: Readonly<Record<Name, number>>;
  readonly input: Span | null;
  readonly store: boolean;
  readonly background: boolean;
  readonly previous: string | null;
  readonly conversation: string | null;
}

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the member that is of another type, or there twice: which one counts its provider would say. */
export function readTurnMembers(body: Buffer, facts: Pick<BodyFacts, 'members' | 'namesFiles'>): TurnMembers {
  const { members, namesFiles: mayBeEscaped } = facts;
  const at: Record<Name, number> = {
    input: -1,
    store: -1,
    background: -1,
    conversation: -1,
    previous_response_id: -1,
  };
  for (let member = 0; member * PER_MEMBER < members.length; member++) {
    const length = members[member * PER_MEMBER + 1]! - members[member * PER_MEMBER]!;
    // Written with escapes it is longer.
    if (LENGTHS[length] !== true && !mayBeEscaped) continue;
    const name = memberName(body, members, member);
    if (!Object.hasOwn(at, name)) continue;
    if (at[name as Name] >= 0) throw wrong(name, `'${name}' is given twice.`);
    at[name as Name] = member;
  }
  const span = (name: Name): Span | null => {
    const place = at[name] * PER_MEMBER;
    return place < 0 ? null : { start: members[place + 2]!, end: members[place + 3]! };
  };
  const read = (name: Name): unknown => {
    const found = span(name);
    return found === null ? null : JSON.parse(body.toString('utf8', found.start, found.end));
  };
  const turn: TurnMembers = {
    at,
    input: span('input'),
    store: flag('store', body, span('store')) ?? true,
    background: flag('background', body, span('background')) ?? false,
    previous: text(read('previous_response_id'), 'previous_response_id'),
    conversation: conversationId(read('conversation')),
  };
  if (turn.background && !turn.store)
    throw wrong('background', "'background' needs 'store': nobody could read the answer.");
  return turn;
}

function conversationId(value: unknown): string | null {
  const id = value !== null && typeof value === 'object' && 'id' in value ? value.id : value;
  return text(id, 'conversation');
}

function text(value: unknown, param: string): string | null {
  if (value === null || typeof value === 'string') return value;
  throw wrong(param, `Invalid type for '${param}': expected a string.`);
}

/** Of a body that was inspected: its first byte tells a word. */
function flag(param: string, body: Buffer, at: Span | null): boolean | null {
  if (at === null) return null;
  switch (body[at.start]) {
    case TRUE:
      return true;
    case FALSE:
      return false;
    case NULL:
      return null;
    default:
      throw wrong(param, `Invalid type for '${param}': expected a boolean.`);
  }
}

function wrong(param: string, message: string): GatewayError {
  return new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param });
}
