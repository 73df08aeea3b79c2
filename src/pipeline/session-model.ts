// The model of a request that describes a session: it stands inside of `session`, where an alias is turned into the provider's name.
import { memberSpan } from '../body/member-edits.ts';
import type { BodyFacts, MemberSpan, Span } from '../contracts/body.ts';
import type { Call, Stage } from '../contracts/call.ts';

const MEMBER = 'session';
const OBJECT = 0x7b;

/** Sets the model of `call.facts`, and where it stands. */
export function createSessionModel(inspect: (body: Buffer) => BodyFacts): Stage {
  return ({ body, facts }: Call) => {
    const span = memberSpan(body!, facts!.members, MEMBER);
    if (span === null || body![span.start] !== OBJECT) return 'continue';
    const { model, modelMember } = inspect(body!.subarray(span.start, span.end));
    if (model === null || modelMember === null) return 'continue';
    facts!.model = model;
    facts!.modelMember = moved(modelMember, span.start);
    return 'continue';
  };
}

function moved({ key, value, cut }: MemberSpan, by: number): MemberSpan {
  const move = ({ start, end }: Span): Span => ({ start: start + by, end: end + by });
  return { key: move(key), value: move(value), cut: move(cut) };
}
