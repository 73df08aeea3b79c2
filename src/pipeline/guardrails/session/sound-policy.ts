// What is done with sound that no words stand for, and with what nobody can read: the strictest guardrail decides.
import { GatewayError } from '../../../contracts/errors.ts';
import type { GuardSound } from '../../../contracts/guardrail.ts';
import type { GuardrailOutcome } from '../../../contracts/outcomes.ts';
import type { Guard } from '../../../guardrails/guard.ts';
import type { GuardRun } from '../../../guardrails/run.ts';

const ORDER: readonly GuardSound[] = ['allow', 'flag', 'refuse'];

/** Of guardrails that only say what they find none is strict. */
export function strictest(guards: readonly Guard[]): GuardSound {
  let found: GuardSound = 'allow';
  for (const { config } of guards) {
    const own = config.sound === 'refuse' && config.action === 'flag' ? 'flag' : config.sound;
    if (ORDER.indexOf(own) > ORDER.indexOf(found)) found = own;
  }
  return found;
}

/** Sound that is in no words. @returns why it is refused; null = it goes on. */
export function unworded(
  run: GuardRun,
  guards: readonly Guard[],
  at: GuardrailOutcome['at'],
  how: string,
): GatewayError | null {
  for (const guard of guards) {
    const policy = strictest([guard]);
    if (policy === 'allow') continue;
    run.unchecked(guard, at);
    if (policy === 'refuse')
      return new GatewayError('GW_GUARDRAIL_UNREADABLE', {
        message: `The guardrail \`${guard.config.name}\` of this session cannot look at sound without its words: ${how}.`,
      });
  }
  return null;
}

/** A message that is no JSON. @returns why it is refused; null = it goes on. */
export function unreadable(
  run: GuardRun,
  guards: readonly Guard[],
  at: GuardrailOutcome['at'],
): GatewayError | null {
  for (const guard of guards) {
    run.note(guard, at, 'error');
    const { name, onError, action } = guard.config;
    if (onError === 'open' || action === 'flag') continue;
    return new GatewayError('GW_GUARDRAIL_UNREADABLE', {
      message: `The guardrail \`${name}\` of this session cannot read the message: send JSON.`,
    });
  }
  return null;
}
