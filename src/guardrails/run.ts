// The guardrails of one call: those that look at it, what they decided, what they took out of its request.
import type { GuardrailOutcome } from '../contracts/outcomes.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { Guard } from './guard.ts';
import type { Placeholders } from './placeholders.ts';

type Action = GuardrailOutcome['action'];
/** The heavier of two decisions of one guardrail is told. */
const WEIGHT: Readonly<Record<Action, number>> = {
  unchecked: 0,
  pass: 0,
  error: 1,
  flag: 2,
  mask: 3,
  block: 4,
};

export interface RunOptions {
  guards: readonly Guard[];
  placeholders: Placeholders;
  /** JSON Schema that the request asks for; null = none. */
  schema: JsonObject | null;
}

export class GuardRun {
  readonly guards: readonly Guard[];
  readonly placeholders: Placeholders;
  schema: JsonObject | null;
  /** In the order of the guardrails, the request's before the answer's. */
  readonly outcomes: GuardrailOutcome[] = [];
  /** Why the answer is refused. */
  refusal: GatewayError | null = null;
  /** Whose model is to be asked once more, and why; null = nobody's. */
  retry: { guard: Guard; reason: string } | null = null;

  constructor({ guards, placeholders, schema }: RunOptions) {
    this.guards = guards;
    this.placeholders = placeholders;
    this.schema = schema;
  }

  note({ config }: Guard, at: GuardrailOutcome['at'], action: Action): void {
    // Nobody gets what it did not see.
    if (action === 'block') this.#forget(config.name, at);
    const index = this.outcomes.findIndex(
      (one) => one.name === config.name && one.at === at && one.action !== 'unchecked',
    );
    if (index === -1) this.outcomes.push({ name: config.name, at, action });
    else if (WEIGHT[action] > WEIGHT[this.outcomes[index]!.action])
      this.outcomes[index] = { name: config.name, at, action };
  }

  #forget(name: string, at: GuardrailOutcome['at']): void {
    const index = this.outcomes.findIndex(
      (one) => one.name === name && one.at === at && one.action === 'unchecked',
    );
    if (index !== -1) this.outcomes.splice(index, 1);
  }

  /** There is something that none of the guardrail's checks looks at. */
  unchecked({ config: { name } }: Guard, at: GuardrailOutcome['at']): void {
    const said = this.outcomes.some(
      (one) => one.name === name && one.at === at && one.action === 'unchecked',
    );
    if (!said) this.outcomes.push({ name, at, action: 'unchecked' });
  }

  /** What a client is told whose request or answer is refused. Says nothing of what was found. */
  refused(guard: Guard, at: GuardrailOutcome['at']): GatewayError {
    const { name, message, status } = guard.config;
    this.note(guard, at, 'block');
    return new GatewayError('GW_GUARDRAIL_BLOCKED', {
      message: message ?? `The guardrail \`${name}\` refuses the content of the ${at}.`,
      status,
    });
  }

  /** A check could not be made. @returns the refusal, or null where the call goes on all the same. */
  failed(guard: Guard, at: GuardrailOutcome['at'], cause: unknown): GatewayError | null {
    this.note(guard, at, 'error');
    const { name, onError, action } = guard.config;
    if (onError === 'open' || action === 'flag') return null;
    return new GatewayError('GW_GUARDRAIL_UNCHECKED', {
      message: `The guardrail \`${name}\` cannot be asked at the moment.`,
      cause,
    });
  }

  /** `name=action;name=action`, the request's first; with who looks at what. */
  header(): string {
    return this.outcomes.map(({ name, at, action }) => `${name}=${action};at=${at}`).join(', ');
  }
}
