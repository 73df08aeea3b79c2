// The texts of one message of a spoken conversation, looked at as a whole: what the client says as a request's, what the provider
// says as an answer's.
import { applyEdits } from '../../../body/splice.ts';
import type { Edit } from '../../../contracts/body.ts';
import type { GatewayError } from '../../../contracts/errors.ts';
import { type BodyText, bodyText, editsOf } from '../../../guardrails/body-spots.ts';
import { Finder } from '../../../guardrails/detector.ts';
import type { Guard } from '../../../guardrails/guard.ts';
import { placeholderDetector } from '../../../guardrails/placeholders.ts';
import { redact } from '../../../guardrails/redactor.ts';
import { checkPlaces, checkWhole } from '../../../guardrails/request-texts.ts';
import type { Ended } from '../../../guardrails/said-text.ts';
import { type BlockKind, SaidText } from '../../../guardrails/said-text.ts';
import type { GuardRun } from '../../../guardrails/run.ts';
import { type Speaker, textsOf } from '../../../guardrails/texts.ts';

export interface Looked {
  body: Buffer;
  texts: BodyText[];
  refusal: GatewayError | null;
}

/** @param body JSON. @param guards those that look at requests. */
export function lookAtRequest(
  body: Buffer,
  speaker: Speaker,
  guards: readonly Guard[],
  run: GuardRun,
): Looked {
  const texts = textsOf(body, speaker).map(bodyText);
  for (const guard of guards) {
    const refusal = checkPlaces(guard, texts, run) ?? checkWhole(guard, texts, run);
    if (refusal !== null) return { body, texts, refusal };
  }
  return { body: withTexts(body, texts), texts, refusal: null };
}

export function withTexts(body: Buffer, texts: readonly BodyText[]): Buffer {
  const edits = editsOf(texts);
  return edits.length === 0 ? body : applyEdits(body, edits);
}

/** What the client said in sound, in words. @returns why it is refused, or null. */
export function lookAtSpoken(
  text: string,
  guards: readonly Guard[],
  run: GuardRun,
): { refusal: GatewayError | null; changes: Guard | null } {
  const one: BodyText = { start: 0, end: 0, text, now: text, speaker: 'user', json: false, bare: true };
  let changes: Guard | null = null;
  for (const guard of guards) {
    const before = one.now;
    const refusal = checkPlaces(guard, [one], run) ?? checkWhole(guard, [one], run);
    if (refusal !== null) return { refusal, changes };
    if (one.now !== before) changes ??= guard;
  }
  return { refusal: null, changes };
}

const PLACEHOLDERS = new Finder([placeholderDetector]);

function restored(text: string, { placeholders }: GuardRun): string {
  if (placeholders.size === 0) return text;
  return redact(text, PLACEHOLDERS, (placeholder) => placeholders.value(placeholder));
}

/** @param usual who says what nobody else is known to say. @returns the message as it may go on, or who ended it. */
export function lookAtAnswer(body: Buffer, usual: Speaker, run: GuardRun): Buffer | Ended {
  const edits: Edit[] = [];
  for (const { start, end, text, json, speaker } of textsOf(body, usual)) {
    const now = answered(
      text,
      json ? 'arguments' : speaker === 'tool_call' ? 'plain_arguments' : 'text',
      speaker,
      run,
    );
    if (typeof now !== 'string') return now;
    if (now !== text) edits.push({ start, end, text: JSON.stringify(now) });
  }
  return edits.length === 0 ? body : applyEdits(body, edits);
}

/** What the client said, or the application, is told to it as it said it. */
function answered(text: string, kind: BlockKind, speaker: Speaker, run: GuardRun): string | Ended {
  if (speaker !== 'assistant' && speaker !== 'tool_call') return restored(text, run);
  const one = new SaidText(run, kind);
  if (one.idle) return text;
  const now = one.push(text) + one.end();
  return one.ended ?? now;
}
