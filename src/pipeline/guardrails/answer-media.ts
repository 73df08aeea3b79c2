// What of an answer no check of texts sees: looked at by who can, and of the rest it is said that nobody did.
import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../contracts/errors.ts';
import type { Media } from '../../guardrails/body-media.ts';
import type { AnswerGuard } from './answer-guard.ts';

/** What such an answer is nobody says. */
const UNTYPED = /^(?:application\/octet-stream\b|binary\/|$)/i;
/** Longest part of a character at the end of a piece. */
const MAX_CUT_BYTES = 3;

export const isUntyped = (contentType: string): boolean => UNTYPED.test(contentType);

/** Whether what begins so is text: files of answers are, and are handed on without saying so. */
export function beginsAsText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  for (let cut = 0; cut <= MAX_CUT_BYTES && cut < bytes.length; cut++)
    if (isUtf8(bytes.subarray(0, bytes.length - cut))) return true;
  return bytes.length === 0;
}

/** Notes of each guardrail what it does not see. @returns the refusal of one that insists, which `run` has then too. */
export function noteUnseen(
  { run }: Pick<AnswerGuard, 'run'>,
  { images, others }: Media,
): GatewayError | null {
  if (images.length === 0 && others === 0) return null;
  let refusal: GatewayError | null = null;
  for (const guard of run.guards) {
    if (!guard.output || (others === 0 && guard.seesImages)) continue;
    run.unchecked(guard, 'answer');
    const { name, media } = guard.config;
    if (media !== 'refuse') continue;
    refusal ??= new GatewayError('GW_GUARDRAIL_UNREADABLE', {
      message: `The guardrail \`${name}\` of this call cannot look at pictures, sound or files, and the answer is one or has some.`,
    });
  }
  if (refusal !== null) run.refusal ??= refusal;
  return refusal;
}
