// How long what a call asks for is to be, where that is paid for by the second.
import { boundaryOf } from '../body/form.ts';
import { formField } from '../body/form-field.ts';
import { memberSpan } from '../body/member-edits.ts';
import type { Call } from '../contracts/call.ts';

const SECONDS = 'seconds';
/** No vendor makes longer ones at once: what says more is refused there. */
const MOST = 600;

/** Seconds: those that the body says, else as many as its vendor makes; 0 = nothing is made of any length. */
export function filmLength(call: Pick<Call, 'operation' | 'head' | 'body' | 'facts'>): number {
  const { usualSeconds = 0, intake } = call.operation!;
  if (usualSeconds === 0) return 0;
  // OpenAI's is a text, and others' a number.
  const said = Number((intake === 'form' ? inForm(call) : inJson(call)).replaceAll('"', ''));
  return said > 0 && said <= MOST ? said : usualSeconds;
}

function inJson({ body, facts }: Pick<Call, 'body' | 'facts'>): string {
  const span = body === null || facts === null ? null : memberSpan(body, facts.members, SECONDS);
  return span === null ? '' : body!.toString('latin1', span.start, span.end);
}

/** Of a short one: a long one is on its way still. */
function inForm({ body, head }: Pick<Call, 'body' | 'head'>): string {
  const boundary = body === null ? null : boundaryOf(head.headers.get('content-type'));
  return boundary === null ? '' : (formField(body!, boundary, SECONDS) ?? '');
}
