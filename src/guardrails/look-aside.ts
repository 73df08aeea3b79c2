// What a guardrail finds in texts, for whoever looks elsewhere than on the event loop: the thread's side, and what becomes of it here.
import type { GuardrailConfig } from '../contracts/guardrail.ts';
import type { Place } from '../contracts/remote-check.ts';
import { compileGuard, type Guard } from './guard.ts';
import { SchemaBook } from './json-schema.ts';
import type { Replace } from './redactor.ts';
import { STOP } from './redactor.ts';

/** Places in each of the texts, in order; none lies in another. */
export function placesIn(config: GuardrailConfig, texts: readonly string[]): Place[][] {
  const { finder } = compiled(config);
  return texts.map((text) =>
    (finder?.all(text) ?? []).map(({ start, end, detector }) => ({ start, end, label: detector.label })),
  );
}

/** Whether a request's text, as a whole, is not as it should be; for each of them. */
export function faultsIn(config: GuardrailConfig, texts: readonly string[]): boolean[] {
  const { whole } = compiled(config);
  return texts.map((text) => whole.some((check) => check(text, { side: 'request', schema: null }) !== null));
}

// A schema says something of answers, and these are requests.
function compiled(config: GuardrailConfig): Guard {
  return compileGuard(config, new SchemaBook());
}

/** As `redact`, with what was found already. */
export function replacePlaces(text: string, places: readonly Place[], replace: Replace): string {
  let out = '';
  let from = 0;
  for (const { start, end, label } of places) {
    out += text.slice(from, start);
    const value = text.slice(start, end);
    const instead = replace(
      value,
      { start, end, detector: { label } },
      text.slice(Math.max(0, start - 1), start),
    );
    if (instead === STOP) return out;
    out += instead ?? value;
    from = end;
  }
  return out + text.slice(from);
}
