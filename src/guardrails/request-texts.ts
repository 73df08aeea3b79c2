// Guardrails on a request, of any dialect and operation: what is found in its texts is refused, or replaced in its own bytes.
import type { GatewayError } from '../contracts/errors.ts';
import type { Guard } from './guard.ts';
import type { Place } from '../contracts/remote-check.ts';
import { replacePlaces } from './look-aside.ts';
import { redact, type Replace, STOP } from './redactor.ts';
import type { GuardRun } from './run.ts';
import type { TextSpot } from './texts.ts';

/** A text of the request, and what became of it. */
export interface RequestText extends TextSpot {
  now: string;
}

/** Whether a guardrail looks at what this one says. */
export function looksAt(guard: Guard, { speaker }: TextSpot): boolean {
  return guard.input || (guard.toolResult && speaker === 'tool_result');
}

/**
 * Looks for what has a place, and changes `now`.
 *
 * @param known what was found in those that it looks at, elsewhere; null = it is looked for here.
 * @returns the refusal, or null.
 */
export function checkPlaces(
  guard: Guard,
  texts: readonly RequestText[],
  run: GuardRun,
  known: readonly (readonly Place[])[] | null = null,
): GatewayError | null {
  const { finder, config, reversible } = guard;
  if (finder === null) return null;
  let refusal: GatewayError | null = null;
  for (const [index, text] of texts.filter((one) => looksAt(guard, one)).entries()) {
    const replace: Replace = (value, { detector }, before) => {
      if (config.action === 'block') {
        refusal ??= run.refused(guard, 'request');
        return STOP;
      }
      if (config.action !== 'redact') {
        run.note(guard, 'request', 'flag');
        return null;
      }
      run.note(guard, 'request', 'mask');
      const name = reversible ? run.placeholders.of(detector.label, value) : `[${detector.label}]`;
      return text.json && isNumber(value, before) ? `"${name}"` : name;
    };
    text.now =
      known === null ? redact(text.now, finder, replace) : replacePlaces(text.now, known[index]!, replace);
    if (refusal !== null) return refusal;
  }
  return null;
}

// A number in JSON is no text: what stands in its place must be.
function isNumber(value: string, before: string): boolean {
  return /^[\d.+-]+$/.test(value) && /[:,[\s]/.test(before);
}

/** Judges texts of callers and tools as wholes. @returns the refusal, or null. */
export function checkWhole(
  guard: Guard,
  texts: readonly RequestText[],
  run: GuardRun,
  known: readonly boolean[] | null = null,
): GatewayError | null {
  if (guard.whole.length === 0) return null;
  for (const [index, { now }] of judgedWhole(guard, texts).entries()) {
    const faulty =
      known === null
        ? guard.whole.some((check) => check(now, { side: 'request', schema: null }) !== null)
        : known[index]!;
    if (!faulty) continue;
    if (guard.config.action === 'block') return run.refused(guard, 'request');
    run.note(guard, 'request', 'flag');
  }
  return null;
}

/** What the application and the model said are not what a caller tries. */
export function judgedWhole<T extends RequestText>(guard: Guard, texts: readonly T[]): T[] {
  return texts.filter(
    (text) => looksAt(guard, text) && (text.speaker === 'user' || text.speaker === 'tool_result'),
  );
}
