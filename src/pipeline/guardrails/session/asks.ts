// Who else is asked about what is said.
import type { GatewayError } from '../../../contracts/errors.ts';
import type { Guard } from '../../../guardrails/guard.ts';
import type { GuardRun } from '../../../guardrails/run.ts';

/** What came of texts. */
export interface Verdict {
  refusal: GatewayError | null;
  /** Of an answer: another is wanted in its place. */
  retry: GuardRun['retry'];
}

/** One guardrail's checks over the network. Never rejects. @returns with the texts as they may go on. */
export type Ask = (guard: Guard, texts: readonly string[]) => Promise<Verdict & { texts: readonly string[] }>;

/** One behind the other, until one refuses; those that only watch refuse nothing. Never rejects. */
export async function askAll(guards: readonly Guard[], ask: Ask, text: string): Promise<Verdict> {
  let retry: Verdict['retry'] = null;
  for (const guard of guards) {
    const heard = await ask(guard, [text]);
    retry ??= heard.retry;
    if (heard.refusal !== null && guard.config.mode !== 'after')
      return { refusal: heard.refusal, retry: null };
  }
  return { refusal: null, retry };
}
